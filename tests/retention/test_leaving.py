"""Who might leave on a day, and who then left."""

from datetime import UTC, date, datetime
from typing import Any

import narwhals as nw
import polars as pl

from retention.leaving import leavings, might_leave

DAY = date(2025, 6, 1)
LINES = {
    "account_id": pl.Int64, "starts_on": pl.Date, "ends_on": pl.Date, "trial": pl.Boolean, "amount_cents": pl.Int64,
    "interval_months": pl.Int64,
}  # fmt: skip
CONTRACTS = {"account_id": pl.Int64, "starts_on": pl.Date, "ends_on": pl.Date, "notice_on": pl.Date}
OUTCOMES = {"account_id": pl.Int64, "kind": pl.String, "happened_at": pl.Datetime("us", "UTC")}


def frame(schema: dict[str, Any], *rows: tuple[Any, ...]) -> nw.LazyFrame[Any]:
    return nw.from_native(pl.DataFrame(list(rows), schema=schema, orient="row").lazy())


def line(account: int, starts_on: date, ends_on: date | None = None, *, trial: bool = False) -> tuple[Any, ...]:
    return account, starts_on, ends_on, trial, 1_000, 1


def lost(account: int, day: date, kind: str = "churned") -> tuple[Any, ...]:
    return account, kind, datetime(day.year, day.month, day.day, tzinfo=UTC)


def left(outcomes: nw.LazyFrame[Any], lines: nw.LazyFrame[Any], contracts: nw.LazyFrame[Any]) -> list[tuple[Any, ...]]:
    return sorted(leavings(outcomes, lines, contracts).select("account_id", "left_on").collect().rows())


def test_an_account_that_loses_one_thing_and_goes_on_with_another_has_not_left() -> None:
    lines = frame(LINES, line(1, date(2024, 1, 1), DAY), line(2, date(2024, 1, 1), DAY), line(2, date(2024, 1, 1)))
    assert left(frame(OUTCOMES, lost(1, DAY), lost(2, DAY)), lines, frame(CONTRACTS)) == [(1, DAY)]


def test_a_trial_is_nothing_to_go_on_with_and_a_contraction_is_no_leaving() -> None:
    lines = frame(LINES, line(1, date(2024, 1, 1), DAY), line(1, date(2024, 1, 1), trial=True))
    outcomes = frame(OUTCOMES, lost(1, DAY), lost(1, date(2025, 1, 1), "contracted"))
    assert left(outcomes, lines, frame(CONTRACTS)) == [(1, DAY)]


def test_a_contract_counts_only_for_an_account_that_never_had_a_paid_line() -> None:
    contracts = frame(CONTRACTS, (1, date(2024, 1, 1), None, None), (2, date(2024, 1, 1), None, None))
    lines = frame(LINES, line(1, date(2024, 1, 1), DAY))
    assert left(frame(OUTCOMES, lost(1, DAY), lost(2, DAY)), lines, contracts) == [(1, DAY)]


def test_who_gave_notice_by_the_day_cannot_be_warned_of_any_more() -> None:
    accounts = nw.from_native(pl.DataFrame({"id": [1, 2, 3, 4]}).lazy())
    begun = date(2024, 1, 1)
    lines = frame(LINES, line(1, begun), line(2, begun), line(3, DAY, date(2025, 7, 1)))
    contracts = frame(CONTRACTS, (1, begun, None, DAY), (2, begun, None, date(2025, 6, 2)))
    days = [date(2025, 5, 31), DAY]
    there = might_leave(lines, contracts, days, accounts).select("day", "account_id").collect()
    assert sorted(there.rows()) == [(days[0], 1), (days[0], 2), (DAY, 2), (DAY, 3)]
