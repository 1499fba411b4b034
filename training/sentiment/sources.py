"""Knows which files weights that ship may be trained on, under which licence, and how their labels become shares."""

import json
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

import numpy as np

Shares = tuple[float, float, float]

# Each file that may be trained on: its licence, and how much a text of it weighs.
SHIPPABLE = {
    "tweets_rated": ("MIT", 1.5),
    "movie_rated": ("MIT", 0.8),
    "editorial_rated": ("MIT", 0.5),
    "stackoverflow_train": ("MIT", 1.5),
}
UNLABELLED = {"issues_banking77_train": "CC BY 4.0"}
_HARD: dict[str, Shares] = {"neg": (0.94, 0.04, 0.02), "neu": (0.03, 0.94, 0.03), "pos": (0.02, 0.04, 0.94)}
# Ratings at which a text is as often called neutral as not, and how gradually that changes.
_TURNS, _GRADUAL, _LEAST_NEUTRAL = 13.0, 9.0, 0.02
_FIFTHS = 5


class NotShippable(Exception):
    """A file whose licence does not let weights ship."""


@dataclass(frozen=True)
class Rated:
    """A text with the shares of negative, neutral and positive, and what it weighs; every fifth is held out."""

    text: str
    shares: Shares
    weight: float
    is_held_out: bool


def rated_texts(folder: Path, name: str) -> list[Rated]:
    """The texts of a file.

    Raises:
        NotShippable: weights trained on the file may not ship.
    """
    if name not in SHIPPABLE:
        raise NotShippable(f"{name}: train on {', '.join(SHIPPABLE)} only; others are for testing")
    weight = SHIPPABLE[name][1]
    return [
        Rated(row["text"], _shares(row), weight, crc32(row["id"].encode()) % _FIFTHS == 0)
        for row in map(json.loads, (folder / f"{name}.jsonl").read_text(encoding="utf-8").splitlines())
    ]


def unlabelled_texts(folder: Path) -> list[str]:
    """Support questions without a label."""
    return [
        json.loads(line)["text"]
        for name in UNLABELLED
        for line in (folder / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    ]


def shares_of(rating: float) -> Shares:
    """What a mean rating of −100..100 says of how many people call a text negative, neutral and positive."""
    positive = 1 / (1 + np.exp(-(rating - _TURNS) / _GRADUAL))
    negative = 1 / (1 + np.exp(-(-rating - _TURNS) / _GRADUAL))
    neutral = max(_LEAST_NEUTRAL, 1 - positive - negative)
    total = positive + negative + neutral
    return float(negative / total), float(neutral / total), float(positive / total)


def _shares(row: dict[str, str | float]) -> Shares:
    rating = row.get("score")
    return _HARD[str(row["label"])] if rating is None else shares_of(float(rating))
