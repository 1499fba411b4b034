"""Knows which months, quarters and years a ledger has, and on which days each opens and closes."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import takewhile

from domain.conventions import Period

_MONTHS: dict[Period, int] = {"month": 1, "quarter": 3, "year": 12, "t12m": 12}
TRAILING = "T12M-"


@dataclass(frozen=True)
class Window:
    """A stretch of days, both ends inclusive. A running window (`complete` False) ends on the day it is looked at."""

    label: str
    period: Period
    first_day: date
    last_day: date
    complete: bool = True

    @property
    def opens_on(self) -> date:
        """The day whose closing balance is this window's opening."""
        return self.first_day - timedelta(days=1)

    @property
    def months(self) -> range:
        """The numbers of the calendar months inside, as `month_number` counts them."""
        return range(month_number(self.first_day), month_number(self.last_day) + 1)


def month_number(day: date) -> int:
    """Months since year 0, so that neighbours differ by one: 2024-03 is 24290."""
    return day.year * 12 + day.month - 1


def month_label(number: int) -> str:
    """`2024-03` for the month's number."""
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


def month_end(number: int) -> date:
    """The last day of the month."""
    return _first_day(number + 1) - timedelta(days=1)


def utc_day(as_of: datetime) -> date:
    """The UTC date of a moment."""
    return as_of.astimezone(UTC).date()


def windows(period: Period, since: date, as_of: datetime, to_date: bool = False) -> list[Window]:
    """The windows from the one that holds `since` to the last that is over on `as_of`'s UTC date, oldest first.

    A window whose last day is that date is over. `to_date` adds the one that is still running, if any.
    """
    today = utc_day(as_of)
    begun = takewhile(lambda window: window.first_day <= today, _calendar(period, since))
    shown = [window if window.last_day <= today else _running(window, today) for window in begun]
    running = [window for window in shown if not window.complete][:1]
    return [window for window in shown if window.complete] + (running if to_date else [])


def _calendar(period: Period, since: date) -> Iterator[Window]:
    length = _MONTHS[period]
    # A trailing year moves on month by month; the others follow one another.
    step = 1 if period == "t12m" else length
    number = month_number(since) // step * step
    while True:
        yield Window(_label(period, number), period, _first_day(number), month_end(number + length - 1))
        number += step


def _running(window: Window, today: date) -> Window:
    return Window(window.label, window.period, window.first_day, today, complete=False)


def _label(period: Period, number: int) -> str:
    if period == "month":
        return month_label(number)
    if period == "t12m":
        return TRAILING + month_label(number + _MONTHS[period] - 1)
    year = f"{number // 12:04d}"
    return year if period == "year" else f"{year}-Q{number % 12 // 3 + 1}"


def _first_day(number: int) -> date:
    return date(number // 12, number % 12 + 1, 1)
