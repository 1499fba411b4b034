"""Knows how a text sounds by TextBlob's lexicon alone, with no weights of our own; the yardstick, and the fallback."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from rules.text.languages import language, supported
from rules.text.sentiment.tokens import readable

# TextBlob's tokenizer is quadratic in runs of punctuation.
_READ_CHARACTERS = 5_000


def textblob_score(texts: Sequence[str]) -> list[int | None]:
    """TextBlob's polarity times 100 per text, in order: −100..100, or None where the text is not English or unknown.

    A text is unknown where TextBlob's lexicon has none of its words. Only the first 5,000 characters are read. Equal
    texts are read once.
    """
    distinct = list(dict.fromkeys(texts))
    read = {
        text: _polarity(text) if supported(found) else None
        for text, found in zip(distinct, language(distinct), strict=True)
    }
    return [read[text] for text in texts]


def _polarity(text: str) -> int | None:
    reading = _analyzer()(readable(text[:_READ_CHARACTERS]))
    return round(reading[0] * 100) if reading.assessments else None


@cache
def _analyzer() -> Callable[[str], Any]:
    # Importing TextBlob costs over a second. Its lexicon object gives what `TextBlob(text).sentiment` gives, 1.6 times
    # as fast, and the known words in the same pass.
    from textblob.en import sentiment

    analyzer: Callable[[str], Any] = sentiment
    return analyzer
