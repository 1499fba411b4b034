"""What a holdout can tell is estimated before it begins."""

import math

import numpy as np
import pytest

from retention.holdout.power import accounts_needed, estimate, visible_effect
from retention.holdout.sequential import Prior, Priors, log_evidence_of_a_difference


def test_the_number_for_one_look_is_the_textbook_s() -> None:
    """Two equal arms, 90 % against 80 %, power 80 %: 199 an arm with normal quantiles and unpooled variances."""
    assert accounts_needed(0.9, 0.1, 0.5, looks=False) == pytest.approx(2 * 196, abs=8)


def test_looking_at_any_time_takes_more_and_a_small_share_much_more() -> None:
    once, looking = (accounts_needed(0.85, 0.05, 0.5, looks=looks) for looks in (False, True))
    assert once < looking < 3 * once
    assert accounts_needed(0.85, 0.05, 0.1, looks=True) > 2 * looking


def test_so_many_accounts_show_the_effect_as_often_as_said() -> None:
    needed, dice = accounts_needed(0.85, 0.15, 0.3, looks=True), np.random.default_rng(3)
    without = round(needed * 0.3)
    arms = [(size, dice.binomial(size, rate, 1_000)) for size, rate in ((needed - without, 0.85), (without, 0.7))]
    evidence = log_evidence_of_a_difference(arms[0], arms[1], Priors(Prior(0.85, 40), Prior(0.70, 40)))
    assert 0.7 < (evidence > math.log(20)).mean() < 0.9


def test_what_can_be_seen_is_the_inverse_of_what_is_needed() -> None:
    seen = visible_effect(0.85, 2_000, 0.3)
    assert seen is not None
    assert accounts_needed(0.85, seen, 0.3, looks=True) <= 2_000 < accounts_needed(0.85, seen * 0.98, 0.3, looks=True)
    assert visible_effect(0.85, 99, 0.1) is None
    assert visible_effect(0.85, 0, 0.1) is None


class TestInWords:
    def test_it_says_how_long_it_takes(self) -> None:
        told = estimate(0.5, 0.1, 180, 24, 0.8, 60.0, 400)
        assert told.answers
        assert told.accounts_needed is not None
        assert told.months == pytest.approx(told.accounts_needed / 60)
        assert "60.0 a month" in told.in_words
        assert "To show 10.0 points with a power of 80%, holding out 50%" in told.in_words
        assert told.in_words.endswith(": enough.")

    def test_it_says_when_a_plan_will_not_answer(self) -> None:
        told = estimate(0.1, 0.05, 180, 12, 0.9, 5.0, 60)
        assert told.answers is False
        assert "too few" in told.in_words
        assert "do without a holdout" in told.in_words

    def test_what_the_history_does_not_say_is_unknown(self) -> None:
        told = estimate(0.1, 0.05, 180, 12, None, None)
        assert (told.accounts_needed, told.months, told.answers) == (None, None, None)
        assert told.in_words.startswith("Unknown")

    def test_an_effect_beyond_everybody_is_said_to_be_one(self) -> None:
        assert "hope for less" in estimate(0.1, 0.5, 180, 12, 0.4, 5.0).in_words

    @pytest.mark.parametrize("wrong", [{"share": 10}, {"effect": 0}, {"base_rate": 85}])
    def test_a_percentage_is_no_share(self, wrong: dict[str, float]) -> None:
        given = {"share": 0.1, "effect": 0.05, "base_rate": 0.85} | wrong
        with pytest.raises(ValueError, match=r"is no share of one; 10 % is written 0\.1"):
            estimate(given["share"], given["effect"], 180, 12, given["base_rate"], 1.0)
