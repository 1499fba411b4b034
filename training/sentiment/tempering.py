"""Knows how the temperature and the class biases are chosen, on what texts, and that three numbers is all of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rules.text.sentiment.reading import readings
from training.measures import f1, macro_f1
from training.sentiment.sources import SHIPPABLE, held_out, rows_of

Floats = NDArray[np.float32]
Numbers = NDArray[np.float64]

# Tweets to companies and of daily life: on these the three numbers are tuned where they are at hand, and nothing else.
TUNED_ON = ("brand_tweets", "semeval_tweets")
CLASSES = {"neg": 0, "neu": 1, "pos": 2, "neu_or_pos": 2}
BAD_AT, SHARE = -35, 0.25
_TEMPERATURES = (1.0, 1.2, 1.4, 1.6, 1.8, 2.2)
_NEGATIVE = (-0.9, -0.6, -0.3, 0.0, 0.3, 0.6)
_POSITIVE = (-1.2, -1.0, -0.8, -0.6, -0.3, 0.0)
_CUTS = (10, 20, 33)
# What a unit of log loss costs: sharp scores are worth little where the chances behind them are not honest.
_LOSS = 1 / 3


@dataclass(frozen=True)
class Measured:
    """The logits of a file's texts, and the class of each."""

    logits: Floats
    classes: NDArray[np.int64]


def tuning_files(folder: Path) -> list[str]:
    """Those of `TUNED_ON` that are in the folder; else the files that the weights learn from, of which a fifth is held
    out.
    """
    return [name for name in TUNED_ON if (folder / f"{name}.jsonl").exists()] or list(SHIPPABLE)


def measured(folder: Path, name: str, most: int | None) -> Measured:
    """What the weights in use make of a file, of its held-out fifth if the weights learned from the others."""
    rows = [row for row in rows_of(folder, name) if name not in SHIPPABLE or held_out(row["id"])][:most]
    classes = np.array([CLASSES[row["label"]] for row in rows])
    return Measured(all_read([row["text"] for row in rows])[0], classes)


def all_read(texts: Sequence[str], at_once: int = 256) -> tuple[Floats, Floats, Numbers]:
    """The logits, hidden layers and chances of texts, whatever their language."""
    read = [readings(texts[at : at + at_once]) for at in range(0, len(texts), at_once)]
    return (
        np.vstack([each.logits for each in read]),
        np.vstack([each.hidden for each in read]),
        np.vstack([each.chances for each in read]),
    )


def chosen(files: Sequence[Measured]) -> tuple[float, Floats]:
    """The temperature and the biases, already times the temperature, that are worth most over the files."""
    choices = list(product(_TEMPERATURES, _NEGATIVE, _POSITIVE))
    temperature, negative, positive = max(choices, key=lambda choice: _worth(files, *choice))
    return temperature, np.array([temperature * negative, 0, temperature * positive], dtype=np.float32)


def _worth(files: Sequence[Measured], temperature: float, negative: float, positive: float) -> float:
    """F1 of scores ≤ −35 at 25 % negatives, half the macro-F1 of the likeliest class, half that of scores by cuts; less
    a third of the log loss.
    """
    found = []
    for file in files:
        logits = temperature * (file.logits + np.array([negative, 0, positive]))
        chances = np.exp(logits - logits.max(axis=1, keepdims=True))
        chances /= chances.sum(axis=1, keepdims=True)
        scores = 100 * (chances[:, 2] - chances[:, 0])
        by_cut = [macro_f1(by_score(scores, cut), file.classes) for cut in _CUTS]
        bad = f1(scores <= BAD_AT, file.classes == 0, SHARE)
        likeliest = macro_f1(chances.argmax(axis=1), file.classes)
        loss = -float(np.log(chances[np.arange(len(chances)), file.classes] + 1e-12).mean())
        found.append(bad + likeliest / 2 + float(np.mean(by_cut)) / 2 - _LOSS * loss)
    return float(np.mean(found))


def by_score(scores: NDArray[np.floating], cut: float) -> NDArray[np.int64]:
    """Negative from −`cut` down, positive from `cut` up, else neutral."""
    return np.where(scores <= -cut, 0, np.where(scores >= cut, 2, 1))
