"""Knows what the roll-out of a playbook changed where teams or accounts got it at different times."""

from collections.abc import Callable
from functools import partial
from statistics import NormalDist
from typing import Any

import numpy as np

from domain.records import Record
from retention.incremental.group_time import Averages, Cell, Controls, GroupTime, two_way_fixed_effects
from retention.incremental.panel import NEVER, Panel, read_panel
from retention.incremental.result import Passed, Verdict
from retention.incremental.ridge import Floats

FEWEST_TREATED = 10
_CONTROLS: tuple[Controls, ...] = ("not_yet_treated", "never_treated")
METHOD = "group-time difference-in-differences with units not treated yet (Callaway and Sant'Anna)"


class AverageEffect(Record):
    """An average effect on the treated, in the outcome's own unit, with its interval; None where nothing compares."""

    estimate: float | None
    standard_error: float | None
    low: float | None
    high: float | None


class EventTime(AverageEffect):
    """The effect so many periods after the start (0 is the first treated one; below 0 it is a placebo).

    `band_low` and `band_high` hold for all event times at once. `units` of `cohorts` cohorts stand behind it.
    """

    event_time: int
    band_low: float
    band_high: float
    cohorts: int
    units: int


class CohortEffect(AverageEffect):
    """The average effect on the units that started in `first_treated_period`, over all periods since."""

    first_treated_period: str
    units: int


class PreTrend(Record):
    """Whether cohorts and controls went alike before the start, as the comparison supposes.

    `p_value` is how often chance alone makes a placebo as large as the largest one seen.
    """

    result: Passed
    p_value: float | None
    estimate: float | None
    low: float | None
    high: float | None
    because: str


class StaggeredResult(Record):
    """The effect of a staggered roll-out.

    * overall: over all treated units and periods; `published` is what a report may print, None without enough evidence
    * by_event_time, by_cohort: the same by time since the start, and by start
    * two_way_fixed_effects: what the usual regression says, for contrast only; `negative_weights` is the share of
      treated cells that it subtracts instead of adding
    """

    method: str
    verdict: Verdict
    reasons: tuple[str, ...]
    overall: AverageEffect
    published: float | None
    by_event_time: tuple[EventTime, ...]
    by_cohort: tuple[CohortEffect, ...]
    pre_trend: PreTrend
    two_way_fixed_effects: float | None
    negative_weights: float | None
    units: int
    treated_units: int
    never_treated_units: int
    periods: int
    notes: tuple[str, ...]
    confidence: float
    seed: int

    @property
    def estimate(self) -> float | None:
        """The overall effect's estimate."""
        return self.overall.estimate

    @property
    def standard_error(self) -> float | None:
        """The overall effect's standard error."""
        return self.overall.standard_error

    @property
    def low(self) -> float | None:
        """The lower end of the overall interval."""
        return self.overall.low

    @property
    def high(self) -> float | None:
        """The upper end of the overall interval."""
        return self.overall.high

    def as_dict(self) -> dict[str, Any]:
        """Everything as plain data for JSON; the overall figures stand on top as well."""
        return {**self.overall.model_dump(), **self.model_dump(mode="json")}


def staggered_effect(
    table: Any,
    outcome: str = "outcome",
    *,
    unit: str = "unit",
    period: str = "period",
    first_treated_period: str = "first_treated_period",
    cluster: str | None = None,
    controls: str = "not_yet_treated",
    confidence: float = 0.95,
    seed: int = 0,
) -> StaggeredResult:
    """Estimate what a roll-out changed, from a table with one row per unit and period.

    Args:
        table: a mapping of columns, a list of rows (mappings), or any frame that Narwhals reads
        outcome: a number (such as the share renewed) or yes/no; missing where the unit was not seen
        unit: the account, team or region
        period: numbers, dates, ISO 8601 texts, or texts whose alphabetical order is that of time (2026-Q1)
        first_treated_period: the period in which the unit had the playbook first, the same in all its rows; empty
            where it never had it
        cluster: what belongs together (the team of an account); the unit itself where left out
        controls: "not_yet_treated" compares with everybody who has no playbook yet, "never_treated" with those alone
            who never get it
        confidence: of all intervals
        seed: of the band over event times and of the pre-trend's p-value

    Raises:
        ValueError: names the column, the row and the remedy.

    Source: docs/holdouts.md, "A playbook that reached accounts at different times".
    """
    known = next((name for name in _CONTROLS if name == controls), None)
    if known is None:
        raise ValueError(f"controls {controls!r} are not known; use one of {', '.join(_CONTROLS)}")
    if not 0.5 < confidence < 1:
        raise ValueError(f"confidence {confidence} is out of reach; give a share such as 0.95")
    panel = read_panel(table, unit, period, outcome, first_treated_period, cluster)
    found = GroupTime(panel, known)
    return _told(panel, found, NormalDist().inv_cdf(0.5 + confidence / 2), confidence, seed)


