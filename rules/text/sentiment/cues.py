"""Knows the figures that a text gives besides its words: lexicons, shouting, repetition, questions, negation."""

from collections.abc import Sequence
from math import log1p

from rules.text.sentiment.lexicon import NEGATIONS, polarity, rated

NAMES = (
    "textblob_polarity", "textblob_subjectivity", "textblob_words", "praise", "complaint", "best", "worst", "last",
    "tokens", "exclamations", "questions", "asks", "ellipses", "shouted", "negations", "mentions", "addresses",
    "hashtags", "numbers", "but",
)  # fmt: skip


# The tokens that are counted.
_COUNTED = NEGATIONS | {"!", "!!", "?", "??", "?!", "...", "<user>", "<url>", "#", "<number>", "but"}


def cues(text: str, tokens: Sequence[str]) -> tuple[float, ...]:
    """One figure per name in `NAMES`, each about between −3 and 3."""
    worth, subjective, known = polarity(tokens)
    ratings = [each.rating for each in rated(tokens)]
    counted = [token for token in tokens if token in _COUNTED]
    count = counted.count
    return (
        worth * 2,
        subjective,
        log1p(known),
        log1p(sum(rating for rating in ratings if rating > 0)),
        log1p(-sum(rating for rating in ratings if rating < 0)),
        max(ratings, default=0.0) / 2,
        min(ratings, default=0.0) / 2,
        ratings[-1] / 2 if ratings else 0.0,
        log1p(len(tokens)) - 3,
        log1p(count("!") + 2 * count("!!")),
        log1p(count("?") + 2 * count("??") + 2 * count("?!")),
        1.0 if tokens and tokens[-1] in {"?", "??"} else 0.0,
        log1p(count("...")),
        _shouted(text),
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
    words = [word for word in text[:600].split()[:60] if len(word) > 2 and word[0] not in "@#"]
    return sum(map(str.isupper, words)) / len(words) if words else 0.0
