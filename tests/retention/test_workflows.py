"""Workflows are ranked by what is lost through them, their load and how well they mend; a change is judged."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from domain.effect_conventions import WorkflowConventions
from domain.reasons import WorkflowChange
from retention.reasons.losses import LossReport
from retention.reasons.summing import NO_TICKET
from retention.workflows.changes import ChangeReport, Effect, compared
from retention.workflows.scoring import (
    WorkflowReport,
    WorkflowScore,
    accounts_of,
    blamed_tickets,
    risk_cents,
    score_workflows,
)
from retention.workflows.trend import trend
from retention.workflows.work import WorkFacts
from tests.retention.facts import accounts, frame, rates
from tests.retention.paths_of import UTC_TIME, before, facts, outcome, rows_of, ticket, told

SINCE = datetime(2025, 1, 1, tzinfo=UTC)
AS_OF = datetime(2025, 7, 1, tzinfo=UTC)
FIVE = ("reporting", "billing", "access", "mobile", "alerting", "onboarding")
_CHANGES = {"ticket_id": pl.Int64, "kind": pl.String, "happened_at": UTC_TIME}
_BREACHES = {"ticket_id": pl.Int64, "breached_at": UTC_TIME}


def work(
    tickets: list[dict[str, Any]],
    replies: int = 1,
    *,
    as_of: datetime = AS_OF,
    escalations: list[dict[str, Any]] | None = None,
    touches: list[dict[str, Any]] | None = None,
    breaches: list[dict[str, Any]] | None = None,
    conventions: WorkflowConventions | None = None,
) -> WorkFacts:
    """The work of these tickets, each with so many replies of an agent."""
    answers = [
        {"ticket_id": number, "author_kind": "agent", "sent_at": row["created_at"] + timedelta(hours=1)}
        for number, row in enumerate(tickets, start=1)
        for _ in range(replies)
    ]
    return WorkFacts(
        as_of=as_of,
        accounts=accounts("Acme", "Blue"),
        tickets=frame("tickets", *tickets),
        messages=frame("messages", *answers),
        readings=frame("message_readings"),
        changes=rows_of(_CHANGES),
        breaches=rows_of(_BREACHES, *(breaches or [])),
        touches=frame("touches", *(touches or [])),
        escalations=frame("escalations", *(escalations or [])),
        rates=rates(EUR="1.25"),
        minutes_per_touch={"csm_call": Decimal(45)},
        conventions=conventions or WorkflowConventions(),
    )


def repeated(workflow: str | None, days: list[float], account: int = 1) -> list[dict[str, Any]]:
    return [ticket(each, tags='["x"]', workflow=workflow, account_id=account) for each in days]


def scored(of: WorkFacts, lost: LossReport) -> tuple[WorkflowReport, dict[str, WorkflowScore]]:
    report = score_workflows(of, lost, SINCE)
    return report, {row.workflow: row for row in report.workflows}


@pytest.fixture
def two() -> tuple[WorkFacts, LossReport]:
    """1,000 lost through reporting, 500 through billing, 300 through nothing that is known."""
    tickets = [*repeated("reporting", [40, 35, 30, 25]), *repeated("billing", [20, 19, 18, 17], 2)]
    outcomes = [outcome(1), outcome(2, lost=50_000), outcome(3, lost=30_000)]
    settings = WorkflowConventions(fixability={"billing": Decimal("0.8")}, minutes_per_reply=Decimal(30))
    return work(tickets, conventions=settings), told(facts(outcomes, tickets))


def test_the_score_is_lost_times_hours_times_fixability(two: tuple[WorkFacts, LossReport]) -> None:
    report, rows = scored(*two)
    assert (rows["reporting"].lost, rows["reporting"].hours, rows["reporting"].fixability) == (
        Decimal(1_000),
        Decimal(2),
        Decimal("0.5"),
    )
    assert (rows["billing"].lost, rows["billing"].hours, rows["billing"].fixability) == (
        Decimal(500),
        Decimal(2),
        Decimal("0.8"),
    )
    assert [(row.workflow, row.score) for row in report.workflows] == [
        ("reporting", 100.0), ("billing", 80.0), (NO_TICKET, None),
    ]  # fmt: skip
    assert (rows["billing"].fixability_is_set, rows["reporting"].fixability_is_set) == (True, False)


def test_what_was_lost_comes_to_the_losses_total(two: tuple[WorkFacts, LossReport]) -> None:
    report, rows = scored(*two)
    assert sum(row.lost for row in rows.values()) == report.lost == Decimal(1_800)


def test_a_workflow_opens_into_accounts_and_tickets(two: tuple[WorkFacts, LossReport]) -> None:
    [part] = accounts_of(*two, SINCE, "reporting")
    assert (part.account, part.tickets, part.lost) == ("Acme", 4, Decimal(1_000))
    assert blamed_tickets(two[1], "reporting") == ("tickets-1", "tickets-2", "tickets-3", "tickets-4")


def test_a_ticket_without_a_workflow_is_unknown_work() -> None:
    tickets = repeated(None, [40, 35, 30, 25])
    _, rows = scored(work(tickets), told(facts(tickets=tickets)))
    assert (rows["(unknown)"].tickets, rows["(unknown)"].lost) == (4, Decimal(1_000))


def test_nothing_lost_anywhere_gives_no_score_and_ranks_by_work() -> None:
    tickets = [*repeated("a", [20]), *repeated("b", [20, 10])]
    report, _ = scored(work(tickets), told(facts([], tickets)))
    assert [(row.workflow, row.score) for row in report.workflows] == [("b", None), ("a", None)]


def test_repeated_tickets_hint_at_what_can_be_mended() -> None:
    tickets = [*repeated("a", [100, 60, 50]), *repeated("a", [100], 2)]
    _, rows = scored(work(tickets), told(facts([], tickets)))
    assert rows["a"].repeated_ratio == 0.5


def test_revenue_at_risk_is_shared_over_the_workflows_that_an_account_writes_about() -> None:
    tickets = [*repeated("a", [20, 10]), *repeated("b", [5])]
    live = {"arr_cents": 100_000, "currency": "EUR", "opened_at": before(3), "state": "open"}
    of = work(tickets, escalations=[live, live | {"arr_cents": 80_000}, live | {"account_id": 2, "arr_cents": 7}])
    assert risk_cents(of, SINCE) == {1: {"a": 83_333, "b": 41_667}, 2: {NO_TICKET: 9}}


@pytest.mark.parametrize(
    ("state", "opened", "closed", "is_at_risk"),
    [("open", 3, None, True), ("resolved", 3, 1, False), ("resolved", 3, -60, True), ("open", -60, None, False)],
)
def test_only_what_is_open_at_the_moment_is_at_risk(
    state: str, opened: float, closed: float | None, is_at_risk: bool
) -> None:
    closed_at = None if closed is None else before(closed)
    row = {"arr_cents": 100, "currency": "USD", "opened_at": before(opened), "state": state, "closed_at": closed_at}
    assert bool(risk_cents(work(repeated("a", [20]), escalations=[row]), SINCE)) is is_at_risk


def test_touches_that_name_a_ticket_are_load() -> None:
    call = {"ticket_ref": "tickets-1", "happened_at": before(1), "kind": "csm_call"}
    tickets = repeated("a", [20])
    of = work(
        tickets,
        touches=[call, call | {"ticket_ref": None}],
        conventions=WorkflowConventions(minutes_per_reply=Decimal(30)),
    )
    _, rows = scored(of, told(facts([], tickets)))
    assert (rows["a"].touches, rows["a"].hours) == (1, Decimal("1.3"))


def change(workflow: str = "billing", on: date = date(2025, 4, 1), **row: Any) -> WorkflowChange:
    return WorkflowChange(
        change_id=f"{workflow}-{on}", workflow=workflow, changed_on=on, hope="fewer of them", noted_by="Ada",
        noted_at=AS_OF, **row,
    )  # fmt: skip


def steady(after: Callable[[str, int], int], weeks: int = 12, start: date = date(2025, 4, 1)) -> list[dict[str, Any]]:
    """Ten tickets a week and workflow before `start`, `after(workflow, week)` in each week from it on."""
    begin = datetime.combine(start, datetime.min.time(), UTC)
    return [
        ticket(0, created_at=begin + timedelta(weeks=week, hours=9 * number), workflow=name)
        for name in FIVE
        for week in range(-weeks, weeks)
        for number in range(10 if week < 0 else after(name, week))
    ]


def judged(
    of: WorkFacts, *others: WorkflowChange, this: WorkflowChange | None = None
) -> tuple[ChangeReport, dict[str, Effect]]:
    mine = this or change()
    report = compared(of, told(facts([])), mine, [mine, *others])
    return report, {effect.measure: effect for effect in report.effects}


def test_a_planted_change_is_found_against_the_untouched_workflows() -> None:
    report, effects = judged(work(steady(lambda name, _: 4 if name == "billing" else 10)))
    assert (report.weeks_before, report.weeks_after) == (12, 12)
    assert (effects["tickets"].verdict, effects["tickets"].change) == ("lower", -60.0)
    assert (effects["tickets"].before, effects["tickets"].after) == (10, 4)
    assert effects["hours"].verdict == "lower"


def test_what_moves_every_workflow_is_no_change() -> None:
    _, effects = judged(work(steady(lambda *_: 4)))
    assert effects["tickets"].verdict == "no difference can be told"


def test_a_change_of_three_weeks_ago_is_too_early() -> None:
    as_of = datetime(2025, 4, 28, tzinfo=UTC)
    report, effects = judged(work(steady(lambda *_: 10), as_of=as_of))
    assert report.weeks_after == 3
    assert {effect.verdict for effect in effects.values()} == {"too early"}
    assert all(effect.change is None for effect in effects.values())


def test_a_change_soon_after_the_first_ticket_has_too_little_data() -> None:
    _, effects = judged(work(steady(lambda *_: 10, weeks=3)), this=change(on=date(2025, 4, 1)))
    assert effects["tickets"].verdict in ("too little data", "too early")


def test_workflows_changed_in_the_same_weeks_are_no_measure() -> None:
    of = work(steady(lambda *_: 10))
    report, _ = judged(of, change("access", date(2025, 5, 1)), change("mobile", date(2024, 1, 1)))
    assert report.untouched == ("alerting", "mobile", "onboarding", "reporting")
    beside, _ = judged(of, change(on=date(2025, 4, 20)))
    assert beside.beside == ("billing-2025-04-20",)


def test_lost_revenue_is_shown_and_nothing_concluded_from_it() -> None:
    tickets = repeated("billing", [40, 35, 30, 25])
    lost = told(facts(tickets=tickets))
    [effect] = [
        each
        for each in compared(work(steady(lambda *_: 10)), lost, change(), [change()]).effects
        if "lost" in each.measure
    ]
    assert (effect.before, effect.after, effect.change, effect.verdict) == (0.0, 1_000.0, None, "too little data")


def test_the_trend_marks_the_month_of_a_change_and_of_a_loss() -> None:
    tickets = repeated("billing", [40, 35, 30, 25])
    months = trend(work(tickets), told(facts(tickets=tickets)), [change(), change("access")], "billing", months=3)
    assert [month.month for month in months] == ["2025-04", "2025-05", "2025-06", "2025-07"]
    assert [month.changes for month in months] == [("fewer of them",), (), (), ()]
    assert [month.lost for month in months] == [0, 0, Decimal(1_000), 0]
    assert [(month.tickets, month.complete) for month in months] == [(2, True), (2, True), (0, True), (0, False)]
