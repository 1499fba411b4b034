"""How sure a figure is: published examples of the intervals, and what they hold for."""

from fractions import Fraction
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.kpis.certainty import Interval, median_rank, of_change, of_mean, of_median, of_share


@pytest.mark.parametrize(
    ("hits", "count", "low", "high"),
    [
        (15, 20, 0.5313, 0.8881),
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_a_share_has_wilson_s_interval(hits: int, count: int, low: float, high: float) -> None:
    found = of_share(hits, count)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


def test_all_hits_are_not_certain() -> None:
    assert of_share(20, 20).high == 1.0
    assert of_share(20, 20).low == pytest.approx(1 - of_share(0, 20).high)


def test_a_difference_of_shares_has_newcombe_s_interval() -> None:
    """56 of 70 against 48 of 80, the first example that is usually printed."""
    found = of_change(56 / 70, of_share(56, 70), 48 / 80, of_share(48, 80))
    assert (round(found.low, 4), round(found.high, 4)) == (0.0524, 0.3339)


@pytest.mark.parametrize(
    ("count", "rank"), [(5, 0), (6, 1), (8, 1), (9, 2), (10, 2), (20, 6), (25, 8), (50, 18), (100, 40)]
)
def test_the_median_lies_between_these_order_statistics(count: int, rank: int) -> None:
    assert median_rank(count) == rank


@given(st.integers(1, 1_000))
@settings(deadline=None)
def test_the_median_s_ranks_are_the_closest_that_hold_for_95_of_100_samples(count: int) -> None:
    def missed(rank: int) -> Fraction:
        return Fraction(2 * sum(comb(count, below) for below in range(rank)), 2**count)

    rank = median_rank(count)
    assert missed(rank) <= Fraction(5, 100) < missed(rank + 1)


def test_beyond_a_thousand_values_the_ranks_go_on_without_a_step() -> None:
    assert 0 <= median_rank(1_002) - median_rank(1_000) <= 1


def test_the_interval_of_a_median_is_made_of_values() -> None:
    assert of_median(np.arange(1, 21)) == Interval(6, 15)
    assert of_median(np.arange(5)) is None


def test_the_interval_of_a_mean_takes_the_spread_of_the_sample() -> None:
    """Of 60 promoters, 20 passives and 20 detractors: 0.4 ± 1.96 × √(0.646… / 100)."""
    found = of_mean(40, 80, 100)
    assert found is not None
    assert [found.low, found.high] == pytest.approx([0.2424, 0.5576], abs=1e-4)
    assert of_mean(1, 1, 1) is None


@given(st.integers(1, 50), st.integers(0, 50), st.integers(1, 50), st.integers(0, 50))
def test_a_difference_lies_in_its_interval_and_turns_with_its_sign(n: int, a: int, m: int, b: int) -> None:
    first, second = min(a, n), min(b, m)
    there = of_change(first / n, of_share(first, n), second / m, of_share(second, m))
    back = of_change(second / m, of_share(second, m), first / n, of_share(first, n))
    assert there.low <= first / n - second / m <= there.high
    assert [there.low, there.high] == pytest.approx([-back.high, -back.low])
