"""Knows how tickets' figures become columns of like scale, and what becomes of an unknown one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rules.satisfaction.features import BY_NAME
from rules.satisfaction.logistic import Floats

# A figure that varies less, or is unknown or known of fewer cases, teaches nothing.
_LEAST_SPREAD, _LEAST_CASES = 1e-9, 10
_FURTHEST = 4.0


@dataclass(frozen=True)
class Column:
    """How one figure is brought to scale: (figure − middle) ÷ spread, no further than 4; `usual` is what is common.

    `unknown_ratio` is the share of the cases in which it was unknown, None where that is too rare to tell anything.
    """

    name: str
    middle: float
    spread: float
    usual: float
    unknown_ratio: float | None

    @property
    def width(self) -> int:
        """How many columns it takes: its own and, where it is often unknown, one that says so."""
        return 1 if self.unknown_ratio is None else 2

    def scaled(self, figures: Floats) -> Floats:
        """The figures at scale, 0 where they are unknown."""
        placed = (_placed(self.name, figures) - self.middle) / self.spread
        return np.nan_to_num(np.clip(placed, -_FURTHEST, _FURTHEST), nan=0.0)


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


def designed(figures: dict[str, Floats], names: Sequence[str]) -> Design:
    """How the figures of these cases are brought to scale; what does not vary among them is left out."""
    return Design(tuple(column for name in names if (column := _column(name, figures[name])) is not None))


def _column(name: str, figures: Floats) -> Column | None:
    known = ~np.isnan(figures)
    count, unknown = int(known.sum()), int((~known).sum())
    if count < _LEAST_CASES:
        return None
    placed = _placed(name, figures[known])
    spread = float(placed.std())
    often = unknown >= _LEAST_CASES
    if spread < _LEAST_SPREAD and not often:
        return None
    usual = float(np.median(figures[known])) if BY_NAME[name].log else float(figures[known].mean())
    ratio = unknown / len(figures) if often else None
    return Column(name, float(placed.mean()), max(spread, 1.0 if spread < _LEAST_SPREAD else spread), usual, ratio)


def _placed(name: str, figures: Floats) -> Floats:
    return np.log1p(np.maximum(figures, 0.0)) if BY_NAME[name].log else figures


def _length(figures: dict[str, Floats]) -> int:
    return len(next(iter(figures.values()), np.zeros(0)))
