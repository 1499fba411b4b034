"""Knows how much customers log in: by seats, weekday and season, less in trouble and before they leave."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from keepline.demo.clock import Calendar, season
from keepline.demo.dice import Dice
from keepline.demo.revenue import Life

FEATURE = "login"
LOGINS_A_SEAT = 0.42
LEFT_IN_TROUBLE = 0.28
TROUBLE_DAYS = 45
DROPS = {"usage_drop": 1.0, "silence": 0.6, "anger": 0.4, "spike": 0.15, "repeated_issue": 0.15}
LEAVING, LEAVING_DAYS = 0.6, 60
DAY_OFF = {"smb": 0.05, "mid_market": 0.03, "enterprise": 0.0}
ERRORS = 0.03


def usage_rows(seed: int, lives: list[Life], calendar: Calendar) -> Iterator[tuple[str, str, int, int]]:
    """`(account, day, logins, errors)` for the working days on which anybody logged in."""
    working_days = _working_days(calendar)
    for life in lives:
        dice = Dice(seed, "usage", life.customer.number)
        account = life.customer.external_id
        dips, day_off = _dips(dice, life), DAY_OFF[life.customer.segment]
        for since, until, seats in _stretches(life, calendar):
            for day, text, busy in working_days[calendar.place(since) : calendar.place(until)]:
                if not busy or dice.chance(day_off):
                    continue
                level = seats * LOGINS_A_SEAT * busy * _left(dips, day) * dice.between(0.85, 1.15)
                logins = round(level) or int(dice.chance(0.5))
                if logins:
                    yield account, text, logins, dice.whole(1, 6) if dice.chance(ERRORS) else 0


def _working_days(calendar: Calendar) -> list[tuple[date, str, float]]:
    """The window's days with their text and how busy they are; weekends are not at all."""
    return [(day, day.isoformat(), season(day) if day.weekday() < 5 else 0.0) for day in calendar.days]


def _stretches(life: Life, calendar: Calendar) -> Iterator[tuple[date, date, int]]:
    """The customer's stays inside the window, cut at the months, with the seats in force."""
    for since, until in life.stays:
        start = max(since, calendar.window.begins_on)
        end = min(until or date.max, calendar.window.ends_on + timedelta(days=1))
        day = start
        while day < end:
            following = min((day.replace(day=1) + timedelta(days=32)).replace(day=1), end)
            yield day, following, sum(_seats(life, day)) or 3
            day = following


def _seats(life: Life, day: date) -> Iterator[int]:
    return (
        line.seats
        for line in life.lines
        if line.seats and line.starts_on <= day and (line.ends_on is None or day < line.ends_on)
    )


def _dips(dice: Dice, life: Life) -> list[tuple[date, date, float]]:
    """Stretches in which less is left of the usual logins."""
    dips = []
    for episode in life.episodes:
        if dice.chance(DROPS[episode.kind]):
            until = min(episode.renews_on, episode.began_on + timedelta(days=TROUBLE_DAYS))
            dips.append((episode.began_on, until, LEFT_IN_TROUBLE))
    leaving = timedelta(days=LEAVING_DAYS)
    return dips + [(departure.on - leaving, departure.on, LEAVING) for departure in life.departures]


def _left(dips: list[tuple[date, date, float]], day: date) -> float:
    return min((left for since, until, left in dips if since <= day < until), default=1.0) if dips else 1.0
