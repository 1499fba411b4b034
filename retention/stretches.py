"""Knows which stretch of the calendar a report is asked for: a named month, quarter or year, or the last whole one."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Literal

from domain.errors import NotFound
from retention.windows import utc_day

Length = Literal["month", "quarter", "year"]
_MONTHS: dict[str, int] = {"month": 1, "quarter": 3, "year": 12}
_NAMED = re.compile(r"(?P<year>\d{4})(?:-(?:Q(?P<quarter>[1-4])|(?P<month>0[1-9]|1[0-2])))?")


@dataclass(frozen=True)
class Stretch:
    """`[since, until)`, both at midnight UTC."""

    label: str
    since: datetime
    until: datetime


def stretch_named(name: str, as_of: datetime) -> Stretch:
    """`2026-06`, `2026-Q2`, `2026`, or the last whole `month`, `quarter` or `year` at `as_of`.

    A running one ends with `as_of`'s day, so that what is told of it can still change.

    Raises:
        NotFound: none of these, or it has not begun.
    """
    word = name.strip()
    if word.lower() in _MONTHS:
        return _last_whole(_MONTHS[word.lower()], as_of)
    found = _NAMED.fullmatch(word.upper())
    if found is None:
        raise NotFound(f"no period {name!r}; write month, quarter, year, 2026-06, 2026-Q2 or 2026")
    year, quarter, month = int(found["year"]), found["quarter"], found["month"]
    if quarter:
        there = _stretch(year * 12 + (int(quarter) - 1) * 3, 3)
    elif month:
        there = _stretch(year * 12 + int(month) - 1, 1)
    else:
        there = _stretch(year * 12, 12)
    if there.since > as_of:
        raise NotFound(f"{there.label} has not begun on {utc_day(as_of)}; ask for an earlier one")
    return there


def _last_whole(length: int, as_of: datetime) -> Stretch:
    today = utc_day(as_of)
    return _stretch((today.year * 12 + today.month - 1) // length * length - length, length)


def _stretch(number: int, length: int) -> Stretch:
    """From the month `number` (12 x year + month - 1) on."""
    year, month = divmod(number, 12)
    label = {1: f"{year}-{month + 1:02d}", 3: f"{year}-Q{month // 3 + 1}", 12: f"{year}"}[length]
    return Stretch(label, _midnight(number), _midnight(number + length))


def _midnight(number: int) -> datetime:
    return datetime.combine(date(number // 12, number % 12 + 1, 1), time(), tzinfo=UTC)
