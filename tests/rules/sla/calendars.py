"""Calendars and moments in which a law could break: zones around the hours in which they change their clocks."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
# A day in UTC near which the zone's clocks change, each kind of change once.
CHANGES = (
    ("Europe/Berlin", date(2026, 3, 29)),
    ("Europe/Berlin", date(2026, 10, 25)),
    ("America/New_York", date(2026, 3, 8)),
    ("America/New_York", date(2026, 11, 1)),
    ("America/Sao_Paulo", date(2018, 2, 18)),  # midnight comes back
    ("America/Sao_Paulo", date(2018, 11, 4)),  # no midnight
    ("Asia/Beirut", date(2025, 3, 30)),
    ("Asia/Beirut", date(2025, 10, 26)),
    ("Africa/Cairo", date(2025, 4, 25)),
    ("Africa/Cairo", date(2025, 10, 31)),
    ("America/Havana", date(2025, 3, 9)),
    ("America/Havana", date(2025, 11, 2)),
    ("Atlantic/Azores", date(2025, 3, 30)),
    ("Atlantic/Azores", date(2025, 10, 26)),
    ("Australia/Lord_Howe", date(2025, 4, 6)),  # half an hour
    ("Australia/Lord_Howe", date(2025, 10, 5)),
    ("Antarctica/Troll", date(2025, 3, 30)),  # two hours
    ("Antarctica/Troll", date(2025, 10, 26)),
    ("Africa/Casablanca", date(2025, 2, 23)),  # Ramadan
    ("Africa/Casablanca", date(2025, 4, 6)),
    ("America/Goose_Bay", date(2010, 3, 14)),  # at one minute past midnight
    ("America/Goose_Bay", date(2010, 11, 7)),
    ("Pacific/Apia", date(2011, 12, 30)),  # a date that there was not
    ("Pacific/Kwajalein", date(1993, 8, 21)),
    ("Pacific/Kwajalein", date(1969, 10, 1)),  # a date that came twice
    ("Asia/Pyongyang", date(2015, 8, 14)),
    ("Asia/Pyongyang", date(2018, 5, 4)),
    ("Pacific/Chatham", date(2025, 4, 5)),  # 12:45 ahead
    ("Asia/Kathmandu", date(2026, 1, 1)),  # 5:45 ahead, no change
    ("UTC", date(2024, 2, 29)),
)


def clock(minute: int) -> str:
    """12:30 of 750."""
    return f"{minute // 60:02}:{minute % 60:02}"


@st.composite
def day_hours(draw: st.DrawFn, most: int = 3) -> list[str]:
    """Up to `most` periods of a day that may touch; boundaries prefer the hours in which clocks change."""
    minutes = st.one_of(st.integers(0, 4 * 60), st.integers(22 * 60, 24 * 60), st.integers(0, 24 * 60))
    count = draw(st.integers(0, most))
    bounds = sorted(draw(st.lists(minutes, min_size=2 * count, max_size=2 * count, unique=True)))
    return [f"{clock(opens)}-{clock(closes)}" for opens, closes in zip(bounds[::2], bounds[1::2], strict=True)]


@st.composite
def calendars_and_days(draw: st.DrawFn) -> tuple[dict[str, Any], date]:
    """A calendar as plain data, and a day near which its clocks change."""
    zone, around = draw(st.sampled_from(CHANGES))
    kinds = [draw(day_hours()) for _ in range(3)]
    near = st.integers(-4, 4).map(lambda days: around + timedelta(days=days))
    hours = dict(zip(DAYS, draw(st.permutations([*kinds, *kinds, []])), strict=True))
    # Some open time in every week, so that every search ends.
    hours[draw(st.sampled_from(DAYS))] = [draw(st.sampled_from(["09:00-17:30", "00:00-24:00"]))]
    calendar = {
        "zone": zone,
        "hours": hours,
        "holidays": sorted(draw(st.sets(near, max_size=2))),
        "special_days": draw(st.dictionaries(near, day_hours(), max_size=2)),
    }
    return calendar, around


def moments(around: date, unit: timedelta = timedelta(minutes=1)) -> st.SearchStrategy[datetime]:
    """Moments within three days of a day, in whole units."""
    noon = datetime(around.year, around.month, around.day, 12, tzinfo=UTC)
    most = timedelta(days=3) // unit
    return st.integers(-most, most).map(lambda units: noon + units * unit)
