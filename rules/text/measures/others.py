"""Knows how the readers that others offer score a text, untouched, to be compared with."""

from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any

# TextBlob's tokenizer is quadratic in runs of punctuation.
_READ_CHARACTERS = 5_000


def textblob() -> Callable[[Sequence[str]], list[float | None]]:
    """TextBlob's polarity × 100 in whatever language; None where its lexicon has none of the words."""
    from textblob.en import sentiment

    read: Any = sentiment

    def score(text: str) -> float | None:
        found = read(text[:_READ_CHARACTERS])
        return 100.0 * found[0] if found.assessments else None

    return lambda texts: [score(text) for text in texts]


def vader() -> Callable[[Sequence[str]], list[float | None]] | None:
    """VADER's compound score × 100, which is 0 for what it does not know; None where its package is not installed."""
    if find_spec("vaderSentiment") is None:
        return None
    analyzer: Any = import_module("vaderSentiment.vaderSentiment").SentimentIntensityAnalyzer()
    return lambda texts: [100.0 * analyzer.polarity_scores(text)["compound"] for text in texts]
