"""Business time at its boundaries, one sentence of its definition after the other."""

import os
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from domain.errors import NoMoreOpenTime
from rules.sla import Calendar, add, between, is_open, next_opening, subtract
from rules.sla.business_time import closed_because, open_periods
from rules.sla.open_time import DAY_MICROS, open_time

WEEKDAYS = {"zone": "Europe/Berlin", "hours": {"mon-fri": ["09:00-12:30", "13:30-18:00"]}}
NIGHTS = {"hours": {"mon-thu": ["00:00-06:00", "22:00-24:00"], "fri": ["00:00-06:00"]}}
HOUR = timedelta(hours=1)
MICRO = timedelta(microseconds=1)


def at(text: str, zone: str = "Europe/Berlin", fold: int = 0) -> datetime:
    """A local time."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold)


def in_zone(hours: object, zone: str, **more: object) -> Mapping[str, Any]:
    return {"zone": zone, "hours": hours, **more}


# 2026-11-16 is a Monday.
@pytest.mark.parametrize(
    ("moment", "open_then"),
    [
        ("2026-11-16 08:59:59.999999", False),
        ("2026-11-16 09:00", True),
        ("2026-11-16 12:29:59.999999", True),
        ("2026-11-16 12:30", False),
        ("2026-11-16 13:30", True),
        ("2026-11-16 18:00", False),
        ("2026-11-15 10:00", False),
    ],
)
def test_a_period_is_half_open(moment: str, open_then: bool) -> None:
    assert is_open(WEEKDAYS, at(moment)) is open_then


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-11-16 09:00", 3.5, "2026-11-16 12:30"),
        ("2026-11-16 09:00", 8, "2026-11-16 18:00"),
        ("2026-11-16 08:00", 8, "2026-11-16 18:00"),
        ("2026-11-16 12:45", 1, "2026-11-16 14:30"),
        ("2026-11-20 17:30", 1, "2026-11-23 09:30"),
        ("2026-11-20 18:00", 40, "2026-11-27 18:00"),
    ],
)
def test_a_length_that_exactly_fills_a_period_ends_at_its_closing(start: str, hours: float, end: str) -> None:
    assert add(WEEKDAYS, at(start), hours * HOUR) == at(end)
    assert between(WEEKDAYS, at(start), at(end)) == hours * HOUR


def test_a_microsecond_more_falls_on_the_next_opening() -> None:
    assert add(WEEKDAYS, at("2026-11-16 09:00"), 8 * HOUR + MICRO) == at("2026-11-17 09:00") + MICRO


@pytest.mark.parametrize(
    ("end", "hours", "start"),
    [
        ("2026-11-16 18:00", 8, "2026-11-16 09:00"),
        ("2026-11-16 18:00", 4.5, "2026-11-16 13:30"),
        ("2026-11-16 09:00", 1, "2026-11-13 17:00"),
        ("2026-11-15 10:00", 8, "2026-11-13 09:00"),
    ],
)
def test_subtracting_what_exactly_fills_a_period_leads_to_its_opening(end: str, hours: float, start: str) -> None:
    assert subtract(WEEKDAYS, at(end), hours * HOUR) == at(start)


@pytest.mark.parametrize("moment", ["2026-11-16 10:00", "2026-11-16 12:30", "2026-11-15 10:00", "2026-11-16 09:00"])
def test_no_time_at_all_leads_nowhere(moment: str) -> None:
    assert add(WEEKDAYS, at(moment), timedelta()) == subtract(WEEKDAYS, at(moment), timedelta()) == at(moment)


def test_a_negative_length_is_subtracted_and_time_backwards_is_negative() -> None:
    assert add(WEEKDAYS, at("2026-11-16 10:00"), -2 * HOUR) == at("2026-11-13 17:00")
    assert subtract(WEEKDAYS, at("2026-11-13 17:00"), -2 * HOUR) == at("2026-11-16 10:00")
    assert between(WEEKDAYS, at("2026-11-16 10:00"), at("2026-11-13 17:00")) == -2 * HOUR


@pytest.mark.parametrize(
    ("moment", "opening"),
    [
        ("2026-11-16 10:00", "2026-11-16 10:00"),
        ("2026-11-16 09:00", "2026-11-16 09:00"),
        ("2026-11-16 12:30", "2026-11-16 13:30"),
        ("2026-11-20 18:00", "2026-11-23 09:00"),
    ],
)
def test_the_next_opening_is_now_while_it_is_open(moment: str, opening: str) -> None:
    assert next_opening(WEEKDAYS, at(moment)) == at(opening)


@pytest.mark.parametrize("closing", ["23:59", "24:00", "23:59:59"])
def test_a_minute_before_midnight_as_a_closing_means_midnight(closing: str) -> None:
    calendar = {"hours": {"mon-sun": [f"00:00-{closing}"]}}
    assert add(calendar, at("2026-11-16 12:00"), 48 * HOUR) == at("2026-11-18 12:00")
    assert calendar_of(calendar) == calendar_of({"hours": "always"})


def calendar_of(plain: Mapping[str, Any]) -> Calendar:
    return Calendar.model_validate(plain)


def test_a_minute_before_midnight_as_an_opening_is_meant() -> None:
    calendar = {"hours": {"mon": ["23:59-24:00"]}}
    assert between(calendar, at("2026-11-16", "UTC"), at("2026-11-18", "UTC")) == timedelta(minutes=1)


def test_hours_over_midnight_are_one_stretch() -> None:
    periods = open_periods(NIGHTS, at("2026-11-16", "UTC"), at("2026-11-18", "UTC"))
    assert [(opens.isoformat(" ", "hours")[:13], closes - opens) for opens, closes in periods] == [
        ("2026-11-16 00", 6 * HOUR), ("2026-11-16 22", 8 * HOUR), ("2026-11-17 22", 2 * HOUR),
    ]  # fmt: skip
    assert add(NIGHTS, at("2026-11-16 23:00", "UTC"), HOUR) == at("2026-11-17", "UTC")


def test_a_special_day_replaces_the_hours_on_a_holiday_too() -> None:
    calendar = {
        "zone": "Europe/Berlin",
        "hours": {"mon-fri": ["09:00-17:00"]},
        "holidays": [
            "2026-12-24",
            {"from": "2026-12-28", "to": "2026-12-31", "name": "Between the years"},
            {"country": "DE"},
        ],
        "special_days": {"2026-12-24": ["10:00-12:00"], "2026-12-23": [], "2026-12-19": ["10:00-11:00"]},
    }  # fmt: skip
    open_days = [opens.date().day for opens, _ in open_periods(calendar, at("2026-12-18"), at("2027-01-05"))]
    assert open_days == [18, 19, 21, 22, 24, 4]
    reasons = ["2026-12-18 09:00", "2026-12-18 17:00", "2026-12-19 12:00", "2026-12-23 12:00", "2026-12-24 12:00",
               "2026-12-25 12:00", "2026-12-30 12:00", "2026-12-20 12:00"]  # fmt: skip
    assert [closed_because(calendar, at(reason)) for reason in reasons] == [
        None, "outside the hours", "special day", "special day", "special day", "Christmas Day", "Between the years",
        "outside the hours",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("zone", "hours", "on", "length"),
    [
        # 02:30 comes to be 03:30, 03:15 stays: nothing is left.
        ("America/Los_Angeles", ["02:30-03:15"], "2006-04-02", 0),
        ("America/Los_Angeles", ["02:15-02:45"], "2006-04-02", 0.5),
        ("America/Los_Angeles", ["01:00-02:30"], "2006-04-02", 2.5 - 1 + 1 - 1),
        ("America/Los_Angeles", ["02:00-03:00"], "2006-04-02", 0),
        ("America/Los_Angeles", ["00:00-24:00"], "2006-04-02", 23),
        ("America/Los_Angeles", ["00:00-24:00"], "2006-10-29", 25),
        # 01:30 comes twice; the first one is meant.
        ("America/Los_Angeles", ["01:30-02:00"], "2006-10-29", 1.5),
        ("America/Los_Angeles", ["00:00-01:30"], "2006-10-29", 1.5),
        ("Australia/Lord_Howe", ["00:00-24:00"], "2025-10-05", 23.5),
        ("Australia/Lord_Howe", ["01:30-02:30"], "2025-04-06", 1.5),
        ("Antarctica/Troll", ["00:00-24:00"], "2025-03-30", 22),
        ("America/Sao_Paulo", ["00:00-24:00"], "2018-11-04", 23),
        ("America/Sao_Paulo", ["00:00-24:00"], "2018-02-17", 25),
        ("America/Sao_Paulo", ["22:00-23:30"], "2018-02-17", 1.5),
        ("Asia/Beirut", ["00:00-01:00"], "2025-03-30", 0),
        ("Africa/Cairo", ["00:00-24:00"], "2025-10-30", 25),
        ("America/Havana", ["00:30-02:00"], "2025-11-02", 2.5),
        ("Atlantic/Azores", ["00:00-01:30"], "2025-03-30", 0.5),
        ("Africa/Casablanca", ["00:00-24:00"], "2025-02-23", 25),
        ("Africa/Casablanca", ["00:00-24:00"], "2025-04-06", 23),
    ],
)
def test_local_times_in_a_gap_shift_forward_and_in_a_fold_the_first_is_taken(
    zone: str, hours: list[str], on: str, length: float
) -> None:
    calendar = in_zone({}, zone, special_days={on: hours})
    midnight = at(on, zone)
    assert between(calendar, midnight - 24 * HOUR, midnight + 48 * HOUR) == length * HOUR


def test_periods_that_a_gap_pushes_into_each_other_are_counted_once() -> None:
    calendar = in_zone({"sun": ["02:00-02:45", "03:00-04:00"]}, "Europe/Berlin")
    assert between(calendar, at("2026-03-29"), at("2026-03-30")) == HOUR


def test_a_date_that_there_was_not_has_no_working_time() -> None:
    calendar = in_zone("always", "Pacific/Apia", special_days={"2011-12-30": ["09:00-17:00"]})
    assert between(calendar, at("2011-12-29", "Pacific/Apia"), at("2012-01-01", "Pacific/Apia")) == 48 * HOUR
    weekdays = in_zone({"mon-fri": ["09:00-17:00"]}, "Pacific/Apia")
    assert add(weekdays, at("2011-12-29 16:00", "Pacific/Apia"), 2 * HOUR) == at("2012-01-02 10:00", "Pacific/Apia")


def test_offsets_of_long_ago_had_seconds() -> None:
    calendar = in_zone({"mon": ["09:00-10:00"]}, "Europe/Amsterdam")
    assert next_opening(calendar, datetime(1935, 1, 7, tzinfo=UTC)) == at("1935-01-07 09:00", "Europe/Amsterdam")


@pytest.mark.parametrize("year", [1900, 1969, 2100, 2499, 2500, 2501, 4000, 9998])
def test_years_far_away_keep_their_hours(year: int) -> None:
    start = datetime(year, 7, 1, tzinfo=UTC)
    opens = next_opening(WEEKDAYS, start)
    assert opens == opens.astimezone(ZoneInfo("Europe/Berlin")).replace(hour=9, minute=0)
    assert add(WEEKDAYS, start, 8 * HOUR) == opens + 9 * HOUR


def test_long_spans_are_exact() -> None:
    always = in_zone("always", "Europe/Berlin")
    start = at("1900-01-01").astimezone(UTC)
    assert add(always, start, timedelta(days=365_000)) == start + timedelta(days=365_000)
    mondays = {"hours": {"mon": ["00:00-24:00"]}}
    assert between(mondays, datetime(2000, 1, 1, tzinfo=UTC), datetime(2400, 1, 1, tzinfo=UTC)) == timedelta(
        days=20_871
    )


@pytest.mark.parametrize(
    "search",
    [
        lambda calendar: add(calendar, datetime(2026, 1, 1, tzinfo=UTC), 3 * HOUR),
        lambda calendar: subtract(calendar, datetime(2027, 1, 1, tzinfo=UTC), 3 * HOUR),
        lambda calendar: next_opening(calendar, datetime(2027, 1, 1, tzinfo=UTC)),
        lambda calendar: is_open(calendar, datetime(1899, 12, 30, tzinfo=UTC)),
    ],
)
def test_a_search_that_leaves_the_known_years_says_so(search: Any) -> None:
    once = {"hours": {}, "special_days": {"2026-05-01": ["09:00-11:00"]}}
    with pytest.raises(NoMoreOpenTime, match=r"to 9999|of 1900|of 9999"):
        search(once)


def test_the_last_moments_that_there_are_can_be_asked_for() -> None:
    assert (
        between(in_zone("always", "Pacific/Kiritimati"), at("9999-12-30", "UTC"), at("9999-12-31 23:00", "UTC"))
        == 47 * HOUR
    )
    assert is_open({"hours": "always"}, datetime.max.replace(tzinfo=UTC))


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="has no time zone; give an aware moment"):
        is_open(WEEKDAYS, datetime(2026, 1, 1))  # noqa: DTZ001


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Kathmandu", "Pacific/Apia"])
def test_results_do_not_depend_on_the_process_s_own_zone(zone: str) -> None:
    script = "\n".join(
        [
            "from datetime import *",
            "from rules.sla import *",
            "hours = {'zone': 'Europe/Berlin', 'hours': {'mon-fri': ['09:00-17:00']}}",
            "start, week = datetime(2026, 3, 27, 15, tzinfo=UTC), timedelta(days=7)",
            "print(add(hours, start, week / 84), between(hours, start, start + week))",
            "print(next_opening(hours, start + week / 7))",
        ]
    )
    ended = subprocess.run(
        [sys.executable, "-c", script], env={**os.environ, "TZ": zone}, capture_output=True, text=True, check=True
    )
    assert ended.stdout == "2026-03-30 08:00:00+00:00 1 day, 17:00:00\n2026-03-30 07:00:00+00:00\n"


def test_a_table_grows_by_itself_and_keeps_its_origin() -> None:
    start = datetime(2024, 1, 1, tzinfo=UTC)
    table = open_time(calendar_of(WEEKDAYS), start, start)
    now = np.array([20_000 * DAY_MICROS])
    before = table.open_until(now)
    far = table.reached(before + 100_000 * 3_600_000_000)
    assert far > now + 14_000 * DAY_MICROS
    assert table.open_until(now) == before
    assert table.open_until(far) == before + 100_000 * 3_600_000_000
    assert table.opened(table.open_until(now - 30_000 * DAY_MICROS)) < now


def test_nothing_at_all_can_be_asked_for_at_once() -> None:
    nothing = np.array([], dtype=np.int64)
    table = open_time(calendar_of(WEEKDAYS), datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 1, 1, tzinfo=UTC))
    assert len(table.added(nothing, nothing)) == len(table.open_until(nothing)) == len(table.reached(nothing)) == 0
