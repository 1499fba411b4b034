"""Knows how times are summed up: mean, median and P90, all of them exact."""

from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rules.kpis.certainty import of_median
from rules.kpis.figures import Times
from rules.kpis.settings import Statistic

Values = NDArray[Any]
NO_VALUES: Values = np.empty(0, dtype=np.int64)
_PERCENT: dict[Statistic, int] = {"median": 50, "p90": 90}


def nearest_rank(ascending: Values, percent: int) -> int:
    """The smallest value with at least `percent` % of all values at or below it; always one of the values."""
    return int(ascending[-(-len(ascending) * percent // 100) - 1])


def statistic(ascending: Values, name: Statistic) -> Fraction:
    """The mean, median or P90 of whole seconds, exactly."""
    if name == "mean":
        return Fraction(int(ascending.sum()), len(ascending))
    return Fraction(nearest_rank(ascending, _PERCENT[name]))


def times(ascending: Values) -> Times | None:
    """The figures of a slice's times; None where there are none."""
    if not len(ascending):
        return None
    interval = of_median(ascending)
    return Times(
        mean=float(statistic(ascending, "mean")),
        median=nearest_rank(ascending, 50),
        p90=nearest_rank(ascending, 90),
        low=int(interval.low) if interval else None,
        high=int(interval.high) if interval else None,
    )
