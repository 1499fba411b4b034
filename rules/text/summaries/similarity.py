"""Knows how alike sentences are: by the weight of the words that they share."""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]

_TOKEN = re.compile(r"[^\W_]{2,40}(?:['’][^\W\d_]{1,3})?")
_ENDINGS = ("ings", "ing", "edly", "ied", "ies", "ed", "es", "ly", "s")
STOP_WORDS = frozenset(
    "the and is are was were be been being have has had do does did will would can could should shall may might "
    "must of to for with from by at on in into onto out off over under about this that these those there here it "
    "its he she they we us our ours you your yours me my mine him her them their his who what which when where "
    "why how not no nor or but if so as than then too very just also again still yet only own same such any some "
    "all each both more most other an after before since until while because please thanks thank hello hi dear "
    "regards kind best let know get got now i'm i've i'll we're we've we'll you're it's that's don't doesn't "
    "didn't can't won't isn't wasn't there's look check help need want like make see say said tell back up down "
    "one und der die das ist sind war nicht ich wir sie ein eine auf für dem den des mit von zu im sehr auch "
    "bitte noch wird haben hat oder aber wenn dass bei uns ihr ihre le la les un une des est sont du de et nous "
    "vous pas dans avec que qui je il elle mais votre notre pour sur el los las una es son por para con su muy "
    "pero no se lo del al".split()
)


def tokens(text: str) -> list[str]:
    """The words of a text that tell it from others, in lower case and without their commonest endings."""
    lower = text.lower().replace("’", "'")
    return [_stem(word) for word in _TOKEN.findall(lower) if word not in STOP_WORDS]


def weighted(documents: Sequence[Sequence[str]], like: Sequence[Sequence[str]] | None = None) -> Matrix:
    """A row of unit length for each document, by TF-IDF (a row of zeros where it has no word); columns are words.

    How rare a word is, is counted over `like`, or over the documents themselves.
    """
    place = {word: number for number, word in enumerate(dict.fromkeys(word for each in documents for word in each))}
    counts = np.zeros((len(documents), max(len(place), 1)))
    for row, words in enumerate(documents):
        for word in words:
            counts[row, place[word]] += 1
    rows = np.log1p(counts) * _rarity(place, documents if like is None else like)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    unit: Matrix = np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0)
    return unit


def likeness(rows: Matrix, others: Matrix | None = None) -> Matrix:
    """The cosine of each row with each other, 0..1."""
    found: Matrix = np.clip(rows @ (rows if others is None else others).T, 0.0, 1.0)
    return found


def centrality(alike: Matrix, prior: Matrix) -> Matrix:
    """How much each sentence is spoken of by the others, 0..1: a random walk that begins anew by `prior`."""
    if not len(prior):
        return prior
    links = alike * (1 - np.eye(len(alike)))
    out = links.sum(axis=1, keepdims=True)
    begin = prior / prior.sum() if prior.sum() > 0 else np.full(len(prior), 1 / len(prior))
    steps = np.where(out > 0, np.divide(links, out, out=np.zeros_like(links), where=out > 0), begin)
    rank = begin.copy()
    for _ in range(30):
        rank = 0.3 * begin + 0.7 * (rank @ steps)
    most = rank.max()
    found: Matrix = rank / most if most > 0 else rank
    return found


def _rarity(place: dict[str, int], documents: Sequence[Sequence[str]]) -> Any:
    seen = np.zeros(max(len(place), 1))
    for words in documents:
        for word in set(words):
            if word in place:
                seen[place[word]] += 1
    return np.log((1 + len(documents)) / (1 + seen)) + 1


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word
