"""A holdout is analysed as drawn; who is helped follows from the times, and early losses count for nobody."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from retention import incremental_effect
from retention.incremental.landmark import BEFORE_FLAG, NO_FLAG, WITHIN_LANDMARK, landmarked
from tests.retention.incremental.companies import KNOWN, a_company


def a_holdout(episodes: int = 2000, effect: float = 0.15, seed: int = 1) -> dict[str, Any]:
    """Half are drawn for help; a hidden cause decides who of them takes it."""
    random = np.random.default_rng(seed)
    table = a_company(episodes, 0.0, seed)
    drawn = random.random(episodes) < 0.5
    cause = random.normal(size=episodes)
    helped = drawn & (cause > -1)
    chance = np.clip(0.6 - 0.05 * table["risk"] + 0.15 * cause + effect * helped, 0.01, 0.99)
    renewed = (random.random(episodes) < chance).astype(int)
    return table | {"assigned": np.where(drawn, "treat", "holdout").tolist(), "treated": helped, "renewed": renewed}


def test_a_holdout_is_analysed_as_drawn_and_comes_first() -> None:
    table = a_holdout()
    found = incremental_effect(table, covariates=KNOWN, assigned="assigned", arr_cents="arr_cents")
    as_drawn = np.array(table["assigned"]) == "treat"
    plain = table["renewed"][as_drawn].mean() - table["renewed"][~as_drawn].mean()
    assert (found.design, found.verdict, found.headline.estimand) == ("randomised", "credible", "all")
    assert found.estimate == pytest.approx(plain, abs=0.02)
    assert found.hidden_cause is None


def test_episodes_that_were_not_drawn_are_no_part_of_a_holdout() -> None:
    table = a_holdout(1000)
    table["assigned"] = [None if place < 200 else arm for place, arm in enumerate(table["assigned"])]
    found = incremental_effect(table, covariates=KNOWN, assigned="assigned", bootstrap_rounds=50)
    assert found.sizes.excluded == {"not drawn": 200}
    assert found.sizes.treated + found.sizes.untreated == 800


def test_covariates_narrow_a_holdout_s_interval_and_do_not_move_it() -> None:
    table = a_company(1500, 0.15)
    table["treated"] = np.random.default_rng(8).integers(0, 2, 1500)
    with_them = incremental_effect(table, covariates=KNOWN, randomised=True)
    without = incremental_effect(table, covariates=[], randomised=True)
    assert (with_them.standard_error or 1) < (without.standard_error or 0)


def test_a_small_holdout_is_not_enough() -> None:
    found = incremental_effect(a_holdout(50), covariates=KNOWN, assigned="assigned", bootstrap_rounds=50)
    assert (found.verdict, found.published) == ("not enough evidence", None)


@pytest.mark.parametrize(
    ("flagged", "treated", "decided", "helped", "excluded"),
    [
        (0, 10, 90, 1, ""),
        (0, 30, 90, 1, ""),
        (0, 31, 90, 0, ""),
        (0, 0, 90, 0, ""),
        (0, -1, 90, 0, ""),
        (0, np.nan, 90, 0, ""),
        (0, 10, np.nan, 1, ""),
        (0, 10, 30, 1, WITHIN_LANDMARK),
        (0, 10, 31, 1, ""),
        (0, 20, 10, 0, WITHIN_LANDMARK),
        (0, 5, -1, 0, BEFORE_FLAG),
        (np.nan, 5, 40, 0, NO_FLAG),
    ],
)
def test_who_counts_as_helped_under_a_landmark_of_30_days(
    flagged: float, treated: float, decided: float, helped: int, excluded: str
) -> None:
    found = landmarked(np.array([float(flagged)]), np.array([float(treated)]), np.array([float(decided)]), 30)
    assert (found.treated[0], found.excluded[0]) == (helped, excluded)


def an_immortal_company(episodes: int = 1500, seed: int = 0) -> dict[str, Any]:
    """Help comes late to those who last, and changes nothing."""
    random = np.random.default_rng(seed)
    risk = random.normal(size=episodes)
    lasts = random.exponential(240 * np.exp(-0.3 * risk))
    comes = random.exponential(60, episodes)
    end = np.minimum(lasts, 180)
    start = datetime(2026, 1, 1, tzinfo=UTC)
    return {
        "risk": risk,
        "treated": comes < end,
        "renewed": lasts > 180,
        "flagged_at": [start] * episodes,
        "treated_at": [start + timedelta(days=at) if at < last else None for at, last in zip(comes, end, strict=True)],
        "outcome_at": [start + timedelta(days=last) for last in end],
    }


TIMES: dict[str, Any] = {"flagged_at": "flagged_at", "treated_at": "treated_at", "outcome_at": "outcome_at"}


def test_immortal_time_shows_no_effect_where_counting_by_eye_shows_a_huge_one() -> None:
    found = [
        incremental_effect(an_immortal_company(seed=seed), covariates=["risk"], bootstrap_rounds=50, **TIMES)
        for seed in range(4)
    ]
    by_eye = incremental_effect(an_immortal_company(), covariates=["risk"], bootstrap_rounds=50)
    assert (by_eye.low or 0) > 0.2
    assert abs(np.mean([one.estimate or 0 for one in found])) < 0.04
    assert all(one.sizes.excluded[WITHIN_LANDMARK] > 50 for one in found)


def test_sizes_add_up_to_the_episodes_given() -> None:
    sizes = incremental_effect(an_immortal_company(400), covariates=["risk"], bootstrap_rounds=0, **TIMES).sizes
    assert sizes.treated + sizes.untreated + sum(sizes.excluded.values()) == sizes.episodes == 400
    assert sizes.comparable + sizes.not_comparable == sizes.treated + sizes.untreated


def test_notice_counts_where_it_comes_before_the_outcome() -> None:
    table = an_immortal_company(400)
    notice = [at - timedelta(days=400) for at in table["outcome_at"]]
    given = incremental_effect(table | {"notice_at": notice}, covariates=["risk"], notice_at="notice_at", **TIMES)
    assert given.sizes.excluded == {BEFORE_FLAG: 400}
    assert given.estimate is None


def test_moments_may_be_datetimes_dates_texts_or_days() -> None:
    table = an_immortal_company(300)
    start = date(2026, 1, 1)
    days = dict(table, flagged_at=[0] * 300)
    texts, dates = dict(table), dict(table, flagged_at=[start] * 300)
    for name in TIMES:
        texts[name] = [None if at is None else at.isoformat() for at in table[name]]
    origin = datetime(2026, 1, 1, tzinfo=UTC)
    for name in ("treated_at", "outcome_at"):
        days[name] = [None if at is None else (at - origin) / timedelta(days=1) for at in table[name]]
    first, *others = (
        incremental_effect(each, covariates=["risk"], bootstrap_rounds=0, **TIMES).estimate
        for each in (table, texts, dates, days)
    )
    assert others == pytest.approx([first] * 3)
