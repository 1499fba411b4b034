"""Business time counted minute by minute, from nothing but what a clock on the wall shows."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from tests.rules.sla.calendars import DAYS

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


@lru_cache(maxsize=64)
def _walls(zone: str, begin: datetime, count: int) -> tuple[list[datetime], dict[datetime, int]]:
    """What a clock on the wall shows in each minute, and the first minute in which it shows that."""
    walls = [(begin + n * MINUTE).astimezone(ZoneInfo(zone)).replace(tzinfo=None) for n in range(count)]
    return walls, {wall: n for n, wall in reversed(list(enumerate(walls)))}


class Stepper:
    """Which minutes a calendar is open, `days` around a day in UTC; all zones must be ahead by whole minutes."""

    def __init__(self, calendar: Mapping[str, Any], around: date, days: int = 9) -> None:
        self.begin = datetime(around.year, around.month, around.day, tzinfo=UTC) - days * DAY
        self._walls, self._first = _walls(calendar["zone"], self.begin, 2 * days * 24 * 60)
        self.open = bytearray(len(self._walls))
        for on in sorted({wall.date() for wall in self._walls[::60]}):
            for opens, closes in self._periods(calendar, on):
                last = "24:00" if closes == "23:59" else closes
                begin, end = self._minute(on, opens), self._minute(on, last)
                self.open[begin:end] = b"\1" * (end - begin)

    def _periods(self, calendar: Mapping[str, Any], on: date) -> list[tuple[str, str]]:
        if on in calendar["special_days"]:
            hours = calendar["special_days"][on]
        elif on in calendar["holidays"]:
            hours = []
        else:
            hours = calendar["hours"][DAYS[on.weekday()]]
        return [tuple(text.split("-")) for text in hours]

    def _minute(self, on: date, clock: str) -> int:
        """The first minute at which the wall shows a time; one that it jumps over is shifted by the jump."""
        hours, minutes = (int(part) for part in clock.split(":"))
        wall = datetime(on.year, on.month, on.day) + timedelta(hours=hours, minutes=minutes)  # noqa: DTZ001
        if not self._walls[0] <= wall <= self._walls[-1]:
            return 0 if wall < self._walls[0] else len(self._walls)
        if wall not in self._first:
            jump = next(n for n in range(1, len(self._walls)) if self._walls[n - 1] < wall < self._walls[n])
            wall += self._walls[jump] - self._walls[jump - 1] - MINUTE
        return self._first[wall]

    def _number(self, moment: datetime) -> int:
        return (moment - self.begin) // MINUTE

    def is_open(self, moment: datetime) -> bool:
        return bool(self.open[self._number(moment)])

    def between(self, start: datetime, end: datetime) -> timedelta:
        if end < start:
            return -self.between(end, start)
        return sum(self.open[self._number(start) : self._number(end)]) * MINUTE

    def add(self, start: datetime, length: timedelta) -> datetime | None:
        """None: the length does not end within the days that are known."""
        n, left = self._number(start), length // MINUTE
        while left and n < len(self.open):
            left -= self.open[n]
            n += 1
        return None if left else self.begin + n * MINUTE

    def subtract(self, end: datetime, length: timedelta) -> datetime | None:
        n, left = self._number(end), length // MINUTE
        while left and n > 0:
            n -= 1
            left -= self.open[n]
        return None if left else self.begin + n * MINUTE

    def next_opening(self, moment: datetime) -> datetime | None:
        n = self.open.find(1, self._number(moment))
        return None if n < 0 else self.begin + n * MINUTE
