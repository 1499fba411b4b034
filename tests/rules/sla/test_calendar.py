"""How a calendar is written, what is the same, and what is refused with its place and a remedy."""

import doctest
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from rules.sla import Calendar
from rules.sla.holiday_dates import public_holidays

HOURS: dict[str, Any] = {"mon-fri": ["09:00-17:00"]}


def read(**written: Any) -> Calendar:
    return Calendar.model_validate({"hours": HOURS, **written})


def test_days_are_written_as_names_ranges_and_lists() -> None:
    short = read(hours={"mon-wed, Friday": "9:00-12:00", "sat,sun": ["10:00 - 11:00"], "thursday": []})
    assert dict(short.hours) == {
        "mon": ("09:00-12:00",), "tue": ("09:00-12:00",), "wed": ("09:00-12:00",), "fri": ("09:00-12:00",),
        "sat": ("10:00-11:00",), "sun": ("10:00-11:00",),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"hours": "always"}, {"hours": {"mon-sun": ["00:00-23:59"]}}),
        ({"hours": {"mon": ["13:00-17:00", "09:00-13:00"]}}, {"hours": {"monday": "9:00-17:00", "tue": []}}),
        ({"hours": {"mon": ["09:00:00-17:00:00"]}}, {"hours": {"mon": ["09:00-17:00"]}}),
        ({"holidays": ["2026-12-24", date(2026, 5, 1)]}, {"holidays": [{"on": "2026-05-01"}, "2026-12-24"]}),
        ({"holidays": ["2026-05-01", "2026-05-01"]}, {"holidays": [{"from": "2026-05-01", "to": "2026-05-01"}]}),
        ({"holidays": [{"country": "gbr", "region": "sct"}]}, {"holidays": [{"country": "GB", "region": "SCT"}]}),
        ({"holidays": [{"country": "DE", "region": "Bayern"}]}, {"holidays": [{"country": "DE", "region": "BY"}]}),
        (
            {"special_days": {"2026-12-31": [], "2026-05-02": ["09:00-10:00"]}},
            {"special_days": {date(2026, 5, 2): "09:00-10:00", date(2026, 12, 31): []}},
        ),
    ],
)  # fmt: skip
def test_what_means_the_same_is_equal_and_dumps_to_the_same_text(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert read(**one) == read(**other)
    assert hash(read(**one)) == hash(read(**other))
    assert read(**one).model_dump_json() == read(**other).model_dump_json()


@pytest.mark.parametrize(
    "change",
    [
        {"zone": "Europe/Paris"},
        {"hours": {"mon-fri": ["09:00-17:00:01"]}},
        {"holidays": ["2026-12-24"]},
        {"holidays": [{"country": "DE"}]},
        {"special_days": {"2026-12-31": []}},
    ],
)
def test_what_means_something_else_is_not_equal(change: dict[str, Any]) -> None:
    assert read(**change) != read()


def test_the_dump_is_plain_text_in_one_order() -> None:
    calendar = read(
        zone="Asia/Tokyo",
        hours={"sun": ["09:00:30-23:59"], "mon": ["08:00-09:00"]},
        holidays=[{"country": "JP"}, {"from": "2026-08-12", "to": "2026-08-15", "name": "Obon"}, "2026-01-02"],
        special_days={"2026-12-30": []},
    )
    assert calendar.model_dump(mode="json") == {
        "zone": "Asia/Tokyo",
        "hours": {"mon": ["08:00-09:00"], "sun": ["09:00:30-24:00"]},
        "holidays": [
            {"on": "2026-01-02"}, {"from": "2026-08-12", "to": "2026-08-15", "name": "Obon"}, {"country": "JP"},
        ],
        "special_days": {"2026-12-30": []},
    }  # fmt: skip
    assert Calendar.model_validate(calendar.model_dump()) == calendar
    assert Calendar.model_validate_json(calendar.model_dump_json()) == calendar


def test_a_local_date_has_its_hours_and_its_holiday() -> None:
    calendar = read(holidays=[{"country": "US"}, "2026-11-27"], special_days={"2026-12-25": ["10:00-11:00"]})
    assert calendar.hours_on(date(2026, 11, 25)) == ("09:00-17:00",)
    assert calendar.hours_on(date(2026, 11, 26)) == ()
    assert calendar.hours_on(date(2026, 12, 25)) == ("10:00-11:00",)
    assert [calendar.holiday_on(date(2026, 11, day)) for day in (25, 26, 27)] == [None, "Thanksgiving Day", "holiday"]


@pytest.mark.parametrize(
    ("country", "region", "on", "name"),
    [
        ("US", "CA", date(2027, 3, 31), "Cesar Chavez Day"),
        ("US", None, date(2021, 12, 31), "New Year's Day (observed)"),
        ("DE", None, date(2026, 1, 6), None),
        ("DE", "BY", date(2026, 1, 6), "Epiphany"),
        ("GB", "SCT", date(2026, 1, 2), "New Year Holiday"),
        ("GB", "ENG", date(2026, 1, 2), None),
        ("DE", None, date(9999, 12, 25), None),
    ],
)
def test_a_country_s_holidays_are_its_regions_too(country: str, region: str | None, on: date, name: str | None) -> None:
    assert public_holidays(country, region, on.year).get(on) == name


REFUSED: tuple[tuple[dict[str, Any], str, str], ...] = (
    ({"hours": {}}, "", "the calendar has no open time at all; give hours"),
    ({"hours": {"mon": []}, "special_days": {"2026-05-01": []}}, "", "no open time at all"),
    ({"hours": "allways"}, "hours", "write hours as days and their periods"),
    ({"hours": ["09:00-17:00"]}, "hours", "write hours as days and their periods"),
    ({"hours": {"wen": ["09:00-17:00"]}}, "hours.wen", "unknown day 'wen'; did you mean 'wed'?"),
    ({"hours": {"weds": ["09:00-17:00"]}}, "hours.weds", "did you mean 'wed'?"),
    ({"hours": {"fri-mon": ["09:00-17:00"]}}, "hours.fri-mon", "runs backwards; .* write 'fri-sun,mon'"),
    ({"hours": {"sat-wed": ["09:00-17:00"]}}, "hours.sat-wed", "runs backwards; .* write 'sat-sun,mon-wed'"),
    ({"hours": {"mon-fri": [], "wed": []}}, "hours.wed", "wed stands in 'mon-fri' and in 'wed'; name each day once"),
    ({"hours": {"mon,mon": []}}, "hours.mon,mon", "mon stands twice in 'mon,mon'"),
    ({"hours": {"mon": ["09:00-17:00", "12:00-13:00"]}}, "hours.mon.1", "12:00-13:00 overlaps 09:00-17:00"),
    ({"hours": {"mon": ["12:00-13:00", "09:00-17:00"]}}, "hours.mon.0", "12:00-13:00 overlaps 09:00-17:00"),
    ({"hours": {"mon": ["09:00-17:00", "09:00-17:00"]}}, "hours.mon.1", "overlaps"),
    ({"hours": {"mon": ["22:00-06:00"]}}, "hours.mon.0", "'22:00-24:00' on this day and '00:00-06:00' on the next day"),
    ({"hours": {"mon": ["09:00-00:00"]}}, "hours.mon.0", "write '09:00-24:00'"),
    ({"hours": {"mon": ["09:00-09:00"]}}, "hours.mon.0", "closes when it opens; .* '00:00-24:00' for a whole day"),
    ({"hours": {"mon": ["9-17"]}}, "hours.mon.0", "'9' is no time of day; write hours and minutes"),
    ({"hours": {"mon": ["09:60-17:00"]}}, "hours.mon.0", "'09:60' is no time of day"),
    ({"hours": {"mon": ["09:00-24:01"]}}, "hours.mon.0", "'24:01' is no time of day"),
    ({"hours": {"mon": ["09:00"]}}, "hours.mon.0", "'09:00' is no period; write its opening and closing"),
    ({"hours": {"mon": [900]}}, "hours.mon.0", "900 is no period"),
    ({"hours": {"mon": 9}}, "hours.mon", "write a list of periods"),
    ({"zone": "Europe/Berln"}, "zone", "unknown time zone 'Europe/Berln'; did you mean 'Europe/Berlin'?"),
    ({"zone": "berlin"}, "zone", "did you mean 'Europe/Berlin'?"),
    ({"zone": "new york"}, "zone", "did you mean 'America/New_York'?"),
    ({"zone": "localtime"}, "zone", "unknown time zone"),
    ({"zone": "../../etc/passwd"}, "zone", "unknown time zone"),
    ({"zone": "Qqqq"}, "zone", "use one of Europe/Berlin"),
    ({"zone": 2}, "zone", "unknown time zone '2'"),
    ({"holidays": "2026-05-01"}, "holidays", "write a list of holidays; each is a date"),
    ({"holidays": ["2026-02-30"]}, "holidays.0", "'2026-02-30' is no date; write year, month and day"),
    ({"holidays": [datetime(2026, 1, 1)]}, "holidays.0", "is no date"),  # noqa: DTZ001
    ({"holidays": [20260101]}, "holidays.0", "is no date"),
    ({"holidays": [{"on": "1 May"}]}, "holidays.0.on", "'1 May' is no date"),
    ({"holidays": [{"from": "2026-05-02", "to": "2026-05-01"}]}, "holidays.0.to", "lies before 2026-05-02"),
    ({"holidays": [{"from": "2026-05-02"}]}, "holidays.0", "a range needs its last day too"),
    ({"holidays": [{"date": "2026-05-02"}]}, "holidays.0", "write a date, {on: date"),
    ({"holidays": [{"on": "2026-05-02", "nmae": "x"}]}, "holidays.0.nmae", "did you mean 'name'?"),
    ({"holidays": [{"on": "2026-05-02", "name": " "}]}, "holidays.0.name", "1 to 500 characters"),
    ({"holidays": [{"country": "Germany"}]}, "holidays.0.country", "unknown country 'Germany'; did you mean 'DE'?"),
    ({"holidays": [{"country": "XQ"}]}, "holidays.0.country", "unknown country 'XQ'; use one of"),
    ({"holidays": [{"country": "DE", "region": "Bayren"}]}, "holidays.0.region", "unknown region of DE .* mean 'BY'?"),
    ({"holidays": [{"country": "US", "region": "ZZ"}]}, "holidays.0.region", "unknown region of US 'ZZ'; use"),
    ({"holidays": [{"country": "SG", "region": "N"}]}, "holidays.0.region", "SG has no regions"),
    ({"holidays": [{"file": "company.ics"}]}, "holidays.0.file", "a file is read from the configuration folder only"),
    ({"special_days": {"May 1": []}}, "special_days.May 1", "'May 1' is no date"),
    ({"special_days": {"2026-05-01": ["17:00-09:00"]}}, "special_days.2026-05-01.0", "closes before it opens"),
    ({"special_days": {"2026-05-01": [], date(2026, 5, 1): []}}, "special_days.2026-05-01", "stands here twice"),
    ({"special_days": ["2026-05-01"]}, "special_days", "write dates and their periods"),
    ({"holydays": []}, "holydays", "unknown word in a calendar 'holydays'; did you mean 'holidays'?"),
)  # fmt: skip


@pytest.mark.parametrize(("wrong", "place", "remedy"), REFUSED, ids=[f"{number}" for number in range(len(REFUSED))])
def test_what_is_wrong_is_refused_with_its_place_and_a_remedy(wrong: dict[str, Any], place: str, remedy: str) -> None:
    with pytest.raises(ValidationError, match=remedy) as refused:
        read(**wrong)
    [error] = refused.value.errors()
    assert ".".join(str(part) for part in error["loc"]) == place


def test_a_calendar_needs_hours() -> None:
    with pytest.raises(ValidationError, match=r"a calendar needs hours, such as"):
        Calendar.model_validate({"zone": "UTC"})


def test_the_documented_examples_run_as_they_are_written() -> None:
    page = Path(__file__).parents[3] / "docs" / "sla.md"
    found = doctest.testfile(str(page), module_relative=False)
    assert found.attempted > 0
    assert found.failed == 0
