"""One ticket and its calendar are given as plain data, in any order, and what is wrong with them is told."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from domain.errors import NoMoreOpenTime
from rules.sla import add, between, deadlines, is_open, next_opening

CREATED = datetime(2026, 3, 2, 9, tzinfo=UTC)
NOW = CREATED + timedelta(minutes=30)
WEEK: dict[str, Any] = {"hours": {"mon-fri": ["09:00-17:00"]}}
CLOSED_FOR_EVER: dict[str, Any] = {"hours": "always", "holidays": [{"from": "2026-03-01", "to": "9999-12-31"}]}


def due(terms: Any) -> datetime | None:
    (clock,) = (each for each in deadlines({"created_at": CREATED}, terms, NOW) if each.metric == "first_reply")
    return clock.deadline_at


def promise(target: str, since: datetime | None = None) -> dict[str, Any]:
    return {"targets": {"first_reply": target}} | ({"since": since} if since else {})


def test_terms_may_be_listed_in_any_order() -> None:
    earlier, later = promise("5h elapsed", CREATED - timedelta(days=1)), promise("3h elapsed", NOW)
    assert due([earlier, later]) == due([later, earlier]) == CREATED + timedelta(hours=3)


def test_the_earliest_terms_hold_from_the_beginning_even_if_they_are_dated_after_it() -> None:
    assert due([promise("5h elapsed", NOW + timedelta(days=1))]) == CREATED + timedelta(hours=5)


@pytest.mark.parametrize("since", [CREATED, CREATED - timedelta(days=300)])
@pytest.mark.parametrize("first", [2, 3, 4])
def test_terms_dated_at_or_before_the_creation_replace_those_without_a_date(since: datetime, first: int) -> None:
    assert due([promise(f"{first}h elapsed"), promise("5h elapsed", since)]) == CREATED + timedelta(hours=5)


@pytest.mark.parametrize("first", [2, 3, 4])
def test_of_terms_since_the_same_moment_the_last_ones_hold(first: int) -> None:
    changes = [promise(f"{first}h elapsed", NOW), promise("5h elapsed", NOW)]
    assert due([promise("9h elapsed"), *changes]) == CREATED + timedelta(hours=5)


def test_long_targets_may_be_written_in_seconds() -> None:
    assert due(promise("36000000s elapsed")) == due(promise("10000h elapsed")) == CREATED + timedelta(hours=10_000)


@pytest.mark.parametrize(
    "call",
    [
        lambda at: add(WEEK, at, timedelta(hours=1)),
        lambda at: between(WEEK, at, NOW),
        lambda at: between(WEEK, NOW, at),
        lambda at: is_open(WEEK, at),
        lambda at: next_opening(WEEK, at),
    ],
)
@pytest.mark.parametrize("at", ["2026-03-02T09:00:00Z", date(2026, 3, 2), NOW.replace(tzinfo=None), None])
def test_what_is_no_aware_moment_is_refused(call: Callable[[Any], object], at: Any) -> None:
    with pytest.raises(ValueError, match="aware"):
        call(at)


def test_a_number_is_no_length_of_time() -> None:
    with pytest.raises(ValueError, match="timedelta"):
        add(WEEK, CREATED, 3600)  # type: ignore[arg-type]


def test_a_search_beyond_the_last_year_says_so() -> None:
    with pytest.raises(NoMoreOpenTime, match="9999"):
        add(CLOSED_FOR_EVER, CREATED, timedelta(hours=1))
    with pytest.raises(NoMoreOpenTime, match="9999"):
        next_opening(CLOSED_FOR_EVER, CREATED)


def test_a_merge_that_closes_a_ticket_ends_its_clocks_and_fulfils_none() -> None:
    at = CREATED + timedelta(minutes=10)
    merge, closing = {"at": at, "kind": "merged"}, {"at": at, "kind": "status", "from": "open", "to": "closed"}
    terms = {"targets": {"first_reply": "1h elapsed", "resolution": "1h elapsed"}}
    for events in ([merge], [merge, closing], [closing, merge]):
        clocks = deadlines({"created_at": CREATED, "status": "closed", "events": events}, terms, NOW)
        promised = [(each.state, each.ended_at, each.fulfilled_at) for each in clocks if each.target]
        assert promised == [("ended", at, None)] * 2
