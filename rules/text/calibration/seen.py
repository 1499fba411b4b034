"""Knows what a calibration looks at in a text: what the base reader thinks of it, and a few of its features."""

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

Numbers: TypeAlias = NDArray[np.float64]
_LEAST = 1e-4


class Seen(NamedTuple):
    """Of n texts: which are readable, and of these k the base's log-probabilities (k × 3) and features (k × d)."""

    readable: NDArray[np.bool_]
    logs: Numbers
    features: Numbers


def seen(texts: Sequence[str]) -> Seen:
    """What the base reader makes of the texts, all at once."""
    from rules.text import sentiment

    base = sentiment.probabilities(texts)
    readable = np.array([each is not None for each in base], dtype=bool)
    chances = np.array([each for each in base if each is not None], dtype=float).reshape(-1, 3)
    logs = np.log(np.clip(chances, _LEAST, 1.0))
    kept = [text for text, is_readable in zip(texts, readable, strict=True) if is_readable]
    features = sentiment.features_for_calibration(kept) if kept else np.zeros((0, 0))
    return Seen(readable, logs, features)
