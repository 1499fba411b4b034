"""Knows which time zones there are, and which moment a local time in one of them is."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from difflib import get_close_matches
from functools import lru_cache
from importlib.resources import files
from typing import TypeAlias
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from rules.words import unknown_word

Ints: TypeAlias = NDArray[np.int64]

DAY = 86_400
EPOCH_DAY = date(1970, 1, 1).toordinal()
# Daylight saving follows weekdays and leap years, which come again every 400 years; no zone's table of
# exceptions goes as far as the first of the years from which that is used here.
_CYCLE, _CYCLE_DAYS, _REPEATS_FROM = 400, 146_097, 2500


def known_zone(name: str) -> str:
    """The name itself.

    Raises:
        ValueError: there is no such zone; the message names the nearest one.
    """
    names = _zone_names()
    if name in names:
        return name
    cities = {known.rpartition("/")[2].lower(): known for known in sorted(names)}
    meant = {known.lower(): known for known in sorted(names)}
    given = name.strip().lower().replace(" ", "_")
    near = meant.get(given) or cities.get(given) or _nearest(given, meant) or _nearest(given.rpartition("/")[2], cities)
    raise ValueError(unknown_word(name, ("Europe/Berlin, America/New_York and the like",), "time zone", near))


@lru_cache(maxsize=1)
def _zone_names() -> frozenset[str]:
    # Of the library, because a machine's own list has what differs from machine to machine, such as `localtime`.
    return frozenset(files("tzdata").joinpath("zones").read_text(encoding="utf-8").split())


def _nearest(given: str, known: Mapping[str, str]) -> str | None:
    return next((known[near] for near in get_close_matches(given, known, n=1, cutoff=0.6)), None)


class LocalTimes:
    """Turns local times of the days `first` to `last` (days since 1970-01-01) into moments.

    A time in a gap is shifted forward by the gap's length; of a time that comes twice the first one is taken.
    """

    def __init__(self, zone: str, first: int, last: int) -> None:
        self._zone = ZoneInfo(zone)
        begin, end = year_of(first), year_of(last + 2)
        self._origin = date(begin, 1, 1).toordinal() - EPOCH_DAY
        self._offsets = np.concatenate([_midnight_offsets(zone, _alike(year)) for year in range(begin, end + 1)])

    def moments(self, days: Ints, second: Ints | int) -> Ints:
        """Seconds since the epoch of each day's local time, `second` seconds (up to 86,400) after midnight."""
        total = days * DAY + second
        days = total // DAY
        places = days - self._origin
        offsets = self._offsets[places]
        changing = np.flatnonzero(offsets != self._offsets[places + 1])
        if len(changing):
            offsets[changing] = [self._offset(int(local)) for local in total[changing]]
        result: Ints = total - offsets
        return result

    def exist(self, days: Ints) -> NDArray[np.bool_]:
        """Whether there was such a day: a zone that moves over the date line skips one."""
        there: NDArray[np.bool_] = self.moments(days, 0) < self.moments(days, DAY)
        return there

    def _offset(self, local: int) -> int:
        day, second = divmod(local, DAY)
        year = year_of(day)
        day -= (year - _alike(year)) // _CYCLE * _CYCLE_DAYS
        begun = datetime.fromordinal(day + EPOCH_DAY).replace(tzinfo=self._zone)
        return _seconds((begun + timedelta(seconds=second)).utcoffset())


@lru_cache(maxsize=8192)
def _midnight_offsets(zone: str, year: int) -> Ints:
    """Seconds by which the zone is ahead at each midnight of a year at which a day begins."""
    known = ZoneInfo(zone)
    first = date(year, 1, 1).toordinal()
    days = range(first, date(year + 1, 1, 1).toordinal())
    return np.array(
        [_seconds(datetime.fromordinal(day).replace(tzinfo=known).utcoffset()) for day in days], dtype=np.int64
    )


def _seconds(offset: timedelta | None) -> int:
    return 0 if offset is None else offset.days * DAY + offset.seconds


def year_of(day: int) -> int:
    """The year of a day; also of those after 9999, which a `date` does not know."""
    cycles, rest = divmod(day, _CYCLE_DAYS)
    return cycles * _CYCLE + date.fromordinal(rest + EPOCH_DAY).year


def _alike(year: int) -> int:
    return year if year < _REPEATS_FROM else (year - 2100) % _CYCLE + 2100


def micros(moment: datetime) -> int:
    """Microseconds since the epoch.

    Raises:
        ValueError: it is no moment, or has no zone.
    """
    if not isinstance(moment, datetime):
        raise ValueError(f"{moment!r} is no moment; give an aware datetime")  # noqa: TRY004
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} has no time zone; give an aware moment, such as one in UTC")
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
