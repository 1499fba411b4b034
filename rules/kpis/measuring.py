"""Knows what the cases of a KPI come to in each slice: how many, which value, and how sure it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

import narwhals as nw
import numpy as np

from domain.sla import Counting
from rules.kpis.catalogue import Kpi
from rules.kpis.certainty import Interval, of_mean, of_median, of_share
from rules.kpis.facts import Frame, Results
from rules.kpis.settings import KpiSettings
from rules.kpis.spread import NO_VALUES, Values, statistic

COUNTINGS: tuple[Counting, ...] = ("business", "elapsed")
_STATES = ("counted", "pending", "unknown")
# No time is that far below zero.
_NONE = np.iinfo(np.int64).min


@dataclass(frozen=True)
class Measured:
    """What was counted of a slice; `ascending` are its times, `mean` that of its ratings."""

    n: int = 0
    pending: int = 0
    unknown: int = 0
    value: Fraction | None = None
    interval: Interval | None = None
    mean: float | None = None
    ascending: Mapping[Counting, Values] = field(default_factory=lambda: dict.fromkeys(COUNTINGS, NO_VALUES))


def nothing(kpi: Kpi) -> Measured:
    """A slice without cases: no tickets are a number, no times are not."""
    return Measured(value=Fraction(0) if kpi.kind in {"count", "stock"} else None)


def measure(kpi: Kpi, found: Frame, settings: KpiSettings) -> dict[str, Measured]:
    """What the cases (with `slice`) of a KPI come to, by slice."""
    rows = found.select("slice", "state", "score", "rating", *COUNTINGS).sort("slice").collect()
    slices = _counts(rows)
    times = _ascending(rows, slices) if kpi.kind in {"time", "stock"} else {}
    return {name: _measured(kpi, counts, times.get(name), settings) for name, counts in slices.items()}


@dataclass
class _Counts:
    """Cases by state, and of the counted ones the sums."""

    states: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_STATES, 0))
    total: int = 0
    squares: int = 0
    mean: float | None = None


def _counts(rows: Results) -> dict[str, _Counts]:
    score = nw.col("score").cast(nw.Int64)
    sums = {"total": score.sum(), "squares": nw.col("square").sum(), "mean": nw.col("rating").mean()}
    grouped = rows.with_columns(square=score * score).group_by("slice", "state")
    slices: dict[str, _Counts] = {}
    for name, state, count, total, squares, mean in sorted(
        grouped.agg(nw.len().alias("rows"), **sums).iter_rows(), key=lambda row: (row[0], row[1])
    ):
        found = slices.setdefault(name, _Counts())
        found.states[state] = count
        if state == "counted":
            found.total, found.squares, found.mean = total, squares, mean
    return slices


def _ascending(rows: Results, slices: Mapping[str, _Counts]) -> dict[str, Mapping[Counting, Values]]:
    """The known times of the counted cases of each slice; `rows` and `slices` are in the same order."""
    counted = rows.with_columns(
        nw.when(nw.col("state") == "counted").then(nw.col(name)).fill_null(_NONE).alias(name) for name in COUNTINGS
    )
    values, start = {name: counted[name].to_numpy() for name in COUNTINGS}, 0
    found: dict[str, Mapping[Counting, Values]] = {}
    for name, counts in slices.items():
        end = start + sum(counts.states.values())
        own = {counting: values[counting][start:end] for counting in COUNTINGS}
        found[name] = {counting: np.sort(each[each != _NONE]) for counting, each in own.items()}
        start = end
    return found


def _measured(kpi: Kpi, counts: _Counts, own: Mapping[Counting, Values] | None, settings: KpiSettings) -> Measured:
    ascending = own or dict.fromkeys(COUNTINGS, NO_VALUES)
    n, pending, unknown = (counts.states[state] for state in _STATES)
    value, interval = _value(kpi, n, ascending[settings.counting], counts)
    return Measured(n, pending, unknown, value, interval, counts.mean, ascending)


def _value(kpi: Kpi, n: int, ascending: Values, counts: _Counts) -> tuple[Fraction | None, Interval | None]:
    if kpi.kind in {"count", "stock"}:
        return Fraction(n), None
    if not n or (kpi.kind == "time" and not len(ascending)):
        return None, None
    if kpi.kind == "time":
        return statistic(ascending, "median"), of_median(ascending)
    if kpi.kind == "share":
        return Fraction(counts.total, n), of_share(counts.total, n)
    spread = of_mean(counts.total, counts.squares, n)
    return Fraction(100 * counts.total, n), spread and Interval(100 * spread.low, 100 * spread.high)
