"""Knows how well weights read files with labels, beside TextBlob and VADER.

AUC is of negative against the rest; F1 is of scores of −35 or less, as if a quarter were negative; macro-F1 is of the
three classes, by the likeliest class for ours, by scores from ±5 for the others, as VADER's authors advise; r is
Pearson's, of the score with the mean rating.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rules.text.sentiment.tokens import readable
from training.measures import auc, f1, macro_f1
from training.sentiment.files import read_by
from training.sentiment.sources import SHIPPABLE, held_out, rows_of
from training.sentiment.tempering import BAD_AT, CLASSES, SHARE, all_read, by_score

Numbers = NDArray[np.float64]
Reader = Callable[[Sequence[str]], tuple[Numbers, NDArray[np.int64]]]

HEADS = ("data", "texts", *(f"{who}: AUC / F1 / macro-F1 / r" for who in ("ours", "TextBlob", "VADER")))
NEVER_TRAINED_ON = ("brand_tweets", "semeval_tweets", "codereview")
_NEUTRAL_TO = 5


@dataclass(frozen=True)
class _Labelled:
    texts: list[str]
    classes: NDArray[np.int64]
    ratings: Numbers | None
    tells_neutral: bool


def table(folder: Path, weights: Path | None, most: int | None = None) -> Iterator[list[str]]:
    """A row of figures for each file of the folder; of those that weights learn from, the held-out fifth."""
    for name in (*NEVER_TRAINED_ON, *SHIPPABLE):
        if (folder / f"{name}.jsonl").exists():
            data = _labelled(folder, name, most)
            with read_by(weights):
                ours = _shown(data, *_ours(data.texts))
            others = [_shown(data, *reader(data.texts)) for reader in (_textblob, _vader)]
            called = f"{name}, held-out fifth" if name in SHIPPABLE else name
            yield [called, f"{len(data.texts):,}", ours, *others]


def shown(rows: Iterator[list[str]]) -> None:
    """Print the table."""
    print("| " + " | ".join(HEADS) + " |\n|" + "---|" * len(HEADS))
    for row in rows:
        print("| " + " | ".join(row) + " |", flush=True)


def _labelled(folder: Path, name: str, most: int | None) -> _Labelled:
    rows = [row for row in rows_of(folder, name) if name not in SHIPPABLE or held_out(row["id"])][:most]
    is_rated = "score" in rows[0]
    return _Labelled(
        [row["text"] for row in rows],
        np.array([CLASSES[row["label"]] for row in rows]),
        np.array([float(row["score"]) for row in rows]) if is_rated else None,
        all(row["label"] != "neu_or_pos" for row in rows),
    )


def _shown(data: _Labelled, scores: Numbers, classes: NDArray[np.int64]) -> str:
    is_bad = data.classes == 0
    found = [auc(-scores, is_bad), f1(scores <= BAD_AT, is_bad, SHARE)]
    told = [f"{each:.3f}" for each in found]
    told.append(f"{macro_f1(classes, data.classes):.3f}" if data.tells_neutral else "–")
    told.append("–" if data.ratings is None else f"{np.corrcoef(scores, data.ratings)[0, 1]:.3f}")
    return " / ".join(told)


def _ours(texts: Sequence[str]) -> tuple[Numbers, NDArray[np.int64]]:
    chances = all_read(texts)[2]
    return 100 * (chances[:, 2] - chances[:, 0]), chances.argmax(axis=1)


def _textblob(texts: Sequence[str]) -> tuple[Numbers, NDArray[np.int64]]:
    from textblob.en import sentiment

    scores = np.array([100 * sentiment(readable(text))[0] for text in texts], dtype=float)
    return scores, by_score(scores, _NEUTRAL_TO)


def _vader(texts: Sequence[str]) -> tuple[Numbers, NDArray[np.int64]]:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    analyzer = SentimentIntensityAnalyzer()
    scores = np.array([100 * analyzer.polarity_scores(text)["compound"] for text in texts], dtype=float)
    return scores, by_score(scores, _NEUTRAL_TO)
