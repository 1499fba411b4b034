"""Which moment a written date or time means."""

from datetime import UTC, date, datetime, timedelta, timezone

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.moments import dates, day_first_evidence, moments


def _moment(text: str, fmt: str | None = None, zone: str = "UTC", day_first: bool = False) -> object:
    return moments(pl.Series([text]), fmt, zone, day_first)[0]


@pytest.mark.parametrize(
    "text",
    [
        "2024-02-03T15:04:05Z", "2024-02-03 15:04:05", "2024-02-03T15:04:05", "2024-02-03T15:04:05.000Z",
        "2024-02-03 15:04:05 UTC", "2024-02-03T17:04:05+02:00", "2024-02-03 10:04:05 -0500", "2024-02-03T16:04:05+01",
        "02/03/2024 3:04:05 PM", "2/3/24 3:04:05 pm", "Feb 3, 2024, 3:04:05 PM", "3 February 2024 at 15:04:05",
        "Sat, 03 Feb 2024 15:04:05 GMT", "3.2.2024 15:04:05", "03-Feb-2024 15:04:05", "2024/02/03 15:04:05",
        "1706972645", "1706972645000",
    ],
)  # fmt: skip
def test_the_same_moment_is_read_however_it_is_written(text: str) -> None:
    assert _moment(text) == datetime(2024, 2, 3, 15, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "yesterday", "2024-02-30", "2024-02-03 25:00", "2024-02-03 13:00 PM", "2024-02-03 10:61", "25/12/2024",
        "2024-02-03 10:00 EST", "45292", "",
    ],
)  # fmt: skip
def test_what_is_no_moment_is_nothing(text: str) -> None:
    assert _moment(text) is None


def test_a_time_without_a_zone_is_in_the_mapping_s() -> None:
    assert _moment("2024-07-01 12:00", zone="Europe/Berlin") == datetime(2024, 7, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("local", "utc"),
    [
        ("2024-03-31 01:59", "00:59"), ("2024-03-31 02:30", "01:30"), ("2024-03-31 03:00", "01:00"),
        ("2024-10-27 02:30", "00:30"), ("2024-10-27 03:00", "02:00"),
    ],
)  # fmt: skip
def test_a_gap_of_summer_time_shifts_forward_and_of_two_times_the_first_is_taken(local: str, utc: str) -> None:
    assert f"{_moment(local, zone='Europe/Berlin'):%H:%M}" == utc


@pytest.mark.parametrize(("day_first", "expected"), [(True, date(2024, 4, 3)), (False, date(2024, 3, 4))])
def test_day_first_decides_what_slashes_mean(day_first: bool, expected: date) -> None:
    assert dates(pl.Series(["03/04/2024", "3-4-24"]), None, day_first).to_list() == [expected, expected]


@pytest.mark.parametrize("day_first", [True, False])
def test_dots_are_day_first_and_names_need_no_order(day_first: bool) -> None:
    texts = ["03.04.2024", "3 Apr 2024", "April 3rd, 2024", "2024-04-03", "20240403", "2024-04-03T23:59:59Z"]
    assert set(dates(pl.Series(texts), None, day_first)) == {date(2024, 4, 3)}


def test_a_format_of_the_mapping_is_the_only_one() -> None:
    read = moments(pl.Series(["03.04.24 05h00", "2024-04-03"]), "%d.%m.%y %Hh%M", "UTC", False)
    assert read.to_list() == [datetime(2024, 4, 3, 5, tzinfo=UTC), None]
    assert _moment("1706972645", fmt="unix") == datetime(2024, 2, 3, 15, 4, 5, tzinfo=UTC)


def test_cells_that_can_only_be_read_one_way_are_evidence() -> None:
    assert day_first_evidence(["25/12/2024", "03/04/2024", "12/31/2024 10:00", "2024-12-31"]) == (1, 1)


@settings(max_examples=60, deadline=None)
@given(
    st.datetimes(datetime(1970, 1, 2), datetime(2040, 1, 1)),  # noqa: DTZ001 - the zone is put in below
    st.integers(-12 * 4, 14 * 4).map(lambda quarters: timezone(timedelta(minutes=15 * quarters))),
)
def test_any_iso_time_is_the_moment_that_python_reads(local: datetime, zone: timezone) -> None:
    moment = local.replace(tzinfo=zone)
    assert _moment(moment.isoformat()) == moment
    assert _moment(moment.isoformat(sep=" ")) == moment
