"""Knows how a calibration reads texts, and how it is written down."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rules.text.calibration.model import Weights
from rules.text.calibration.seen import Numbers, seen


@dataclass(frozen=True)
class Calibration:
    """A reader's scores as one team reads them. What the reader cannot read stays unknown."""

    reader: str
    weights: Weights

    def probabilities(self, texts: Sequence[str]) -> list[tuple[float, float, float] | None]:
        """Negative, neutral and positive, which add up to 1; None where the reader does not know."""
        found = seen(texts)
        rows = iter(self.weights.probabilities(found.logs, found.features).tolist())
        return [tuple(next(rows)) if is_readable else None for is_readable in found.readable]

    def score(self, texts: Sequence[str]) -> list[float | None]:
        """−100..100, as the reader's own scores: 100 × (positive − negative)."""
        return [None if each is None else 100 * (each[2] - each[0]) for each in self.probabilities(texts)]

    def content(self) -> dict[str, Any]:
        """What is kept of it; `from_content` gives it back."""
        kept = {"theta": self.weights.theta, "means": self.weights.means, "spreads": self.weights.spreads}
        # Six digits: the same answers give the same content on every machine.
        return {"reader": self.reader} | {name: [float(f"{each:.6g}") for each in row] for name, row in kept.items()}

    @classmethod
    def from_content(cls, content: Mapping[str, Any]) -> "Calibration":
        """The calibration that was written down."""
        theta, means, spreads = (_numbers(content[name]) for name in ("theta", "means", "spreads"))
        return cls(content["reader"], Weights(theta, means, spreads))


def _numbers(row: Sequence[float]) -> Numbers:
    return np.asarray(row, dtype=float)
