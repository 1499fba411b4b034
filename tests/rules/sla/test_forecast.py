"""How probable a breach is, from the past alone; against a desk whose law is known."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import narwhals as nw
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.sla.forecast import Forecast, breach_forecast, evaluate
from rules.sla.forecast.checking import check, coefficients
from rules.sla.forecast.landmarks import Landmarks, landmarks
from rules.sla.forecast.load import Load
from rules.sla.forecast.logistic import expit, fit, logit
from rules.sla.forecast.survival import Known, Survival
from rules.sla.forecast.waits import NEVER, Waits, micros
from tests.rules.sla.forecasts import AS_OF, DAYS, HOUR, Desk

SEEDS = range(3)


def told(desk: Desk, days_ago: float = 0.2) -> list[dict[str, Any]]:
    """The forecast for the running clocks at a moment."""
    at = AS_OF - timedelta(days=days_ago)
    seen = desk.seen(at)
    return list(breach_forecast(seen, seen, at).iter_rows(named=True))


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_said_comes_true_as_often(seed: int) -> None:
    (found,) = evaluate(Desk.made(seed).seen(AS_OF), AS_OF)
    assert found.basis == "calibrated"
    assert found.slope == pytest.approx(1, abs=0.12)
    assert found.intercept == pytest.approx(0, abs=0.15)
    assert found.brier["calibrated"] < found.brier["time used"] < found.brier["base rate"]
    for each in found.bins:
        if each.snapshots >= 500:
            assert each.predicted == pytest.approx(each.observed, abs=0.08)


def test_the_true_probability_is_come_near() -> None:
    said, true = [], []
    for seed in SEEDS:
        desk = Desk.made(seed)
        for days_ago in (1.1, 12.7):
            truth = desk.truth(AS_OF - timedelta(days=days_ago))
            rows = told(desk, days_ago)
            said += [row["probability"] for row in rows]
            true += [truth[row["ticket_id"]][0] for row in rows]
    assert len(said) > 60
    assert np.corrcoef(said, true)[0, 1] > 0.9
    assert np.sqrt(np.mean((np.array(said) - np.array(true)) ** 2)) < 0.1


@pytest.mark.parametrize("seed", SEEDS)
def test_where_chance_decides_nothing_better_is_claimed(seed: int) -> None:
    desk = Desk.made(seed, world="chance")
    (found,) = evaluate(desk.seen(AS_OF), AS_OF)
    assert found.basis != "calibrated"
    assert found.verdict.startswith("not calibrated: not surely better")
    assert found.auc == pytest.approx(0.5, abs=0.03)
    assert all("not calibrated: not surely better" in row["reason"] for row in told(desk, 1.3))


def test_with_few_breaches_it_is_said_how_long_such_waits_took_and_that_it_is_not_calibrated() -> None:
    desk = Desk.made(5, waits=400)
    (found,) = evaluate(desk.seen(AS_OF), AS_OF)
    assert (found.basis, found.verdict.partition(":")[0]) == ("survival", "not calibrated")
    (row, *_) = told(desk, 1.2)
    assert row["basis"] == "survival"
    assert 0 < row["probability"] < 1


def test_without_a_past_it_is_unknown_and_said_what_is_missing() -> None:
    seen = Desk.made(5, waits=15).seen(AS_OF)
    rows = list(breach_forecast(_running(seen, spent=0.5), seen, AS_OF).iter_rows(named=True))
    assert rows
    assert {row["probability"] for row in rows} == {None}
    assert all(row["reason"].endswith("20 are needed") for row in rows)
    assert {row["basis"] for row in rows} == {"none"}


def test_nothing_at_all_is_foreseen_of_nothing() -> None:
    nothing = Desk.made(1, waits=20).seen(AS_OF).head(0)
    assert len(breach_forecast(nothing, nothing, AS_OF)) == 0
    assert evaluate(nothing, AS_OF) == []


def test_the_reason_says_what_was_used_how_the_like_went_and_how_busy_it_is() -> None:
    seen = Desk.made(0).seen(AS_OF)
    (row,) = breach_forecast(_running(seen, spent=0.5).head(1), seen, AS_OF).iter_rows(named=True)
    assert row["reason"].startswith(f"{100 * row['probability']:.0f} %: 50 % of 8h elapsed used; of ")
    assert " normal first replies with this target of team americas that waited as long, " in row["reason"]
    assert row["reason"].endswith("the usual open work")


def test_a_clock_that_stands_is_said_to_stand_and_a_grace_is_counted() -> None:
    seen = Desk.made(0).seen(AS_OF)
    asked = _running(seen, spent=1.5).with_columns(state=nw.lit("paused"), remaining_seconds=nw.lit(4 * HOUR))
    (row,) = breach_forecast(asked.head(1), seen, AS_OF).iter_rows(named=True)
    assert "75 % of 16h elapsed with its grace used, paused now;" in row["reason"]


def test_the_unassigned_are_compared_with_all_teams() -> None:
    seen = Desk.made(0).seen(AS_OF)
    without = nw.when(nw.col("state") == "running").then(nw.lit(None, nw.String)).otherwise(nw.col("team"))
    unassigned = seen.with_columns(team=without)
    asked = _running(seen, spent=0.25).with_columns(team=nw.lit(None, nw.String))
    (row,) = breach_forecast(asked.head(1), unassigned, AS_OF).iter_rows(named=True)
    assert " normal first replies with this target that waited as long" in row["reason"]
    (other,) = breach_forecast(_running(seen, spent=0.25).head(1), seen, AS_OF).iter_rows(named=True)
    assert row["probability"] < other["probability"]  # the other team is faster


def _running(seen: nw.DataFrame[Any], spent: float) -> nw.DataFrame[Any]:
    """A clock of normal priority and the slower team that has used a part of its target."""
    mine = seen.filter(nw.col("priority") == "normal", nw.col("team") == "americas")
    used = (nw.col("target_seconds") * spent).cast(nw.Int64)
    return mine.with_columns(
        state=nw.lit("running"), spent_seconds=used, remaining_seconds=nw.col("target_seconds") - used
    )


def test_the_order_of_the_past_does_not_matter() -> None:
    seen = Desk.made(2, waits=4_000).seen(AS_OF)
    shuffled = seen[np.random.default_rng(1).permutation(len(seen)).tolist()]
    assert list(Forecast(shuffled, AS_OF).of(seen).iter_rows()) == list(Forecast(seen, AS_OF).of(shuffled).iter_rows())


def test_what_runs_is_foreseen_and_nothing_else() -> None:
    seen = Desk.made(2, waits=4_000).seen(AS_OF - timedelta(days=1))
    rows = told(Desk.made(2, waits=4_000), 1)
    expected = seen.filter(nw.col("state") == "running")["ticket_id"].to_list()
    assert [row["ticket_id"] for row in rows] == sorted(expected)


@pytest.mark.parametrize("weeks_ago", [2, 6])
def test_the_past_is_foreseen_without_what_came_later(weeks_ago: int) -> None:
    """Whatever is drawn anew after a moment, what could be said and learned at that moment stays the same."""
    desk, dice = Desk.made(3, waits=6_000), np.random.default_rng(9)
    moment = AS_OF - timedelta(weeks=weeks_ago)
    hours = DAYS * 24 - weeks_ago * 7 * 24
    is_later = desk.begun + desk.takes > hours
    longer = np.maximum(hours - desk.begun, 0) + dice.exponential(20, len(is_later))
    other = replace(desk, takes=np.where(is_later, longer, desk.takes))
    (waits, past), (others, changed) = (_learned(each) for each in (desk, other))
    at = micros(moment)
    assert coefficients(past, at) == pytest.approx(coefficients(changed, at), abs=1e-12)
    first, second = (_begun_at(waits, past, at), _begun_at(others, changed, at))
    assert len(first) > 5
    assert first == second


def _begun_at(waits: Waits, past: Landmarks, at: int) -> dict[int, float]:
    """What could be said at their beginning of the waits that began within six hours after a moment."""
    chosen = (past.origin == at) & (past.used == 0) & (waits.started[past.wait] < at + 6 * HOUR * 1_000_000)
    pairs = zip(waits.ids[past.wait[chosen]].tolist(), past.survival[chosen].tolist(), strict=True)
    return {ticket: round(survival, 12) for ticket, survival in pairs}


def _learned(desk: Desk) -> tuple[Waits, Landmarks]:
    waits = Waits.of(desk.seen(AS_OF), AS_OF)
    return waits, landmarks(waits, Load(waits), micros(AS_OF))


def test_a_check_tells_of_one_metric() -> None:
    waits, past = _learned(Desk.made(1, waits=5_000))
    found = check("first_reply", past, micros(AS_OF))
    assert found.metric == "first_reply"
    assert sum(each.snapshots for each in found.bins) == found.snapshots
    assert found.waits <= len(waits)


@given(
    st.lists(st.tuples(st.integers(0, 12), st.booleans()), min_size=1, max_size=30),
    st.integers(0, 12),
    st.integers(1, 8),
)
@settings(max_examples=150)
def test_the_share_that_goes_on_is_the_product_limit(lengths: list[tuple[int, bool]], spent: int, further: int) -> None:
    waits = _waits([length for length, _ in lengths], target=spent + further)
    seconds = np.array([length for length, _ in lengths], np.int64)
    is_over = np.array([over for _, over in lengths])
    known = Known(np.arange(len(lengths)), (seconds, seconds), is_over, np.ones((2, 1)))
    found = Survival(waits, known).estimate(waits, np.array([0]), np.array([spent]), np.array([spent + further]))
    share = 1.0
    for length in range(spent + 1, spent + further + 1):
        waiting = sum(each >= length for each, _ in lengths)
        ended = sum(over and each == length for each, over in lengths)
        share *= 1 - ended / waiting if waiting else 1.0
    assert found.waiting[0, 0] == sum(each > spent for each, _ in lengths)
    if found.waiting[0, 0]:
        assert found.shares[0, 0] == pytest.approx(share, abs=1e-6)


def _waits(lengths: list[int], target: int) -> Waits:
    count = len(lengths)
    zeros, seconds = np.zeros(count, np.int64), np.array(lengths, np.int64)
    return Waits(
        ids=np.arange(count), metric=zeros, priority=zeros, team=zeros, cycle=zeros + 1, counting=zeros,
        target=zeros + target, spent=seconds, left=target - seconds, started=zeros, over=zeros + NEVER,
        breached=zeros + NEVER, lengths=(seconds, seconds),
        names={"metric": ["first_reply"], "priority": ["normal"], "team": ["europe"]},
    )  # fmt: skip


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 30)), min_size=1, max_size=40), st.integers(20, 90))
def test_open_work_is_what_has_begun_and_is_not_over(spans: list[tuple[int, int]], day: int) -> None:
    waits = _waits([1] * len(spans), target=1)
    micro = 86_400_000_000
    begun = np.array([start * micro for start, _ in spans], np.int64)
    over = np.array([(start + length) * micro for start, length in spans], np.int64)
    load = Load(replace(waits, started=begun, over=over))

    def open_on(when: int) -> int:
        return sum(start <= when < start + length for start, length in spans)

    first = np.quantile(begun, 0.02) // 1_000_000
    weeks = [day - 7 * week for week in range(1, 7) if (day - 7 * week) * 86_400 > first]
    ratio = load.against_usual(np.zeros(1, np.int64), np.array([day * micro]))[0]
    if len(weeks) < 2:
        assert np.isnan(ratio)
    else:
        assert ratio == pytest.approx((open_on(day) + 1) / (sum(map(open_on, weeks)) / len(weeks) + 1))


def test_a_fit_finds_the_law_and_is_held_where_little_is_known() -> None:
    dice = np.random.default_rng(0)
    features = np.column_stack([np.ones(20_000), dice.normal(size=20_000)])
    happened = (dice.random(20_000) < expit(features @ np.array([-1.0, 0.7]))).astype(float)
    weak, strong = np.full(2, 1e-3), np.full(2, 1e9)
    assert fit(features, happened, np.zeros(2), weak) == pytest.approx([-1.0, 0.7], abs=0.06)
    assert fit(features[:5], happened[:5], np.array([0.0, 1.0]), strong) == pytest.approx([0.0, 1.0], abs=1e-6)


@given(st.floats(0, 1))
def test_log_odds_turn_back_into_the_probability(probability: float) -> None:
    back = expit(logit(np.array([probability])))[0]
    assert back == pytest.approx(min(max(probability, 0.0025), 0.9975), abs=1e-3)
