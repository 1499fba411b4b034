"""Retention is measured at constant currency, and what exchange rates do stands on a line of its own."""

from datetime import date
from fractions import Fraction
from typing import Any

import narwhals as nw
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.conventions import Cut, LedgerConventions
from retention.fx import RateTable, half_even, wide
from retention.ledger import PARTS
from retention.rows import retention_rows
from tests.retention.ledger_rows import a_line, frame, ledger_frames, moment

EURO = {"currency": "EUR"}
DOLLARS = LedgerConventions(reporting_currency="USD")


def _rate(on: str, rate: str, base: str = "EUR", quote: str = "USD") -> dict[str, Any]:
    return {"base": base, "quote": quote, "on": date.fromisoformat(on), "rate": rate}


def _table(*rates: dict[str, Any]) -> RateTable:
    return RateTable.read(ledger_frames([], rates=rates).fx_rates, ["EUR", "JPY", "KWD"], "USD")


def _months(lines: list[dict[str, Any]], *rates: dict[str, Any]) -> dict[str, dict[str, Any]]:
    rows = retention_rows(ledger_frames(lines, rates=rates), "month", moment("2024-04-30"), conventions=DOLLARS)
    return {row.period: row.as_json() for row in rows}


def test_a_customer_who_pays_the_same_euros_is_kept_whole_while_the_euro_falls() -> None:
    february = _months([a_line(**EURO)], _rate("2023-12-01", "1.2"), _rate("2024-02-10", "1.1"))["2024-02"]
    assert (february["opening"], february["fx"], february["closing"]) == ("120.00", "-10.00", "110.00")
    assert (february["grr"], february["nrr"], february["contraction"]) == (1.0, 1.0, "0.00")


def test_an_expansion_is_valued_at_the_rate_of_the_opening_day() -> None:
    lines = [a_line(**EURO), a_line(**EURO, amount_cents=5_000, starts_on=date(2024, 2, 1))]
    february = _months(lines, _rate("2023-12-01", "1.2"), _rate("2024-02-10", "1.1"))["2024-02"]
    assert (february["expansion"], february["fx"], february["closing"]) == ("60.00", "-15.00", "165.00")


def test_the_reporting_currency_is_that_of_most_lines_and_the_first_by_alphabet_among_equals() -> None:
    lines = [a_line(), a_line(**EURO)]
    rows = retention_rows(ledger_frames(lines, rates=[_rate("2023-01-01", "1.1")]), "month", moment("2024-01-31"))
    assert rows[0].currency == "EUR"
    rows = retention_rows(ledger_frames([*lines, a_line()]), "month", moment("2024-01-31"))
    assert rows[0].currency == "USD"


def test_money_that_no_rate_converts_is_named_and_in_no_figure() -> None:
    january = _months([a_line(), a_line(**EURO, amount_cents=12_345)])["2024-01"]
    assert (january["closing"], january["unconverted"]) == ("100.00", {"EUR": "123.45"})


def test_a_rate_that_becomes_known_is_an_fx_effect_for_those_who_were_there() -> None:
    months = _months([a_line(), a_line(**EURO, account_id=2)], _rate("2024-02-10", "1.1"))
    assert (months["2024-02"]["fx"], months["2024-02"]["new"]) == ("110.00", "0.00")
    assert (months["2024-02"]["unconverted"], months["2024-03"]["opening"]) == ({}, "210.00")


def test_who_comes_before_the_first_rate_of_the_window_is_new_at_the_closing_rate() -> None:
    months = _months([a_line(), a_line(**EURO, account_id=2, starts_on=date(2024, 2, 5))], _rate("2024-02-10", "1.1"))
    assert (months["2024-02"]["fx"], months["2024-02"]["new"]) == ("0.00", "110.00")


def test_what_came_and_is_worth_nothing_by_the_closing_rate_is_in_the_slices_as_in_the_whole() -> None:
    lines = [a_line(), a_line(**EURO, account_id=2, amount_cents=40, starts_on=date(2024, 2, 5), product="Desk")]
    frames = ledger_frames(lines, rates=[_rate("2024-01-01", "1.5"), _rate("2024-02-10", "0.01")])
    cuts: tuple[Cut | None, ...] = (None, "product", "segment")
    for by in cuts:
        rows = retention_rows(frames, "month", moment("2024-02-29"), by, DOLLARS)
        february = [row for row in rows if row.period == "2024-02"]
        assert sum(row.new_cents for row in february) == 60
        assert sum(row.fx_cents for row in february) == -60


def test_minor_units_differ_between_currencies() -> None:
    january = _months(
        [a_line(currency="JPY", amount_cents=10_000), a_line(currency="KWD", amount_cents=10_000, product="Desk")],
        _rate("2023-01-01", "0.0067", "JPY"),
        _rate("2023-01-01", "3.25", "KWD"),
    )["2024-01"]
    assert january["closing"] == "99.50"


def test_a_conversion_is_rounded_at_the_line_so_that_every_cut_sums() -> None:
    lines = [a_line(**EURO, amount_cents=1, product=product) for product in ("Core", "Desk", "Voice")]
    frames = ledger_frames(lines, rates=[_rate("2023-01-01", "1.4")])
    whole, *_ = retention_rows(frames, "month", moment("2024-01-31"), conventions=DOLLARS)
    slices = retention_rows(frames, "month", moment("2024-01-31"), "product", DOLLARS)
    assert [row.closing_cents for row in slices] == [1, 1, 1]
    assert whole.closing_cents == 3


