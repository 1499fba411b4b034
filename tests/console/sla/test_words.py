"""How moments, lengths and verdicts are said."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from console.sla.verdict import verdict
from console.sla.words import both, clock, length, listed, moment, of_time, percent, target, utc_stamp
from rules.durations import length as promised
from rules.sla.story import Change, Promise, Said, TicketPast, tell
from rules.sla.terms import Terms
from tests.rules.sla.pasts import terms
from tests.rules.sla.test_story import TEAM, at

NOV = datetime(2026, 11, 3, 10, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        ("Europe/Berlin", "Tue 3 Nov 2026 11:20 CET (10:20 UTC)"),
        ("UTC", "Tue 3 Nov 2026 10:20 UTC"),
        ("Asia/Kathmandu", "Tue 3 Nov 2026 16:05 UTC+05:45 (10:20 UTC)"),
        ("Pacific/Auckland", "Tue 3 Nov 2026 23:20 NZDT (10:20 UTC)"),
        ("Pacific/Kiritimati", "Wed 4 Nov 2026 00:20 UTC+14:00 (3 Nov 10:20 UTC)"),
    ],
)
def test_a_moment_is_said_in_its_zone_with_utc_beside(zone: str, said: str) -> None:
    assert both(NOV, ZoneInfo(zone)) == said


def test_seconds_are_said_where_there_are_some() -> None:
    assert moment(NOV + timedelta(seconds=5), ZoneInfo("UTC")) == "Tue 3 Nov 2026 10:20:05 UTC"
    assert utc_stamp(NOV) == "03T10:20:00Z"
    assert clock(timedelta(hours=130, seconds=61)) == "130:01:01"


@pytest.mark.parametrize(
    ("time", "said"),
    [
        (timedelta(0), "0 seconds"),
        (timedelta(minutes=1), "1 minute"),
        (timedelta(hours=1, minutes=20, seconds=5), "1 hour 20 minutes 5 seconds"),
        (timedelta(hours=48), "2 days"),
        (timedelta(hours=47), "47 hours"),
        (timedelta(hours=49), "2 days 1 hour"),
    ],
)
def test_lengths(time: timedelta, said: str) -> None:
    assert length(time) == said


def test_every_target_says_how_it_is_counted() -> None:
    assert target(promised("2h business")) == "2 business hours"
    assert target(promised("24h elapsed")) == "24 elapsed hours"
    assert target(promised("1h 30m business")) == "1 hour 30 minutes of business time"
    assert target(promised("7d elapsed")) == "7 elapsed days"
    assert target(promised("80h business")) == "80 business hours"
    assert of_time(timedelta(0), "business") == "no business time"


def test_a_share_is_never_rounded_up_to_all() -> None:
    assert (percent(0.999), percent(1.0), percent(0.29), percent(None)) == ("99 %", "100 %", "29 %", "")
    assert listed(["a", "b", "c"]) == "a, b and c"


def said(metric: str, until: str, targets: Any, **past: Any) -> str:
    """The verdict on the last clock of one metric."""
    promise: Terms = terms(TEAM, targets, policy="plain")
    ticket = TicketPast(at("11-03 09:00"), promises=(Promise(at("11-03 09:00"), promise, "it is so"),), **past)
    return verdict(tell(ticket, at(until), [metric])[-1], at(until))  # type: ignore[list-item]


def test_verdicts() -> None:
    due = (
        "First reply {} due on Tue 3 Nov 2026 11:00 CET (10:00 UTC): 2 business hours (policy plain for unknown "
        "priority, because it is so)."
    )
    targets = {"first_reply": "2h business"}
    assert said("first_reply", "11-03 10:00", targets) == due.format("is") + " 1 hour on the wall's clock are left."
    late = said("first_reply", "11-03 11:30", targets)
    assert late == due.format("was") + " It has not come yet and is 30 minutes on the wall's clock overdue."
    answer = (Said(at("11-03 10:30"), "agent"),)
    assert said("first_reply", "11-03 11:30", targets, said=answer) == due.format("was") + (
        " It came on Tue 3 Nov 2026 10:30 CET (09:30 UTC), after 1 hour 30 minutes of business time: in time."
    )
    answer = (Said(at("11-03 12:00"), "agent"),)
    assert said("first_reply", "11-03 13:30", targets, said=answer).endswith(
        "It came on Tue 3 Nov 2026 12:00 CET (11:00 UTC), 1 hour on the wall's clock too late."
    )


def test_what_stands_or_is_not_promised_has_no_deadline() -> None:
    pending = (Change(at("11-03 10:00"), "status", "open", "pending"),)
    assert said("first_reply", "11-03 11:30", {"first_reply": "2h business"}, changes=pending) == (
        "First reply has no deadline while the ticket is pending, since Tue 3 Nov 2026 10:00 CET (09:00 UTC): "
        "1 business hour of 2 business hours (policy plain for unknown priority, because it is so) have been counted."
    )
    assert said("outreach", "11-03 11:30", {"first_reply": "2h business"}) == (
        "Outreach has no deadline: policy plain promises none for a ticket of unknown priority."
    )


def test_a_pause_outside_the_hours_moves_nothing() -> None:
    changes = (
        Change(at("11-03 18:00"), "status", "open", "pending"), Change(at("11-04 08:00"), "status", "pending", "open"),
    )  # fmt: skip
    told = said("first_reply", "11-04 09:30", {"first_reply": "10h business"}, changes=changes)
    assert "paused while pending, but only outside the hours, which moves nothing" in told


def test_what_ended_without_a_reply_says_so() -> None:
    solved = (Change(at("11-03 10:00"), "status", "open", "solved"),)
    told = said("first_reply", "11-03 11:30", {"first_reply": "2h business"}, changes=solved)
    assert told.startswith("First reply is not waited for any more: the ticket was solved without a reply on Tue 3 Nov")
