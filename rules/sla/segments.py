"""Knows the open segments of a calendar between two days, as moments."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from rules.sla.calendar import Calendar
from rules.sla.closed_days import dated, of_countries
from rules.sla.holiday_dates import public_holidays
from rules.sla.periods import DAYS, seconds
from rules.sla.zones import EPOCH_DAY, Ints, LocalTimes, year_of

_MICROS = 1_000_000


def open_segments(calendar: Calendar, first: int, last: int) -> tuple[Ints, Ints]:
    """Starts and ends, in microseconds since the epoch, of all that is open on the local days `first` to `last`.

    Days are counted from 1970-01-01. Segments are in order, neither touch nor overlap, and none is empty.
    """
    local = LocalTimes(calendar.zone, first, last)
    days = np.arange(first, last + 1, dtype=np.int64)
    there = local.exist(days)
    regular = there & ~_closed(calendar, first, last)
    weekdays = (days + 3) % 7
    pieces = [
        (days[regular & (weekdays == DAYS.index(name))], opens, closes)
        for name, hours in calendar.hours.items()
        for opens, closes in seconds(hours)
    ] + [
        (days[place : place + 1], opens, closes)
        for place, hours in _special(calendar, first, last)
        if there[place]
        for opens, closes in seconds(hours)
    ]
    starts = [local.moments(chosen, opens) for chosen, opens, _ in pieces]
    ends = [local.moments(chosen, closes) for chosen, _, closes in pieces]
    return _united(_joined(starts) * _MICROS, _joined(ends) * _MICROS)


def _special(calendar: Calendar, first: int, last: int) -> Iterable[tuple[int, tuple[str, ...]]]:
    for on, hours in calendar.special_days.items():
        if first <= (day := on.toordinal() - EPOCH_DAY) <= last:
            yield day - first, hours


def _closed(calendar: Calendar, first: int, last: int) -> NDArray[np.bool_]:
    """The days on which the weekly hours do not apply."""
    closed = np.zeros(last - first + 1, dtype=np.bool_)
    for entry in dated(calendar.holidays):
        begin, end = (day.toordinal() - EPOCH_DAY - first for day in (entry.first, entry.last))
        closed[max(begin, 0) : max(end + 1, 0)] = True
    for law in of_countries(calendar.holidays):
        for year in range(year_of(first), year_of(last) + 1):
            places = [on.toordinal() - EPOCH_DAY - first for on in public_holidays(law.country, law.region, year)]
            closed[[place for place in places if 0 <= place < len(closed)]] = True
    closed[[place for place, _ in _special(calendar, first, last)]] = True
    return closed


def _joined(parts: list[Ints]) -> Ints:
    return np.concatenate(parts) if parts else np.empty(0, dtype=np.int64)


def _united(starts: Ints, ends: Ints) -> tuple[Ints, Ints]:
    some = np.flatnonzero(starts < ends)
    order = some[np.argsort(starts[some], kind="stable")]
    starts, ends = starts[order], np.maximum.accumulate(ends[order])
    apart = starts[1:] > ends[:-1]
    return starts[np.concatenate([[True], apart])[: len(starts)]], ends[np.concatenate([apart, [True]])[: len(ends)]]
