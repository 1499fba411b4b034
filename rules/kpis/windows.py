"""Knows the stretches of time that figures are made of: weeks and months of the calendar, and what lies before them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Literal

Unit = Literal["week", "month", "quarter"]
_WEEK = timedelta(days=7)
_MONTHS: dict[Unit, int] = {"month": 1, "quarter": 3}


@dataclass(frozen=True)
class Window:
    """What happened in `[since, until)`; both are aware moments."""

    since: datetime
    until: datetime
    label: str = ""

    def __post_init__(self) -> None:
        if self.since >= self.until:
            raise ValueError(
                f"a window must end after {self.since:%Y-%m-%d %H:%M}; it ends {self.until:%Y-%m-%d %H:%M}"
            )

    @property
    def before(self) -> "Window":
        """The window of the same length that ends where this one begins."""
        return Window(self.since - (self.until - self.since), self.since)

    def cut_by(self, unit: Unit) -> list["Window"]:
        """The calendar's weeks, months or quarters (UTC) inside, oldest first; the outer ones may be parts."""
        edges = [self.since, *_edges(self.since, self.until, unit), self.until]
        return [Window(start, end, label(start, unit)) for start, end in pairwise(edges)]


def last_whole(unit: Unit, seen_until: datetime, count: int = 1) -> Window:
    """The last `count` whole weeks (from Monday), months or quarters that are over before the moment `seen_until`."""
    end = _start(seen_until, unit)
    start = end
    for _ in range(count):
        start = _start(start - timedelta(microseconds=1), unit)
    return Window(start, end)


def label(start: datetime, unit: Unit) -> str:
    """`2026-W26`, `2026-06`, `2026-Q2`: the week (ISO 8601), month or quarter that holds the moment, in UTC."""
    day = start.astimezone(UTC).date()
    if unit == "week":
        year, week, _ = day.isocalendar()
        return f"{year}-W{week:02d}"
    return f"{day.year}-{day.month:02d}" if unit == "month" else f"{day.year}-Q{(day.month + 2) // 3}"


def _edges(since: datetime, until: datetime, unit: Unit) -> Iterator[datetime]:
    edge = _next(_start(since, unit), unit)
    while edge < until:
        yield edge
        edge = _next(edge, unit)


def _start(moment: datetime, unit: Unit) -> datetime:
    day = moment.astimezone(UTC).date()
    if unit == "week":
        return _midnight(day - timedelta(days=day.weekday()))
    return _midnight(date(day.year, (day.month - 1) // _MONTHS[unit] * _MONTHS[unit] + 1, 1))


def _next(start: datetime, unit: Unit) -> datetime:
    if unit == "week":
        return start + _WEEK
    months = start.year * 12 + start.month - 1 + _MONTHS[unit]
    return _midnight(date(months // 12, months % 12 + 1, 1))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
