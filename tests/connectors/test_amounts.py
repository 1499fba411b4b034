"""How many minor units a written amount is."""

from decimal import ROUND_HALF_EVEN, Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.amounts import currency_codes, decimal_comma_evidence, minor_units, money, numbers, speaks_against
from domain.money import decimal_amount, minor_digits


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1234", "1234"), ("1234.5", "1234.5"), ("1,234.50", "1234.50"), ("1.234,50", "1234.50"), ("12,50", "12.50"),
        ("1,234", "1234"), ("1,234,567", "1234567"), ("1.234.567", "1234567"), ("1 234,50", "1234.50"),
        ("1'234.00", "1234.00"), ("$1,234.50", "1234.50"), ("€ 99,90", "99.90"), ("USD 100", "100"), ("100 EUR", "100"),
        ("(12.00)", "-12.00"), ("-5", "-5"), ("5-", "-5"), ("−5", "-5"), ("$-5", "-5"), (".5", "0.5"),
        ("12,34,567.00", "1234567.00"),
        ("5%", None), ("NaN", None), ("inf", None), ("1e5", None), ("1,2,3", None), ("12ab", None), ("(5", None),
        ("1.234.56", None), ("99999999999999999999", None),
    ],
)  # fmt: skip
def test_an_amount_is_read_by_its_own_marks(text: str, number: str | None) -> None:
    assert money(pl.Series([text]), None)["number"][0] == number


@pytest.mark.parametrize(
    ("text", "with_comma", "with_point"),
    [("1.234", "1234", "1.234"), ("1,234", "1.234", "1234"), ("12,50", "12.50", None), ("12.50", None, "12.50")],
)
def test_a_mapping_that_names_the_decimal_mark_is_obeyed(
    text: str, with_comma: str | None, with_point: str | None
) -> None:
    assert numbers(pl.Series([text]), True)[0] == with_comma
    assert numbers(pl.Series([text]), False)[0] == with_point


@pytest.mark.parametrize(
    ("cells", "comma"),
    [
        (["1.234,50", "7"], True), (["12,5"], True), (["1,234.50"], False), (["12.50"], False), (["1.234"], None),
        (["12,50", "12.50"], None), (["€ 1.234.567"], True),
    ],
)  # fmt: skip
def test_the_cells_tell_the_decimal_mark_unless_they_disagree(cells: list[str], comma: bool | None) -> None:
    assert decimal_comma_evidence(cells) is comma


@given(
    st.decimals(-(10**9), 10**9, places=6, allow_nan=False, allow_infinity=False),
    st.sampled_from(["USD", "JPY", "KWD"]),
)
def test_minor_units_are_rounded_half_even_and_otherwise_exact(amount: Decimal, currency: str) -> None:
    found = minor_units(pl.Series([f"{amount:f}"]), pl.Series([currency]))[0]
    assert decimal_amount(found, currency) == amount.quantize(
        Decimal(1).scaleb(-minor_digits(currency)), ROUND_HALF_EVEN
    )


def test_currencies_are_known_by_code_in_any_case_and_by_sign() -> None:
    assert currency_codes(pl.Series(["usd", "EUR", "€", "CA$", "Bitcoin", None])).to_list() == [
        "USD",
        "EUR",
        "EUR",
        "CAD",
        None,
        None,
    ]


def test_a_sign_that_several_currencies_share_contradicts_none_of_them() -> None:
    against = speaks_against(pl.Series(["$", "$", "€", None]), pl.Series(["CAD", "EUR", "USD", "USD"]))
    assert against.to_list() == [False, True, True, False]


def test_an_unknown_sign_contradicts_every_currency_and_a_known_one_none_where_the_row_names_none() -> None:
    against = speaks_against(pl.Series(["XYZ", "XYZ", "€", "$"]), pl.Series(["USD", None, None, None], dtype=pl.String))
    assert against.to_list() == [True, True, False, False]
