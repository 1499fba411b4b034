"""Readers of sentiment, each on the same messages; the answers differ, so that only how many were read is compared."""

import os
from collections.abc import Callable, Sequence
from typing import Any

from benchmarks.contest import Answer, Stopwatch
from benchmarks.reading.made_texts import texts

_CORES = "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"


def keepline(watch: Stopwatch, size: int, words: int) -> Answer:
    """`score`: language, words, cues and network; on one core."""
    os.environ.update(dict.fromkeys(_CORES, "1"))
    from rules.text.sentiment import score

    return _read(watch, size, words, score)


def textblob(watch: Stopwatch, size: int, words: int) -> Answer:
    """`TextBlob(text).sentiment.polarity`."""
    from textblob import TextBlob

    return _read(watch, size, words, lambda many: [TextBlob(text).sentiment.polarity for text in many])


def vader(watch: Stopwatch, size: int, words: int) -> Answer:
    """`polarity_scores(text)["compound"]`."""
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    analyzer = SentimentIntensityAnalyzer()
    return _read(watch, size, words, lambda many: [analyzer.polarity_scores(text)["compound"] for text in many])


def _read(watch: Stopwatch, size: int, words: int, reader: Callable[[Sequence[str]], Sequence[Any]]) -> Answer:
    made = texts(size, words)
    reader(["This first text loads what is loaded once."])
    with watch.part("read"):
        read = reader(made)
    count = sum(each is not None for each in read)
    return Answer(count, count, {"texts": [count]})
