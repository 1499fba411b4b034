"""Knows what an issue is called: the words that its tickets share and others do not."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from rules.text.issues.wording import COURTESY, plain_words, stem

# A phrase does not go on behind these.
_ENDS = re.compile(r"[\n.!?:;,()]")
_MASK = re.compile(r"\[[^\[\]]{1,20}\]")
_LONGEST_PHRASE = 3
_TERMS = 6
_LOOKED_AT = 60
_UNNAMED = "without words of its own"


def rarities(texts: Sequence[str]) -> dict[str, float]:
    """How much each word tells among the team's texts, by its stem."""
    seen = Counter(word for text in texts for word in {stem(word) for word in _words(text)})
    return {word: float(np.log((len(texts) + 1) / count)) for word, count in seen.items()}


def issue_terms(texts: Sequence[str], rarity: Mapping[str, float]) -> tuple[str, ...]:
    """The label of a group of masked texts, followed by further words that tell it from others.

    A phrase of up to three words counts by the share of the texts that have it, more than in proportion, and by how
    rare its words are elsewhere. At most 60 texts are looked at.
    """
    unknown = max(rarity.values(), default=1.0)
    seen: Counter[tuple[str, ...]] = Counter()
    spelt: dict[tuple[str, ...], Counter[str]] = {}
    looked_at = texts[:_LOOKED_AT]
    for text in looked_at:
        phrases = {key: said for part in _ENDS.split(text) for key, said in _phrases(_words(part)).items()}
        seen.update(phrases.keys())
        for key, phrase in phrases.items():
            spelt.setdefault(key, Counter())[phrase] += 1

    def worth(key: tuple[str, ...]) -> tuple[float, str]:
        telling = sum(rarity.get(word, unknown) for word in set(key))
        return -((seen[key] / len(looked_at)) ** 1.5) * telling, " ".join(key)

    best = sorted(seen, key=worth)
    label = [_said(spelt[key]) for key in best[:1]]
    words = [_said(spelt[key]) for key in best if len(key) == 1 and not set(key) & set(best[0])]
    return tuple((label or [_UNNAMED]) + words[: _TERMS - 1])


def _words(text: str) -> list[str]:
    return plain_words(_MASK.sub(" ", text))


def _phrases(words: Sequence[str]) -> dict[tuple[str, ...], str]:
    """Runs of one to three words without words of courtesy, by their stems."""
    found = dict[tuple[str, ...], str]()
    for begin in range(len(words)):
        for end in range(begin + 1, min(begin + _LONGEST_PHRASE, len(words)) + 1):
            if words[end - 1] in COURTESY:
                break
            part = words[begin:end]
            found[tuple(stem(word) for word in part)] = " ".join(part)
    return found


def _said(spellings: Counter[str]) -> str:
    """How it is said most often; the first by alphabet among equals."""
    return min(spellings, key=lambda phrase: (-spellings[phrase], phrase))