@pytest.mark.parametrize(
    ("day", "factor"),
    [
        ("2023-12-31", None),
        ("2024-01-01", Fraction(11, 10)),
        ("2024-01-31", Fraction(11, 10)),
        ("2024-02-01", Fraction(6, 5)),
    ],
)
def test_a_day_has_the_last_rate_known_on_or_before_it(day: str, factor: Fraction | None) -> None:
    table = _table(_rate("2024-01-01", "1.1"), _rate("2024-02-01", "1.2"))
    assert table.factor("EUR", date.fromisoformat(day)) == factor


def test_a_rate_may_be_quoted_the_other_way_round_and_the_later_of_both_counts() -> None:
    day = date(2024, 3, 1)
    assert _table(_rate("2024-01-01", "0.9", "USD", "EUR")).factor("EUR", day) == Fraction(10, 9)
    both = _rate("2024-01-01", "1.1"), _rate("2024-02-01", "0.9", "USD", "EUR")
    assert _table(*both).factor("EUR", day) == Fraction(10, 9)


def test_of_two_directions_on_one_day_the_direct_one_counts() -> None:
    rates = _rate("2024-01-01", "1.1"), _rate("2024-01-01", "0.9", "USD", "EUR")
    assert _table(*rates).factor("EUR", date(2024, 1, 1)) == Fraction(11, 10)


def test_a_rate_may_lead_through_a_third_currency() -> None:
    rates = _rate("2024-01-01", "160", "EUR", "JPY"), _rate("2024-01-01", "1.1")
    assert _table(*rates).factor("JPY", date(2024, 1, 1)) == Fraction(11, 1600) * 100


def test_a_cross_of_very_long_rates_still_fits_the_arithmetic() -> None:
    rates = _rate("2024-01-01", "1234567890.12345678", "EUR", "JPY"), _rate("2024-01-01", "0.00000003", "JPY", "USD")
    factor = _table(*rates).factor("EUR", date(2024, 1, 1))
    exact = Fraction("1234567890.12345678") * Fraction("0.00000003")
    assert factor is not None
    assert abs(factor / exact - 1) < Fraction(1, 10**17)
    assert max(factor.numerator, factor.denominator) * 2 * PARTS * 10**15 < 2**127


@pytest.mark.parametrize(
    ("rate", "turned", "known"),
    [
        ("0.00000001", "10000000", True),
        ("0.00000001", "9999999999", False),
        ("9999999999", "0.0000001", True),
        ("9999999999", "0.00000001", False),
    ],
)
def test_a_cross_rate_that_no_amount_can_be_counted_with_is_not_known(rate: str, turned: str, known: bool) -> None:
    rates = _rate("2024-01-01", rate, "EUR", "CHF"), _rate("2024-01-01", turned, "USD", "CHF")
    exact = Fraction(rate) / Fraction(turned)
    assert _table(*rates).factor("EUR", date(2024, 1, 1)) == (exact if known else None)


def test_rates_are_exact_in_a_currency_of_small_units() -> None:
    """Ten customers of 20 thousand million rupiah a month each: in parts of a minor unit more than 64 bits hold."""
    lines = [a_line(account_id=number, currency="IDR", amount_cents=2 * 10**12) for number in range(1, 11)]
    grown = a_line(account_id=1, currency="IDR", amount_cents=2 * 10**13, starts_on=date(2024, 2, 10))
    february = retention_rows(ledger_frames([*lines, grown]), "month", moment("2024-02-29"))[-1]
    assert february.opening_cents == 2 * 10**13
    assert (february.grr, february.nrr) == (Fraction(1), Fraction(2))


@given(cents=st.integers(0, 10**13), numerator=st.integers(1, 10**24), denominator=st.integers(1, 10**24))
def test_a_conversion_is_exact_and_half_even(cents: int, numerator: int, denominator: int) -> None:
    product = wide(nw.col("cents")) * nw.lit(numerator, dtype=nw.Int128)
    converted = half_even(product, nw.lit(denominator, dtype=nw.Int128))
    found = frame({"cents": 0}, [{"cents": cents}]).select(converted.alias("converted")).collect().item()
    assert found == round(Fraction(cents * numerator, denominator))


def _sourced(*rows: tuple[str, str, str, str]) -> RateTable:
    blank = {"base": "EUR", "quote": "USD", "on": date(2024, 1, 1), "rate": "1", "source": "erp"}
    named = [dict(zip(("source", "quote", "on", "rate"), row, strict=True)) for row in rows]
    known = [row | {"on": date.fromisoformat(row["on"])} for row in named]
    return RateTable.read(frame(blank, known), ["EUR", "GBP"], "USD")


def test_bundled_rates_stand_behind_imported_ones_however_new() -> None:
    table = _sourced(("erp", "USD", "2024-01-10", "1.20"), ("ecb", "USD", "2024-01-31", "1.30"))
    assert table.factor("EUR", date(2024, 2, 5)) == Fraction(6, 5)
    assert table.origin("EUR", date(2024, 2, 5)) == "erp of 2024-01-10"


def test_bundled_rates_count_for_days_and_pairs_that_nothing_else_covers() -> None:
    table = _sourced(
        ("erp", "USD", "2024-01-10", "1.20"), ("ecb", "USD", "2024-01-02", "1.30"), ("ecb", "GBP", "2024-01-02", "0.65")
    )
    assert table.factor("EUR", date(2024, 1, 9)) == Fraction(13, 10)
    # Both legs of one table: 1.30 / 0.65, not 1.20 / 0.65.
    assert table.factor("GBP", date(2024, 1, 20)) == 2
    assert table.origin("GBP", date(2024, 1, 20)) == "ecb of 2024-01-02"
    assert table.origin("GBP", date(2024, 1, 1)) is None
