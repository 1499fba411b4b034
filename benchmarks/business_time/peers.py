"""Business time span by span: by businesstimedelta, by business-duration, and minute by minute; on a share of them."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

from benchmarks.business_time.made_spans import HOLIDAYS, spans
from benchmarks.contest import Answer, Stopwatch

_MINUTE = timedelta(minutes=1)
_DONE, _STEPPED = 2_000, 200
Span = tuple[datetime, datetime, timedelta]


def businesstimedelta_between(watch: Stopwatch, size: int) -> Answer:
    """`rules.difference(start, end)`."""
    rules = _rules()
    return _each(watch, size, _DONE, lambda span: rules.difference(span[0], span[1]).timedelta.total_seconds())


def businesstimedelta_add(watch: Stopwatch, size: int) -> Answer:
    """`start + BusinessTimeDelta(rules, ...)`."""
    from businesstimedelta import BusinessTimeDelta

    rules = _rules()

    def added(span: Span) -> float:
        found: datetime = span[0] + BusinessTimeDelta(rules, timedelta=span[2])
        return found.timestamp()

    return _each(watch, size, _DONE, added)


def business_duration_between(watch: Stopwatch, size: int) -> Answer:
    """`businessDuration(start, end, ...)`, which knows no zones and cannot add."""
    from business_duration import businessDuration

    holidays = frozenset(HOLIDAYS)

    def duration(span: Span) -> float:
        start, end = (moment.replace(tzinfo=None) for moment in span[:2])
        found: float = businessDuration(start, end, time(9), time(17), holidaylist=holidays, unit="sec")
        return found

    return _each(watch, size, _DONE, duration)


def stepped_between(watch: Stopwatch, size: int) -> Answer:
    """Look at every minute of the span."""
    holidays = frozenset(HOLIDAYS)

    def minutes(span: Span) -> float:
        at, end, _ = span
        count = 0
        while at < end:
            count += _is_open(at, holidays)
            at += _MINUTE
        return count * 60

    return _each(watch, size, _STEPPED, minutes)


def stepped_add(watch: Stopwatch, size: int) -> Answer:
    """Look at every minute until enough of them were open."""
    holidays = frozenset(HOLIDAYS)

    def end(span: Span) -> float:
        at, _, left = span
        while left:
            left -= _MINUTE * _is_open(at, holidays)
            at += _MINUTE
        return at.timestamp()

    return _each(watch, size, _STEPPED, end)


def _is_open(at: datetime, holidays: frozenset[date]) -> bool:
    return at.weekday() < 5 and 9 <= at.hour < 17 and at.date() not in holidays


def _rules() -> Any:
    import pytz
    from businesstimedelta import HolidayRule, Rules, WorkDayRule

    weekdays = WorkDayRule(start_time=time(9), end_time=time(17), working_days=[0, 1, 2, 3, 4], tz=pytz.utc)
    return Rules([weekdays, HolidayRule(frozenset(HOLIDAYS), tz=pytz.utc)])


def _each(watch: Stopwatch, size: int, most: int, work: Callable[[Span], float]) -> Answer:
    some = spans(size, min(most, size))
    with watch.part("walk"):
        found = [work(span) for span in some]
    return Answer.of(([number, int(seconds)] for number, seconds in enumerate(found)), share=len(some) / size)
