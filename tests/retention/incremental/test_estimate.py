"""The incremental estimate finds what is there, and does not depend on what should not matter."""

import json
from typing import Any

import numpy as np
import polars as pl
import pytest

from retention import IncrementalResult, incremental_effect
from tests.retention.incremental.companies import KNOWN, a_company, rows


def told(table: Any, **arguments: Any) -> IncrementalResult:
    settled: dict[str, Any] = {"covariates": KNOWN, "bootstrap_rounds": 100}
    return incremental_effect(table, **settled | arguments)


def test_a_confounded_effect_is_found_where_the_plain_difference_shows_harm() -> None:
    found = [told(a_company(seed=seed)) for seed in range(6)]
    errors = [(one.estimate or 0) - 0.12 for one in found]
    assert abs(np.mean(errors)) < 0.03
    assert np.mean([one.contrast.naive_difference or 0 for one in found]) < 0.02
    assert sum((one.low or 0) <= 0.12 <= (one.high or 0) for one in found) >= 5


def test_where_help_changes_nothing_little_is_found() -> None:
    found = [told(a_company(effect=0.0, seed=seed)) for seed in range(6)]
    assert abs(np.mean([one.estimate or 0 for one in found])) < 0.03
    assert sum(one.headline.excludes_zero for one in found) <= 1


def test_the_order_of_rows_and_the_kind_of_table_change_nothing() -> None:
    table = a_company(400)
    order = np.random.default_rng(3).permutation(400)
    expected = told(table, arr_cents="arr_cents").as_dict()
    for same in (rows(table), rows(table, order), pl.DataFrame(table), pl.LazyFrame(table)):
        assert told(same, arr_cents="arr_cents").as_dict() == expected


def test_the_same_seed_gives_the_same_and_another_one_nearly_the_same() -> None:
    table = a_company()
    one, again, other = told(table, seed=1), told(table, seed=1), told(table, seed=2)
    assert one == again
    assert one.estimate != other.estimate
    assert one.estimate == pytest.approx(other.estimate, abs=0.5 * (one.standard_error or 0))


def test_the_sign_turns_where_the_arms_are_swapped() -> None:
    table = a_company()
    swapped = table | {"treated": 1 - table["treated"]}
    one, other = told(table), told(swapped)
    assert one.estimate == pytest.approx(-(other.estimate or 0), abs=0.3 * (one.standard_error or 0))


def test_renaming_accounts_and_columns_changes_nothing() -> None:
    table = a_company(400) | {"account": [f"a{place % 200}" for place in range(400)]}
    renamed = dict(table, account=[f"z{999 - place % 200}" for place in range(400)])
    assert told(table, cluster="account").headline == told(renamed, cluster="account").headline


def test_episodes_of_one_account_count_as_one_in_the_interval() -> None:
    table = a_company(300)
    twice = {name: [*cells, *cells] for name, cells in table.items()}
    alone = told(twice)
    together = told(twice | {"account": [*range(300), *range(300)]}, cluster="account")
    assert (together.standard_error or 0) > 1.25 * (alone.standard_error or 0)
    assert together.sizes.clusters == 300


def test_saved_arr_is_observed_minus_counterfactual_and_what_has_no_counterpart_is_told_apart() -> None:
    table = a_company(900)
    table["treated"] = np.where(table["risk"] > 1.2, 1, table["treated"])
    saved = told(table, arr_cents="arr_cents").saved
    assert saved is not None
    assert saved.observed_cents - saved.counterfactual_cents == saved.estimate_cents
    assert saved.comparable_cents + saved.not_comparable_cents == saved.treated_cents
    assert saved.treated_cents == int((table["arr_cents"] * table["treated"]).sum())
    assert saved.not_comparable_cents > 0


def test_amounts_and_minor_units_give_the_same() -> None:
    table = a_company(400)
    amounts = table | {"arr": [f"{cents / 100:.2f}" for cents in table["arr_cents"]]}
    assert told(table, arr_cents="arr_cents").saved == told(amounts, arr="arr").saved


def test_what_was_kept_of_an_arr_may_be_a_part_of_it() -> None:
    table = a_company(600)
    whole = table["arr_cents"] * table["renewed"]
    plain = told(table, arr_cents="arr_cents").saved
    full = told(table | {"kept": whole}, arr_cents="arr_cents", arr_kept_cents="kept").saved
    half = told(table | {"kept": whole // 2}, arr_cents="arr_cents", arr_kept_cents="kept").saved
    assert plain is not None
    assert full is not None
    assert half is not None
    assert full.estimate_cents == pytest.approx(plain.estimate_cents, rel=0.02)
    assert half.observed_cents == pytest.approx(full.observed_cents / 2, rel=0.001)


def test_an_unknown_arr_is_no_part_of_the_effect_on_arr() -> None:
    table = a_company(400)
    worth = [None if place % 10 == 0 else int(cents) for place, cents in enumerate(table["arr_cents"])]
    saved = told(table | {"arr_cents": worth}, arr_cents="arr_cents").saved
    helped = sum(cents for cents, arm in zip(worth, table["treated"], strict=True) if cents and arm)
    assert saved is not None
    assert saved.treated_cents == helped


def test_unknown_covariates_are_a_fact_of_their_own() -> None:
    table = a_company(500)
    risk = [None if place % 7 == 0 else float(known) for place, known in enumerate(table["risk"])]
    found = told(table | {"risk": risk})
    assert "risk (unknown)" in {one.covariate for one in found.balance}


def test_weighting_brings_what_was_measured_into_balance() -> None:
    found = told(a_company())
    worst = found.balance[0]
    assert (worst.covariate, abs(worst.before) > 0.4, abs(worst.after) < 0.1) == ("risk", True, True)


def test_an_empty_arm_gives_no_figure_and_says_what_is_missing() -> None:
    table = a_company(200)
    found = told(table | {"treated": [0] * 200}, arr_cents="arr_cents")
    assert (found.estimate, found.published, found.saved, found.verdict) == (None, None, None, "not enough evidence")
    assert "Only 0 episodes were helped; 30 are needed." in found.reasons


def test_without_covariates_the_estimate_is_the_plain_difference() -> None:
    found = told(a_company(), covariates=[])
    assert found.estimate == pytest.approx(found.contrast.naive_difference, abs=0.005)


def test_the_result_is_plain_data_with_the_headline_on_top() -> None:
    found = told(a_company(300), arr_cents="arr_cents", placebo="before")
    plain = json.loads(json.dumps(found.as_dict()))
    assert plain["estimate"] == found.effects[0].estimate
    assert {"verdict", "published", "reasons", "balance", "overlap", "controls", "hidden_cause"} <= plain.keys()
