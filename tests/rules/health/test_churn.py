"""Who leaves is learned only where it shows: worlds with a known truth, and the laws of the model and its reasons."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import narwhals as nw
import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.churn.made_history import WORLDS, made_history
from rules.health import RiskSettings, learn
from rules.health.features import BY_NAME, LOGS, NAMES, OPEN_URGENT, TENURE
from rules.health.history import History, history
from rules.health.learning import MODEL, RIVALS
from rules.health.measures import Ranked, average_precision, lead_days
from rules.health.reasons import reasons
from rules.regression.learned import Learned
from rules.regression.logistic import Floats, chance
from rules.regression.rolling import folds
from rules.regression.scores import Trial
from rules.signals import SIGNALS, SignalWindows
from rules.signals.churn_risk import ChurnModel, in_force, logits, risk_column
from rules.signals.derived import Derived
from rules.signals.signal import Shown

_LEARNED_AT = datetime(2025, 1, 1, tzinfo=UTC)
_DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def taught() -> tuple[History, Floats, Learned]:
    """A world in which mood, usage and words matter, and what was learned of it."""
    known, truth = made_history(WORLDS["mood, usage and words matter"], 300, 18, 3)
    return known, truth, learn(known, RiskSettings())


@pytest.fixture(scope="module")
def model(taught: tuple[History, Floats, Learned]) -> ChurnModel:
    return ChurnModel(taught[2].content, _LEARNED_AT)


def shares(models: list[ChurnModel], rows: list[dict[str, Any]], as_of: datetime) -> list[float | None]:
    schema = {"acv": pl.Float64, **dict.fromkeys(NAMES, pl.Float64)}
    frame = nw.from_native(pl.DataFrame([{"acv": 100.0, **row} for row in rows], schema=schema))
    told: list[float | None] = frame.select(risk_column(models, nw.lit(as_of)))["churn_risk"].to_list()
    return told


class TestLearning:
    def test_where_signals_tell_who_leaves_it_beats_both_rivals_and_is_calibrated(
        self, taught: tuple[History, Floats, Learned]
    ) -> None:
        _, _, learned = taught
        assert learned.abstains is None
        for rival in RIVALS:
            assert learned.evaluation["ways"][rival]["gain"]["low"] > 0
        assert learned.evaluation["ways"][MODEL]["pr_auc"]["value"] > 1.5 * learned.evaluation["base_ratio"]
        slope = learned.evaluation["calibration"]["slope"]
        assert slope["low"] < 1.1
        assert slope["high"] > 0.9

    def test_its_shares_lie_near_the_true_ones(
        self, taught: tuple[History, Floats, Learned], model: ChurnModel
    ) -> None:
        known, truth, _ = taught
        found = chance(logits(model, known.cases.figures))
        assert np.corrcoef(found, truth)[0, 1] > 0.6
        assert found.mean() == pytest.approx(truth.mean(), rel=0.25)

    @pytest.mark.parametrize("world", ["nothing matters", "only tenure matters"])
    def test_where_nothing_but_tenure_tells_anything_it_says_that_it_has_nothing_to_add(self, world: str) -> None:
        for seed in range(2):
            known, _ = made_history(WORLDS[world], 200, 14, seed)
            assert learn(known, RiskSettings(min_churns=20)).abstains is not None

    @pytest.mark.parametrize(("missing", "teaches"), [(1, False), (0, True)])
    def test_with_fewer_accounts_that_left_than_asked_for_it_abstains(
        self, taught: tuple[History, Floats, Learned], missing: int, teaches: bool
    ) -> None:
        known, _, _ = taught
        told = learn(known, RiskSettings(min_churns=known.churns + missing)).abstains
        assert (told is None) == teaches
        if told is not None:
            assert f"1 short of {known.churns + 1}" in told

    def test_the_same_past_teaches_the_same(self, taught: tuple[History, Floats, Learned]) -> None:
        assert learn(taught[0], RiskSettings()).model_hash == taught[2].model_hash

    def test_nobody_is_on_both_sides_and_the_gap_is_the_horizon(self, taught: tuple[History, Floats, Learned]) -> None:
        cases = taught[0].cases
        for fold in folds(cases):
            assert not set(cases.owners[fold.learned]) & set(cases.owners[fold.foretold])
            assert (cases.known_at[fold.learned] < cases.seen_at[fold.foretold].min()).all()

    def test_there_are_at_most_a_dozen_signals_and_all_exist(self) -> None:
        assert len(NAMES) <= 12
        assert {*NAMES, OPEN_URGENT, TENURE} <= set(SIGNALS)
        assert {name for name in LOGS if name in BY_NAME} <= set(NAMES)


class TestTheExpression:
    @settings(deadline=None, max_examples=60)
    @given(st.lists(st.lists(st.one_of(st.none(), st.floats(-500, 5_000)), min_size=12, max_size=12), min_size=1))
    def test_over_a_frame_it_is_what_the_arrays_give(self, model: ChurnModel, rows: list[list[float | None]]) -> None:
        figures = {
            name: np.array([np.nan if row[place] is None else float(row[place] or 0.0) for row in rows])
            for place, name in enumerate(NAMES)
        }
        expected = chance(logits(model, figures))
        frame = nw.from_native(pl.DataFrame(rows, schema=dict.fromkeys(NAMES, pl.Float64), orient="row"))
        found = frame.select(share=model.share)["share"].to_numpy()
        assert np.allclose(found, expected, atol=1e-9)
        assert ((found > 0) & (found < 1)).all()

    def test_an_account_without_recurring_revenue_has_no_risk(self, model: ChurnModel) -> None:
        assert shares([model], [{"acv": None}, {"acv": 0.0}, {}], _LEARNED_AT)[:2] == [None, None]
        assert shares([model], [{}], _LEARNED_AT)[0] is not None


class TestVersions:
    def test_a_model_is_not_seen_before_it_was_learned(self, model: ChurnModel) -> None:
        assert shares([model], [{}], _LEARNED_AT - timedelta(microseconds=1)) == [None]
        assert shares([model], [{}], _LEARNED_AT) != [None]

    def test_the_newest_that_stands_counts_even_if_it_is_silent(self, model: ChurnModel) -> None:
        silent = ChurnModel({"abstains": "too little"}, _LEARNED_AT + 10 * _DAY, _LEARNED_AT + 20 * _DAY)
        both = [silent, model]
        known = shares([model], [{}], _LEARNED_AT)
        assert shares(both, [{}], _LEARNED_AT + 9 * _DAY) == known
        assert shares(both, [{}], _LEARNED_AT + 10 * _DAY) == [None]
        assert shares(both, [{}], _LEARNED_AT + 20 * _DAY) == known
        assert in_force(both, _LEARNED_AT + 10 * _DAY) is silent
        assert in_force(both, _LEARNED_AT + 20 * _DAY) is model
        assert in_force(both, _LEARNED_AT - _DAY) is None

    def test_many_moments_see_what_each_of_them_would(self, model: ChurnModel) -> None:
        later = replace(model, trained_at=_LEARNED_AT + 10 * _DAY, content={**model.content, "coefficients": [
            each + 0.5 for each in model.content["coefficients"]
        ]}, withdrawn_at=_LEARNED_AT + 20 * _DAY)  # fmt: skip
        moments = [_LEARNED_AT + days * _DAY for days in (-1, 0, 10, 15, 20, 30)]
        schema: dict[str, Any] = {
            "acv": pl.Float64,
            "as_of": pl.Datetime("us", "UTC"),
            **dict.fromkeys(NAMES, pl.Float64),
        }
        panel = nw.from_native(pl.DataFrame([{"acv": 100.0, "as_of": each} for each in moments], schema=schema))
        told: nw.DataFrame[Any] = Derived(churn_models=(model, later)).added(panel, nw.col("as_of"), ["churn_risk"])
        expected = [shares([model, later], [{}], moment)[0] for moment in moments]
        assert told["churn_risk"].to_list() == expected
        assert len(set(expected)) == 3


class TestReasons:
    @settings(deadline=None, max_examples=60)
    @given(st.fixed_dictionaries({name: st.one_of(st.none(), st.integers(-50, 2_000)) for name in NAMES}))
    def test_they_sum_to_the_difference_of_the_log_odds_from_the_average_account(
        self, model: ChurnModel, values: dict[str, int | None]
    ) -> None:
        values = {**values, "acv": 100}
        told = reasons(model, Shown(values, "USD", SignalWindows()))
        apart = np.log(told.risk / (1 - told.risk)) - np.log(told.average / (1 - told.average))
        assert sum(each.log_odds for each in told.reasons) == pytest.approx(apart, abs=1e-6)
        assert [round(told.risk, 6)] == shares([model], [dict(values)], _LEARNED_AT)
        for each in told.reasons:
            assert (each.points > 0) == (each.log_odds > 0) or abs(each.log_odds) < 1e-12
        assert len(told.up) <= 3
        assert all(each.points < 0 for each in told.down)

    def test_they_are_told_in_the_words_of_the_signal(self, model: ChurnModel) -> None:
        told = reasons(model, Shown({"sentiment": -80.0, "acv": 1_000_000}, "USD", SignalWindows()))
        said = {each.signal: each.said for each in told.reasons}
        assert said["sentiment"] == "sentiment −80 over 30 days"
        assert said["usage_drop_7d"] == "usage lost over 7 days unknown"
        assert "sentiment" in {each.signal for each in told.up}


class TestMeasures:
    def test_average_precision_is_the_base_rate_where_all_are_alike_and_one_where_it_is_perfect(self) -> None:
        came, owners = np.array([1.0, 0.0, 0.0, 1.0]), np.arange(4)
        assert average_precision(Trial(np.full(4, 0.3), came, owners))(np.ones(4)) == 0.5
        assert average_precision(Trial(came, came, owners))(np.ones(4)) == 1.0

    def test_the_capacity_is_taken_at_each_look_and_lead_is_the_first_time_it_was_caught(self) -> None:
        # Two looks at three accounts; the first account leaves 70 days after the first look.
        trial = Trial(np.array([0.9, 0.5, 0.1, 0.2, 0.8, 0.1]), np.array([1.0, 0, 0, 1, 0, 0]), np.array([0, 1, 2] * 2))
        ranked = Ranked(trial, np.ones(6), np.array([70.0, *[np.nan] * 2, 40.0, *[np.nan] * 2]), np.repeat([0, 1], 3))
        assert ranked.flagged(1).tolist() == [1, 0, 0, 0, 1, 0]
        assert lead_days(ranked, 1) == {"left": 1, "flagged": 1, "late": 70, "median": 70, "early": 70}

    def test_of_too_many_cases_whole_accounts_are_left_out(self) -> None:
        names, days = ("acv", "left_in", *NAMES, OPEN_URGENT), [_LEARNED_AT + look * _DAY for look in range(5)]
        rows = [
            {**dict.fromkeys(names, 1.0), "left_in": None, "account_ref": f"A{number}", "as_of": day}
            for number in range(20) for day in days
        ]  # fmt: skip
        schema: dict[str, Any] = {
            "account_ref": pl.String,
            "as_of": pl.Datetime("us", "UTC"),
            **dict.fromkeys(names, pl.Float64),
        }
        found = history(nw.from_native(pl.DataFrame(rows, schema=schema)), 90, 50)
        assert len(found) == 50
        assert np.bincount(found.cases.owners).tolist() == [5] * 10
        assert found.churns == 0
