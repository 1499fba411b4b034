"""The worked examples of retention arithmetic come out exactly."""

from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from retention.metrics import RetentionRow
from retention.rows import retention_rows
from tests.retention.ledger_rows import a_line, ledger_frames, moment

JANUARY, YEAR_ON = date(2024, 1, 1), date(2025, 1, 1)


def _year(*changes: tuple[int, int], interval_months: int = 1) -> RetentionRow:
    """The year 2025 of accounts that pay the first amount, in whole dollars, before it and the second from then on."""
    lines: list[dict[str, Any]] = []
    for account, (before, after) in enumerate(changes, start=1):
        fixed = {"account_id": account, "interval_months": interval_months}
        lines.append(a_line(**fixed, amount_cents=before * 100, starts_on=JANUARY, ends_on=YEAR_ON))
        lines.append(a_line(**fixed, amount_cents=after * 100, starts_on=YEAR_ON))
    return retention_rows(ledger_frames(lines), "year", moment("2025-12-31"))[-1]


def test_5000_churned_and_2000_contracted_of_100000_is_a_grr_of_93_percent() -> None:
    row = _year((5_000, 0), (10_000, 8_000), (85_000, 85_000))
    assert (row.opening_cents, row.churn_cents, row.contraction_cents) == (10_000_000, 500_000, 200_000)
    assert row.grr == row.nrr == Fraction(93, 100)
    assert row.as_json()["grr"] == 0.93


def test_15000_of_expansion_on_top_make_the_nrr_108_percent() -> None:
    row = _year((5_000, 0), (10_000, 8_000), (85_000, 100_000))
    assert row.expansion_cents == 1_500_000
    assert (row.as_json()["grr"], row.as_json()["nrr"]) == (0.93, 1.08)


def test_a_cohort_that_goes_from_770_to_630_has_a_grr_of_81_8_percent() -> None:
    row = _year((110, 0), (110, 80), *[(110, 110)] * 5)
    assert (row.opening_cents, row.closing_cents) == (77_000, 63_000)
    assert row.grr == Fraction(630, 770)
    assert round(row.as_json()["grr"], 3) == 0.818


@pytest.mark.parametrize("interval_months", [1, 3, 12, 24, 36])
def test_a_cohort_of_a_million_that_ends_at_1060000_has_an_nrr_of_106_percent(interval_months: int) -> None:
    assert _year((400_000, 460_000), (600_000, 600_000), interval_months=interval_months).as_json()["nrr"] == 1.06
    assert _year((1_000_000, 1_060_000), interval_months=interval_months).as_json()["nrr"] == 1.06


def test_an_annual_amount_is_rounded_to_a_month_s_cents_but_its_rate_is_not() -> None:
    row = _year((100, 93), interval_months=12)
    assert (row.as_json()["opening"], row.as_json()["closing"]) == ("8.33", "7.75")
    assert row.grr == Fraction(93, 100)


def test_nrr_is_grr_plus_upsell_rate_plus_cross_sell_rate() -> None:
    row = _year((5_000, 0), (10_000, 8_000), (85_000, 100_000))
    assert (row.grr, row.upsell_rate, row.cross_sell_rate) == (Fraction(93, 100), Fraction(15, 100), Fraction(0))
    assert row.nrr == Fraction(93, 100) + Fraction(15, 100)


def test_churn_of_revenue_and_of_logos_are_two_figures() -> None:
    row = _year((5_000, 0), (10_000, 8_000), (85_000, 100_000))
    assert row.revenue_churn == Fraction(7, 100)
    assert row.logo_churn == Fraction(1, 3)
