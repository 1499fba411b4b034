"""Business time agrees with what other projects' specifications say: biz, working_hours, business_time and more."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from rules.sla import add, between, is_open, next_opening, subtract
from rules.sla.business_time import open_periods
from tests.rules.sla.published_cases import ADDED, BETWEEN, CALENDARS, OPEN, OPENING, PERIODS, SUBTRACTED

UNITS = {"h": "hours", "m": "minutes", "s": "seconds"}


def moment(calendar: str, text: str) -> datetime:
    zone = "UTC" if text.endswith("Z") else CALENDARS[calendar].get("zone", "UTC")
    return datetime.fromisoformat(text.removesuffix("Z")).replace(tzinfo=ZoneInfo(zone))


def length(text: str) -> timedelta:
    found = re.fullmatch(r"(-?[\d.]+)([hms])", text)
    assert found is not None
    return timedelta(**{UNITS[found[2]]: float(found[1])})


@pytest.mark.parametrize(("calendar", "start", "business", "end"), ADDED)
def test_added(calendar: str, start: str, business: str, end: str) -> None:
    assert add(CALENDARS[calendar], moment(calendar, start), length(business)) == moment(calendar, end)


@pytest.mark.parametrize(("calendar", "end", "business", "start"), SUBTRACTED)
def test_subtracted(calendar: str, end: str, business: str, start: str) -> None:
    assert subtract(CALENDARS[calendar], moment(calendar, end), length(business)) == moment(calendar, start)


@pytest.mark.parametrize(("calendar", "start", "end", "business"), BETWEEN)
def test_between(calendar: str, start: str, end: str, business: str) -> None:
    assert between(CALENDARS[calendar], moment(calendar, start), moment(calendar, end)) == length(business)


@pytest.mark.parametrize(("calendar", "at", "open_then"), OPEN)
def test_open(calendar: str, at: str, open_then: bool) -> None:
    assert is_open(CALENDARS[calendar], moment(calendar, at)) is open_then


@pytest.mark.parametrize(("calendar", "at", "opening"), OPENING)
def test_opening(calendar: str, at: str, opening: str) -> None:
    assert next_opening(CALENDARS[calendar], moment(calendar, at)) == moment(calendar, opening)


@pytest.mark.parametrize(("calendar", "start", "end", "periods"), PERIODS)
def test_periods(calendar: str, start: str, end: str, periods: tuple[tuple[str, str], ...]) -> None:
    assert open_periods(CALENDARS[calendar], moment(calendar, start), moment(calendar, end)) == [
        (moment(calendar, opens), moment(calendar, closes)) for opens, closes in periods
    ]
