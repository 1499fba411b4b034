"""Knows the demo's time: epoch seconds, the days people write on, and the hours in which the desk is staffed."""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import accumulate

from keepline.demo.company import Window
from keepline.demo.dice import Dice, wheel

DAY = 86_400
HOUR = 3_600
EPOCH = date(1970, 1, 1).toordinal()
DESK_OPENS, DESK_CLOSES = 7 * HOUR, 21 * HOUR
WEEKDAY_WEIGHTS = (1.25, 1.10, 1.0, 1.0, 0.85, 0.06, 0.04)
AUGUST, CHRISTMAS = 0.85, 0.30
LOCAL_HOURS = wheel(
    {
        8: 6, 9: 13, 10: 14, 11: 12, 12: 6, 13: 9, 14: 12, 15: 11, 16: 8, 17: 4, 18: 1.5,
        20: 0.7, 22: 0.7, 1: 0.5, 3: 0.4, 5: 0.5,
    },
    200,
)  # fmt: skip


def seconds(day: date) -> int:
    """Epoch seconds of a day's midnight, UTC."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def iso(moment: int) -> str:
    """`2026-06-28T09:15:00Z`; put together from remembered parts, because hundreds of thousands are written."""
    days, second = divmod(moment, DAY)
    return _iso_day(days) + _iso_time(second)


@cache
def _iso_day(days: int) -> str:
    return date.fromordinal(EPOCH + days).isoformat()


@cache
def _iso_time(second: int) -> str:
    return f"T{second // HOUR:02d}:{second // 60 % 60:02d}:{second % 60:02d}Z"


def day_of(moment: int) -> date:
    return date.fromordinal(EPOCH + moment // DAY)


def is_christmas(day: date) -> bool:
    return (day.month, day.day) >= (12, 23) or (day.month, day.day) == (1, 1)


def season(day: date) -> float:
    """How busy customers are on a day of the year, the weekday aside."""
    if is_christmas(day):
        return CHRISTMAS
    return AUGUST if day.month == 8 else 1.0


class Calendar:
    """The window as weighted time: equal steps of weight are equally many tickets."""

    def __init__(self, window: Window) -> None:
        self.window = window
        self.opens = seconds(window.begins_on)
        self.closes = seconds(window.ends_on) + DAY
        self.days = [window.begins_on + timedelta(days=n) for n in range((window.ends_on - window.begins_on).days + 1)]
        weights = (WEEKDAY_WEIGHTS[day.weekday()] * season(day) for day in self.days)
        self._until = list(accumulate(weights, initial=0.0))

    def weight_before(self, day: date) -> float:
        """Weight of the window's days before `day`."""
        return self._until[self.place(day)]

    def place(self, day: date) -> int:
        """How many days of the window lie before `day`."""
        return min(max((day - self.window.begins_on).days, 0), len(self.days))

    def written_at(self, dice: Dice, weight: float, utc_offset: int) -> int:
        """A moment on the day at which `weight` is reached, in the writer's office hours (a few at night)."""
        index = min(bisect_right(self._until, weight), len(self._until) - 1) - 1
        local = dice.pick(LOCAL_HOURS) * HOUR + int(dice.roll() * HOUR)
        moment = self.opens + index * DAY + local - utc_offset * HOUR
        return min(max(moment, self.opens + local // 30), self.closes - HOUR - local // 30)


def _staffed_before(moment: int) -> int:
    """Seconds of staffed desk time since the epoch's first Monday."""
    days, second = divmod(moment - 4 * DAY, DAY)
    weeks, weekday = divmod(days, 7)
    span = DESK_CLOSES - DESK_OPENS
    today = min(max(second - DESK_OPENS, 0), span) if weekday < 5 else 0
    return (weeks * 5 + min(weekday, 5)) * span + today


def after_desk_time(moment: int, working_seconds: int) -> int:
    """When `working_seconds` of desk time (Monday to Friday, 07:00 to 21:00 UTC) have passed since `moment`."""
    span = DESK_CLOSES - DESK_OPENS
    days, today = divmod(_staffed_before(moment) + working_seconds, span)
    weeks, weekday = divmod(days, 5)
    return (weeks * 7 + weekday + 4) * DAY + DESK_OPENS + today
