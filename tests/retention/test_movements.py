"""What a line carries on a day, and how two balances become one movement."""

from datetime import date
from typing import Any

import pytest

from domain.errors import NotFound
from retention.metrics import RetentionRow
from retention.opened import explain, open_window
from retention.rows import retention_rows
from tests.retention.ledger_rows import a_line, ledger_frames, moment


def _months(*lines: dict[str, Any], until: str = "2024-06-30") -> dict[str, dict[str, Any]]:
    return {row.period: row.as_json() for row in retention_rows(ledger_frames(lines), "month", moment(until))}


def _quarters(*lines: dict[str, Any], until: str = "2024-06-30") -> list[RetentionRow]:
    return retention_rows(ledger_frames(lines), "quarter", moment(until))


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "closing"),
    [
        (date(2024, 1, 31), None, "100.00"),
        (date(2024, 2, 1), None, "0.00"),
        (date(2024, 1, 1), date(2024, 1, 31), "0.00"),
        (date(2024, 1, 1), date(2024, 2, 1), "100.00"),
    ],
)
def test_a_line_is_in_force_from_its_first_day_until_the_day_before_its_end(
    starts_on: date, ends_on: date | None, closing: str
) -> None:
    early = a_line(account_id=2, amount_cents=1, starts_on=date(2024, 1, 1), ends_on=date(2024, 1, 2))
    assert _months(early, a_line(starts_on=starts_on, ends_on=ends_on))["2024-01"]["closing"] == closing


@pytest.mark.parametrize(
    "nothing",
    [
        {"trial": True},
        {"amount_cents": 0},
        {"starts_on": date(2024, 1, 5), "ends_on": date(2024, 1, 5)},
        {"amount_cents": 6, "interval_months": 12},
    ],
)
def test_trials_and_lines_of_no_amount_or_no_length_carry_nothing(nothing: dict[str, Any]) -> None:
    assert _months(a_line(**nothing)) == {}


@pytest.mark.parametrize(
    ("amount_cents", "interval_months", "monthly"),
    [
        (120_000, 12, "100.00"),
        (30_000, 3, "100.00"),
        (18, 12, "0.02"),
        (30, 12, "0.02"),
        (42, 12, "0.04"),
        (1, 1, "0.01"),
    ],
)
def test_a_month_s_amount_is_the_charge_over_its_interval_rounded_half_even(
    amount_cents: int, interval_months: int, monthly: str
) -> None:
    row = _months(a_line(amount_cents=amount_cents, interval_months=interval_months))["2024-01"]
    assert row["closing"] == monthly


def test_each_month_opens_with_the_closing_before_it() -> None:
    months = list(_months(a_line(), a_line(amount_cents=5_000, starts_on=date(2024, 2, 10))).values())
    assert [month["opening"] for month in months[1:]] == [month["closing"] for month in months[:-1]]


def test_a_first_payment_is_new_and_one_after_a_gap_a_reactivation() -> None:
    months = _months(a_line(ends_on=date(2024, 3, 1)), a_line(starts_on=date(2024, 5, 1)))
    assert (months["2024-01"]["new"], months["2024-01"]["reactivation"]) == ("100.00", "0.00")
    assert (months["2024-03"]["churn"], months["2024-04"]["closing"]) == ("100.00", "0.00")
    assert (months["2024-05"]["new"], months["2024-05"]["reactivation"]) == ("0.00", "100.00")


def test_whoever_never_closed_a_month_paying_is_new() -> None:
    months = _months(a_line(ends_on=date(2024, 1, 20)), a_line(starts_on=date(2024, 3, 1)))
    assert (months["2024-01"]["closing"], months["2024-03"]["new"]) == ("0.00", "100.00")


def test_reactivation_is_outside_of_monthly_nrr() -> None:
    stays = a_line(account_id=2)
    months = _months(stays, a_line(ends_on=date(2024, 3, 1)), a_line(starts_on=date(2024, 5, 1)))
    assert (months["2024-05"]["reactivation"], months["2024-05"]["nrr"]) == ("100.00", 1.0)


