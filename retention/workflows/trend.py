"""Knows how each workflow went month by month, and in which month it was changed."""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

import narwhals as nw

from domain.money import decimal_amount
from domain.reasons import WorkflowChange
from domain.records import Record
from retention.reasons.losses import LossReport
from retention.reasons.summing import workflow_cents
from retention.workflows.work import WorkFacts, happenings, hours_of


class Month(Record):
    """A workflow's month: its work, what went wrong, what was lost through it; `changes` were made in it.

    `sentiment` is the mean reading of the customers' messages, None without any. The running month is not `complete`.
    """

    month: str
    complete: bool
    tickets: int
    hours: Decimal
    broken_promises: int
    reopened: int
    sentiment: float | None
    lost: Decimal
    changes: tuple[str, ...]


def trend(
    facts: WorkFacts, losses: LossReport, changes: Iterable[WorkflowChange], workflow: str, months: int = 12
) -> tuple[Month, ...]:
    """The last `months` whole months of a workflow and the running one, the oldest first."""
    shown = _months(facts.as_of.year, facts.as_of.month, months)
    counted = _counted(facts, workflow)
    lost: dict[str, int] = defaultdict(int)
    for loss in losses.losses:
        lost[f"{loss.happened_at:%Y-%m}"] += workflow_cents(loss).get(workflow, 0)
    made: dict[str, list[str]] = defaultdict(list)
    for change in changes:
        if change.workflow == workflow:
            made[f"{change.changed_on:%Y-%m}"].append(change.hope)
    return tuple(
        Month(
            month=name,
            complete=name != shown[-1],
            tickets=int(counted[name, "ticket"][0]),
            hours=hours_of(counted[name, "reply"][0], facts.conventions.minutes_per_reply),
            broken_promises=int(counted[name, "breach"][0]),
            reopened=int(counted[name, "reopened"][0]),
            sentiment=_mean(*counted[name, "mood"]),
            lost=decimal_amount(lost[name], losses.currency),
            changes=tuple(made[name]),
        )
        for name in shown
    )


def _counted(facts: WorkFacts, workflow: str) -> dict[tuple[str, str], tuple[float, int]]:
    ours = happenings(facts).filter(nw.col("workflow") == workflow)
    by_month = ours.with_columns(month=nw.col("at").dt.to_string("%Y-%m")).group_by("month", "what")
    found: dict[tuple[str, str], tuple[float, int]] = defaultdict(lambda: (0.0, 0))
    for month, what, amount, count in by_month.agg(nw.col("amount").sum(), count=nw.len()).collect().iter_rows():
        found[month, what] = (amount, count)
    return found


def _mean(amount: float, count: int) -> float | None:
    return round(amount / count, 1) if count else None


def _months(year: int, month: int, back: int) -> list[str]:
    last = year * 12 + month - 1
    return [f"{each // 12}-{each % 12 + 1:02d}" for each in range(last - back, last + 1)]
