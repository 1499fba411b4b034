"""Knows how many hours a calendar is open on a day."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from rules.load.written import Team
from rules.sla import Calendar, between
from rules.sla.policy import SlaDocument

_HOUR = timedelta(hours=1)


def day_at(calendar: Calendar, as_of: datetime) -> date:
    """The date of a moment in the calendar's zone."""
    return as_of.astimezone(ZoneInfo(calendar.zone)).date()


def hours_on(calendar: Calendar, on: date) -> float:
    """The open hours of a local date; 0 on a holiday and on a free day of the week."""
    zone = ZoneInfo(calendar.zone)
    begins, ends = (datetime.combine(day, time(), zone) for day in (on, on + timedelta(days=1)))
    return between(calendar, begins, ends) / _HOUR


def working_hours(team: Team, levels: SlaDocument, as_of: datetime) -> Mapping[str, float]:
    """By person, the hours that she works on the day of `as_of`: her calendar's, whether or not she is away."""
    names = {one.id: one.calendar or levels.calendar for one in team.people}
    known = {name: levels.calendars[name] for name in set(names.values())}
    hours = {name: hours_on(calendar, day_at(calendar, as_of)) for name, calendar in known.items()}
    return {person: hours[name] for person, name in names.items()}
