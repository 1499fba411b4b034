"""The laws of business time, on made calendars around the hours in which clocks change."""

from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from rules.sla import Calendar, add, between, is_open, next_opening, subtract
from rules.sla.business_time import closed_because, open_periods
from rules.sla.open_time import open_time
from rules.sla.zones import micros
from tests.rules.sla.calendars import calendars_and_days, moments
from tests.rules.sla.stepping import Stepper

MICRO = timedelta(microseconds=1)
LENGTHS = st.timedeltas(min_value=timedelta(), max_value=timedelta(days=20))
SHORT = st.integers(0, 3 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes))
QUICK = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
Case = tuple[dict[str, Any], date]


@st.composite
def cases(draw: st.DrawFn, count: int) -> tuple[Calendar, list[datetime]]:
    """A calendar, and so many moments to the microsecond."""
    calendar, around = draw(calendars_and_days())
    return Calendar.model_validate(calendar), [draw(moments(around, MICRO)) for _ in range(count)]


@settings(max_examples=60, deadline=None)
@given(calendars_and_days(), st.data())
def test_it_is_what_counting_minute_by_minute_gives(case: Case, data: st.DataObject) -> None:
    calendar, around = case
    stepper = Stepper(calendar, around)
    for _ in range(8):
        start, end, length = data.draw(moments(around)), data.draw(moments(around)), data.draw(SHORT)
        assert between(calendar, start, end) == stepper.between(start, end)
        assert is_open(calendar, start) == stepper.is_open(start)
        assert (closed_because(calendar, start) is None) == stepper.is_open(start)
        for ours, stepped in (
            (add(calendar, start, length), stepper.add(start, length)),
            (subtract(calendar, start, length), stepper.subtract(start, length)),
            (next_opening(calendar, start), stepper.next_opening(start)),
        ):
            assert stepped is None or ours == stepped


@QUICK
@given(cases(1), LENGTHS)
def test_what_is_added_lies_between(case: tuple[Calendar, list[datetime]], length: timedelta) -> None:
    calendar, [start] = case
    end = add(calendar, start, length)
    assert between(calendar, start, end) == length
    assert end == start if not length else between(calendar, start, end - MICRO) == length - MICRO


@QUICK
@given(cases(1), LENGTHS)
def test_what_is_subtracted_lies_between(case: tuple[Calendar, list[datetime]], length: timedelta) -> None:
    calendar, [end] = case
    start = subtract(calendar, end, length)
    assert between(calendar, start, end) == length
    assert start == end if not length else between(calendar, start + MICRO, end) == length - MICRO
    assert start == add(calendar, end, -length)


@QUICK
@given(cases(3))
def test_time_split_anywhere_adds_up(case: tuple[Calendar, list[datetime]]) -> None:
    calendar, [one, two, three] = case
    assert between(calendar, one, two) + between(calendar, two, three) == between(calendar, one, three)
    assert between(calendar, two, one) == -between(calendar, one, two)


@QUICK
@given(cases(1), LENGTHS, LENGTHS)
def test_lengths_added_one_after_the_other_lead_to_their_sum(
    case: tuple[Calendar, list[datetime]], one: timedelta, two: timedelta
) -> None:
    calendar, [start] = case
    assume(one and two)
    assert add(calendar, add(calendar, start, one), two) == add(calendar, start, one + two)
    assert subtract(calendar, subtract(calendar, start, one), two) == subtract(calendar, start, one + two)


@QUICK
@given(cases(2), LENGTHS, LENGTHS)
def test_later_and_longer_never_lead_to_an_earlier_end(
    case: tuple[Calendar, list[datetime]], one: timedelta, two: timedelta
) -> None:
    calendar, [start, other] = case
    earlier, later = sorted([start, other])
    shorter, longer = sorted([one, two])
    assert add(calendar, start, shorter) <= add(calendar, start, longer)
    assert subtract(calendar, start, longer) <= subtract(calendar, start, shorter)
    assume(shorter)
    assert add(calendar, earlier, shorter) <= add(calendar, later, shorter)
    assert subtract(calendar, earlier, shorter) <= subtract(calendar, later, shorter)


@QUICK
@given(cases(2))
def test_open_periods_add_up_and_are_open(case: tuple[Calendar, list[datetime]]) -> None:
    calendar, bounds = case
    start, end = sorted(bounds)
    found = open_periods(calendar, start, end)
    assert sum((closes - opens for opens, closes in found), timedelta()) == between(calendar, start, end)
    for opens, closes in found:
        assert is_open(calendar, opens)
        assert is_open(calendar, closes - MICRO)
        assert closes == end or not is_open(calendar, closes)


@QUICK
@given(cases(6), st.lists(LENGTHS, min_size=6, max_size=6))
def test_many_at_once_are_what_each_one_is(case: tuple[Calendar, list[datetime]], lengths: list[timedelta]) -> None:
    calendar, starts = case
    table = open_time(calendar, min(starts), max(starts))
    at = np.array([micros(start) for start in starts])
    business = np.array([length // MICRO for length in lengths])
    ends = [add(calendar, start, length) for start, length in zip(starts, lengths, strict=True)]
    begins = [subtract(calendar, start, length) for start, length in zip(starts, lengths, strict=True)]
    assert table.added(at, business).tolist() == [micros(end) for end in ends]
    assert table.subtracted(at, business).tolist() == [micros(begin) for begin in begins]
    assert table.between(at, at[::-1]).tolist() == [
        between(calendar, start, end) // MICRO for start, end in zip(starts, reversed(starts), strict=True)
    ]
    assert table.is_open(at).tolist() == [is_open(calendar, start) for start in starts]
    assert table.next_opening(at).tolist() == [micros(next_opening(calendar, start)) for start in starts]


@QUICK
@given(calendars_and_days())
def test_a_calendar_is_the_same_after_a_round_trip(case: Case) -> None:
    calendar = Calendar.model_validate(case[0])
    again = Calendar.model_validate(calendar.model_dump(mode="json"))
    assert again == calendar
    assert hash(again) == hash(calendar)
    assert again.model_dump_json() == calendar.model_dump_json()
