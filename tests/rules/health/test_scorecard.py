"""Health is a weighted mean of what is known, and of nothing else."""

from dataclasses import replace
from typing import Any

import narwhals as nw
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.evaluation import evaluate
from rules.playbooks import parse
from rules.signals import SIGNALS, SignalWindows, account_signals
from rules.signals.derived import Derived
from rules.signals.panel import signal_panels
from rules.signals.scorecard import PART_NAMES, Scale, Scorecard, ScoredPart
from rules.signals.signal import Shown
from tests.rules.company import AS_OF, Company, days_ago

_SIGNALS = ("sentiment", "csat_30d", "tickets_30d", "usage_drop_7d")
_NAMES = ("mood", "satisfaction", "volume", "usage")
_values = st.one_of(st.none(), st.floats(-200, 200, allow_nan=False).map(lambda each: round(each, 3)))
_points = st.floats(0, 100, allow_nan=False).map(lambda each: round(each, 3))


@st.composite
def scales(draw: st.DrawFn) -> Scale:
    values = draw(st.lists(st.integers(-150, 150), min_size=2, max_size=5, unique=True).map(sorted))
    return Scale(tuple((float(value), draw(_points)) for value in values))


@st.composite
def cards(draw: st.DrawFn) -> Scorecard:
    parts = []
    for name, signal in zip(_NAMES, _SIGNALS, strict=True):
        also = draw(st.sampled_from([None, *(each for each in _SIGNALS if each != signal)]))
        read = {each: draw(scales()) for each in (signal, also) if each is not None}
        weights = {"other": draw(st.floats(0.5, 50)), "smb": draw(st.floats(0.5, 50))}
        parts.append(ScoredPart(name, read, weights, draw(st.sampled_from(["mean", "lowest"]))))  # type: ignore[arg-type]
    return Scorecard(tuple(parts), draw(st.sampled_from([0.0, 0.5, 0.9])))


def scored(card: Scorecard, *accounts: dict[str, Any]) -> list[dict[str, Any]]:
    rows = [{"segment": None, **dict.fromkeys(_SIGNALS), **account} for account in accounts]
    frame = nw.from_native(pl.DataFrame(rows, schema={"segment": pl.String, **dict.fromkeys(_SIGNALS, pl.Float64)}))
    added: nw.DataFrame[Any] = Derived(card).added(frame, nw.lit(AS_OF), list(SIGNALS)[-10:-1])
    return list(added.iter_rows(named=True))


accounts = st.fixed_dictionaries(dict.fromkeys(_SIGNALS, _values) | {"segment": st.sampled_from([None, "smb"])})


@settings(deadline=None, max_examples=100)
@given(cards(), accounts)
def test_health_is_the_mean_of_the_known_parts_by_their_weights(card: Scorecard, account: dict[str, Any]) -> None:
    [row] = scored(card, account)
    weights = {part.name: part.weight_of(account["segment"]) for part in card.parts}
    known = {name: row[f"health_{name}"] for name in weights if row[f"health_{name}"] is not None}
    share = sum(weights[name] for name in known) / sum(weights.values())
    if not known or share < card.least_known - 1e-9:
        assert row["health"] is None
    elif share > card.least_known + 1e-9:
        expected = sum(weights[name] * points for name, points in known.items()) / sum(weights[name] for name in known)
        assert row["health"] == pytest.approx(expected, abs=0.0051)
        assert 0 <= row["health"] <= 100
        assert min(known.values()) - 0.01 <= row["health"] <= max(known.values()) + 0.01


@settings(deadline=None, max_examples=100)
@given(cards(), accounts, st.sampled_from(range(4)), st.floats(0, 60))
def test_health_never_falls_when_a_part_gets_more_points(
    card: Scorecard, account: dict[str, Any], place: int, more: float
) -> None:
    part = card.parts[place]
    lifted = {
        name: Scale(tuple((value, min(100.0, points + more)) for value, points in scale.points))
        for name, scale in part.scales.items()
    }
    better = replace(card, parts=(*card.parts[:place], replace(part, scales=lifted), *card.parts[place + 1 :]))
    [before], [after] = scored(card, account), scored(better, account)
    assert (before["health"] is None) == (after["health"] is None)
    assert before["health"] is None or after["health"] >= before["health"]


@settings(deadline=None, max_examples=100)
@given(cards(), accounts, accounts)
def test_a_part_that_is_unknown_of_both_never_changes_which_account_is_healthier(
    card: Scorecard, one: dict[str, Any], other: dict[str, Any]
) -> None:
    one, other = ({**each, "segment": None} for each in (one, other))
    nobody = ScoredPart("payment", {"days_since_last_ticket": Scale(((0.0, 0.0), (1.0, 100.0)))}, {"other": 40.0})
    rows = scored(replace(card, least_known=0.0), one, other)
    longer = replace(card, parts=(*card.parts, nobody), least_known=0.0)
    frame = nw.from_native(
        pl.DataFrame(
            [{**each, "days_since_last_ticket": None} for each in (one, other)],
            schema={"segment": pl.String, **dict.fromkeys((*_SIGNALS, "days_since_last_ticket"), pl.Float64)},
        )
    )
    told: nw.DataFrame[Any] = Derived(longer).added(frame, nw.lit(AS_OF), ["health"])
    assert told["health"].to_list() == [row["health"] for row in rows]


