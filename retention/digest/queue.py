"""Knows which escalations are open at a moment, how much money stands behind them and what is to be done next."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import narwhals as nw

from domain.escalations import LIVE_STATES
from domain.money import decimal_amount
from retention.digest.content import AtRisk, NextSteps, RiskRow, StepRow
from retention.digest.inputs import DigestInputs
from retention.fx import RateTable
from retention.windows import utc_day

COMMAND = "keepline queue"


@dataclass(frozen=True)
class OpenStep:
    """A step that is not done yet."""

    due_at: datetime
    position: int
    do: str
    owner: str


@dataclass(frozen=True)
class Matter:
    """An open escalation with its account's name, its ARR in the reporting currency and its open steps, next first."""

    row: dict[str, Any]
    arr: Decimal | None
    steps: tuple[OpenStep, ...]

    @property
    def account_id(self) -> int:
        return int(self.row["account_id"])

    @property
    def due_at(self) -> datetime | None:
        """When the next step is due."""
        due_at: datetime | None = self.row["due_at"]
        return self.steps[0].due_at if self.steps else due_at


def open_matters(inputs: DigestInputs) -> list[Matter]:
    """The escalations that are open at `as_of`: the overdue first, then the most money, then the least time."""
    as_of = inputs.as_of
    closed_later = nw.col("closed_at") > as_of
    is_open = (nw.col("state").is_in(LIVE_STATES) & nw.col("closed_at").is_null()) | closed_later.fill_null(False)
    live = inputs.escalations.filter(nw.col("opened_at") <= as_of, is_open)
    names = inputs.accounts.select("name", account_id="id")
    steps = _open_steps(inputs)
    found = [
        Matter(row, _worth(row, inputs.rates, utc_day(as_of)), tuple(steps.get(row["escalation_id"], ())))
        for row in live.join(names, on="account_id", how="left").collect().iter_rows(named=True)
    ]
    return sorted(found, key=lambda matter: _urgency(matter, as_of))


def _urgency(matter: Matter, as_of: datetime) -> tuple[Any, ...]:
    due_at, opened_at = matter.due_at, matter.row["opened_at"]
    in_time = not _overdue(due_at, as_of)
    worth = -matter.arr if matter.arr is not None else 1
    return in_time, worth, due_at is None, due_at or opened_at, matter.row["escalation_id"]


def _open_steps(inputs: DigestInputs) -> dict[str, list[OpenStep]]:
    undone = inputs.steps.filter(nw.col("done_at").is_null() | (nw.col("done_at") > inputs.as_of))
    found: dict[str, list[OpenStep]] = {}
    columns = ["escalation_id", "due_at", "position", "do", "owner"]
    for escalation_id, *step in undone.select(*columns).sort("due_at", "position").collect().iter_rows():
        found.setdefault(escalation_id, []).append(OpenStep(*step))
    return found


def _worth(row: dict[str, Any], rates: RateTable, day: date) -> Decimal | None:
    cents, currency = row["arr_cents"], row["currency"]
    factor = rates.factor(currency, day) if cents is not None and currency is not None else None
    return None if factor is None else decimal_amount(round(cents * factor), rates.reporting_currency)


def at_risk(matters: Sequence[Matter], as_of: datetime, rows: int) -> AtRisk:
    """The first `rows` accounts of the queue, in its order, and the sums over all of it."""
    together: dict[int, list[Matter]] = {}
    for matter in matters:
        together.setdefault(matter.account_id, []).append(matter)
    worth = _by_account(matters)
    shown = list(together.values())[:rows]
    return AtRisk(
        rows=tuple(_risk(own, worth[own[0].account_id], as_of) for own in shown),
        more=max(0, len(together) - rows),
        escalations=len(matters),
        accounts=len(together),
        arr=sum((arr for arr in worth.values() if arr is not None), Decimal(0)),
        arr_unknown=sum(arr is None for arr in worth.values()),
        overdue=sum(_overdue(matter.due_at, as_of) for matter in matters),
        command=COMMAND,
    )


def _by_account(matters: Iterable[Matter]) -> dict[int, Decimal | None]:
    """Each account's ARR once: that of its escalation opened last."""
    latest = sorted(matters, key=lambda matter: (matter.arr is not None, matter.row["opened_at"]))
    return {matter.account_id: matter.arr for matter in latest}


def _overdue(due_at: datetime | None, as_of: datetime) -> bool:
    return due_at is not None and due_at < as_of


def _risk(own: Sequence[Matter], arr: Decimal | None, as_of: datetime) -> RiskRow:
    """An account by its most urgent escalation; the others are named."""
    first = own[0]
    same = ("playbook", "because", "state", "renews_on", "opened_at")
    return RiskRow(
        account=_account(first),
        arr=arr,
        due_at=first.due_at,
        overdue=_overdue(first.due_at, as_of),
        others=tuple(matter.row["playbook"] for matter in own[1:]),
        **{name: first.row[name] for name in same},
    )


def _account(matter: Matter) -> str:
    return str(matter.row["name"] or matter.row["account_ref"])


def next_steps(matters: Sequence[Matter], as_of: datetime, rows: int) -> NextSteps:
    """The next step for each account, at most `rows` of them; `overdue` counts all that are late.

    What is overdue takes half of the rows at most, the most money first, so that what comes next is seen too; then the
    rest by due time. Room that one half leaves goes to the other.
    """
    every = sorted(((matter.steps[0], matter) for matter in matters if matter.steps), key=_by_time)
    firsts = {matter.account_id: (step, matter) for step, matter in reversed(every)}.values()
    late = sorted((pair for pair in firsts if _overdue(pair[0].due_at, as_of)), key=_by_money)
    ahead = sorted((pair for pair in firsts if not _overdue(pair[0].due_at, as_of)), key=_by_time)
    late_rows = max((rows + 1) // 2, rows - len(ahead))
    shown = [*late[:late_rows], *ahead[: rows - len(late[:late_rows])]]
    return NextSteps(
        rows=tuple(_step(step, matter, as_of) for step, matter in shown),
        more=len(firsts) - len(shown),
        overdue=sum(_overdue(step.due_at, as_of) for step, _ in every),
        command=COMMAND,
    )


def _by_money(pair: tuple[OpenStep, Matter]) -> tuple[Any, ...]:
    step, matter = pair
    return -(matter.arr or 0), step.due_at, _account(matter), matter.row["escalation_id"]


def _by_time(pair: tuple[OpenStep, Matter]) -> tuple[Any, ...]:
    return pair[0].due_at, _by_money(pair)


def _step(step: OpenStep, matter: Matter, as_of: datetime) -> StepRow:
    return StepRow(
        due_at=step.due_at,
        overdue=_overdue(step.due_at, as_of),
        do=step.do,
        owner=step.owner,
        account=_account(matter),
        arr=matter.arr,
    )
