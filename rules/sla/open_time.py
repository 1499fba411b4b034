"""Knows how much time a calendar has been open before any moment, from a table in which it searches."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from domain.errors import NoMoreOpenTime
from rules.sla.calendar import Calendar
from rules.sla.segments import open_segments
from rules.sla.zones import EPOCH_DAY, Ints, micros

DAY_MICROS = 86_400_000_000
# Where clocks are ahead of UTC, 1900 begins on this day.
_FIRST_DAY = date(1899, 12, 31).toordinal() - EPOCH_DAY
_LAST_DAY = date(9999, 12, 31).toordinal() - EPOCH_DAY
# A zone is at most a day ahead or behind, and a gap shifts a period by at most a day.
_MARGIN = 2
_LEAST_DAYS = 400


@dataclass(frozen=True)
class _Table:
    """Segments in order, and the open time before each, for the UTC days `first` to `last`."""

    first: int
    last: int
    starts: Ints
    ends: Ints
    before: Ints

    @property
    def until(self) -> Ints:
        """The open time before each segment's end."""
        result: Ints = self.before + (self.ends - self.starts)
        return result

    def open_until(self, moments: Ints) -> Ints:
        """The open time before each moment of these days."""
        if not len(self.starts):
            return np.zeros_like(moments)
        places = np.searchsorted(self.starts, moments, side="right") - 1
        inside = np.maximum(places, 0)
        open_so_far = self.before[inside] + np.minimum(moments, self.ends[inside]) - self.starts[inside]
        result: Ints = np.where(places < 0, self.before[0], open_so_far)
        return result