@settings(deadline=None, max_examples=50)
@given(scales(), st.lists(_values, min_size=1, max_size=5))
def test_a_scale_is_read_alike_for_a_frame_and_for_one_value(scale: Scale, values: list[float | None]) -> None:
    frame = nw.from_native(pl.DataFrame({"value": values}, schema={"value": pl.Float64}))
    read = frame.select(points=scale.read(nw.col("value")))["points"].to_list()
    expected = [None if value is None else scale.of(value) for value in values]
    assert read == [None if each is None else pytest.approx(each, abs=1e-9) for each in expected]


def test_a_weight_by_segment_is_that_of_other_where_the_segment_is_unknown_or_not_named() -> None:
    steady = Scale(((0.0, 0.0), (100.0, 100.0)))
    card = Scorecard((
        ScoredPart("mood", {"sentiment": steady}, {"other": 1.0, "enterprise": 3.0}),
        ScoredPart("satisfaction", {"csat_30d": steady}, {"other": 1.0}),
    ))  # fmt: skip
    account = {"sentiment": 0.0, "csat_30d": 100.0}
    rows = scored(card, *({**account, "segment": each} for each in (None, "smb", "enterprise")))
    assert [row["health"] for row in rows] == [50, 50, 25]


@pytest.mark.parametrize(("known", "health"), [(0.49, None), (0.5, 80.0), (0.51, 80.0)])
def test_health_is_unknown_below_the_stated_share_of_known_weight(known: float, health: float | None) -> None:
    steady = Scale(((0.0, 0.0), (100.0, 100.0)))
    card = Scorecard((
        ScoredPart("mood", {"sentiment": steady}, {"other": known}),
        ScoredPart("usage", {"usage_drop_7d": steady}, {"other": 1 - known}),
    ))  # fmt: skip
    [row] = scored(card, {"sentiment": 80.0})
    assert row["health"] == health


def test_the_phrase_names_the_parts_that_lie_below_the_lowest_first() -> None:
    values = {"health": 41.4, "health_mood": 12.0, "health_usage": 30.0, "health_volume": 90.0, "health_silence": None}
    assert SIGNALS["health"].phrase(Shown(values, "USD", SignalWindows())) == "health 41 of 100: mood 12, usage 30"
    assert SIGNALS["health"].phrase(Shown({}, "USD", SignalWindows())) == "health unknown"


def test_without_a_scorecard_health_is_unknown() -> None:
    [row] = Company.with_account().tickets(1, 2).signals().values()
    assert row["health"] is None
    assert all(row[f"health_{name}"] is None for name in PART_NAMES)
    assert row["churn_risk"] is None


def test_asking_for_health_alone_computes_what_it_rests_on_at_one_moment_and_at_many() -> None:
    steady = Scale(((0.0, 100.0), (10.0, 0.0)))
    card = Scorecard((ScoredPart("volume", {"tickets_30d": steady}, {"other": 1.0}),))
    facts = replace(Company.with_account(acv_cents=100).tickets(1, 2, 3, 40).facts(), derived=Derived(card))
    alone = account_signals(facts, AS_OF, SignalWindows(), only={"health"}).collect()
    assert alone.columns == ["account_id", "account_ref", "account", "health"]
    assert alone["health"].to_list() == [70.0]
    moments = [days_ago(20), AS_OF]
    day = nw.lit(None, nw.Date).alias("day")
    values = facts.account_value.with_columns(day)
    panels = list(signal_panels(facts, values, moments, SignalWindows(), only={"health"}))
    assert nw.concat(panels)["health"].to_list() == [90.0, 70.0]


@pytest.mark.parametrize(("tickets", "fires"), [(5, False), (6, True), (7, True)])
def test_a_playbook_decides_by_health_and_says_what_pulls_it_down(tickets: int, fires: bool) -> None:
    [playbook] = parse([{"playbooks": [{
        "id": "unwell", "name": "Look after it", "when": {"signal": "health", "op": "<=", "value": 40},
        "steps": [{"do": "Call", "owner": "csm", "within": "24h elapsed"}],
    }]}])  # fmt: skip
    falling, steady = Scale(((0.0, 100.0), (10.0, 0.0))), Scale(((0.0, 40.0), (1.0, 40.0)))
    card = Scorecard((
        ScoredPart("volume", {"tickets_30d": falling}, {"other": 1.0}),
        ScoredPart("silence", {"tickets_prior_30d": steady}, {"other": 1.0}),
    ))  # fmt: skip
    facts = replace(Company.with_account(acv_cents=100).tickets(*range(1, tickets + 1)).facts(), derived=Derived(card))
    told = evaluate(account_signals(facts, AS_OF, SignalWindows()), [playbook], AS_OF, "USD")
    assert [each.because for each in told.decisions] == (
        [f"health {40 if tickets == 6 else 35} of 100{': volume 30' if tickets == 7 else ''}"] if fires else []
    )
