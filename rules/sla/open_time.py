"""Knows how much time a calendar has been open before any moment, from a table in which it searches."""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from threading import RLock

import numpy as np
from numpy.typing import NDArray

from domain.errors import NoMoreOpenTime
from rules.sla.calendar import Calendar
from rules.sla.searching import Ranks
from rules.sla.segments import open_segments
from rules.sla.zones import EPOCH_DAY, Ints, micros

DAY_MICROS = 86_400_000_000
# Where clocks are ahead of UTC, 1900 begins on this day.
_FIRST_DAY = date(1899, 12, 31).toordinal() - EPOCH_DAY
_LAST_DAY = date(9999, 12, 31).toordinal() - EPOCH_DAY
# A zone is at most a day ahead or behind, and a gap shifts a period by at most a day.
_MARGIN = 2
_LEAST_DAYS = 400
_LONG_AGO = -(2**62)


class _Table:
    """Segments in order, and the open time before each, for the UTC days `first` to `last`.

    What is open is counted from `origin`, a moment of these days.
    """

    def __init__(self, calendar: Calendar, first: int, last: int, origin: int) -> None:
        self.first, self.last = max(first, _FIRST_DAY), min(last, _LAST_DAY)
        starts, ends = open_segments(calendar, self.first - _MARGIN, self.last + _MARGIN)
        self.starts, self.ends = starts, ends
        self._of_starts = Ranks(starts)
        self._lay(np.cumsum(ends - starts) - (ends - starts))
        self._lay(self.before - self.open_until(np.array([origin], dtype=np.int64)))
        self._of_before, self._of_until = Ranks(self.before), Ranks(self.until)

    def _lay(self, before: Ints) -> None:
        """Take this as the open time before each segment."""
        self.before, self.until = before, before + (self.ends - self.starts)
        # The place before the first segment is one that ended long ago.
        self._ends = np.concatenate([[_LONG_AGO], self.ends])
        shifts = before - self.starts
        self._shifts = np.concatenate([before[:1] - _LONG_AGO if len(before) else [-_LONG_AGO], shifts])

    def open_until(self, moments: Ints) -> Ints:
        """The open time before each moment of these days."""
        places = self._of_starts.not_above(moments)
        result: Ints = np.minimum(moments, self._ends[places])
        result += self._shifts[places]
        return result

    def reached(self, open_micros: Ints) -> Ints:
        """The earliest moments with so much open time before them; it must lie after the first segment's start."""
        result: Ints = open_micros - self._shifts[self._of_until.below(open_micros) + 1]
        return result

    def opened(self, open_micros: Ints) -> Ints:
        """The latest moments with so much open time before them; it must lie before the last segment's end."""
        result: Ints = open_micros - self._shifts[self._of_before.not_above(open_micros)]
        return result

    def is_open(self, moments: Ints) -> NDArray[np.bool_]:
        """Whether each moment lies in a segment; its end does not."""
        result: NDArray[np.bool_] = moments < self._ends[self._of_starts.not_above(moments)]
        return result


class OpenTime:
    """The open time of a calendar as a table that grows by itself; made by `open_time`.

    Moments are int64 microseconds since the epoch in UTC, lengths of open time int64 microseconds. Open time is counted
    from an origin that is the same for all calls of one object.
    """

    def __init__(self, calendar: Calendar, first: int, last: int) -> None:
        self._calendar = calendar
        self._origin = max(first, _FIRST_DAY) * DAY_MICROS
        # Threads that search share the table; one that has been handed out never changes.
        self._growing = RLock()
        self._table = _Table(calendar, first, last, self._origin)

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
        return self._holding(open_micros, low_inclusive=False).reached(open_micros)

    def opened(self, open_micros: Ints) -> Ints:
        """The latest moments at which no more than so much time has been open: an exactly filled segment's start.

        Raises:
            NoMoreOpenTime: the calendar is not open for so long since the beginning of 1900.
        """
        return self._holding(open_micros, low_inclusive=True).opened(open_micros)

    def between(self, begins: Ints, ends: Ints) -> Ints:
        """The open time from each begin to its end; negative where the end is earlier."""
        return self.open_until(ends) - self.open_until(begins)

    def added(self, moments: Ints, open_micros: Ints) -> Ints:
        """For each the earliest moment after which so much open time has passed; of a negative time, `subtracted`."""
        moments, open_micros = np.broadcast_arrays(moments, open_micros)
        goals = self.open_until(moments) + open_micros
        later, earlier = open_micros > 0, open_micros < 0
        if later.all():
            return self.reached(goals)
        result = moments.copy()
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
        return self._covering(moments).is_open(moments)

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
            first, last = min(first, table.first), max(last, table.last)
            self._table = _Table(self._calendar, first, last, self._origin)

    def _covering(self, moments: Ints) -> _Table:
        if len(moments):
            first, last = int(moments.min()) // DAY_MICROS, int(moments.max()) // DAY_MICROS
            if first < _FIRST_DAY or last > _LAST_DAY:
                raise NoMoreOpenTime("business time is known for the years 1900 to 9999; give moments within them")
            with self._growing:
                self.cover(first, last)
                return self._table
        return self._table

    def _holding(self, open_micros: Ints, low_inclusive: bool) -> _Table:
        """The table, grown until all these lengths of open time lie in it."""
        if not len(open_micros):
            return self._table
        low, high = int(open_micros.min()), int(open_micros.max())
        with self._growing:
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
    """The moment in UTC.

    Raises:
        NoMoreOpenTime: it lies behind the year 9999.
    """
    try:
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros_since)
    except OverflowError as error:
        raise NoMoreOpenTime(_OVER.format("until the end of 9999")) from error
