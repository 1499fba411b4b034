"""What an escalation weighs: money at risk, how probable its loss is, how little time is left."""

from datetime import date, timedelta

import pytest

from rules.load.precision import Chance, Precision, middle, precisions, standing_answers
from rules.load.weight import TimeLeft, Weight, time_left
from tests.rules.load.answers import an_answer
from tests.rules.load.desk import NOON, TODAY

DAY = timedelta(days=1)


def a_weight(arr: int | None = 10_000, days: float = 0, chance: float = 0.5, assumed: int | None = None) -> Weight:
    cents = None if arr is None else arr * 100
    currency = None if arr is None else "USD"
    return Weight(cents, currency, Chance(chance, "said"), TimeLeft(days * DAY, "the renewal"), 30 * DAY, assumed)


@pytest.mark.parametrize(("days", "factor"), [(0, 1.0), (30, 0.5), (60, 1 / 3), (90, 0.25)])
def test_the_less_time_is_left_the_more_it_weighs(days: int, factor: float) -> None:
    assert a_weight(days=days).time_factor == pytest.approx(factor)


def test_a_weight_is_the_product_of_its_three_factors() -> None:
    weight = a_weight(12_000, 30, 0.2)
    assert weight.cents == 120_000
    assert weight.sentence == "USD 12,000 × (said) × 0.50 (about 30 days to the renewal) = USD 1,200"


def test_unknown_money_weighs_something_unknown_and_is_ranked_by_what_is_assumed() -> None:
    weight = a_weight(None, assumed=400_000)
    assert (weight.cents, weight.ranked_cents) == (None, 200_000)
    assert weight.sentence.startswith("ARR unknown × ")


@pytest.mark.parametrize(
    ("renews", "notice", "days", "until"),
    [
        (40, None, 40, "the renewal"),
        (40, 10, 10, "the notice deadline"),
        (40, -1, 40, "the renewal"),
        (0, None, 0, "the renewal"),
    ],
)
def test_the_nearest_day_ahead_on_which_the_customer_can_leave_counts(
    renews: int, notice: int | None, days: int, until: str
) -> None:
    found = time_left(NOON, _on(renews), None if notice is None else _on(notice), NOON + DAY)
    assert (found.days, found.until) == (days, until)


@pytest.mark.parametrize("renews", [None, -1])
def test_without_such_a_day_the_next_step_s_due_time_counts(renews: int | None) -> None:
    renews_on = None if renews is None else _on(renews)
    assert time_left(NOON, renews_on, due_at=NOON + 2 * DAY).days == 2
    assert time_left(NOON, renews_on, due_at=NOON - DAY).days == 0
    assert time_left(NOON, renews_on).until == "no known date"


def test_the_middle_of_amounts_is_one_of_them() -> None:
    assert [middle(known) for known in ([], [3], [4, 1], [9, 1, 5])] == [None, 3, 1, 5]


def test_the_newest_answer_counts_and_one_taken_back_is_none() -> None:
    said = [an_answer("a", "agree"), an_answer("a", "disagree"), an_answer("b", "agree"), an_answer("b", "withdrawn")]
    standing = standing_answers(said)
    assert {name: answer.verdict for name, answer in standing.items()} == {"a": "disagree"}
    assert precisions(standing.values()) == {"h": Precision(0, 1)}


def test_a_precision_of_nothing_is_unknown_and_of_few_is_wide() -> None:
    assert Precision().ratio is None
    assert Precision().interval is None
    few, many = Precision(4, 1).interval, Precision(400, 100).interval
    assert few is not None
    assert many is not None
    assert few.low < many.low < 0.8 < many.high < few.high


def _on(days: int) -> date:
    return TODAY + timedelta(days=days)
