"""First contact resolution, reopenings, volume and backlog, by hand."""

import pytest

from rules.kpis import KpiSettings
from tests.rules.kpis.desk import AS_OF, HOUR, WINDOW, Desk, at


def _resolved(desk: Desk, *turns: tuple[str, float], replies: int = 1, created: float = 0) -> int:
    """A ticket with status turns on these days and so many replies within its first hour."""
    ticket = desk.ticket(at(created))
    desk.said(ticket, at(created), author="customer")
    desk.said(ticket, *(at(created, 0.1 * (1 + number)) for number in range(replies)))
    desk.status(ticket, *((status, at(day)) for status, day in turns))
    return ticket


@pytest.mark.parametrize(("replies", "share"), [(0, 1.0), (1, 1.0), (2, 0.0)])
def test_the_first_contact_is_at_most_one_reply(replies: int, share: float) -> None:
    desk = Desk()
    _resolved(desk, ("solved", 2), replies=replies)
    assert desk.figure("first_contact_resolution").value == share


def test_internal_notes_and_bots_are_no_replies_nor_is_what_is_said_afterwards() -> None:
    desk = Desk()
    ticket = _resolved(desk, ("solved", 2))
    desk.said(ticket, at(1), public=False)
    desk.said(ticket, at(1), author="bot")
    desk.said(ticket, at(3))
    assert desk.figure("first_contact_resolution").value == 1.0


@pytest.mark.parametrize(
    ("days", "came_back"), [(6.99, True), (7, True), (7 + 1 / 86_400, False)], ids=["before", "at the end", "after"]
)
def test_a_ticket_that_comes_back_within_seven_days_was_not_resolved(days: float, came_back: bool) -> None:
    desk = Desk()
    _resolved(desk, ("solved", 2), ("open", 2 + days), ("solved", 2 + days + 1))
    assert desk.figure("first_contact_resolution").value == (0.0 if came_back else 1.0)
    assert desk.figure("reopen_rate").value == (1.0 if came_back else 0.0)


def test_how_long_a_ticket_may_come_back_is_a_setting() -> None:
    desk = Desk()
    _resolved(desk, ("solved", 2), ("open", 5))
    assert desk.figure("reopen_rate", settings=KpiSettings(reopen_days=2)).value == 0.0


@pytest.mark.parametrize(("day", "pending"), [(20.9, 0), (21, 0), (21.1, 1)])
def test_nobody_is_judged_before_the_days_are_over(day: float, pending: int) -> None:
    """Also not those who came back early: they are known first, which would be a bias."""
    desk = Desk()
    _resolved(desk, ("solved", day))
    _resolved(desk, ("solved", day), ("open", day + 0.1))
    for name in ("first_contact_resolution", "reopen_rate"):
        figure = desk.figure(name)
        assert (figure.n, figure.pending) == ((0, 2) if pending else (2, 0))


def test_without_a_history_nobody_knows_whether_a_ticket_came_back() -> None:
    desk = Desk()
    ticket = desk.ticket(at(1), status="solved", resolved_at=at(2))
    desk.said(ticket, at(1, 1))
    for name in ("first_contact_resolution", "reopen_rate"):
        figure = desk.figure(name)
        assert (figure.n, figure.unknown, figure.value) == (0, 1, None)
        assert figure.withheld is not None


def test_without_messages_nobody_knows_how_many_contacts_there_were() -> None:
    desk = Desk()
    desk.status(desk.ticket(at(1)), ("solved", at(2)))
    assert (desk.figure("first_contact_resolution").unknown, desk.figure("reopen_rate").unknown) == (1, 0)


def test_a_ticket_counts_with_its_first_resolution() -> None:
    desk = Desk()
    _resolved(desk, ("solved", -3), ("open", 1), ("solved", 2), created=-5)
    assert desk.figure("reopen_rate").n == 0
    assert desk.figure("reopen_rate", window=WINDOW.before).n == 1