def _told(panel: Panel, found: GroupTime, wide: float, confidence: float, seed: int) -> StaggeredResult:
    overall = _effects(found.averages([_is_after]), wide)[0]
    pre_trend = _pre_trend(found, wide, confidence, seed)
    treated = sum(found.sizes[cohort] for cohort in {cell.cohort for cell in found.cells if _is_after(cell)})
    verdict, reasons = _verdict(overall, pre_trend, treated)
    usual = two_way_fixed_effects(panel)
    return StaggeredResult(
        method=METHOD, verdict=verdict, reasons=reasons, overall=overall,
        published=None if verdict == "not enough evidence" else overall.estimate,
        by_event_time=_by_event_time(found, wide, confidence, seed), by_cohort=_by_cohort(panel, found, wide),
        pre_trend=pre_trend, two_way_fixed_effects=usual[0] if usual else None,
        negative_weights=usual[1] if usual else None, units=len(panel.units), treated_units=treated,
        never_treated_units=int((panel.first == NEVER).sum()), periods=len(panel.periods), notes=panel.notes,
        confidence=confidence, seed=seed,
    )  # fmt: skip


def _is_after(cell: Cell) -> bool:
    return cell.event_time >= 0


def _is_before(cell: Cell) -> bool:
    return cell.event_time < 0


def _at(event_time: int, cell: Cell) -> bool:
    return cell.event_time == event_time


def _of(cohort: int, cell: Cell) -> bool:
    return cell.cohort == cohort and cell.event_time >= 0


def _effects(averages: Averages, wide: float) -> list[AverageEffect]:
    spread = averages.standard_errors
    return [_effect(float(effect), float(error), wide) for effect, error in zip(averages.effects, spread, strict=True)]


def _effect(effect: float, error: float, wide: float) -> AverageEffect:
    if np.isnan(effect):
        return AverageEffect(estimate=None, standard_error=None, low=None, high=None)
    return AverageEffect(
        estimate=effect, standard_error=error, low=effect - wide * error, high=effect + wide * error
    )  # fmt: skip


def _by_event_time(found: GroupTime, wide: float, confidence: float, seed: int) -> tuple[EventTime, ...]:
    times = sorted({cell.event_time for cell in found.cells})
    if not times:
        return ()
    averages = found.averages([partial(_at, time) for time in times])
    band = max(wide, float(np.quantile(averages.strayed(seed), confidence)))
    told = []
    for time, one in zip(times, _effects(averages, wide), strict=True):
        cohorts = {cell.cohort for cell in found.cells if cell.event_time == time}
        estimate, error = one.estimate or 0.0, one.standard_error or 0.0
        told.append(EventTime(
            **one.model_dump(), event_time=time, band_low=estimate - band * error, band_high=estimate + band * error,
            cohorts=len(cohorts), units=sum(found.sizes[cohort] for cohort in cohorts),
        ))  # fmt: skip
    return tuple(told)


def _by_cohort(panel: Panel, found: GroupTime, wide: float) -> tuple[CohortEffect, ...]:
    cohorts = sorted({cell.cohort for cell in found.cells if _is_after(cell)})
    groups: list[Callable[[Cell], bool]] = [partial(_of, cohort) for cohort in cohorts]
    effects = _effects(found.averages(groups), wide) if groups else []
    return tuple(
        CohortEffect(**one.model_dump(), first_treated_period=panel.periods[cohort], units=found.sizes[cohort])
        for cohort, one in zip(cohorts, effects, strict=True)
    )  # fmt: skip


def _pre_trend(found: GroupTime, wide: float, confidence: float, seed: int) -> PreTrend:
    times = sorted({cell.event_time for cell in found.cells if _is_before(cell)})
    if not times:
        because = "no cohort was seen for two periods before its start"
        return PreTrend(result="too little data", p_value=None, estimate=None, low=None, high=None, because=because)
    together = _effects(found.averages([_is_before]), wide)[0]
    averages = found.averages([partial(_at, time) for time in times])
    p_value = _largest_by_chance(averages, seed)
    passed = p_value >= 1 - confidence
    because = f"the largest of {len(times)} placebo effects before the start comes by chance in {p_value:.0%} of cases"
    return PreTrend(
        result="passed" if passed else "failed", p_value=p_value, estimate=together.estimate, low=together.low,
        high=together.high, because=because,
    )  # fmt: skip


def _largest_by_chance(averages: Averages, seed: int) -> float:
    spread: Floats = averages.standard_errors
    if not (spread > 0).any():
        return 1.0 if np.allclose(averages.effects, 0) else 0.0
    largest = np.abs(averages.effects[spread > 0] / spread[spread > 0]).max()
    thrown = averages.strayed(seed)
    return float((1 + (thrown >= largest).sum()) / (1 + len(thrown)))


def _verdict(overall: AverageEffect, pre_trend: PreTrend, treated: int) -> tuple[Verdict, tuple[str, ...]]:
    against = []
    if overall.estimate is None:
        against.append(
            "nobody can be compared: the roll-out needs units that start later or never, and a period before"
        )
    elif overall.low is not None and overall.high is not None and overall.low <= 0 <= overall.high:
        against.append("the interval holds zero")
    if treated < FEWEST_TREATED:
        against.append(f"only {treated} treated units can be compared")
    if pre_trend.result == "failed":
        against.append(f"cohorts and controls went apart before the start already: {pre_trend.because}")
    if against:
        return "not enough evidence", tuple(against)
    if pre_trend.result == "too little data":
        return "suggestive", (f"nothing shows that cohorts and controls went alike before: {pre_trend.because}",)
    return "credible", (pre_trend.because,)
