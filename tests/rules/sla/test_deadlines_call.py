"""The stable call: one ticket and its terms as plain data, checked, and read by the clocks of all tickets."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from rules.durations import length
from rules.sla import Calendar, Deadline, deadlines
from rules.sla.given import given_terms
from tests.rules.sla.weeks import OFFICE, at

TICKET: dict[str, Any] = {"created_at": "2025-06-02T11:00:00+02:00"}
TERMS: dict[str, Any] = {"calendar": OFFICE, "targets": {"first_reply": "4h business"}}


def first_reply(ticket: Any = None, terms: Any = None, as_of: Any = "2025-06-02T09:00:00Z") -> Deadline:
    found = deadlines({**TICKET, **(ticket or {})}, TERMS if terms is None else terms, as_of)
    [one] = [each for each in found if each.metric == "first_reply"]
    return one


def test_every_metric_has_a_clock_and_the_result_is_sorted() -> None:
    found = deadlines({**TICKET, "messages": [{"at": TICKET["created_at"], "by": "customer"}]}, TERMS, at("mon 12:00"))
    assert [one.metric for one in found] == [
        "agent_work", "first_impactful_reply", "first_reply", "internal_review", "outreach", "requester_wait",
        "resolution",
    ]  # fmt: skip


def test_moments_are_texts_or_datetimes_in_any_zone_and_come_back_in_utc() -> None:
    there = timezone(timedelta(hours=2))
    assert first_reply().started_at == datetime(2025, 6, 2, 9, tzinfo=UTC)
    assert first_reply().deadline_at == datetime(2025, 6, 2, 13, tzinfo=UTC)
    assert first_reply({"created_at": datetime(2025, 6, 2, 11, tzinfo=there)}) == first_reply()
    assert first_reply().started_at.tzinfo is UTC


@pytest.mark.parametrize(
    "targets",
    [
        {"first_reply": "4h business"},
        {"first_reply": "240m business"},
        {"first_reply": {"urgent": "1h business", "normal": "4h business"}},
        {"first_reply": length("4h business")},
    ],
)
def test_targets_may_be_written_in_several_ways(targets: Any) -> None:
    assert first_reply(terms={"calendar": OFFICE, "targets": targets}).deadline_at == at("mon 13:00")


def test_a_calendar_or_terms_that_were_made_before_are_taken_as_they_are() -> None:
    calendar = Calendar.model_validate(OFFICE)
    assert first_reply(terms={**TERMS, "calendar": calendar}) == first_reply()
    [given] = given_terms(TERMS)
    assert first_reply(terms=given.terms) == first_reply()


def test_without_business_time_no_calendar_is_needed() -> None:
    assert first_reply(terms={"targets": {"first_reply": "4h elapsed"}}).deadline_at == at("mon 13:00")


def test_the_first_change_of_priority_without_from_changed_the_ticket_s_priority() -> None:
    targets = {"urgent": "1h business", "low": "8h business"}
    changed = {"priority": "low", "events": [{"at": "2025-06-02T10:30:00Z", "kind": "priority", "to": "urgent"}]}
    found = first_reply(changed, {"calendar": OFFICE, "targets": {"first_reply": targets}}, "2025-06-02T10:30:00Z")
    assert (found.state, found.deadline_at) == ("running", at("mon 11:30"))


def test_messages_and_events_may_stand_in_any_order() -> None:
    messages = [{"at": at("mon 12:00"), "by": "agent"}, {"at": at("mon 10:00"), "by": "agent"}]
    assert first_reply({"messages": messages}, as_of=at("mon 16:00")).fulfilled_at == at("mon 10:00")


_SAID = {"at": "2025-06-02T09:00:00Z", "by": "agent"}
_MOVED = {"at": "2025-06-02T09:00:00Z", "kind": "status", "to": "open"}


@pytest.mark.parametrize(
    ("wrong", "place", "remedy"),
    [
        ({"created_at": "2025-06-02T09:00:00"}, "created_at", "has no time zone; write Z behind it"),
        ({"created_at": "yesterday"}, "created_at", "write one such as '2026-01-31T09:30:00Z'"),
        ({"created_at": 17}, "created_at", "17 is no moment"),
        ({"create_at": "x"}, "create_at", "did you mean 'created_at'?"),
        ({"status": "opened"}, "status", "did you mean 'open'?"),
        ({"priority": "urgnt"}, "priority", "did you mean 'urgent'?"),
        ({"messages": [_SAID, {**_SAID, "by": "agnet"}]}, "messages.1.by", "did you mean 'agent'?"),
        ({"messages": [{**_SAID, "at": "2025-06-02T09:00"}]}, "messages.0.at", "has no time zone"),
        ({"messages": [{**_SAID, "text": "Hi"}]}, "messages.0.text", "unknown word in a message"),
        ({"events": [{**_MOVED, "kind": "state"}]}, "events.0.kind", "did you mean 'status'?"),
        ({"events": [{**_MOVED, "to": "onhold"}]}, "events.0.to", "did you mean 'on_hold'?"),
        ({"events": [{**_MOVED, "from": "pendin"}]}, "events.0.from", "did you mean 'pending'?"),
        ({"events": [{**_MOVED, "to": None}]}, "events.0.to", "say to which status it changed"),
        ({"events": [{**_MOVED, "kind": "priority"}]}, "events.0.to", "unknown priority 'open'"),
    ],
)
def test_a_wrong_ticket_is_refused_with_the_place_and_the_remedy(wrong: Any, place: str, remedy: str) -> None:
    with pytest.raises(ValueError, match="validation error") as refused:
        first_reply(wrong)
    assert f"\n{place}\n" in str(refused.value)
    assert remedy in str(refused.value)


@pytest.mark.parametrize(
    ("wrong", "place", "remedy"),
    [
        ({"targets": {"first_repl": "4h elapsed"}}, "targets.first_repl", "did you mean 'first_reply'?"),
        ({"targets": {"first_reply": "4h"}}, "targets.first_reply", "write '4h business' or '4h elapsed'"),
        ({"targets": {"first_reply": {"high": "-1h elapsed"}}}, "targets.first_reply", "is negative"),
        ({"targets": {"first_reply": {"hi": "1h elapsed"}}}, "targets.first_reply", "did you mean 'high'?"),
        ({"targets": {"first_reply": "4h business"}}, "calendar", "business time needs one"),
        ({"targets": "none", "pauses": ["pendin"]}, "pauses.default.0", "did you mean 'pending'?"),
        ({"targets": "none", "pauses": {"resolutio": []}}, "pauses.resolutio", "did you mean 'resolution'?"),
        ({"targets": "none", "reopened": "restat"}, "reopened", "did you mean 'restart'?"),
        ({"targets": "none", "grace": "1h"}, "grace", "write '1h business' or '1h elapsed'"),
        ({"targets": "none", "calender": {}}, "calender", "did you mean 'calendar'?"),
        ([{"targets": "none"}, {"targets": "none"}], "1.since", "only the first of a list may leave it out"),
        ([{"targets": "none"}, {"targets": "none", "since": "2025-06-02"}], "1.since", "has no time zone"),
        ([], "", "at least 1 item"),
    ],
)
def test_wrong_terms_are_refused_with_the_place_and_the_remedy(wrong: Any, place: str, remedy: str) -> None:
    with pytest.raises(ValueError, match="validation error") as refused:
        first_reply(terms=wrong)
    assert place in str(refused.value)
    assert remedy in str(refused.value)


def test_the_moment_to_look_at_needs_a_zone_too() -> None:
    with pytest.raises(ValueError, match="has no time zone"):
        first_reply(as_of="2025-06-02T12:00:00")