def test_who_left_and_is_back_by_a_quarter_s_end_counts_as_retained_in_it() -> None:
    lines = a_line(ends_on=date(2024, 4, 30)), a_line(starts_on=date(2024, 6, 15)), a_line(account_id=2)
    quarter = _quarters(*lines)[-1].as_json()
    assert (quarter["grr"], quarter["churn"], quarter["reactivation"]) == (1.0, "0.00", "0.00")
    assert (quarter["summed_monthly"]["churn"], quarter["summed_monthly"]["reactivation"]) == ("100.00", "100.00")
    assert (quarter["grr_compounded"], quarter["nrr_compounded"]) == (0.5, 0.5)


def test_a_change_of_lines_without_a_change_of_the_balance_is_no_movement() -> None:
    months = _months(a_line(ends_on=date(2024, 2, 15)), a_line(starts_on=date(2024, 2, 15), product="Desk"))
    february = months["2024-02"]
    assert {february[name] for name in ("new", "expansion", "contraction", "churn", "reactivation")} == {"0.00"}


def test_net_expansion_is_split_by_the_gross_increases_of_the_products() -> None:
    before = date(2024, 2, 1)
    lines = [
        a_line(product="Core", amount_cents=10_000, ends_on=before),
        a_line(product="Core", amount_cents=13_000, starts_on=before),
        a_line(product="Desk", amount_cents=4_000, ends_on=before),
        a_line(product="Voice", amount_cents=6_000, starts_on=before),
    ]
    february = _months(*lines)["2024-02"]
    assert (february["expansion"], february["upsell"], february["cross_sell"]) == ("50.00", "16.67", "33.33")


def test_an_empty_cohort_has_no_rate_rather_than_none_or_all() -> None:
    first = _months(a_line())["2024-01"]
    assert [first[name] for name in ("grr", "nrr", "logo_churn", "revenue_churn")] == [None] * 4


def test_the_rolling_rate_needs_three_months_that_have_one() -> None:
    months = _months(a_line(), a_line(account_id=2, ends_on=date(2024, 3, 1)))
    assert [month["grr_t3m"] for month in months.values()] == [None, None, None, 2.5 / 3, 2.5 / 3, 1.0]


def test_a_month_in_which_nobody_pays_is_a_row_of_zeros() -> None:
    months = _months(a_line(ends_on=date(2024, 2, 1)), a_line(starts_on=date(2024, 4, 1)))
    assert (months["2024-03"]["opening"], months["2024-03"]["closing"], months["2024-03"]["grr"]) == (
        "0.00",
        "0.00",
        None,
    )


def test_windows_end_with_the_last_that_is_over() -> None:
    assert [row.period for row in _quarters(a_line(), until="2024-06-30")] == ["2024-Q1", "2024-Q2"]
    assert [row.period for row in _quarters(a_line(), until="2024-06-29")] == ["2024-Q1"]
    running = retention_rows(ledger_frames([a_line()]), "quarter", moment("2024-06-29"), to_date=True)[-1]
    assert (running.period, running.complete, running.closing_cents) == ("2024-Q2", False, 10_000)


def test_a_book_without_a_paid_line_has_no_rows() -> None:
    assert retention_rows(ledger_frames([]), "month", moment("2024-06-30")) == []
    assert retention_rows(ledger_frames([a_line(starts_on=date(2024, 7, 1))]), "month", moment("2024-06-30")) == []


def test_a_figure_opens_into_its_accounts_and_they_into_their_lines() -> None:
    frames = ledger_frames(
        [a_line(ends_on=date(2024, 2, 9)), a_line(account_id=2), a_line(account_id=2, product="Desk")]
    )
    accounts = explain(frames, "month", "2024-02", moment("2024-06-30")).collect().rows(named=True)
    assert [(row["name"], row["category"], row["opening_cents"]) for row in accounts] == [
        ("Account 2", "unchanged", 20_000),
        ("Account 1", "churn", 10_000),
    ]
    lines = open_window(frames, "2024-02", moment("2024-06-30"), account_id=2).lines
    assert [(line["product"], line["closing_cents"]) for line in lines] == [("Core", 10_000), ("Desk", 10_000)]


def test_an_unknown_window_is_refused_with_the_ones_there_are() -> None:
    with pytest.raises(NotFound, match="from 2024-01 to 2024-06"):
        explain(ledger_frames([a_line()]), "month", "2023-12", moment("2024-06-30"))
