"""Knows how cases' figures become columns of like scale, and what becomes of an unknown one."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rules.regression.logistic import Floats

# A figure that varies less, or is unknown or known of fewer cases, teaches nothing.
_LEAST_SPREAD, _LEAST_CASES = 1e-9, 10
# No case stands further from the mean, in standard deviations.
FURTHEST = 4.0


@dataclass(frozen=True)
class Column:
    """How one figure is brought to scale: (figure − middle) ÷ spread, no further than 4; `usual` is what is common.

    `unknown_ratio` is the share of the cases in which it was unknown, None where that is too rare to tell anything.
    With `log` it counts by its order of magnitude: log(1 + figure).
    """

    name: str
    middle: float
    spread: float
    usual: float
    unknown_ratio: float | None
    log: bool = False

    @property
    def width(self) -> int:
        """How many columns it takes: its own and, where it is often unknown, one that says so."""
        return 1 if self.unknown_ratio is None else 2

    def scaled(self, figures: Floats) -> Floats:
        """The figures at scale, 0 where they are unknown."""
        placed = (_placed(self.log, figures) - self.middle) / self.spread
        return np.nan_to_num(np.clip(placed, -FURTHEST, FURTHEST), nan=0.0)


@dataclass(frozen=True)
class Design:
    """The columns that are looked at, in their order."""

    columns: tuple[Column, ...]

    def rows(self, figures: dict[str, Floats]) -> Floats:
        """The cases at scale: a row a case, a column for each figure and one where it may be unknown."""
        found: list[Floats] = []
        for column in self.columns:
            values = figures[column.name]
            found.append(column.scaled(values))
            if column.unknown_ratio is not None:
                found.append(np.isnan(values).astype(np.float64) - column.unknown_ratio)
        return np.column_stack(found) if found else np.zeros((_length(figures), 0))

    def places(self) -> list[tuple[Column, slice]]:
        """Each column with where it stands in a row."""
        found, begin = [], 0
        for column in self.columns:
            found.append((column, slice(begin, begin + column.width)))
            begin += column.width
        return found

    def written(self) -> list[dict[str, Any]]:
        """As plain values."""
        return [vars(column).copy() for column in self.columns]


def designed(figures: dict[str, Floats], names: Sequence[str], logs: Collection[str] = ()) -> Design:
    """How the figures of these cases are brought to scale, those in `logs` by their order of magnitude.

    What does not vary among them is left out.
    """
    found = (_column(name, figures[name], name in logs) for name in names)
    return Design(tuple(column for column in found if column is not None))


def _column(name: str, figures: Floats, log: bool) -> Column | None:
    known = ~np.isnan(figures)
    count, unknown = int(known.sum()), int((~known).sum())
    if count < _LEAST_CASES:
        return None
    placed = _placed(log, figures[known])
    spread = float(placed.std())
    often = unknown >= _LEAST_CASES
    if spread < _LEAST_SPREAD and not often:
        return None
    usual = float(np.median(figures[known])) if log else float(figures[known].mean())
    ratio = unknown / len(figures) if often else None
    wide = max(spread, 1.0 if spread < _LEAST_SPREAD else spread)
    return Column(name, float(placed.mean()), wide, usual, ratio, log)


def _placed(log: bool, figures: Floats) -> Floats:
    return np.log1p(np.maximum(figures, 0.0)) if log else figures


def _length(figures: dict[str, Floats]) -> int:
    return len(next(iter(figures.values()), np.zeros(0)))
