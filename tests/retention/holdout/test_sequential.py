"""Intervals that hold at every look, however often one looks."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retention.holdout.counts import Counts
from retention.holdout.sequential import (
    Prior,
    Priors,
    difference,
    log_evidence,
    log_evidence_of_a_difference,
    mean_difference,
    p_value,
)

EXPECTED = Priors(Prior(0.85, 40), Prior(0.80, 40))
arms = st.tuples(st.integers(0, 400), st.integers(0, 400)).map(lambda pair: Counts(max(pair), min(pair)))


def test_peeking_every_week_for_a_year_errs_in_less_than_five_of_a_hundred_years() -> None:
    """Under no effect at all; the usual test, looked at as often, errs in more than fifteen."""
    dice, years, weeks = np.random.default_rng(11), 2_000, 52
    drawn = dice.poisson(12, (years, weeks))
    without = dice.binomial(drawn, 0.1)
    renewed = dice.binomial(drawn - without, 0.85), dice.binomial(without, 0.85)
    treat, holdout = (
        (arm.cumsum(1), kept.cumsum(1)) for arm, kept in zip((drawn - without, without), renewed, strict=True)
    )
    for priors in (Priors(), EXPECTED, Priors(Prior(0.6, 40), Prior(0.5, 40))):
        errs = log_evidence_of_a_difference(treat, holdout, priors) > math.log(20)
        assert errs.any(axis=1).mean() < 0.05
    rates = [kept / np.maximum(arm, 1) for arm, kept in (treat, holdout)]
    pooled = (treat[1] + holdout[1]) / np.maximum(treat[0] + holdout[0], 1)
    spread = pooled * (1 - pooled) * (1 / np.maximum(treat[0], 1) + 1 / np.maximum(holdout[0], 1))
    usual = (np.abs(rates[0] - rates[1]) > 1.96 * np.sqrt(spread)) & (holdout[0] >= 5)
    assert usual.any(axis=1).mean() > 0.15


def test_amounts_may_be_looked_at_every_week_too() -> None:
    dice, years, errs = np.random.default_rng(5), 150, 0
    for _ in range(years):
        worth = np.minimum(dice.lognormal(0, 1.2, 600), 4.0)
        kept = worth * (dice.random(600) < 0.85)
        is_held = dice.random(600) < 0.1
        seen = [
            mean_difference(kept[:size][~is_held[:size]], kept[:size][is_held[:size]], 600)
            for size in range(150, 601, 25)
        ]
        errs += any(interval is not None and interval.excludes_zero for interval in seen)
    assert errs / years < 0.05


@settings(deadline=None, max_examples=30)
@given(arms, arms)
def test_the_interval_holds_what_was_seen_and_agrees_with_the_p_value(treat: Counts, holdout: Counts) -> None:
    interval = difference(treat, holdout, EXPECTED)
    assert -1 <= interval.low <= interval.high <= 1
    if treat.accounts and holdout.accounts:
        assert interval.low <= treat.rate - holdout.rate <= interval.high
    p = p_value(treat, holdout, EXPECTED)
    assert 0 <= p <= 1
    if abs(p - 0.05) > 1e-6:
        assert interval.excludes_zero == (p < 0.05)


def test_it_narrows_as_accounts_come() -> None:
    widths = []
    for size in (0, 10, 100, 1_000, 10_000):
        interval = difference(Counts(9 * size, 8 * size), Counts(size, size // 2), EXPECTED)
        widths.append(interval.high - interval.low)
    assert widths[0] == 2
    assert widths == sorted(widths, reverse=True)
    assert widths[-1] < 0.07


def test_more_confidence_is_wider() -> None:
    arms_seen = Counts(300, 270), Counts(60, 40)
    usual, sure = (difference(*arms_seen, EXPECTED, confidence) for confidence in (0.95, 0.99))
    assert sure.low < usual.low < usual.high < sure.high


def test_a_large_effect_is_seen_and_an_arm_that_lost_nobody_is_not_overrated() -> None:
    assert difference(Counts(300, 285), Counts(60, 30), EXPECTED).low > 0
    assert not difference(Counts(30, 30), Counts(4, 4), EXPECTED).excludes_zero


def test_the_evidence_is_the_likelihood_averaged_over_the_prior() -> None:
    rates = (np.arange(200_000) + 0.5) / 200_000
    averaged = float(np.mean(rates**7 * (1 - rates) ** 3))
    wanted = math.log(averaged / (0.6**7 * 0.4**3))
    assert float(log_evidence(10, 7, 0.6, Prior(0.5, 2))) == pytest.approx(wanted, abs=1e-6)
    assert float(log_evidence(0, 0, 0.6, Prior())) == 0


def test_amounts_need_some_accounts_and_some_difference() -> None:
    assert mean_difference([1.0] * 100, [2.0] * 19, 200) is None
    assert mean_difference([1.0] * 100, [1.0] * 30, 200) is None
    interval = mean_difference([10.0, 11.0] * 200, [1.0, 2.0] * 50, 500)
    assert interval is not None
    assert 5 < interval.low < 9 < interval.high < 13


def test_counts_that_cannot_be_are_refused() -> None:
    with pytest.raises(ValueError, match="give 0 <= renewed <= accounts"):
        Counts(3, 4)
