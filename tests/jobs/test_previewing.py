"""A preview says beforehand what a run with a changed document does, and writes nothing."""

from datetime import UTC, date, datetime

import pytest

from jobs.rulebook import Rulebook
from jobs.sla.board import board
from jobs.sla.previewing import Preview, preview
from jobs.sla.supposing import last_quarter
from storage.store import Store
from tests.jobs.desk import DAY, HOUR, NOON, Desk, policies, promising
from tests.jobs.test_importing import dump


@pytest.fixture
def desk(sqlite_store: Store) -> Desk:
    """A ticket of an hour ago with four hours for its first reply."""
    desk = Desk(sqlite_store)
    desk.ticket(created_at=NOON - HOUR)
    desk.keep(NOON - HOUR / 2)
    return desk


def would(desk: Desk, changed: Rulebook, against: Rulebook | None = None, at: datetime = NOON) -> Preview:
    return preview(desk.store, desk.rulebook, changed.sla, at, None if against is None else against.sla)


def two_metrics(**targets: str) -> Rulebook:
    return policies({"id": "standard", "targets": targets})


@pytest.mark.parametrize(
    ("changed", "change", "due"),
    [
        (policies(promising("2h business")), "tightened", NOON + HOUR),
        (policies(promising("9h business")), "loosened", NOON + 8 * HOUR),
        (policies(promising("240m business", "renamed")), "same", NOON + 3 * HOUR),
        (policies(promising("4h elapsed")), "same", NOON + 3 * HOUR),
        (policies(), "gone", None),
        (two_metrics(first_reply="4h business", resolution="8h business"), "new", NOON + 7 * HOUR),
    ],
)
def test_each_clock_is_told_with_its_deadline_now_and_then(
    desk: Desk, changed: Rulebook, change: str, due: datetime | None
) -> None:
    found = would(desk, changed)
    assert found.changes == {**dict.fromkeys(("tightened", "loosened", "new", "gone", "same"), 0), **found.changes}
    assert found.changes[change] == 1
    if change != "same":
        [moved] = found.moved
        assert (moved.ticket, moved.account, moved.change, moved.graced) == ("T", "Acme", change, False)
        assert moved.new_deadline_at == due
        assert moved.old_deadline_at == (None if change == "new" else NOON + 3 * HOUR)
    assert (found.open_tickets, found.changed_tickets) == (1, 1)


def test_the_next_run_does_what_the_preview_said(desk: Desk) -> None:
    for number in range(1, 6):
        desk.ticket(f"T{number}", created_at=NOON - number * HOUR, priority=["low", "urgent", "high"][number % 3])
    desk.keep(NOON - HOUR / 4, last=NOON - HOUR / 2)
    hasty = {"signal": "priority", "op": "==", "value": "urgent"}
    changed = policies(promising("30m business", "hasty", when=hasty), promising("5h business"), grace="10m elapsed")
    said = {moved.ticket: moved.new_deadline_at for moved in would(desk, changed).moved}
    desk.rulebook = changed
    report = desk.keep(NOON, last=NOON - HOUR / 4)
    done = {entry.ticket: entry.deadline_at for entry in board(desk.store, changed, NOON)}
    assert report.retargeted == 6
    assert said
    assert said == {ticket: done[ticket] for ticket in said}


def test_what_would_be_broken_at_once_is_told_apart_and_has_its_grace(desk: Desk) -> None:
    found = would(desk, policies(promising("30m business"), grace="20m elapsed"))
    [moved] = found.moved
    assert (moved.graced, moved.new_deadline_at) == (True, NOON + HOUR / 3)


def test_a_clock_that_stands_is_compared_by_its_target(desk: Desk) -> None:
    desk.becomes("status", "open", "pending", NOON - HOUR / 2)
    [moved] = would(desk, policies(promising("2h business"))).moved
    assert (moved.change, moved.old_deadline_at, moved.new_deadline_at) == ("tightened", None, None)
    assert (moved.old_target_seconds, moved.new_target_seconds) == (4 * 3600, 2 * 3600)


def test_tickets_are_counted_by_policy_now_and_then(desk: Desk) -> None:
    desk.ticket("other", created_at=NOON - HOUR, account_ref=None)
    near = promising("1h business", "rich", when={"signal": "acv", "op": ">", "value": "100000 USD"})
    found = would(desk, policies(near))
    assert found.policies == {"(none)": (1, 1), "rich": (0, 1), "standard": (1, 0)}


def test_nothing_is_written(desk: Desk) -> None:
    before = dump(desk.store)
    would(desk, policies(promising("1h business", "other")), desk.rulebook)
    assert dump(desk.store) == before


def test_the_same_document_changes_nothing(desk: Desk) -> None:
    found = would(desk, desk.rulebook)
    assert (found.changed_tickets, found.moved, found.changes["same"]) == (0, [], 1)


def test_a_preview_at_the_moment_of_the_last_run_sees_the_change_too(desk: Desk) -> None:
    desk.rulebook = policies(promising("5h business"))
    desk.keep(NOON, last=NOON - HOUR / 2)
    [moved] = would(desk, policies(promising("2h business"))).moved
    assert (moved.old_deadline_at, moved.new_deadline_at) == (NOON + 4 * HOUR, NOON + HOUR)


def test_the_last_quarter_is_measured_by_both_documents_on_the_same_histories(desk: Desk) -> None:
    begun = datetime(2025, 11, 3, 12, tzinfo=UTC)
    for number in range(4):
        desk.ticket(f"Q{number}", created_at=begun, status="solved", resolved_at=begun + 9 * DAY)
        desk.says("customer", begun, f"Q{number}")
        desk.says("agent", begun + (number + 1) * HOUR, f"Q{number}")
    desk.keep(NOON - HOUR / 4, last=NOON - HOUR / 2)
    found = would(desk, policies(promising("2h business")))
    assert (found.quarter, found.against) == (date(2025, 10, 1), "what was promised")
    assert (found.kept_now.met, found.kept_now.breached) == (4, 0)
    assert (found.kept_then.met, found.kept_then.breached) == (2, 2)
    against = would(desk, policies(promising("2h business")), policies(promising("3h business")))
    assert (against.against, against.kept_now.met, against.kept_then.met) == ("the document in force", 3, 2)


def test_a_document_that_promises_nothing_has_no_attainment(desk: Desk) -> None:
    assert would(desk, policies()).kept_then.share is None


@pytest.mark.parametrize(
    ("at", "quarter", "following"),
    [
        ("2026-01-01", "2025-10-01", "2026-01-01"),
        ("2026-03-31", "2025-10-01", "2026-01-01"),
        ("2026-04-01", "2026-01-01", "2026-04-01"),
        ("2026-12-31", "2026-07-01", "2026-10-01"),
    ],
)
def test_the_last_quarter_is_a_whole_one(at: str, quarter: str, following: str) -> None:
    moment = datetime.fromisoformat(f"{at}T23:59:00Z")
    assert [each.date().isoformat() for each in last_quarter(moment)] == [quarter, following]
