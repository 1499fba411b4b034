"""A verdict is no better than its evidence."""

from typing import Any

import numpy as np
import pytest

from retention import IncrementalResult, incremental_effect
from tests.retention.incremental.companies import KNOWN, a_company


def told(table: Any, **arguments: Any) -> IncrementalResult:
    settled: dict[str, Any] = {"covariates": KNOWN, "bootstrap_rounds": 100}
    return incremental_effect(table, **settled | arguments)


@pytest.mark.parametrize("effect", [0.0, 0.1, 0.3, 0.6])
def test_a_table_of_outcome_treated_and_covariates_alone_is_never_credible(effect: float) -> None:
    assert told(a_company(effect=effect)).verdict != "credible"


def test_a_clear_difference_without_controls_is_suggestive_and_says_what_is_missing() -> None:
    found = told(a_company(effect=0.25))
    assert (found.verdict, found.published) == ("suggestive", found.estimate)
    assert any("no placebo outcome" in reason for reason in found.reasons)
    assert any("holdout" in change for change in found.would_change)


def test_an_interval_that_holds_zero_is_not_enough_and_publishes_no_number() -> None:
    found = told(a_company(effect=0.0, seed=4), arr_cents="arr_cents")
    assert found.verdict == "not enough evidence"
    assert (found.published, found.published_saved_cents) == (None, None)
    assert found.estimate is not None


def test_a_hidden_cause_is_never_credible_and_a_placebo_that_it_moves_gives_it_away() -> None:
    for seed in range(4):
        table = a_company(effect=0.1, seed=seed, hidden=1.5)
        assert told(table).verdict != "credible"
        found = told(table, placebo="before")
        assert (found.controls[0].result, found.verdict) == ("failed", "not enough evidence")


def test_a_placebo_of_mere_noise_rules_nothing_out() -> None:
    table = a_company(effect=0.3) | {"noise": np.random.default_rng(9).normal(size=800)}
    found = told(table, placebo="noise")
    assert found.controls[0].result == "not informative"
    assert found.verdict == "suggestive"


def test_an_effect_beyond_all_measured_causes_with_a_telling_placebo_is_credible() -> None:
    """The cause that nobody measured moves outcome and placebo, but not who is helped."""
    random = np.random.default_rng(2)
    cause, risk = random.normal(size=(2, 3000))
    treated = (random.random(3000) < 1 / (1 + np.exp(-0.2 * risk))).astype(int)
    renewed = (random.random(3000) < np.clip(0.55 + 0.15 * cause - 0.03 * risk + 0.25 * treated, 0.02, 0.98)).astype(
        int
    )
    table = {"risk": risk, "treated": treated, "renewed": renewed, "before": cause + 0.3 * random.normal(size=3000)}
    found = told(table, covariates=["risk"], placebo="before")
    assert (found.controls[0].result, found.verdict) == ("passed", "credible")
    assert told(table, covariates=["risk"]).verdict == "suggestive"


def test_a_negative_control_that_goes_along_with_the_outcome_fails() -> None:
    table = a_company(effect=0.2, hidden=1.5)
    found = told(table, negative_control="before")
    assert (found.controls[0].role, found.controls[0].result) == ("negative control", "failed")
    assert found.published is None


def test_few_episodes_are_not_enough_however_large_the_difference() -> None:
    found = told(a_company(50, effect=0.5))
    assert found.verdict == "not enough evidence"
    assert any("are needed" in reason for reason in found.reasons)


def test_arms_without_overlap_are_not_enough() -> None:
    table = a_company(600, effect=0.4)
    table["treated"] = (table["risk"] + 0.02 * table["mood"] > 0).astype(int)
    found = told(table)
    assert found.verdict == "not enough evidence"
    assert any("hardly alike" in reason or "counterpart" in reason for reason in found.reasons)


def test_an_effect_that_is_explained_away_easily_says_so_in_words() -> None:
    found = told(a_company(effect=0.12))
    assert found.hidden_cause is not None
    assert found.hidden_cause.strongest_covariate == "risk"
    assert "times as strong as risk" in found.hidden_cause.in_words


def test_a_larger_effect_needs_a_stronger_hidden_cause() -> None:
    small, large = (told(a_company(1500, effect=effect)).hidden_cause for effect in (0.12, 0.35))
    assert small is not None
    assert large is not None
    assert (large.e_value or 0) > (small.e_value or 0)
    assert (large.robustness or 0) > (small.robustness or 0)