def test_a_merged_ticket_is_gone_and_was_not_resolved() -> None:
    desk = Desk()
    ticket = desk.ticket(at(0))
    desk.status(ticket, ("merged", at(1)), kind="merged")
    desk.status(ticket, ("open", at(2)))
    names = ("tickets_out", "backlog", "reopen_rate", "first_contact_resolution")
    assert [desk.figure(name).n for name in names] == [1, 0, 0, 0]


def test_what_bears_the_moment_of_a_merge_belongs_to_it() -> None:
    desk = Desk()
    ticket = desk.ticket(at(0))
    desk.status(ticket, ("solved", at(1)))
    desk.status(ticket, ("", at(1)), kind="merged")
    assert [desk.figure(name).n for name in ("tickets_out", "reopen_rate")] == [1, 0]


def test_the_backlog_is_what_is_open_at_the_end_and_how_old_it_is() -> None:
    """Open for 28 and 8 days, reopened after a first life, solved, and created later."""
    desk = Desk()
    desk.ticket(at(0))
    desk.ticket(at(20))
    desk.status(desk.ticket(at(-10)), ("solved", at(-5)), ("open", at(15)))
    desk.status(desk.ticket(at(0)), ("solved", at(27.9)))
    desk.ticket(AS_OF)
    figure = desk.figure("backlog")
    assert figure.value == 3
    assert figure.elapsed is not None
    assert (figure.elapsed.median, figure.elapsed.p90) == (28 * 24 * HOUR, 38 * 24 * HOUR)
    assert figure.business is None


def test_a_ticket_that_was_solved_at_an_unknown_moment_is_not_backlog() -> None:
    desk = Desk()
    desk.ticket(at(0), status="closed")
    figure = desk.figure("backlog")
    assert (figure.n, figure.unknown) == (0, 1)


def test_by_week_the_backlog_stands_at_each_week_s_end() -> None:
    desk = Desk()
    desk.ticket(at(-30))
    desk.status(desk.ticket(at(1)), ("solved", at(8)))
    desk.ticket(at(9))
    weeks = {figure.slice: figure.n for figure in desk.figures("backlog", by="week")}
    assert weeks == {"2026-W23": 2, "2026-W24": 2, "2026-W25": 2, "2026-W26": 2}
    flows = {name: [figure.n for figure in desk.figures(name, by="week")] for name in ("tickets_in", "tickets_out")}
    assert flows == {"tickets_in": [1, 1, 0, 0], "tickets_out": [0, 1, 0, 0]}


def test_counts_are_not_compared_with_a_time_of_which_nothing_is_known() -> None:
    desk = Desk()
    for day in (1, -5):
        desk.ticket(at(day))
        assert desk.figure("tickets_in").change is None
    desk.ticket(at(-29))
    change = desk.figure("tickets_in").change
    assert change is not None
    assert (change.verdict, change.before) == ("same", 1.0)


def test_a_week_is_compared_with_the_week_before_it() -> None:
    desk = Desk()
    for day in (-10, -3, -2, 1, 2, 3, 8):
        desk.ticket(at(day))
    changes = [figure.change for figure in desk.figures("tickets_in", by="week", window=WINDOW)]
    assert [change and (change.before, change.verdict) for change in changes] == [
        (2.0, "more"), (3.0, "fewer"), (1.0, "fewer"), (0.0, "same"),
    ]  # fmt: skip


def test_escalated_tickets_are_a_share_of_those_that_say_so() -> None:
    desk = Desk()
    for escalated in (True, False, False, None):
        desk.ticket(at(1), escalated=escalated)
    figure = desk.figure("escalation_rate")
    assert (figure.n, figure.unknown) == (3, 1)
    assert figure.value == pytest.approx(1 / 3)


def test_an_event_before_the_creation_does_not_open_a_ticket_earlier() -> None:
    desk = Desk()
    desk.status(desk.ticket(at(1)), ("open", at(-1)), ("solved", at(2)))
    assert desk.figure("tickets_out").n == 1
    assert desk.figure("backlog", window=WINDOW.before).n == 0
