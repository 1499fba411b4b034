"""Makes spans of time in whole minutes, and the calendar that every contender understands."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

HOLIDAYS = tuple(
    date(year, month, day)
    for year in (2023, 2024, 2025, 2026, 2027)
    for month, day in ((1, 1), (5, 1), (7, 4), (9, 2), (11, 11), (12, 24), (12, 25), (12, 26))
)
CALENDAR = {"zone": "UTC", "hours": {"mon-fri": ["09:00-17:00"]}, "holidays": list(HOLIDAYS)}
Micros = NDArray[np.int64]
_MINUTE = 60_000_000
_FIRST = datetime(2024, 1, 1, tzinfo=UTC)
_THREE_YEARS = 3 * 365 * 24 * 60
_TWO_WEEKS, _WEEK_OF_WORK = 14 * 24 * 60, 40 * 60


def made(size: int) -> tuple[Micros, Micros, Micros]:
    """So many starts, ends up to two weeks later, and lengths of up to 40 business hours; in microseconds."""
    dice = np.random.default_rng(11)
    starts = int(_FIRST.timestamp()) * 1_000_000 + dice.integers(0, _THREE_YEARS, size) * _MINUTE
    ends = starts + dice.integers(0, _TWO_WEEKS, size) * _MINUTE
    return starts, ends, dice.integers(1, _WEEK_OF_WORK, size) * _MINUTE


def spans(size: int, count: int) -> list[tuple[datetime, datetime, timedelta]]:
    """The first `count` of them as Python's own times, in UTC."""
    columns = (column[:count].tolist() for column in made(size))
    return [
        (_moment(start), _moment(end), timedelta(microseconds=length))
        for start, end, length in zip(*columns, strict=True)
    ]


def _moment(micros: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)
