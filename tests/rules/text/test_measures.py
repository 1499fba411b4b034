"""How readings are held against labels; expected figures are scikit-learn's and SciPy's, or counted by brute force."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.text.measures.agreement import auc, f1, macro_f1, pearson
from rules.text.measures.repeats import pair_f1, repeat_f1
from rules.text.measures.sentiment import agreement

SCORES = [
    82, -102, 17, -23, -18, -9, -81, -9, -35, 133, 9, -14, -11, -27, -42, -16, 19, -10, 38, -8, 1, 62, 22, -20, -7, 22,
    77, -11, -10, 40, -35, -12, 35, 23, 4, 27, -113, 41, -38, -67, 11, 28, -18, -43, 1, -2, 56, 30, 8, 44, -8, -37, 23,
    23, -9, -31, 9, -100, 28, 20,
]  # fmt: skip
LABELS = (
    "pos pos neu pos neg pos neg pos neu neu pos pos pos neg neu neg neg neg pos neg neg neu pos pos pos "
    "neg neu pos neg neu neu neu neu neu neu neu neg neu neg neu neu pos neu neg neu neg pos neu neu pos "
    "neu neu neu neu neg neu pos neu pos pos"
).split()
HUMAN = [
    73, -90, -21, -36, -8, 15, 21, -10, 6, 71, 57, 15, 36, -46, -27, -32, 55, 15, 10, -18, 15, 10, -17, 4, 70, 4, 22,
    -41, -45, 36, 8, -6, 27, 15, 6, -32, -70, 24, -42, -48, -19, 4, 17, -34, -4, 23, 47, 66, -59, 48, -18, -14, 37, 44,
    27, -11, 53, -58, 10, 34,
]  # fmt: skip


def test_the_measures_are_scikit_learn_s() -> None:
    told = agreement(SCORES, LABELS, HUMAN, resamples=0)
    assert told.auc.value == pytest.approx(0.7125925925925927)
    assert told.macro_f1.value == pytest.approx(0.35555555555555557)
    assert told.bad_f1.value == pytest.approx(0.3076923076923077)
    assert told.pearson.value == pytest.approx(0.656980677225139)
    assert told.ece.value is None


def test_f1_at_another_share_of_true_cases_is_the_weighted_one() -> None:
    bad, negative = np.array(SCORES) <= -35, np.array(LABELS) == "neg"
    assert f1(bad, negative, 0.5) == pytest.approx(0.375)
    assert f1(np.ones(60, dtype=bool), negative, 0.25) == pytest.approx(0.4)


@given(st.lists(st.tuples(st.integers(-3, 3), st.booleans()), min_size=1, max_size=25))
@settings(deadline=None, max_examples=100)
def test_auc_is_how_often_a_true_case_scores_higher(cases: list[tuple[int, bool]]) -> None:
    true, other = [one for one, is_true in cases if is_true], [one for one, is_true in cases if not is_true]
    found = auc(np.array([float(one) for one, _ in cases]), np.array([is_true for _, is_true in cases]))
    wins = [(one > two) + (one == two) / 2 for one in true for two in other]
    assert found == (pytest.approx(sum(wins) / len(wins)) if wins else None)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 1)), max_size=25))
@settings(deadline=None, max_examples=100)
def test_pairs_and_repeats_are_counted_one_by_one(rows: list[tuple[int, int, int]]) -> None:
    groups, issues, accounts = [row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows]
    pairs = [(one[0] == two[0], one[1] == two[1]) for one, two in combinations(rows, 2) if one[2] == two[2]]
    before = [
        (any(earlier[::2] == row[::2] for earlier in rows[:at]), any(earlier[1:] == row[1:] for earlier in rows[:at]))
        for at, row in enumerate(rows)
    ]
    assert pair_f1(groups, issues, accounts) == _f1(pairs)
    assert repeat_f1(groups, issues, accounts) == _f1(before)


def _f1(told: list[tuple[bool, bool]]) -> object:
    hits = sum(found and true for found, true in told)
    found, true = sum(each for each, _ in told), sum(each for _, each in told)
    if not true:
        return None
    return pytest.approx((hits / found if found else 0.0, hits / true, 2 * hits / (found + true)))


def test_a_text_without_a_score_counts_as_zero_and_is_told() -> None:
    told = agreement([None, 50, -50, None], ["neg", "pos", "neg", "neu"], resamples=0)
    assert told.unknown_ratio == 0.5
    assert told.auc.value == pytest.approx((0.5 + 1 + 1 + 1) / 4)


def test_who_abstains_from_all_is_no_better_than_chance() -> None:
    assert agreement([None] * 4, ["neg", "pos", "neg", "neu"], resamples=0).auc.value == 0.5


def test_classes_are_the_likeliest_and_the_error_is_that_of_the_chance_of_negative() -> None:
    chances = [(0.8, 0.1, 0.1), (0.8, 0.1, 0.1), (0.1, 0.8, 0.1), None]
    told = agreement([-70, -70, 0, None], ["neg", "neg", "neu", "neu"], None, chances, resamples=0)
    assert told.macro_f1.value == 1.0
    assert told.ece.value == pytest.approx((0.2 + 0.2 + 0.1) / 3)


def test_labels_that_say_only_not_negative_give_no_macro_f1() -> None:
    told = agreement([-50, 50], ["neg", "not_neg"], resamples=0)
    assert (told.auc.value, told.macro_f1.value) == (1.0, None)


def test_what_cannot_be_had_is_none() -> None:
    told = agreement([1.0, 2.0], ["pos", "pos"], [10.0, 10.0])
    assert (told.auc.value, told.bad_f1.value, told.pearson.value) == (None, None, None)
    assert agreement([], []).unknown_ratio == 0.0
    assert macro_f1([], []) is None
    assert pearson(np.array([1.0]), np.array([2.0])) is None


def test_an_interval_holds_its_figure_and_is_the_same_each_time() -> None:
    first, second = (agreement(SCORES, LABELS, HUMAN, resamples=50) for _ in range(2))
    assert first == second
    for told in (first.auc, first.macro_f1, first.bad_f1, first.pearson):
        assert told.value is not None
        assert told.low is not None
        assert told.high is not None
        assert told.low < told.value < told.high
