"""Knows what the student learns from: rated texts, made-up messages, pieces of texts, questions, single words."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

import numpy as np
from numpy.typing import NDArray

from rules.text.sentiment.cues import cues
from rules.text.sentiment.tokens import tokens_of
from training.sentiment.made import Made
from training.sentiment.sources import Rated, shares_of
from training.sentiment.teacher import Teacher
from training.sentiment.vocabulary import Places

Floats = NDArray[np.float32]

# How much of a text's target is the teacher's word, where people have spoken too.
_TEACHER = 0.7
_MADE_WEIGHT, _PIECE_WEIGHT, _QUESTION_WEIGHT, _WORD_WEIGHT = 0.8, 0.7, 0.4, 0.3
# How a support question mostly sounds.
_QUESTION, _QUESTION_SHARE = np.array([0.12, 0.85, 0.03]), 0.5
_MOST_TOKENS = 80
_FRAMES = (
    "not {}", "not very {}", "very {}", "no {}", "isn't {}", "so {}", "never {}", "it is {}", "too {}",
    "your service is {}", "the flight was {}", "{} and {}", "less {}", "don't {}", "the crew was {}", "feeling {}",
    "without {}", "{} support", "{} delay", "what a {}",
)  # fmt: skip


@dataclass(frozen=True)
class Lessons:
    """Of n texts: the places of their tokens, their cues, the shares to learn (n × 3) and what each weighs."""

    places: list[NDArray[np.int64]]
    cues: Floats
    shares: Floats
    weights: Floats


@dataclass(frozen=True)
class Texts:
    """All that the student may learn from."""

    rated: Sequence[Rated]
    made: Sequence[Made]
    questions: Sequence[str]
    words: dict[str, float]


def pieces_of(texts: Sequence[str], wanted: int, seed: int) -> list[str]:
    """Three to nine neighbouring words each, of texts drawn by chance."""
    dice, found = Random(seed), list[str]()
    for _ in range(wanted):
        words, length = dice.choice(texts).split(), dice.randint(3, 9)
        begins = dice.randint(0, max(0, len(words) - length))
        found.append(" ".join(words[begins : begins + length]))
    return found


def framed(words: Sequence[str], wanted: int, seed: int) -> list[str]:
    """Words in frames such as "not very {}"."""
    dice = Random(seed)
    frames = [dice.choice(_FRAMES) for _ in range(wanted)]
    return [frame.format(*[dice.choice(words) for _ in range(frame.count("{}"))]) for frame in frames]


def lessons(texts: Texts, pieces: Sequence[str], teacher: Teacher, places: Places) -> Lessons:
    """What the student is to learn; the teacher reads all that people have not rated, and what they have once more."""
    rated = [each for each in texts.rated if not each.is_held_out]
    told = np.array([each.shares for each in rated])
    read = [each.text for each in rated]
    groups = [
        (read, _TEACHER * teacher.read(read, "rated texts")[0] + (1 - _TEACHER) * told, [r.weight for r in rated]),
        _alike([each.text for each in texts.made], np.array([each.sounds for each in texts.made]), _MADE_WEIGHT),
        _alike(pieces, teacher.read(pieces, "pieces")[0], _PIECE_WEIGHT),
        _alike(texts.questions, _asked(teacher.read(texts.questions, "questions")[0]), _QUESTION_WEIGHT),
        _alike(list(texts.words), np.array([shares_of(each * 25) for each in texts.words.values()]), _WORD_WEIGHT),
    ]
    everything = [text for some, _, _ in groups for text in some]
    tokens = [tokens_of(text) for text in everything]
    return Lessons(
        [places.of(each[:_MOST_TOKENS]) for each in tokens],
        np.array([cues(text, each) for text, each in zip(everything, tokens, strict=True)], dtype=np.float32),
        np.vstack([shares for _, shares, _ in groups]).astype(np.float32),
        np.concatenate([weights for _, _, weights in groups]).astype(np.float32),
    )


def _alike(
    texts: Sequence[str], shares: NDArray[np.floating], weight: float
) -> tuple[Sequence[str], NDArray[np.floating], list[float]]:
    return texts, shares, [weight] * len(texts)


def _asked(shares: Floats) -> NDArray[np.floating]:
    found: NDArray[np.floating] = _QUESTION_SHARE * _QUESTION + (1 - _QUESTION_SHARE) * shares
    return found
