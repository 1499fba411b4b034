"""Which stretches of time figures are made of."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.kpis.windows import Unit, Window, label, last_whole


def _day(written: str) -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("unit", "seen", "since", "until"),
    [
        ("week", "2026-06-29T06:00", "2026-06-22", "2026-06-29"),
        ("week", "2026-06-29", "2026-06-22", "2026-06-29"),
        ("week", "2026-06-28T23:59", "2026-06-15", "2026-06-22"),
        ("month", "2026-03-31T23:59", "2026-02-01", "2026-03-01"),
        ("month", "2026-01-01", "2025-12-01", "2026-01-01"),
        ("quarter", "2026-06-29", "2026-01-01", "2026-04-01"),
        ("quarter", "2026-01-05", "2025-10-01", "2026-01-01"),
    ],
)
def test_the_last_whole_one_is_over(unit: Unit, seen: str, since: str, until: str) -> None:
    assert last_whole(unit, _day(seen)) == Window(_day(since), _day(until))


def test_several_whole_ones_are_one_window() -> None:
    assert last_whole("week", _day("2026-06-29"), 8) == Window(_day("2026-05-04"), _day("2026-06-29"))
    assert last_whole("month", _day("2026-06-29"), 6) == Window(_day("2025-12-01"), _day("2026-06-01"))


def test_the_window_before_has_the_same_length() -> None:
    assert Window(_day("2026-05-01"), _day("2026-06-01")).before == Window(_day("2026-03-31"), _day("2026-05-01"))


def test_a_cut_by_week_keeps_to_the_window() -> None:
    parts = Window(_day("2025-12-30T12:00"), _day("2026-01-14")).cut_by("week")
    assert [part.label for part in parts] == ["2026-W01", "2026-W02", "2026-W03"]
    assert (parts[0].since, parts[0].until) == (_day("2025-12-30T12:00"), _day("2026-01-05"))
    assert parts[-1].until == _day("2026-01-14")


def test_weeks_months_and_quarters_have_names() -> None:
    names = [label(_day("2026-01-01T12:00"), unit) for unit in ("week", "month", "quarter")]
    assert names == ["2026-W01", "2026-01", "2026-Q1"]


def test_a_window_ends_after_it_begins() -> None:
    with pytest.raises(ValueError, match="must end after 2026-06-29"):
        Window(_day("2026-06-29"), _day("2026-06-29"))


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.timedeltas(timedelta(microseconds=1), timedelta(days=400)),
    st.sampled_from(["week", "month", "quarter"]),
)
def test_parts_touch_and_make_the_whole(since: datetime, length: timedelta, unit: Unit) -> None:
    whole = Window(since, since + length)
    parts = whole.cut_by(unit)
    assert parts[0].since == whole.since
    assert parts[-1].until == whole.until
    assert all(one.until == other.since for one, other in pairwise(parts))
    assert len({part.label for part in parts}) == len(parts)
