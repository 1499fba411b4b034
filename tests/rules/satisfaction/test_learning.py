"""When answers teach something, what they teach, and when nothing is foretold."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.regression.design import designed
from rules.regression.learned import Learned
from rules.regression.logistic import certainty, chance, fit
from rules.regression.rolling import folds, tried
from rules.regression.scores import Trial, auc, calibration_error, scored
from rules.regression.straightening import straightened
from rules.satisfaction import (
    Answers,
    Foretold,
    Model,
    SatisfactionSettings,
    answered_cases,
    answers,
    features,
    foretold,
    learn,
)
from rules.satisfaction.features import LOGS, NAMES
from rules.satisfaction.learning import ALL, MEAN, PROCESS, SENTIMENT
from tests.rules.satisfaction.world import AS_OF, Desk, simulated

SETTINGS = SatisfactionSettings()
_USED = ("waited_hours", "replies", "customer_messages", "last_sentiment")


@pytest.fixture(scope="module")
def learned() -> Learned:
    return learn("csat", simulated(1)[0], SETTINGS, "reader-1")


class TestLearning:
    def test_what_works_is_found_with_its_sign_and_what_does_not_weighs_little(self, learned: Learned) -> None:
        names = [column["name"] for column in learned.content["columns"]]
        weights = dict(zip(names, learned.content["coefficients"][1:], strict=True))
        assert learned.abstains is None
        assert weights["waited_hours"] < -0.3
        assert weights["last_sentiment"] > 0.3
        assert abs(weights["replies"]) < 0.15

    def test_what_never_varies_is_left_out(self, learned: Learned) -> None:
        assert "customer_messages" not in [column["name"] for column in learned.content["columns"]]

    def test_the_ways_are_compared_on_the_same_answers_each_figure_with_its_interval(self, learned: Learned) -> None:
        ways = learned.evaluation["ways"]
        assert set(ways) == {ALL, MEAN, PROCESS, SENTIMENT}
        assert ways[ALL]["brier"]["value"] < ways[PROCESS]["brier"]["value"] < ways[MEAN]["brier"]["value"]
        assert all(
            figure["low"] <= figure["value"] <= figure["high"]
            for way in ways.values() for name, figure in way.items() if name != "calibration_error"
        )  # fmt: skip
        assert sum(group["cases"] for group in learned.evaluation["reliability"]) == learned.evaluation["cases"] == 800

    def test_the_same_answers_teach_the_same_version(self, learned: Learned) -> None:
        assert learn("csat", simulated(1)[0], SETTINGS, "reader-1").model_hash == learned.model_hash

    def test_another_survey_or_another_answer_makes_another_version(self, learned: Learned) -> None:
        known = simulated(1)[0]
        turned = known.came.copy()
        turned[0] = 1 - turned[0]
        others = [
            replace(learned, predicts="ces"),
            learn("csat", replace(known, came=turned), SETTINGS, "reader-1"),
        ]
        assert learned.model_hash not in {other.model_hash for other in others}


class TestAbstaining:
    @pytest.mark.parametrize(
        ("count", "words"), [(199, "199 answered surveys with a ticket, 1 short of 200"), (200, "")]
    )
    def test_too_few_answers_teach_nothing_and_it_says_how_many_are_missing(self, count: int, words: str) -> None:
        told = learn("csat", simulated(2)[0].where(slice(0, count)), SETTINGS, "x").abstains or ""
        assert ("answered surveys" in told) == bool(words)
        assert told.startswith(words)

    @pytest.mark.parametrize(("poor", "teaches"), [(29, False), (30, True)])
    def test_too_few_dissatisfied_answers_teach_nothing(self, poor: int, teaches: bool) -> None:
        known = simulated(2, 300)[0]
        satisfied = np.ones(300)
        satisfied[np.argsort(known.figures["last_sentiment"])[:poor]] = 0
        told = learn("csat", replace(known, came=satisfied), SETTINGS, "x").abstains or ""
        assert ("dissatisfied answers, 1 short of 30" in told) != teaches

    def test_without_any_answer_it_says_what_is_missing(self) -> None:
        told = learn("csat", simulated(2)[0].where(slice(0, 0)), SETTINGS, "x")
        assert told.abstains is not None
        assert "200 short of 200" in told.abstains
        assert told.evaluation == {}

    def test_where_words_alone_tell_something_they_alone_are_learned_from(self) -> None:
        known = simulated(6, 400)[0]
        shuffled = {
            **known.figures,
            "waited_hours": np.random.default_rng(1).permutation(known.figures["waited_hours"]),
        }
        told = learn("csat", replace(known, figures=shuffled), SETTINGS, "x")
        best = min((ALL, PROCESS, SENTIMENT), key=lambda way: told.evaluation["ways"][way]["brier"]["value"])
        assert told.evaluation["best"] == best == SENTIMENT
        assert (told.evaluation["surely"]["low"] > 0) == (told.abstains is None)

    def test_where_nothing_can_be_known_nothing_is_foretold(self) -> None:
        """Of ten worlds without any effect, accounts alike within themselves, at most one is foretold by chance."""
        used = 0
        for seed in range(10):
            known = simulated(seed, 300, effect=0.0, accounts=60, clumped=0.5)[0]
            used += learn("csat", known, SETTINGS, "x").abstains is None
        assert used <= 1

    def test_answers_of_one_moment_cannot_be_tried_on_later_ones(self) -> None:
        known = simulated(3, 400)[0]
        at_once = replace(known, seen_at=np.zeros(400, dtype=np.int64), known_at=np.ones(400, dtype=np.int64))
        told = learn("csat", at_once, SETTINGS, "x").abstains
        assert told is not None
        assert "too close together in time" in told


class TestTrying:
    def test_it_learns_from_the_past_of_other_accounts_alone(self) -> None:
        known = simulated(4)[0]
        for fold in folds(known):
            begins = known.seen_at[fold.foretold].min()
            assert (known.known_at[fold.learned] < begins).all()
            assert not set(known.owners[fold.learned]) & set(known.owners[fold.foretold])

    def test_each_case_is_foretold_once(self) -> None:
        known = simulated(4)[0]
        assert (np.sum([fold.foretold for fold in folds(known)], axis=0)[200:] == 1).all()

    def test_what_comes_later_does_not_change_what_was_foretold(self) -> None:
        known = simulated(5, 900)[0]
        later = known.came.copy()
        later[720:] = 1 - later[720:]
        before, after = (tried(each, _USED, LOGS).foretold for each in (known, replace(known, came=later)))
        assert np.array_equal(before[:720], after[:720], equal_nan=True)


class TestForetelling:
    def test_the_interval_contains_the_truth_about_as_often_as_it_says(self) -> None:
        inside, total = 0, 0
        for seed in (11, 12, 13, 14):
            known, truth = simulated(seed, 800)
            design = designed(known.figures, _USED, LOGS)
            rows = design.rows(known.figures)
            fitted = certainty(rows, known.came, 3.0, fit(rows, known.came, 3.0), known.owners)
            logits, reach = fitted.logits(rows), 1.645 * fitted.deviations(rows)
            inside += int(((chance(logits - reach) <= truth) & (truth <= chance(logits + reach))).sum())
            total += len(truth)
        assert inside / total > 0.85

    def test_answers_that_resemble_each_other_within_accounts_widen_the_interval(self) -> None:
        known = simulated(7, 2_000, accounts=15, clumped=1.5)[0]
        rows = designed(known.figures, _USED, LOGS).rows(known.figures)
        beta = fit(rows, known.came, 3.0)
        alone = certainty(rows, known.came, 3.0, beta, np.arange(2_000))
        together = certainty(rows, known.came, 3.0, beta, known.owners)
        assert together.deviations(rows).mean() > 1.5 * alone.deviations(rows).mean()

    def test_a_ticket_is_foretold_with_its_interval_and_the_weightiest_reasons(self, learned: Learned) -> None:
        desk = Desk().ticket(solved=50).says("customer", 0, sentiment=-80).says("agent", 48).says("customer", 49)
        told = self._foretold(learned, desk.rated(1, 60))
        assert told.ratio is not None
        assert told.low is not None
        assert told.high is not None
        assert 0 < told.low < told.ratio < told.high < 0.6
        assert told.because[0].startswith("waits in all 2.0 days, usually 7.2 hours (−")
        assert told.because[1].startswith("sentiment of the customer's last word −80, usually ")
        assert told.because[1].endswith(" points)")

    def test_a_ticket_without_a_message_is_unknown(self, learned: Learned) -> None:
        told = self._foretold(learned, Desk().ticket(solved=50).rated(1, 60))
        assert (told.ratio, told.low, told.high, told.because) == (None, None, None, ("no public message is known",))

    def _foretold(self, learned: Learned, desk: Desk) -> Foretold:
        facts = desk.facts()
        rows = features(answered_cases(facts, "csat", AS_OF, SETTINGS), facts).collect()
        return foretold(Model(learned.content), rows)[0]


class TestScales:
    def _answers(self, scale: tuple[int, int], said: dict[int, int]) -> Answers:
        desk = Desk()
        for number in range(1, 41):
            desk.ticket(number, at=number, solved=number + 10).says("customer", number, ticket=number)
            desk.rated(said[1 + number % 5], number + 20, scale, ticket=number)
        facts = desk.facts()
        return answers(features(answered_cases(facts, "csat", AS_OF, SETTINGS), facts).collect())

    def test_one_to_five_and_percent_mean_the_same(self) -> None:
        stars = self._answers((1, 5), {star: star for star in range(1, 6)})
        percent = self._answers((0, 100), {star: 20 * star for star in range(1, 6)})
        assert np.array_equal(stars.came, percent.came)
        assert stars.dissatisfied == 24


def _trial(foretold: Sequence[float], good: Sequence[float]) -> Trial:
    return Trial(np.asarray(foretold), np.asarray(good), np.arange(len(good)))


class TestScores:
    def test_auc_is_the_share_of_pairs_in_the_right_order_ties_half(self) -> None:
        trial = _trial([0.1, 0.5, 0.5, 0.9], [0, 0, 1, 1])
        assert auc(trial, np.ones(4)) == 3.5 / 4
        assert np.isnan(auc(_trial([0.1, 0.2], [1, 1]), np.ones(2)))

    def test_calibration_is_the_mean_distance_of_what_was_foretold_and_what_came(self) -> None:
        assert calibration_error(_trial([0.8] * 10, [1] * 5 + [0] * 5), np.ones(10)) == pytest.approx(0.3)

    @given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=4, max_size=40))
    @settings(max_examples=25, deadline=None)
    def test_each_score_lies_where_it_can(self, cases: list[tuple[float, bool]]) -> None:
        told = scored(_trial([share for share, _ in cases], [float(good) for _, good in cases]))
        assert 0 <= told["brier"]["value"] <= 1
        assert 0 <= told["calibration_error"]["value"] <= 1
        assert told["auc"]["value"] is None or 0 <= told["auc"]["value"] <= 1
        assert told["log_loss"]["value"] >= 0


class TestStraightening:
    @given(seed=st.integers(0, 1_000), count=st.sampled_from([50, 1_500]), bend=st.floats(0.2, 3))
    @settings(max_examples=25, deadline=None)
    def test_a_higher_logit_never_means_less(self, seed: int, count: int, bend: float) -> None:
        dice = np.random.default_rng(seed)
        logits = dice.normal(0, 2, count)
        good = (dice.random(count) < chance(np.minimum(bend * logits, 1.0))).astype(np.float64)
        shares = straightened(logits, good).shares(np.linspace(-9, 9, 400))
        assert (np.diff(shares) >= -1e-12).all()

    def test_what_was_foretold_the_wrong_way_round_tells_nothing(self) -> None:
        logits = np.linspace(-3, 3, 400)
        straight = straightened(logits, (logits < 0).astype(np.float64))
        assert set(np.round(straight.shares(logits), 6)) == {0.5}

    def test_with_many_answers_a_bent_truth_is_followed(self) -> None:
        dice = np.random.default_rng(5)
        logits = dice.normal(0, 2, 6_000)
        truth = chance(np.minimum(logits, 0.5))
        straight = straightened(logits, (dice.random(6_000) < truth).astype(np.float64))
        assert np.abs(straight.shares(logits) - truth).mean() < 0.02


def test_the_names_of_the_figures_are_those_that_are_looked_at() -> None:
    assert set(_USED) <= set(NAMES)
