"""A change of priority, policy or calendar moves the deadline of the same history and breaks nothing in the past."""

from datetime import timedelta
from typing import Any

import polars as pl
import pytest

from rules.sla import deadlines
from rules.sla.retargets import retargets
from tests.rules.sla.clock_frames import histories, terms_of
from tests.rules.sla.ticks import Hours, Promise, Ticket, moment
from tests.rules.sla.weeks import OFFICE, agent, at, clock, priority, promise, status, ticket

BY_PRIORITY = {"low": "8h business", "normal": "4h business", "urgent": "1h business"}


def test_a_change_of_priority_counts_what_has_passed_already() -> None:
    given = ticket("mon 09:00", priority("mon 09:30", "urgent", "normal"))
    before = clock("first_reply", given, "mon 09:29", BY_PRIORITY)
    after = clock("first_reply", given, "mon 09:30", BY_PRIORITY)
    assert (before.deadline_at, before.retargets) == (at("mon 13:00"), 0)
    assert (after.deadline_at, after.target, after.retargets) == (at("mon 10:00"), timedelta(hours=1), 1)


def test_pauses_stay_what_they_were() -> None:
    given = ticket(
        "mon 09:00", status("mon 09:20", "pending"), status("mon 10:20", "open"),
        priority("mon 10:25", "urgent", "normal"),
    )  # fmt: skip
    assert clock("resolution", given, "mon 10:30", BY_PRIORITY).deadline_at == at("mon 11:00")


@pytest.mark.parametrize(
    ("changed", "deadline"),
    [("mon 09:59:59", "mon 10:00"), ("mon 10:00", "mon 10:00"), ("mon 10:00:01", "mon 11:00:01")],
)
def test_a_deadline_that_the_change_puts_into_the_past_gets_some_grace(changed: str, deadline: str) -> None:
    given = ticket("mon 09:00", priority(changed, "urgent", "normal"))
    assert clock("first_reply", given, changed, BY_PRIORITY, grace="1h business").deadline_at == at(deadline)


@pytest.mark.parametrize(
    ("grace", "deadline"),
    [("30m business", "tue 09:15"), ("30m elapsed", "mon 17:15"), ("0m business", "mon 16:45")],
)
def test_grace_counts_from_the_change_on_as_it_says(grace: str, deadline: str) -> None:
    given = ticket("mon 15:00", priority("mon 16:45", "urgent", "low"))
    assert clock("first_reply", given, "mon 16:45", BY_PRIORITY, grace=grace).deadline_at == at(deadline)


def test_grace_never_makes_a_deadline_later_than_it_was() -> None:
    given = ticket("mon 09:00", priority("mon 12:30", "urgent", "normal"))
    assert clock("first_reply", given, "mon 12:30", BY_PRIORITY, grace="1h business").deadline_at == at("mon 13:00")


def test_grace_stands_while_the_clock_stands() -> None:
    given = ticket(
        "mon 09:00", priority("mon 11:00", "urgent", "low"), status("mon 11:30", "pending"), status("mon 13:30", "open")
    )  # fmt: skip
    assert clock("resolution", given, "mon 12:00", BY_PRIORITY).remaining == timedelta(minutes=30)
    assert clock("resolution", given, "mon 14:00", BY_PRIORITY).deadline_at == at("mon 14:00")


@pytest.mark.parametrize(("replied", "state"), [("mon 12:00", "met"), ("mon 12:00:01", "breached")])
def test_a_breach_after_the_grace_is_that_of_the_new_terms_at_its_end(replied: str, state: str) -> None:
    given = ticket("mon 09:00", priority("mon 11:00", "urgent", "low"), agent(replied))
    found = clock("first_reply", given, "tue 09:00", BY_PRIORITY)
    assert (found.state, found.deadline_at) == (state, at("mon 12:00"))


def test_a_breach_stays_with_its_moment_and_target_when_the_promise_is_loosened() -> None:
    given = ticket("mon 09:00", priority("mon 11:00", "low", "urgent"))
    found = clock("first_reply", given, "tue 16:00", BY_PRIORITY)
    assert (found.state, found.breached_at, found.target) == ("breached", at("mon 10:00"), timedelta(hours=1))


def test_loosening_at_the_very_deadline_comes_in_time() -> None:
    given = ticket("mon 09:00", priority("mon 10:00", "low", "urgent"))
    assert clock("first_reply", given, "mon 11:00", BY_PRIORITY).deadline_at == at("mon 17:00")


