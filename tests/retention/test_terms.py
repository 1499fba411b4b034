"""A contract whose renewal date is moved on in place keeps the renewals that it has behind it."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retention.outcomes import outcomes
from retention.terms import terms
from tests.retention.facts import day, frame, rows

Rows = list[dict[str, Any]]
FIRST, SECOND, THIRD = date(2025, 1, 1), date(2026, 1, 1), date(2027, 1, 1)
ROLLED: Rows = [{"renews_on": FIRST}, {"renews_on": SECOND, "recorded_at": day("2025-01-03")}]


def found(contract: dict[str, Any], versions: Rows, lines: Rows, as_of: str = "2026-06-30") -> Rows:
    contracts, books = frame("contracts", contract), frame("subscription_lines", *lines)
    return rows(outcomes(contracts, books, day(as_of), None, frame("contract_versions", *versions)))


def told(outcomes: Rows) -> list[tuple[Any, ...]]:
    return [(row["happened_at"].date(), row["kind"], row["kept_cents"], row["lost_cents"]) for row in outcomes]


def test_a_renewal_that_was_moved_on_after_it_came_stays_an_outcome() -> None:
    decided = found({"renews_on": SECOND}, ROLLED, [{}])
    assert told(decided) == [(FIRST, "renewed", 1_200_000, 0), (SECOND, "renewed", 1_200_000, 0)]


def test_without_its_history_only_the_renewal_that_stands_there_is_known() -> None:
    contracts, lines = frame("contracts", {"renews_on": SECOND}), frame("subscription_lines", {})
    assert told(rows(outcomes(contracts, lines, day("2026-06-30")))) == [(SECOND, "renewed", 1_200_000, 0)]


def test_what_the_lines_lost_on_that_day_is_contracted() -> None:
    lines: Rows = [{"ends_on": FIRST}, {"starts_on": FIRST, "amount_cents": 70_000}]
    assert told(found({"renews_on": THIRD}, [ROLLED[0], ROLLED[1] | {"renews_on": THIRD}], lines)) == [
        (FIRST, "contracted", 840_000, 360_000)
    ]


@pytest.mark.parametrize(
    ("moved_at", "decided"),
    [("2024-12-31", 0), ("2025-01-01", 1), ("2025-01-02", 1)],
    ids=["before", "on it", "after"],
)
def test_a_date_that_was_moved_before_it_came_was_only_rescheduled(moved_at: str, decided: int) -> None:
    versions: Rows = [{"renews_on": FIRST}, {"renews_on": THIRD, "recorded_at": day(moved_at)}]
    assert len(found({"renews_on": THIRD}, versions, [{}])) == decided


def test_a_date_that_was_moved_back_was_mistaken() -> None:
    versions: Rows = [{"renews_on": SECOND}, {"renews_on": FIRST, "recorded_at": day("2026-02-01")}]
    assert told(found({"renews_on": FIRST}, versions, [{}])) == [(FIRST, "renewed", 1_200_000, 0)]


def test_a_renewal_date_that_is_taken_out_after_it_came_stays_an_outcome() -> None:
    versions: Rows = [{"renews_on": FIRST}, {"renews_on": None, "recorded_at": day("2025-03-01")}]
    assert told(found({"renews_on": None}, versions, [{}])) == [(FIRST, "renewed", 1_200_000, 0)]


def test_a_contract_that_its_source_deleted_and_restored_has_no_renewal_from_before() -> None:
    gone: dict[str, Any] = {"renews_on": FIRST, "gone": True, "recorded_at": day("2025-02-01")}
    back: dict[str, Any] = {"renews_on": THIRD, "recorded_at": day("2025-02-02")}
    assert found({"renews_on": THIRD}, [{"renews_on": FIRST}, gone, back], [{}]) == []


def test_other_changes_between_do_not_double_a_renewal() -> None:
    versions: Rows = [
        {"renews_on": FIRST},
        {"renews_on": FIRST, "recorded_at": day("2025-01-02"), "arr_cents": 900_000},
        {"renews_on": SECOND, "recorded_at": day("2025-01-03")},
        {"renews_on": FIRST, "recorded_at": day("2025-01-04")},
        {"renews_on": SECOND, "recorded_at": day("2025-01-05")},
    ]
    assert [row["happened_at"] for row in found({"renews_on": SECOND}, versions, [{}])] == [
        day("2025-01-01"), day("2026-01-01"),
    ]  # fmt: skip


def test_without_lines_a_rolled_contract_is_judged_by_what_it_was_worth_in_each_term() -> None:
    versions: Rows = [ROLLED[0], ROLLED[1] | {"arr_cents": 900_000, "renews_on": THIRD}]
    decided = found({"renews_on": THIRD, "arr_cents": 900_000}, versions, [])
    assert told(decided) == [(FIRST, "contracted", 900_000, 300_000)]


def test_notice_that_was_given_is_part_of_what_was_known_of_a_term() -> None:
    versions: Rows = [ROLLED[0] | {"notice_on": date(2024, 11, 1)}, ROLLED[1]]
    known = rows(terms(frame("contracts", {"renews_on": SECOND}), frame("contract_versions", *versions)))
    assert [(row["due_on"], row["notice_on"]) for row in known] == [(FIRST, date(2024, 11, 1)), (SECOND, None)]


@settings(deadline=None, max_examples=40)
@given(
    st.lists(
        st.tuples(st.integers(0, 900), st.none() | st.dates(date(2024, 2, 1), date(2026, 12, 31))),
        min_size=1,
        max_size=6,
        unique_by=lambda said: said[0],
    )
)
def test_terms_never_overlap_and_no_dollar_is_at_stake_twice(said: list[tuple[int, date | None]]) -> None:
    versions: Rows = [
        {"renews_on": due, "recorded_at": datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=days)}
        for days, due in sorted(said)
    ]
    contract = {"renews_on": versions[-1]["renews_on"]}
    parts = rows(terms(frame("contracts", contract), frame("contract_versions", *versions)))
    dated = sorted((part["starts_on"], part["due_on"]) for part in parts if part["due_on"])
    assert all(one[1] <= two[0] for one, two in pairwise(dated))
    decided = found(contract, versions, [{}], "2026-12-31")
    assert len({row["outcome_id"] for row in decided}) == len(decided)
    assert all(row["at_stake_cents"] == 1_200_000 for row in decided)
