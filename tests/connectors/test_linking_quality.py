"""Automatic links are right: on customers made with all the traps, of whom the truth is known."""

import pytest

from benchmarks.linking.made_customers import make_world
from benchmarks.linking.quality import interval, measure


@pytest.mark.parametrize("seed", [101, 102, 103, 104])
def test_automatic_links_are_right_in_995_of_1000(seed: int) -> None:
    quality, _ = measure(make_world(seed, customers=2_000))
    assert quality.linked.total() > 2_000
    assert quality.precision >= 0.995
    assert quality.recall >= 0.55
    assert quality.in_three / quality.left >= 0.85


def test_the_interval_of_a_share_holds_it() -> None:
    low, high = interval(995, 1000)
    assert 0.985 < low < 0.995 < high < 1