def test_what_changes_together_with_the_reply_no_longer_touches_it() -> None:
    given = ticket("mon 09:00", agent("mon 12:00"), priority("mon 12:00", "urgent", "normal"))
    found = clock("first_reply", given, "tue 09:00", BY_PRIORITY)
    assert (found.state, found.deadline_at, found.retargets) == ("met", at("mon 13:00"), 0)


def test_a_promise_that_begins_late_gives_its_grace() -> None:
    """Before, nothing was promised; the whole target had passed already."""
    terms = [promise("none"), promise({"first_reply": "1h business"}, since=at("mon 12:00"))]
    found = clock("first_reply", ticket("mon 09:00"), "mon 12:00", terms)
    assert (found.deadline_at, found.state) == (at("mon 13:00"), "running")


def test_a_promise_that_is_taken_back_leaves_no_deadline() -> None:
    terms = [promise({"first_reply": "4h business"}), promise("none", since=at("mon 12:00"))]
    assert clock("first_reply", ticket("mon 09:00"), "tue 09:00", terms).state == "no_target"


def test_another_calendar_counts_from_the_beginning() -> None:
    late = {"zone": "UTC", "hours": {"mon-fri": ["12:00-20:00"]}}
    terms = [
        promise({"first_reply": "4h business"}),
        promise({"first_reply": "4h business"}, since=at("mon 12:30"), calendar=late),
    ]
    found = clock("first_reply", ticket("mon 09:00"), "mon 12:30", terms)
    assert (found.deadline_at, found.spent, found.retargets) == (at("mon 16:00"), timedelta(minutes=30), 1)


def test_the_first_terms_hold_from_the_beginning_and_equal_ones_change_nothing() -> None:
    terms = [promise({"first_reply": "4h business"}, since=at("mon 12:00")),
             promise({"first_reply": "4h business"}, since=at("mon 12:30"), policy="renamed")]  # fmt: skip
    found = clock("first_reply", ticket("mon 09:00"), "tue 09:00", terms)
    assert (found.state, found.breached_at, found.breached_terms) == ("breached", at("mon 13:00"), 1)
    assert found.retargets == 0


def test_a_priority_is_what_the_first_change_says_it_was() -> None:
    given = ticket("mon 09:00", priority("mon 11:00", "low", "urgent"), priority="low")
    assert clock("first_reply", given, "mon 11:30", BY_PRIORITY).breached_at == at("mon 10:00")


OFFICE_HOURS = Hours("UTC", 36, 68)


def _promise(**targets: int) -> Promise:
    return Promise(OFFICE_HOURS, {"first_reply": targets}, frozenset(), {}, 4, False, restart=False)


def test_each_change_is_told_with_the_deadlines_before_and_after_it() -> None:
    # From nine o'clock; urgent at ten, when its half hour is over, then low at half past.
    changed = ((40, "priority", "normal", "urgent"), (42, "priority", "urgent", "low"))
    given = Ticket(created=36, changed=changed, promises=((36, _promise(urgent=2, normal=16, low=32)),))
    found = retargets(histories([given]), terms_of([given]), moment(60)).to_native()
    assert isinstance(found, pl.DataFrame)
    assert found.select(
        "metric", "retargeted_at", "priority_before", "priority", "deadline_before_at", "deadline_at", "graced"
    ).rows() == [
        ("first_reply", moment(40), "normal", "urgent", moment(52), moment(44), True),
        ("first_reply", moment(42), "urgent", "low", moment(44), moment(68), False),
    ]


def test_what_comes_after_a_change_is_not_known_at_it() -> None:
    changed = ((40, "priority", "normal", "low"), (44, "status", "open", "pending"), (52, "status", "pending", "open"))
    given = Ticket(created=36, changed=changed, promises=((36, _promise(normal=16, low=32)),))
    found = retargets(histories([given]), terms_of([given]), moment(60))
    assert found["deadline_at"].to_list() == [moment(68)]


def test_without_a_change_there_is_nothing_to_tell() -> None:
    found = retargets(histories([]), {}, moment(60))
    assert (len(found), "graced" in found.columns) == (0, True)


def test_the_call_takes_a_timeline_of_terms() -> None:
    phases: list[dict[str, Any]] = [
        {"calendar": OFFICE, "targets": {"first_reply": "4h business"}},
        {"since": "2025-06-02T10:00:00Z", "calendar": OFFICE, "targets": {"first_reply": "2h business"}},
    ]
    [found] = [one for one in deadlines(ticket("mon 09:00"), phases, at("mon 10:30")) if one.metric == "first_reply"]
    assert (found.deadline_at, found.terms, found.retargets) == (at("mon 11:00"), 1, 1)
