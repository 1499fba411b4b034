"""A ruler over sorted numbers finds what halving finds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.sla.searching import Ranks

NUMBERS = st.lists(st.one_of(st.integers(-50, 50), st.integers(-(2**50), 2**50)), max_size=60)


@given(NUMBERS, NUMBERS)
def test_it_counts_what_halving_counts(numbers: list[int], values: list[int]) -> None:
    known = np.array(sorted(numbers), dtype=np.int64)
    asked = np.array([*values, *numbers, *(number + 1 for number in numbers)], dtype=np.int64)
    ranks = Ranks(known)
    assert ranks.not_above(asked).tolist() == np.searchsorted(known, asked, side="right").tolist()
    assert ranks.below(asked).tolist() == np.searchsorted(known, asked, side="left").tolist()


@pytest.mark.parametrize("known", [[0, *range(10**12, 10**12 + 100)], [7], [7] * 100, [], list(range(0, 10**9, 10**7))])
def test_heaps_and_single_numbers_and_none_are_counted_too(known: list[int]) -> None:
    asked = np.array([-1, 0, 1, 6, 7, 8, 10**8, 10**12 - 1, 10**12, 10**12 + 50, 10**13], dtype=np.int64)
    numbers = np.array(known, dtype=np.int64)
    assert Ranks(numbers).not_above(asked).tolist() == np.searchsorted(numbers, asked, side="right").tolist()
