"""What counts as a touch, and that no work counts twice."""

from typing import Any

import pytest

from retention.touches import all_touches
from tests.retention.facts import day, frame, rows

AS_OF = day("2025-01-01")
MOMENT = day("2024-12-10", 10)


def found(
    touches: tuple[dict[str, Any], ...] = (),
    tickets: tuple[dict[str, Any], ...] = (),
    escalations: tuple[dict[str, Any], ...] = (),
    steps: tuple[dict[str, Any], ...] = (),
) -> list[tuple[str, str]]:
    all_rows = all_touches(
        frame("touches", *touches), frame("tickets", *tickets), frame("escalations", *escalations),
        frame("escalation_steps", *steps), AS_OF,
    )  # fmt: skip
    return [(row["kind"], row["touch_id"]) for row in rows(all_rows.sort("position"))]


def test_a_touch_is_imported_a_resolved_ticket_a_handled_escalation_or_a_completed_step() -> None:
    assert found(
        ({"kind": "csm_call"},),
        ({"resolved_at": MOMENT},),
        ({"escalation_id": "e", "state": "resolved", "closed_at": MOMENT},),
        ({"escalation_id": "e", "position": 2, "done_at": MOMENT},),
    ) == [
        ("csm_call", "touch:crm:touches-1"),
        ("ticket_resolved", "ticket:crm:tickets-1"),
        ("escalation_handled", "escalation:e"),
        ("playbook_step", "step:e:2"),
    ]


@pytest.mark.parametrize("state", ["open", "working", "dismissed", "expired"])
def test_an_escalation_that_was_not_resolved_is_no_touch(state: str) -> None:
    assert found(escalations=({"state": state, "closed_at": MOMENT},)) == []


def test_what_is_not_done_yet_is_no_touch() -> None:
    open_work: tuple[dict[str, Any], ...] = ({"resolved_at": None},)
    assert found(tickets=open_work, escalations=({"escalation_id": "e"},), steps=({"escalation_id": "e"},)) == []


@pytest.mark.parametrize(("hours", "count"), [(-1, 1), (0, 1), (1, 0)])
def test_nothing_after_as_of_is_looked_at(hours: int, count: int) -> None:
    assert len(found(tickets=({"resolved_at": day("2025-01-01", hours)},))) == count


def test_work_with_nobody_known_is_nobody_s_touch() -> None:
    assert found(tickets=({"account_id": None, "resolved_at": MOMENT},)) == []


@pytest.mark.parametrize("kind", ["playbook_step", "csm_call"])
def test_a_step_that_an_imported_touch_completed_counts_once(kind: str) -> None:
    steps = ({"escalation_id": "e", "done_at": MOMENT},)
    told = found(({"kind": kind, "happened_at": MOMENT},), (), ({"escalation_id": "e"},), steps)
    assert told == [(kind, "touch:crm:touches-1")]


@pytest.mark.parametrize(
    "other",
    [{"account_id": 2, "happened_at": MOMENT}, {"happened_at": day("2024-12-10", 11)}],
    ids=["account", "moment"],
)
def test_a_step_of_another_account_or_moment_is_another_touch(other: dict[str, Any]) -> None:
    steps = ({"escalation_id": "e", "done_at": MOMENT},)
    assert len(found((other,), (), ({"escalation_id": "e"},), steps)) == 2


def test_a_ticket_that_an_imported_touch_names_counts_once() -> None:
    touches = ({"kind": "ticket_resolved", "ticket_ref": "tickets-1", "happened_at": day("2024-12-09")},)
    assert len(found(touches, ({"resolved_at": MOMENT}, {"resolved_at": MOMENT}))) == 2


def test_an_imported_resolution_without_a_ticket_s_name_stands_for_that_moment() -> None:
    assert len(found(({"kind": "ticket_resolved", "happened_at": MOMENT},), ({"resolved_at": MOMENT},))) == 1