class OpenTime:
    """The open time of a calendar as a table that grows by itself; made by `open_time`.

    Moments are int64 microseconds since the epoch in UTC, lengths of open time int64 microseconds. Open time is counted
    from an origin that is the same for all calls of one object.
    """

    def __init__(self, calendar: Calendar, first: int, last: int) -> None:
        self._calendar = calendar
        self._origin = max(first, _FIRST_DAY) * DAY_MICROS
        self._table = self._built(first, last)

    def open_until(self, moments: Ints) -> Ints:
        """The open time between the origin and each moment, negative before it; it never falls as moments rise.

        Raises:
            NoMoreOpenTime: a moment lies outside of the years 1900 to 9999.
        """
        return self._covering(moments).open_until(moments)

    def reached(self, open_micros: Ints) -> Ints:
        """The earliest moments at which so much time has been open: an exactly filled segment's end.

        Raises:
            NoMoreOpenTime: the calendar is not open for so long until the end of 9999.
        """
        table = self._holding(open_micros, low_inclusive=False)
        places = np.searchsorted(table.until, open_micros, side="left")
        result: Ints = table.starts[places] + (open_micros - table.before[places])
        return result

    def opened(self, open_micros: Ints) -> Ints:
        """The latest moments at which no more than so much time has been open: an exactly filled segment's start.

        Raises:
            NoMoreOpenTime: the calendar is not open for so long since the beginning of 1900.
        """
        table = self._holding(open_micros, low_inclusive=True)
        places = np.searchsorted(table.before, open_micros, side="right") - 1
        result: Ints = table.starts[places] + (open_micros - table.before[places])
        return result

    def between(self, begins: Ints, ends: Ints) -> Ints:
        """The open time from each begin to its end; negative where the end is earlier."""
        return self.open_until(ends) - self.open_until(begins)

    def added(self, moments: Ints, open_micros: Ints) -> Ints:
        """For each the earliest moment after which so much open time has passed; of a negative time, `subtracted`."""
        moments, open_micros = np.broadcast_arrays(moments, open_micros)
        goals = self.open_until(moments) + open_micros
        result = moments.copy()
        later, earlier = open_micros > 0, open_micros < 0
        if later.any():
            result[later] = self.reached(goals[later])
        if earlier.any():
            result[earlier] = self.opened(goals[earlier])
        return result

    def subtracted(self, moments: Ints, open_micros: Ints) -> Ints:
        """For each the latest moment from which so much open time has passed; of a negative time, `added`."""
        return self.added(moments, -np.asarray(open_micros))

    def is_open(self, moments: Ints) -> NDArray[np.bool_]:
        """Whether each moment lies in a segment; its end does not."""
        table = self._covering(moments)
        result: NDArray[np.bool_] = table.open_until(moments + 1) > table.open_until(moments)
        return result

    def next_opening(self, moments: Ints) -> Ints:
        """For each the earliest moment, itself included, that is open."""
        result: Ints = np.maximum(moments, self.opened(self.open_until(moments)))
        return result

    def segments(self, begin: int, end: int) -> list[tuple[int, int]]:
        """The open segments between two moments, cut off at both."""
        table = self._covering(np.array([begin, end], dtype=np.int64))
        first = int(np.searchsorted(table.ends, begin, side="right"))
        last = int(np.searchsorted(table.starts, end, side="left"))
        chosen = zip(table.starts[first:last].tolist(), table.ends[first:last].tolist(), strict=True)
        return [(max(starts, begin), min(ends, end)) for starts, ends in chosen]

    def cover(self, first: int, last: int) -> None:
        """Make the table reach over the UTC days `first` to `last`, counted from 1970-01-01."""
        table = self._table
        if first < table.first or last > table.last:
            self._table = self._built(min(first, table.first), max(last, table.last))

    def _built(self, first: int, last: int) -> _Table:
        first, last = max(first, _FIRST_DAY), min(last, _LAST_DAY)
        starts, ends = open_segments(self._calendar, first - _MARGIN, last + _MARGIN)
        lengths = ends - starts
        before = np.cumsum(lengths) - lengths
        table = _Table(first, last, starts, ends, before)
        at_origin = table.open_until(np.array([self._origin], dtype=np.int64))
        return _Table(first, last, starts, ends, before - at_origin)

    def _covering(self, moments: Ints) -> _Table:
        if len(moments):
            first, last = int(moments.min()) // DAY_MICROS, int(moments.max()) // DAY_MICROS
            if first < _FIRST_DAY or last > _LAST_DAY:
                raise NoMoreOpenTime("business time is known for the years 1900 to 9999; give moments within them")
            self.cover(first, last)
        return self._table

    def _holding(self, open_micros: Ints, low_inclusive: bool) -> _Table:
        """The table, grown until all these lengths of open time lie in it."""
        if len(open_micros):
            low, high = int(open_micros.min()), int(open_micros.max())
            while not self._reaches_back(low, low_inclusive):
                self._grow(forward=False)
            while not self._reaches_on(high, low_inclusive):
                self._grow(forward=True)
        return self._table

    def _reaches_back(self, low: int, inclusive: bool) -> bool:
        before = self._table.before
        return bool(len(before)) and (low >= before[0] if inclusive else low > before[0])

    def _reaches_on(self, high: int, inclusive: bool) -> bool:
        until = self._table.until
        return bool(len(until)) and (high < until[-1] if inclusive else high <= until[-1])

    def _grow(self, forward: bool) -> None:
        """Double the days of the table on one side."""
        table = self._table
        more = max(table.last - table.first, _LEAST_DAYS)
        if forward and table.last == _LAST_DAY:
            raise NoMoreOpenTime(_OVER.format("until the end of 9999"))
        if not forward and table.first == _FIRST_DAY:
            raise NoMoreOpenTime(_OVER.format("since the beginning of 1900"))
        self.cover(*((table.first, table.last + more) if forward else (table.first - more, table.last)))


_OVER = "the calendar is not open for so long {}; give it weekly hours, or ask for a shorter time"


def open_time(calendar: Calendar, first: datetime, last: datetime) -> OpenTime:
    """The table of a calendar that reaches from `first` to `last`; equal calendars and years share one."""
    begin, end = (micros(moment) // DAY_MICROS for moment in (first, last))
    # Whole decades, so that calls for moments near each other find the same table.
    return _kept(calendar, _decade(begin), _decade(end) + 1)


def _decade(day: int) -> int:
    return (date(1970, 1, 1) + timedelta(days=day)).year // 10


@lru_cache(maxsize=64)
def _kept(calendar: Calendar, first_decade: int, end_decade: int) -> OpenTime:
    first = date(max(first_decade * 10, 1900), 1, 1).toordinal() - EPOCH_DAY
    last = date(min(end_decade * 10, 9999), 12, 31).toordinal() - EPOCH_DAY
    return OpenTime(calendar, first, last)


def moment(micros_since: int) -> datetime:
    """The moment in UTC."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros_since)
