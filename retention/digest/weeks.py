"""Knows the digest's weeks: ISO 8601, Monday 00:00 UTC to the next Monday."""

from datetime import UTC, date, datetime, time, timedelta

from domain.errors import NotFound
from domain.records import Record, UtcDatetime

_WEEK = timedelta(days=7)
_INSTANT = timedelta(microseconds=1)


class Week(Record):
    """`[starts_at, ends_at)`."""

    starts_at: UtcDatetime
    ends_at: UtcDatetime
    label: str

    @property
    def words(self) -> str:
        """`3 to 9 June 2024`: the first and the last day."""
        first, last = self.starts_at.date(), self.ends_at.date() - timedelta(days=1)
        if first.year != last.year:
            return f"{spelt(first)} to {spelt(last)}"
        start = str(first.day) if first.month == last.month else f"{first.day} {first:%B}"
        return f"{start} to {spelt(last)}"


def spelt(day: date) -> str:
    """`9 June 2024`."""
    return f"{day.day} {day:%B %Y}"


def period_words(label: str) -> str:
    """`May 2024` for the month `2024-05`; quarters and years as they are."""
    year, _, month = label.partition("-")
    return f"{date(int(year), int(month), 1):%B %Y}" if month.isdigit() else label


def last_week(as_of: datetime) -> Week:
    """The last week that is over at `as_of`. The last instant of a Sunday is the end of its week."""
    day = (as_of + _INSTANT).astimezone(UTC).date()
    return _week_from(day - timedelta(days=day.weekday()) - _WEEK)


def week_named(name: str, as_of: datetime) -> Week:
    """The week `2024-W23`, or the one that holds the day `2024-06-05`.

    Raises:
        NotFound: neither form, no such week, or not over at `as_of`.
    """
    week = _week_from(_monday(name.strip()))
    last = last_week(as_of)
    if week.starts_at > last.starts_at:
        raise NotFound(f"week {week.label} is not over yet; the last complete week is {last.label}")
    return week


def _monday(name: str) -> date:
    try:
        year, mark, number = name.upper().partition("-W")
        if mark:
            return date.fromisocalendar(int(year), int(number), 1)
        day = date.fromisoformat(name)
        return day - timedelta(days=day.weekday())
    except ValueError as error:
        raise NotFound(f"no week {name!r}; write 2024-W23, or a day of it as 2024-06-05") from error


def _week_from(monday: date) -> Week:
    starts_at = datetime.combine(monday, time(), tzinfo=UTC)
    year, number, _ = monday.isocalendar()
    return Week(starts_at=starts_at, ends_at=starts_at + _WEEK, label=f"{year}-W{number:02d}")
