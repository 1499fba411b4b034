"""Knows which whole days the events of an iCalendar file take, with what recurs, moves and was cancelled."""

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any

_DAY = timedelta(days=1)
# What recurs without an end is known for these years. They do not follow the clock: a calendar is named by its content.
_FROM, _UNTIL = date(2000, 1, 1), date(2050, 12, 31)
_MOST_TIMES = 10_000
_READ = frozenset({"DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID"})
_FREQUENCIES = frozenset({"YEARLY", "MONTHLY", "WEEKLY", "DAILY"})
_UNTIL_TIME = re.compile(r"(UNTIL=\d{8})T\d{6}Z?")

Days = tuple[date, date, str]


class Unreadable(Exception):
    """The file cannot be understood: what was found, and what would be right."""

    def __init__(self, found: str, remedy: str) -> None:
        self.found, self.remedy = found, remedy
        super().__init__(f"{found}; {remedy}")


def whole_days(content: bytes) -> Iterator[Days]:
    """The first and last day and the name of every all-day event, each time that it takes place; in no order.

    Events with times of day and cancelled ones are left out.

    Raises:
        Unreadable: the content is no iCalendar, or an event's dates or rule are wrong.
    """
    events = _events(content)
    moved = {(str(event.get("UID")), _date(event, "RECURRENCE-ID")) for event in events if "RECURRENCE-ID" in event}
    for event in events:
        if str(event.get("STATUS", "")).upper() == "CANCELLED":
            continue
        first, length = _span(event)
        if first is None:
            continue
        name = str(event.get("SUMMARY", "")).strip()[:500]
        alone = "RECURRENCE-ID" in event
        for on in [first] if alone else _times(event, first):
            if alone or (str(event.get("UID")), on) not in moved:
                yield on, on + length - _DAY, name


def _events(content: bytes) -> list[Any]:
    from icalendar import Calendar

    try:
        calendars = Calendar.from_ical(content, multiple=True)
    except (ValueError, IndexError, KeyError) as error:
        raise Unreadable(f"no iCalendar, {str(error)[:120]!a}", "export the calendar again as .ics") from error
    events = [event for calendar in calendars for event in calendar.walk("VEVENT")]
    for event in events:
        for name, problem in event.errors:
            if name in _READ:
                found = f"{name} of {_title(event)}, {str(problem)[:120]!a}"
                raise Unreadable(found, "write dates as 20261224 and rules as FREQ=YEARLY")
    return events


def _span(event: Any) -> tuple[date | None, timedelta]:
    """The first day and how many days it lasts; None: it has times of day."""
    start, end = _value(event, "DTSTART"), _value(event, "DTEND")
    length = _value(event, "DURATION")
    if not isinstance(start, date):
        raise Unreadable(f"an event without a date, {_title(event)}", "give it a DTSTART")
    if isinstance(start, datetime):
        # Some write a whole day as the time from midnight to midnight.
        if not isinstance(end, datetime) or start.time() != time() or end.time() != time():
            return None, _DAY
        start, end = start.date(), end.date()
    if isinstance(end, date):
        length = (end.date() if isinstance(end, datetime) else end) - start
    if not isinstance(length, timedelta):
        length = _DAY
    return start, max(timedelta(days=length.days), _DAY)


def _times(event: Any, first: date) -> list[date]:
    """The days on which an event begins."""
    begins = {first, *_dates(event, "RDATE")}
    for rule in _listed(event.get("RRULE")):
        begins |= set(_recurring(event, rule, first))
    return sorted(begins - set(_dates(event, "EXDATE")))


def _recurring(event: Any, rule: Any, first: date) -> Iterator[date]:
    from dateutil.rrule import rrulestr

    text = _UNTIL_TIME.sub(r"\1", rule.to_ical().decode())
    remedy = "give it a rule such as FREQ=YEARLY; whole days recur daily at most"
    wrong = Unreadable(f"the rule {text[:80]!r} of {_title(event)}", remedy)
    if rule.get("FREQ", [""])[0] not in _FREQUENCIES or min(rule.get("INTERVAL", [1])) < 1:
        raise wrong
    try:
        bounded = text if "UNTIL" in rule or "COUNT" in rule else f"{text};UNTIL={_UNTIL:%Y%m%d}"
        times = rrulestr(bounded, dtstart=datetime.combine(first, time()))
        for at in islice(times.xafter(datetime.combine(_FROM, time()), inc=True), _MOST_TIMES):
            if at.date() > _UNTIL:
                return
            yield at.date()
    except (ValueError, TypeError, KeyError) as error:
        raise wrong from error


def _dates(event: Any, name: str) -> Iterator[date]:
    for each in _listed(event.get(name)):
        for one in getattr(each, "dts", [each]):
            value = one.dt[0] if isinstance(one.dt, tuple) else one.dt
            yield value.date() if isinstance(value, datetime) else value


def _date(event: Any, name: str) -> date | None:
    return next(_dates(event, name), None)


def _listed(found: Any) -> list[Any]:
    return found if isinstance(found, list) else [] if found is None else [found]


def _value(event: Any, name: str) -> Any:
    found = event.get(name)
    return found[0].dt if isinstance(found, list) else None if found is None else found.dt


def _title(event: Any) -> str:
    return repr(str(event.get("SUMMARY", ""))[:60])
