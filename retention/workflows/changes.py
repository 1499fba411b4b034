"""Knows what became of a workflow before and after a change, against the workflows that were left as they were."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from math import exp
from typing import Any, Literal

import narwhals as nw
import numpy as np

from domain.money import decimal_amount
from domain.reasons import WorkflowChange
from domain.records import Record
from retention.reasons.losses import LossReport
from retention.reasons.paths import UNKNOWN_WORKFLOW
from retention.reasons.summing import workflow_cents
from retention.workflows.difference import Difference, Panel, Weeks, difference
from retention.workflows.work import WorkFacts, happenings

Verdict = Literal["lower", "higher", "no difference can be told", "too early", "too little data"]
FEWEST_WEEKS = 4
_WEEK = timedelta(days=7)
_WEEK_US = _WEEK // timedelta(microseconds=1)


class Effect(Record):
    """How one measure moved beyond what the untouched workflows did.

    `before` and `after` are the changed workflow's level, `others_*` that of the untouched ones, in `unit`. `change` is
    what is left after the untouched workflows' own movement is taken away: percent for what is counted a week, the unit
    itself for ratios; `low` and `high` bound it. All three are None where the verdict gives no number.
    """

    measure: str
    unit: str
    before: float | None = None
    after: float | None = None
    others_before: float | None = None
    others_after: float | None = None
    change: float | None = None
    low: float | None = None
    high: float | None = None
    verdict: Verdict


class ChangeReport(Record):
    """A change with what was hoped for, over how many weeks it is judged, against which workflows, and the effects.

    `beside` are other changes of the same workflow inside the weeks: what they did cannot be told apart.
    """

    change_id: str
    workflow: str
    changed_on: date
    hope: str
    noted_by: str
    weeks_before: int
    weeks_after: int
    untouched: tuple[str, ...]
    beside: tuple[str, ...]
    confidence: float
    effects: tuple[Effect, ...]


@dataclass(frozen=True)
class _Measure:
    name: str
    unit: str
    cases: str
    out_of: str | None = None
    scale: float = 1.0


def compared(
    facts: WorkFacts,
    losses: LossReport,
    change: WorkflowChange,
    changes: Iterable[WorkflowChange],
    confidence: float = 0.95,
) -> ChangeReport:
    """Judge one change; `changes` are all that stand, so that workflows changed in the same weeks are left out."""
    begun = datetime.combine(change.changed_on, time(), UTC)
    wanted = facts.conventions.compared_days // 7
    seen = _weekly(facts, begun, wanted)
    after = max(0, min(wanted, (facts.as_of - begun) // _WEEK))
    first = seen.filter(nw.col("what") == "ticket")["week"].min() if len(seen) else None
    before = 0 if first is None else max(0, min(wanted, -int(first)))
    since, until = change.changed_on - before * _WEEK, change.changed_on + after * _WEEK
    near = [each for each in changes if each.change_id != change.change_id and since < each.changed_on < until]
    touched_too = {each.workflow for each in near} - {change.workflow}
    names = [name for name in sorted(set(seen["workflow"].to_list())) if name != UNKNOWN_WORKFLOW]
    untouched = [name for name in names if name != change.workflow and name not in touched_too]
    table = _Table(seen, [change.workflow, *untouched], before, after)
    effects = [_effect(table, measure, confidence) for measure in _measures(facts)]
    return ChangeReport(
        weeks_before=before,
        weeks_after=after,
        untouched=tuple(untouched),
        beside=tuple(each.change_id for each in near if each.workflow == change.workflow),
        confidence=confidence,
        effects=(*effects, _lost(losses, change, before, after)),
        **{name: getattr(change, name) for name in ("change_id", "workflow", "changed_on", "hope", "noted_by")},
    )


def _measures(facts: WorkFacts) -> Sequence[_Measure]:
    hours = float(facts.conventions.minutes_per_reply) / 60
    return (
        _Measure("tickets", "a week", "ticket"),
        _Measure("hours", "a week", "reply", scale=hours),
        _Measure("broken promises", "of 100 tickets", "breach", "ticket", 100),
        _Measure("reopened", "of 100 tickets", "reopened", "ticket", 100),
        _Measure("sentiment", "points", "mood", "moods"),
    )


def _weekly(facts: WorkFacts, begun: datetime, weeks: int) -> nw.DataFrame[Any]:
    """workflow, what, week (0 is the first after the change), amount, count."""
    since, until = begun - weeks * _WEEK, min(begun + weeks * _WEEK, facts.as_of)
    inside = happenings(facts).filter(nw.col("at") >= since, nw.col("at") < until)
    placed = inside.with_columns(week=(nw.col("at") - nw.lit(begun)).dt.total_microseconds() // _WEEK_US)
    return placed.group_by("workflow", "what", "week").agg(nw.col("amount").sum(), count=nw.len()).collect()


class _Table:
    """The weekly numbers as arrays: a row per workflow, the changed one first, a column per week."""

    def __init__(self, seen: nw.DataFrame[Any], names: Sequence[str], before: int, after: int) -> None:
        self.before, self.after, self._names = before, after, names
        rows = {name: row for row, name in enumerate(names)}
        self._cells: dict[str, Weeks] = {}
        for workflow, what, week, amount, count in seen.select(
            "workflow", "what", "week", "amount", "count"
        ).iter_rows():
            if workflow in rows and -before <= week < after:
                self.of(what)[rows[workflow], week + before] = amount
                if what == "mood":
                    self.of("moods")[rows[workflow], week + before] = count

    def of(self, what: str) -> Weeks:
        """The array of what is counted."""
        if what not in self._cells:
            self._cells[what] = np.zeros((len(self._names), self.before + self.after))
        return self._cells[what]


def _effect(table: _Table, measure: _Measure, confidence: float) -> Effect:
    named = {"measure": measure.name, "unit": measure.unit}
    if table.after < FEWEST_WEEKS:
        return Effect(verdict="too early", **named)
    if table.before < FEWEST_WEEKS:
        return Effect(verdict="too little data", **named)
    out_of = None if measure.out_of is None else table.of(measure.out_of)
    found = difference(Panel(table.of(measure.cases), out_of, table.before, 0), confidence)
    if found is None:
        return Effect(verdict="too little data", **named)
    return _told(found, measure, _percent if out_of is None else lambda each: each * measure.scale)


def _percent(effect: float) -> float:
    return 100 * (exp(effect) - 1)


def _told(found: Difference, measure: _Measure, shown: Callable[[float], float]) -> Effect:
    verdict: Verdict = "lower" if found.high < 0 else "higher" if found.low > 0 else "no difference can be told"
    levels: Mapping[str, float] = {
        name: round(getattr(found, name) * measure.scale, 2)
        for name in ("before", "after", "others_before", "others_after")
    }
    bounds = {
        "change": round(shown(found.effect), 1),
        "low": round(shown(found.low), 1),
        "high": round(shown(found.high), 1),
    }
    return Effect(measure=measure.name, unit=measure.unit, verdict=verdict, **levels, **bounds)


def _lost(losses: LossReport, change: WorkflowChange, before: int, after: int) -> Effect:
    """Losses are few: their sums are shown, and nothing is concluded from them."""
    since, until = change.changed_on - before * _WEEK, change.changed_on + after * _WEEK
    sums = {"before": 0, "after": 0}
    for loss in losses.losses:
        day = loss.happened_at.date()
        if since <= day < until:
            side = "before" if day < change.changed_on else "after"
            sums[side] += workflow_cents(loss).get(change.workflow, 0)
    shown = {side: float(decimal_amount(cents, losses.currency)) for side, cents in sums.items()}
    verdict: Verdict = "too early" if after < FEWEST_WEEKS else "too little data"
    return Effect(measure="lost revenue", unit=f"{losses.currency} in all", verdict=verdict, **shown)
