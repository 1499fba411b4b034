"""Knows what a length of business time is from and to single moments, and why a moment is closed."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

import numpy as np

from rules.sla.calendar import Calendar
from rules.sla.open_time import moment, open_time
from rules.sla.zones import Ints, micros

GivenCalendar: TypeAlias = Calendar | Mapping[str, Any]


def add(calendar: GivenCalendar, start: datetime, business: timedelta) -> datetime:
    """The earliest moment, in UTC, at which so much business time has passed since `start`.

    A time that exactly fills an open period leads to its closing; none leads to `start`, a negative one is subtracted.

    Args:
        calendar: a `Calendar`, or plain data of which one is made
        start: an aware moment
        business: how much open time

    Raises:
        ValueError: the calendar is wrong or `start` has no zone.
        NoMoreOpenTime: the search left the years 1900 to 9999.

    Source: docs/sla.md, "Business time".
    """
    table = open_time(_read(calendar), start, start)
    return moment(int(table.added(_one(micros(start)), _one(_micros(business)))[0]))


def subtract(calendar: GivenCalendar, end: datetime, business: timedelta) -> datetime:
    """The latest moment, in UTC, from which so much business time passes until `end`.

    A time that exactly fills an open period leads to its opening; none leads to `end`, a negative one is added.

    Raises: as `add`.
    """
    return add(calendar, end, -business)


def between(calendar: GivenCalendar, start: datetime, end: datetime) -> timedelta:
    """The business time from `start` to `end`; negative where `end` is the earlier one.

    Raises: as `add`.
    """
    begins, ends = micros(start), micros(end)
    table = open_time(_read(calendar), *sorted((start, end)))
    return timedelta(microseconds=int(table.between(_one(begins), _one(ends))[0]))


def is_open(calendar: GivenCalendar, at: datetime) -> bool:
    """Whether a moment is in an open period; its opening is, its closing is not.

    Raises: as `add`.
    """
    return bool(open_time(_read(calendar), at, at).is_open(_one(micros(at)))[0])


def next_opening(calendar: GivenCalendar, at: datetime) -> datetime:
    """The earliest open moment, in UTC, that is not before `at`: `at` itself while it is open.

    Raises: as `add`.
    """
    return moment(int(open_time(_read(calendar), at, at).next_opening(_one(micros(at)))[0]))


def open_periods(calendar: GivenCalendar, start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    """The open periods from `start` to `end` in UTC, cut off at both; their lengths add up to `between`.

    Raises: as `add`.
    """
    if end <= start:
        return []
    found = open_time(_read(calendar), start, end).segments(micros(start), micros(end))
    return [(moment(opens), moment(closes)) for opens, closes in found]


def closed_because(calendar: GivenCalendar, at: datetime) -> str | None:
    """Why a moment is closed: a holiday's name, `special day`, or `outside the hours`; None: it is open.

    Raises: as `add`.
    """
    known = _read(calendar)
    if is_open(known, at):
        return None
    on = at.astimezone(ZoneInfo(known.zone)).date()
    if on in known.special_days:
        return "special day"
    return known.holiday_on(on) or "outside the hours"


def _read(calendar: GivenCalendar) -> Calendar:
    return calendar if isinstance(calendar, Calendar) else Calendar.model_validate(calendar)


def _micros(length: timedelta) -> int:
    if not isinstance(length, timedelta):
        raise ValueError(f"{length!r} is no length of time; give a timedelta, such as timedelta(hours=8)")  # noqa: TRY004
    return length // timedelta(microseconds=1)


def _one(number: int) -> Ints:
    return np.array([number], dtype=np.int64)
