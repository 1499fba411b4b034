"""Knows how a calendar cuts time into open and closed pieces, and why it is closed; day after day, not by a table."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Literal
from zoneinfo import ZoneInfo

from rules.sla.calendar import Calendar

Why = Literal["", "break", "night", "day off", "holiday", "special day"]
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Piece:
    """`[starts_at, ends_at)` in UTC, all open or all closed; `why` it is closed, `name` the holiday's."""

    starts_at: datetime
    ends_at: datetime
    is_open: bool
    why: Why = ""
    name: str = ""


def pieces(calendar: Calendar, starts_at: datetime) -> Iterator[Piece]:
    """Time from `starts_at` on, piece by piece without a gap, as far as the years go."""
    at = starts_at
    on = starts_at.astimezone(ZoneInfo(calendar.zone)).date() - _DAY
    # Of the last days that there are, the next midnight is not known any more.
    while on < date.max - 2 * _DAY:
        for piece in _day(calendar, on):
            if piece.ends_at > at:
                yield Piece(max(at, piece.starts_at), piece.ends_at, piece.is_open, piece.why, piece.name)
                at = piece.ends_at
        on += _DAY


@lru_cache(maxsize=4096)
def _day(calendar: Calendar, on: date) -> tuple[Piece, ...]:
    """A local date from its midnight to the next one, in order; of a date that there was not, nothing."""
    zone = ZoneInfo(calendar.zone)
    begins_at, ends_at = _moment(zone, on, time.min), _moment(zone, on + _DAY, time.min)
    if begins_at >= ends_at:
        return ()
    opened = _united(_periods(calendar, zone, on))
    if not opened:
        why, name = _why(calendar, on)
        return (Piece(begins_at, ends_at, is_open=False, why=why, name=name),)
    found = [Piece(begins_at, opened[0][0], is_open=False, why="night")]
    for (opens_at, closes_at), (opens_again_at, _) in pairwise([*opened, (ends_at, ends_at)]):
        found.append(Piece(opens_at, closes_at, is_open=True))
        found.append(Piece(closes_at, opens_again_at, is_open=False, why="break"))
    found[-1] = Piece(found[-1].starts_at, ends_at, is_open=False, why="night")
    return tuple(piece for piece in found if piece.starts_at < piece.ends_at)


def _why(calendar: Calendar, on: date) -> tuple[Why, str]:
    """Why a whole date is closed."""
    if on in calendar.special_days:
        return "special day", ""
    holiday = calendar.holiday_on(on)
    return ("holiday", holiday) if holiday is not None else ("day off", "")


def _periods(calendar: Calendar, zone: ZoneInfo, on: date) -> Iterator[tuple[datetime, datetime]]:
    for written in calendar.hours_on(on):
        opens, closes = written.split("-")
        is_midnight = closes == "24:00"
        last = (on + _DAY, time.min) if is_midnight else (on, time.fromisoformat(closes))
        yield _moment(zone, on, time.fromisoformat(opens)), _moment(zone, *last)


def _moment(zone: ZoneInfo, on: date, at: time) -> datetime:
    """A local time in UTC; one in a gap is shifted forward by its length, of one that comes twice it is the first."""
    return datetime.combine(on, at, tzinfo=zone).replace(fold=0).astimezone(UTC)


def _united(periods: Iterator[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """In order; a period that a change of the clocks has emptied is left out, those that touch are one."""
    found: list[tuple[datetime, datetime]] = []
    for opens_at, closes_at in sorted(periods):
        if closes_at <= opens_at:
            continue
        if found and opens_at <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], closes_at)
        else:
            found.append((opens_at, closes_at))
    return found
