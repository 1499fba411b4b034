"""Prices become amounts over months, and what is taken off is taken off to the cent."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.recurring import Charge, Discount, charged_every, net_of, without

TODAY = date(2026, 3, 2)
AMOUNTS = st.lists(st.integers(-10_000, 10_000_000), max_size=8)


@pytest.mark.parametrize(
    ("unit", "count", "expected"),
    [
        ("month", 1, (1000, 1)),
        ("month", 3, (1000, 3)),
        ("year", 1, (1000, 12)),
        ("year", 10, (1000, 120)),
        ("week", 1, (52_000, 12)),
        ("week", 4, (13_000, 12)),
        ("day", 1, (365_000, 12)),
        ("day", 30, (12_167, 12)),
    ],
)
def test_weeks_and_days_are_brought_to_a_year(unit: str, count: int, expected: tuple[int, int]) -> None:
    assert charged_every(1000, unit, count) == expected


@pytest.mark.parametrize(("unit", "count"), [("month", 0), ("year", 11), ("decade", 1), ("week", 0), ("month", -1)])
def test_an_interval_that_is_none_is_refused(unit: str, count: int) -> None:
    with pytest.raises(ValueError, match="every"):
        charged_every(1000, unit, count)


@given(AMOUNTS, st.integers(0, 20_000_000))
def test_what_is_left_sums_to_the_total_and_is_never_negative(amounts: list[int], off: int) -> None:
    left = without(amounts, off)
    assert sum(left) == max(0, sum(amounts) - off)
    assert all(0 <= after <= max(before, 0) for before, after in zip(amounts, left, strict=True))


@given(AMOUNTS.filter(lambda amounts: min(amounts, default=0) >= 0))
def test_where_nothing_is_taken_off_nothing_changes(amounts: list[int]) -> None:
    assert without(amounts, 0) == amounts


@given(AMOUNTS, st.integers(0, 1_000_000), st.integers(0, 1_000_000))
def test_a_larger_discount_leaves_no_more(amounts: list[int], off: int, more: int) -> None:
    assert sum(without(amounts, off + more)) <= sum(without(amounts, off))


def test_leftover_cents_go_to_the_first_of_equals() -> None:
    assert without([100, 100, 100], 100) == [67, 67, 66]


CHARGES = st.lists(st.integers(0, 10_000_000), min_size=1, max_size=6)


def _charges(amounts: list[int]) -> list[Charge]:
    return [
        Charge(f"si_{at}", f"prod_{at % 2}", "Core", "P", 1, amount, "USD", "month", 1)
        for at, amount in enumerate(amounts)
    ]


DISCOUNTS = st.lists(
    st.builds(
        lambda off, percent, products: Discount(
            None, None, percent, None if percent is not None else off, "USD", frozenset(products) or None
        ),
        st.integers(0, 10_000_000),
        st.none() | st.decimals(0, 100, places=2),
        st.sets(st.sampled_from(["prod_0", "prod_1"])),
    ),
    max_size=4,
)


@given(CHARGES, DISCOUNTS)
def test_discounts_never_make_an_amount_negative_or_larger(amounts: list[int], discounts: list[Discount]) -> None:
    left = net_of(_charges(amounts), discounts, TODAY, [])
    assert all(0 <= after <= before for before, after in zip(amounts, left, strict=True))


@given(CHARGES, st.integers(0, 20_000_000))
def test_the_lines_sum_to_the_total_less_the_amount_off(amounts: list[int], off: int) -> None:
    discount = Discount(None, None, None, off, "USD", None)
    assert sum(net_of(_charges(amounts), [discount], TODAY, [])) == max(0, sum(amounts) - off)


@given(st.lists(st.integers(-1_000_000, 1_000_000), min_size=1, max_size=6))
def test_a_credit_lowers_what_is_charged_beside_it(amounts: list[int]) -> None:
    left = net_of(_charges(amounts), [], TODAY, [])
    assert sum(left) == max(0, sum(amounts))
    assert min(left) >= 0
