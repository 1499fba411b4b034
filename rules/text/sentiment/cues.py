"""Knows the figures that a text gives besides its words: lexicons, shouting, repetition, questions, negation."""

from collections.abc import Sequence
from functools import lru_cache
from math import log1p

from rules.text.sentiment.lexicon import NEGATIONS, polarity, ratings

NAMES = (
    "textblob_polarity", "textblob_subjectivity", "textblob_words", "praise", "complaint", "best", "worst", "last",
    "tokens", "exclamations", "questions", "asks", "ellipses", "shouted", "negations", "mentions", "addresses",
    "hashtags", "numbers", "but",
)  # fmt: skip


# The tokens that are counted.
_COUNTED = NEGATIONS | {"!", "!!", "?", "??", "?!", "...", "<user>", "<url>", "#", "<number>", "but"}
_NEITHER = [0.0]
_ASKING = frozenset({"?", "??"})
# So many different rows of counted tokens are remembered; most texts have few of them.
_REMEMBERED = 10_000


def cues(text: str, tokens: Sequence[str]) -> tuple[float, ...]:
    """One figure per name in `NAMES`, each about between −3 and 3."""
    worth, subjective, known = polarity(tokens)
    found = ratings(tokens) or _NEITHER
    exclamations, questions, ellipses, negations, *others = _marks(tuple(filter(_COUNTED.__contains__, tokens)))
    return (
        worth * 2,
        subjective,
        log1p(known),
        log1p(sum([rating for rating in found if rating > 0])),
        log1p(-sum([rating for rating in found if rating < 0])),
        max(found) / 2,
        min(found) / 2,
        found[-1] / 2,
        log1p(len(tokens)) - 3,
        exclamations,
        questions,
        1.0 if tokens and tokens[-1] in _ASKING else 0.0,
        ellipses,
        _shouted(text),
        negations,
        *others,
    )


@lru_cache(maxsize=_REMEMBERED)
def _marks(counted: tuple[str, ...]) -> tuple[float, ...]:
    """The figures from `exclamations` on that count some tokens: all but `asks` and `shouted`."""
    count = counted.count
    return (
        log1p(count("!") + 2 * count("!!")),
        log1p(count("?") + 2 * count("??") + 2 * count("?!")),
        log1p(count("...")),
        log1p(sum(map(NEGATIONS.__contains__, counted))),
        log1p(count("<user>")),
        1.0 if "<url>" in counted else 0.0,
        log1p(count("#")),
        log1p(count("<number>")),
        1.0 if "but" in counted else 0.0,
    )


def _shouted(text: str) -> float:
    """The share of words of three letters or more that are in capitals; the first 60 words are looked at."""
    if text.islower():
        return 0.0
    words = text[:600].split()[:60]
    if not any(len(word) > 2 for word in words if word.isupper()):
        return 0.0
    long = [word for word in words if len(word) > 2 and word[0] not in "@#"]
    return sum(map(str.isupper, long)) / len(long) if long else 0.0
