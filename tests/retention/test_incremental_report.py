"""An estimate is told with its interval and verdict, or not at all; a randomised holdout comes first."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from retention.holdout.result import ArmTold, Gap, HoldoutResult
from retention.incremental.result import IncrementalResult
from retention.incremental_report import NO_EPISODES, told
from retention.uplift import incremental_effect
from tests.retention.facts import day

FLAGS = [day("2025-01-06") + timedelta(days=number) for number in range(3)]


def estimate(effect: float, episodes: int = 1200, seed: int = 3) -> IncrementalResult:
    """Of made-up episodes: help, given to large and troubled accounts, adds `effect` to a chance to renew of a half."""
    random = np.random.default_rng(seed)
    size, trouble = random.normal(size=episodes), random.normal(size=episodes)
    treated = random.random(episodes) < 1 / (1 + np.exp(-0.5 * size - 0.3 * trouble))
    renewed = random.random(episodes) < np.clip(0.5 + 0.08 * size - 0.05 * trouble + effect * treated, 0, 1)
    table = {
        "renewed": renewed, "treated": treated, "size": size, "trouble": trouble,
        "placebo": random.normal(size=episodes), "arr": np.full(episodes, 1_000_000), "account": np.arange(episodes),
    }  # fmt: skip
    return incremental_effect(
        table, covariates=["size", "trouble"], arr_cents="arr", cluster="account", placebo="placebo",
        bootstrap_rounds=20,
    )  # fmt: skip


@pytest.fixture(scope="module")
def large() -> IncrementalResult:
    return estimate(0.3)


def test_a_figure_comes_with_its_interval_and_verdict(large: IncrementalResult) -> None:
    found = told(large, FLAGS)
    assert found.verdict in {"credible", "suggestive"}
    assert found.amount is not None
    assert found.low is not None
    assert found.high is not None
    assert found.low < found.amount < found.high
    assert found.points is not None
    assert 20 < found.points < 40
    assert (found.withheld, found.label, found.design) == (None, "saved", "observational")
    assert (found.first_flag_at, found.last_flag_at) == (FLAGS[0], FLAGS[-1])
    assert found.headline.lower().startswith(found.verdict or "?")


def test_without_enough_evidence_no_figure_of_the_effect_is_left() -> None:
    result = estimate(0.0, 200)
    found = told(result, FLAGS)
    assert found.verdict == "not enough evidence"
    assert [found.amount, found.low, found.high, found.points, found.points_low, found.points_high] == [None] * 6
    assert found.withheld is not None
    assert found.evidence is not None
    assert found.evidence.saved is None
    assert {effect.estimate for effect in found.evidence.effects} == {None}
    assert found.evidence.balance == result.balance


def test_it_is_told_how_many_more_episodes_would_help() -> None:
    found = told(estimate(0.0, 200), FLAGS)
    assert found.would_change[0].startswith("About ")
    assert "more comparable episodes at risk" in found.would_change[0]


def test_without_episodes_it_is_said_how_they_come_about() -> None:
    found = told(None)
    assert (found.headline, found.withheld, found.verdict) == (NO_EPISODES, NO_EPISODES, None)


def test_episodes_of_which_none_is_over_are_counted() -> None:
    found = told(None, (), {"outcome not known yet": 7, "renewal beyond the horizon": 2})
    assert found.verdict == "not enough evidence"
    assert "None of the 9 accounts at risk" in (found.withheld or "")
    assert "7: outcome not known yet" in (found.withheld or "")


def a_holdout(over: int = 200, published: float | None = 0.08, **fields: Any) -> HoldoutResult:
    def arm(renewed: int) -> ArmTold:
        return ArmTold(drawn=over, over=over, renewed=renewed, rate=None, arr_cents=0, kept_cents=0)

    blank = {
        "plan_hash": "abcdef0123", "playbook": "silence", "horizon_days": 180, "confidence": 0.95, "currency": "USD",
        "treat": arm(over), "holdout": arm(over // 2), "difference": Gap(estimate=0.08, low=0.02, high=0.14),
        "p_value": 0.01, "once": Gap(estimate=0.08, low=0.03, high=0.13),
        "per_account": Gap(estimate=800.0, low=200.0, high=1400.0),
        "saved": Gap(estimate=160_000.4, low=40_000.0, high=280_000.0), "effect_hoped": 0.05, "accounts_planned": 400,
        "finished": True, "verdict": "credible" if published is not None else "not enough evidence",
        "published": published, "in_words": "Credible: 8.0 points more accounts renewed.", "reasons": ("as assigned",),
    }  # fmt: skip
    return HoldoutResult.model_validate(blank | fields)


def test_a_randomised_holdout_is_the_headline_and_the_observed_comparison_stays_behind_it(
    large: IncrementalResult,
) -> None:
    found = told(large, FLAGS, {}, [a_holdout()])
    assert (found.design, found.verdict, found.points) == ("randomised", "credible", 8.0)
    assert (found.amount, found.low, found.high) == (Decimal("1600.00"), Decimal("400.00"), Decimal("2800.00"))
    assert found.evidence == large
    assert [each.playbook for each in found.holdouts] == ["silence"]


def test_a_holdout_that_cannot_tell_yet_withholds_its_figure_and_takes_precedence(large: IncrementalResult) -> None:
    found = told(large, FLAGS, {}, [a_holdout(published=None, in_words="Not enough evidence: too few.")])
    assert (found.design, found.amount, found.points) == ("randomised", None, None)
    assert found.withheld == "Not enough evidence: too few."
    assert found.holdouts[0].difference.estimate is None
    assert found.holdouts[0].treat.over == 200


def test_a_holdout_of_which_nobody_is_over_is_listed_but_decides_nothing(large: IncrementalResult) -> None:
    found = told(large, FLAGS, {}, [a_holdout(over=0, published=None)])
    assert found.design == "observational"
    assert len(found.holdouts) == 1
