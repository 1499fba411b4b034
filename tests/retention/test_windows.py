"""Which windows a ledger has."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from domain.conventions import Period
from retention.windows import month_end, month_label, month_number, windows

NOON = datetime(2024, 8, 15, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("period", "labels"),
    [
        ("month", ["2023-11", "2023-12", "2024-01", "2024-02", "2024-03", "2024-04", "2024-05", "2024-06", "2024-07"]),
        ("quarter", ["2023-Q4", "2024-Q1", "2024-Q2"]),
        ("year", ["2023"]),
    ],
)
def test_windows_reach_from_the_first_day_s_to_the_last_that_is_over(period: Period, labels: list[str]) -> None:
    assert [window.label for window in windows(period, date(2023, 11, 5), NOON)] == labels


def test_a_trailing_year_ends_with_every_month_from_the_twelfth_on() -> None:
    shown = windows("t12m", date(2023, 5, 5), NOON)
    assert [window.label for window in shown] == ["T12M-2024-04", "T12M-2024-05", "T12M-2024-06", "T12M-2024-07"]
    assert (shown[0].first_day, shown[0].last_day, len(shown[0].months)) == (date(2023, 5, 1), date(2024, 4, 30), 12)


def test_one_trailing_year_is_running() -> None:
    *over, running = windows("t12m", date(2023, 5, 5), NOON, to_date=True)
    assert (running.label, running.first_day, running.last_day) == ("T12M-2024-08", date(2023, 9, 1), NOON.date())
    assert all(window.complete for window in over)


@pytest.mark.parametrize(("period", "label"), [("month", "2024-08"), ("quarter", "2024-Q3"), ("year", "2024")])
def test_the_running_window_is_shown_to_date(period: Period, label: str) -> None:
    *over, running = windows(period, date(2023, 11, 5), NOON, to_date=True)
    assert (running.label, running.complete, running.last_day) == (label, False, date(2024, 8, 15))
    assert all(window.complete for window in over)


def test_a_window_is_over_on_its_last_day_by_utc() -> None:
    evening = datetime(2024, 3, 30, 20, tzinfo=timezone(timedelta(hours=-8)))
    assert windows("quarter", date(2024, 1, 1), evening)[-1].label == "2024-Q1"
    assert windows("quarter", date(2024, 1, 1), evening - timedelta(hours=8)) == []


def test_a_window_opens_with_the_closing_of_the_day_before() -> None:
    first, second = windows("month", date(2024, 1, 9), datetime(2024, 2, 29, tzinfo=UTC))
    assert (first.opens_on, second.opens_on) == (date(2023, 12, 31), first.last_day)


def test_months_are_numbered_without_a_gap_over_the_year() -> None:
    number = month_number(date(2023, 12, 4))
    assert month_number(date(2024, 1, 31)) == number + 1
    assert (month_label(number), month_label(number + 1)) == ("2023-12", "2024-01")
    assert month_end(number + 2) == date(2024, 2, 29)


def test_a_quarter_holds_three_months_and_a_running_one_those_begun() -> None:
    whole, running = windows("quarter", date(2024, 4, 1), NOON, to_date=True)
    assert (len(whole.months), len(running.months)) == (3, 2)
