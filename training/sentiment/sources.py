"""Knows which texts weights that ship may be trained on, under which licence, and how their labels become shares."""

import json
import re
from collections.abc import Iterator, Sequence
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
# Files that one may measure on, and why nothing that is trained on them may ship.
REFUSED = {
    "semeval_tweets": "the rules of the task and of Twitter bind what is made of it",
    "brand_tweets": "its authors state no licence",
    "codereview": "its authors state no licence",
    "politeness_se": "its authors state no licence, and its texts are CC BY-SA",
    "dialog_satisfaction_mwoz": "its authors state no licence",
    "issues_banking77_test": "it is kept for tests",
}
_HARD: dict[str, Shares] = {"neg": (0.94, 0.04, 0.02), "neu": (0.03, 0.94, 0.03), "pos": (0.02, 0.04, 0.94)}
_RATINGS = {"neg": -0.6, "neu": 0.0, "pos": 0.6}
# Ratings at which a text is as often called neutral as not, and how gradually that changes.
_TURNS, _GRADUAL, _LEAST_NEUTRAL = 13.0, 9.0, 0.02
_FIFTHS = 5
_PLAIN_WORD = re.compile("[a-z']{3,}")


class NotShippable(Exception):
    """A file that weights which ship may not be trained on."""


@dataclass(frozen=True)
class Rated:
    """A text of a file: shares of negative, neutral and positive, rating −1..1, weight; every fifth is held out."""

    text: str
    shares: Shares
    rating: float
    weight: float
    source: str
    is_held_out: bool


def shippable(names: Sequence[str]) -> Sequence[str]:
    """The same names, of files without their ending.

    Raises:
        NotShippable: weights trained on one of the files may not ship; the message tells why.
    """
    for name in names:
        if name not in SHIPPABLE:
            why = REFUSED.get(name, "its licence is not known here")
            raise NotShippable(f"{name}: {why}; weights that ship are trained on {', '.join(SHIPPABLE)} only")
    return names


def rated_texts(folder: Path, name: str) -> list[Rated]:
    """The texts of a file.

    Raises:
        NotShippable: weights trained on the file may not ship.
    """
    shippable([name])
    return [
        Rated(row["text"], _shares(row), _rating(row), SHIPPABLE[name][1], name, held_out(row["id"]))
        for row in rows_of(folder, name)
    ]


def unlabelled_texts(folder: Path) -> list[str]:
    """Support questions without a label."""
    return [row["text"] for name in UNLABELLED for row in rows_of(folder, name)]


def rows_of(folder: Path, name: str) -> Iterator[dict[str, str]]:
    """The rows of a file."""
    return map(json.loads, (folder / f"{name}.jsonl").read_text(encoding="utf-8").splitlines())


def held_out(identity: str) -> bool:
    """Whether a text is of the fifth that is measured on."""
    return crc32(identity.encode()) % _FIFTHS == 0


def word_ratings() -> dict[str, float]:
    """VADER's mean ratings of single words, −4..4 (MIT), from the installed package."""
    import vaderSentiment

    file = Path(vaderSentiment.__file__).with_name("vader_lexicon.txt")
    lines = [line.split("\t")[:2] for line in file.read_text(encoding="utf-8").splitlines()]
    return {word: float(rating) for word, rating in lines if _PLAIN_WORD.fullmatch(word)}


def textblob_words() -> list[str]:
    """The words of TextBlob's lexicon (MIT)."""
    from textblob.en import sentiment

    sentiment.load()
    return sorted(word for word in dict.keys(sentiment) if re.fullmatch("[a-z']+", word))


def support_words(lines: Sequence[str]) -> list[str]:
    """The words of the support lexicon's lines."""
    phrases = [line.partition(":")[2] for line in lines if not line.startswith("#")]
    return [word for line in phrases for word in line.replace("|", " ").split()]


def shares_of(rating: float) -> Shares:
    """What a mean rating of −100..100 says of how many people call a text negative, neutral and positive."""
    positive = 1 / (1 + np.exp(-(rating - _TURNS) / _GRADUAL))
    negative = 1 / (1 + np.exp(-(-rating - _TURNS) / _GRADUAL))
    neutral = max(_LEAST_NEUTRAL, 1 - positive - negative)
    total = positive + negative + neutral
    return float(negative / total), float(neutral / total), float(positive / total)


def _shares(row: dict[str, str]) -> Shares:
    rating = row.get("score")
    return _HARD[row["label"]] if rating is None else shares_of(float(rating))


def _rating(row: dict[str, str]) -> float:
    rating = row.get("score")
    return _RATINGS[row["label"]] if rating is None else float(rating) / 100
