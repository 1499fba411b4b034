"""A report is asked for by the calendar: a named month, quarter or year, or the last whole one."""

import pytest

from domain.errors import NotFound
from retention.stretches import stretch_named
from tests.retention.facts import day

NOW = day("2026-06-29", hours=6)


@pytest.mark.parametrize(
    ("name", "label", "since", "until"),
    [
        ("month", "2026-05", "2026-05-01", "2026-06-01"),
        ("quarter", "2026-Q1", "2026-01-01", "2026-04-01"),
        ("year", "2025", "2025-01-01", "2026-01-01"),
        ("2026-06", "2026-06", "2026-06-01", "2026-07-01"),
        ("2025-12", "2025-12", "2025-12-01", "2026-01-01"),
        ("2026-Q2", "2026-Q2", "2026-04-01", "2026-07-01"),
        ("2025-q4", "2025-Q4", "2025-10-01", "2026-01-01"),
        (" 2024 ", "2024", "2024-01-01", "2025-01-01"),
    ],
)
def test_a_stretch_begins_and_ends_at_midnight(name: str, label: str, since: str, until: str) -> None:
    found = stretch_named(name, NOW)
    assert (found.label, found.since, found.until) == (label, day(since), day(until))


@pytest.mark.parametrize("name", ["2026-13", "2026-Q5", "week", "", "26", "2026-6", "2026-06-01"])
def test_anything_else_is_refused_with_what_can_be_written(name: str) -> None:
    with pytest.raises(NotFound, match="write month, quarter, year, 2026-06, 2026-Q2 or 2026"):
        stretch_named(name, NOW)


def test_what_has_not_begun_is_refused() -> None:
    with pytest.raises(NotFound, match="2026-Q3 has not begun"):
        stretch_named("2026-Q3", NOW)


def test_the_first_month_of_a_year_looks_back_into_the_year_before() -> None:
    assert [stretch_named(name, day("2026-01-15")).label for name in ("month", "quarter", "year")] == [
        "2025-12", "2025-Q4", "2025",
    ]  # fmt: skip
