"""Shows the calendars: when each is open, and when it is not."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from domain.errors import NotFound
from keepline import show
from keepline.bootstrap import Keepline
from keepline.wording import ago_or_in
from rules.sla import Calendar, is_open
from rules.sla.business_time import open_periods
from rules.sla.periods import DAYS
from rules.words import unknown_word

_AHEAD = timedelta(days=366)
_NEXT = 3
_DAY = timedelta(days=1)


def run(keepline: Keepline, name: str | None, week: date | None, as_of: datetime | None, as_json: bool) -> None:
    """Print one calendar, or all.

    Raises:
        NotFound: there is no calendar of that name.
    """
    now, calendars = keepline.moment(as_of), keepline.rulebook.sla.calendars
    if name is not None and name not in calendars:
        raise NotFound(unknown_word(name, calendars, "calendar"))
    chosen = {each: calendar for each, calendar in calendars.items() if name in {None, each}}
    if as_json:
        show.as_json([_printed(each, calendar, now, week) for each, calendar in chosen.items()])
        return
    for each, calendar in chosen.items():
        _print(each, calendar, now, week)


def _print(name: str, calendar: Calendar, now: datetime, week: date | None) -> None:
    state = "open now" if is_open(calendar, now) else "closed now"
    show.line(f"{name}: {calendar.zone}, {state}", "bold")
    show.line("  hours    " + "; ".join(f"{day} {', '.join(hours)}" for day, hours in calendar.hours.items()))
    for on, hours in calendar.special_days.items():
        if on >= now.date():
            show.line(f"  special  {on}: {', '.join(hours) or 'closed'}")
    for opens in _openings(calendar, now):
        show.line(f"  opens    {_local(opens, calendar)} ({opens:%Y-%m-%d %H:%M} UTC, {ago_or_in(opens, now)})")
    if not _openings(calendar, now):
        show.line("  opens    not within a year: give it hours, or later special days", "yellow")
    ahead = list(_holidays(calendar, now))
    for on, holiday in ahead[:_NEXT]:
        show.line(f"  holiday  {on:%Y-%m-%d %a}: {holiday}")
    if len(ahead) > _NEXT:
        show.line(f"           {len(ahead) - _NEXT} more within a year")
    if not ahead:
        show.line("  holiday  none within a year; name a country: holidays: [{country: DE}]")
    if week is not None:
        _print_week(calendar, week)
    show.line()


def _print_week(calendar: Calendar, week: date) -> None:
    rows = [
        [f"{on:%Y-%m-%d %a}", ", ".join(f"{opens:%H:%M}-{closes:%H:%M}" for opens, closes in periods) or "closed", why]
        for on, periods, why in _week(calendar, week)
    ]
    show.table(f"Week of {week}", ["Day", "Open (UTC)", ""], rows)


def _week(calendar: Calendar, week: date) -> Iterator[tuple[date, list[tuple[datetime, datetime]], str]]:
    """The local days from Monday on, with their open periods in UTC and what is special about them."""
    zone, monday = ZoneInfo(calendar.zone), week - timedelta(days=week.weekday())
    for number in range(len(DAYS)):
        on = monday + number * _DAY
        begins, ends = (datetime.combine(day, time(), zone).astimezone(UTC) for day in (on, on + _DAY))
        why = "special day" if on in calendar.special_days else calendar.holiday_on(on) or ""
        yield on, open_periods(calendar, begins, ends), why


def _openings(calendar: Calendar, now: datetime) -> list[datetime]:
    """The next moments at which the calendar opens, within a year."""
    periods = open_periods(calendar, now, now + _AHEAD)
    return [opens for opens, _ in periods if opens > now][:_NEXT]


def _holidays(calendar: Calendar, now: datetime) -> Iterator[tuple[date, str]]:
    today = now.astimezone(ZoneInfo(calendar.zone)).date()
    for number in range(_AHEAD.days):
        on = today + number * _DAY
        holiday = calendar.holiday_on(on)
        if holiday is not None:
            yield on, holiday


def _local(moment: datetime, calendar: Calendar) -> str:
    return f"{moment.astimezone(ZoneInfo(calendar.zone)):%a %Y-%m-%d %H:%M}"


def _printed(name: str, calendar: Calendar, now: datetime, week: date | None) -> dict[str, Any]:
    days = [] if week is None else list(_week(calendar, week))
    return {
        "name": name,
        **calendar.model_dump(mode="json"),
        "is_open": is_open(calendar, now),
        "next_openings": _openings(calendar, now),
        "holidays_ahead": [{"on": on, "name": holiday} for on, holiday in _holidays(calendar, now)],
        "week": [
            {"on": on, "open": [{"opens": opens, "closes": closes} for opens, closes in periods], "why": why or None}
            for on, periods, why in days
        ],
    }
