"""How credit is split: exactly, in order of time, and by each model's own shares."""

from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import narwhals as nw
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.conventions import CreditConventions
from domain.errors import NotFound
from domain.revenue import Credit
from retention.attribution import MODELS, UNATTRIBUTED, kept_credits, lost_credits, model_named
from retention.ledger import Frame
from tests.retention.facts import day, rows

BY_KIND = ("markov", "shapley")  # tests/retention/test_kind_models.py has their oracles
OUTCOME_AT = day("2025-01-01")
_UTC = pl.Datetime("us", "UTC")
Rows = list[dict[str, Any]]


def an_outcome(**fields: Any) -> dict[str, Any]:
    blank = {
        "outcome_id": "o", "account_id": 1, "happened_at": OUTCOME_AT, "currency": "USD", "kept_cents": 10_000,
        "lost_cents": 0,
    }  # fmt: skip
    return blank | fields


def touch(days_before: float, kind: str = "ticket_resolved", account_id: int = 1) -> dict[str, Any]:
    return {"account_id": account_id, "kind": kind, "happened_at": OUTCOME_AT - timedelta(days=days_before)}


def outcome_frame(*given: dict[str, Any]) -> Frame:
    kinds: dict[str, Any] = {
        "account_id": pl.Int64,
        "happened_at": _UTC,
        "kept_cents": pl.Int64,
        "lost_cents": pl.Int64,
    }
    schema: dict[str, Any] = {name: kinds.get(name, pl.String) for name in an_outcome()}
    return nw.from_native(pl.DataFrame(list(given), schema=schema).lazy())


def touch_frame(given: Rows) -> Frame:
    numbered = [{"touch_id": f"t{number}", "position": number} | row for number, row in enumerate(given, start=1)]
    schema: dict[str, Any] = {
        "touch_id": pl.String, "account_id": pl.Int64, "kind": pl.String, "happened_at": _UTC, "position": pl.Int64,
    }  # fmt: skip
    return nw.from_native(pl.DataFrame(numbered, schema=schema).lazy())


def shares(model: str, touches: Rows, outcome: dict[str, Any] | None = None, **conventions: Any) -> dict[str, int]:
    found = kept_credits(
        outcome_frame(outcome or an_outcome()), touch_frame(touches), model, CreditConventions(**conventions)
    )
    return {row["touch_id"] or UNATTRIBUTED: row["credit_cents"] for row in rows(found)}


FIVE = [touch(50), touch(40), touch(30), touch(20), touch(10)]
MILESTONE = [touch(50), touch(40, "escalation_handled"), touch(30, "escalation_handled"), touch(20), touch(10)]


@pytest.mark.parametrize(
    ("model", "touches", "expected"),
    [
        ("first", FIVE, [10_000, 0, 0, 0, 0]),
        ("last", FIVE, [0, 0, 0, 0, 10_000]),
        ("linear", FIVE, [2_000, 2_000, 2_000, 2_000, 2_000]),
        ("u_shaped", FIVE[:1], [10_000]),
        ("u_shaped", FIVE[:2], [5_000, 5_000]),
        ("u_shaped", FIVE[:3], [4_000, 2_000, 4_000]),
        ("u_shaped", FIVE[:4], [4_000, 1_000, 1_000, 4_000]),
        ("w_shaped", MILESTONE, [3_000, 3_000, 500, 500, 3_000]),
        ("w_shaped", FIVE[:4], [4_000, 1_000, 1_000, 4_000]),
        ("w_shaped", [MILESTONE[0], MILESTONE[1], MILESTONE[4]], [3_334, 3_333, 3_333]),
        ("w_shaped", MILESTONE[1:4], [4_000, 2_000, 4_000]),
        ("w_shaped", MILESTONE[:2], [5_000, 5_000]),
        ("time_decay", [touch(40), touch(10)], [3_334, 6_666]),
        ("time_decay", [touch(70), touch(40), touch(10)], [1_429, 2_857, 5_714]),
        ("shapley", FIVE[:3], [3_334, 3_333, 3_333]),
        ("shapley", MILESTONE, [1_668, 2_500, 2_500, 1_666, 1_666]),
        ("shapley", [touch(30, "csm_call"), *MILESTONE[1:]], [3_333, 1_667, 1_667, 1_667, 1_666]),
        ("markov", FIVE[:3], [3_334, 3_333, 3_333]),
        ("markov", MILESTONE, [2_223, 1_667, 1_666, 2_222, 2_222]),
    ],
)
def test_each_model_gives_its_own_shares(model: str, touches: Rows, expected: list[int]) -> None:
    assert shares(model, touches) == {f"t{place}": cents for place, cents in enumerate(expected, start=1) if cents}


def test_leftover_cents_go_to_the_earliest_touch() -> None:
    assert shares("linear", FIVE[:3], an_outcome(kept_cents=101)) == {"t1": 35, "t2": 33, "t3": 33}


def test_ties_keep_the_order_in_which_the_touches_came() -> None:
    assert shares("first", [touch(5), touch(5)]) == {"t1": 10_000}
    assert shares("last", [touch(5), touch(5)]) == {"t2": 10_000}


@pytest.mark.parametrize(
    ("days_before", "counts"),
    [(180.0001, False), (180, True), (179.9999, True), (0.0001, True), (0, False), (-1, False)],
)
def test_a_touch_counts_inside_the_look_back_only(days_before: float, counts: bool) -> None:
    assert shares("linear", [touch(days_before)]) == {"t1" if counts else UNATTRIBUTED: 10_000}


def test_the_look_back_and_the_half_life_are_settings() -> None:
    assert shares("linear", [touch(40), touch(10)], look_back_days=30) == {"t2": 10_000}
    assert shares("time_decay", [touch(40), touch(10)], half_life_days=3650)["t1"] > 4_900


def test_the_milestone_is_a_setting() -> None:
    touches = [touch(50), touch(40, "csm_call"), touch(30), touch(10)]
    assert shares("w_shaped", touches, milestone="csm_call") == {"t1": 3_000, "t2": 3_000, "t3": 1_000, "t4": 3_000}


def test_without_a_touch_the_whole_amount_is_nobody_s() -> None:
    [row] = rows(kept_credits(outcome_frame(an_outcome()), touch_frame([touch(5, account_id=2)]), "linear"))
    credit = Credit(**row)
    assert (credit.touch_id, credit.touch_kind, credit.credit_cents) == (None, UNATTRIBUTED, 10_000)


def test_a_churned_outcome_carries_no_credit_but_its_loss_has_a_path() -> None:
    churned = outcome_frame(an_outcome(kept_cents=0, lost_cents=900))
    assert rows(kept_credits(churned, touch_frame(FIVE), "u_shaped")) == []
    lost = rows(lost_credits(churned, touch_frame(FIVE[:3]), "u_shaped"))
    assert {row["touch_id"]: row["lost_cents"] for row in lost} == {"t1": 360, "t2": 180, "t3": 360}


@pytest.mark.parametrize("spelling", ["u_shaped", "U-shaped", " u shaped "])
def test_a_model_may_be_spelt_as_people_write_it(spelling: str) -> None:
    assert model_named(spelling) == "u_shaped"


def test_an_unknown_model_is_refused_with_the_nearest_names() -> None:
    with pytest.raises(NotFound, match="did you mean linear"):
        model_named("liner")
    with pytest.raises(NotFound, match="There are: first, last, linear"):
        model_named("zzz")


kinds = st.sampled_from(["ticket_resolved", "escalation_handled", "csm_call"])
touch_lists = st.lists(
    st.builds(touch, st.integers(-5, 200) | st.floats(-1, 181, width=32), kinds, st.integers(1, 2)), max_size=12
)
outcome_lists = st.lists(
    st.fixed_dictionaries(
        {
            "account_id": st.integers(1, 3),
            "kept_cents": st.integers(0, 10**14),
            "lost_cents": st.integers(0, 10**14),
            "happened_at": st.integers(-90, 90).map(lambda days: OUTCOME_AT + timedelta(days=days)),
        }
    ),
    max_size=5,
).map(lambda some: [an_outcome(outcome_id=f"o{number}", **fields) for number, fields in enumerate(some)])


@settings(deadline=None, max_examples=60)
@given(outcome_lists, touch_lists, st.sampled_from(MODELS))
def test_frames_and_plain_python_agree_and_money_is_conserved(outcomes: Rows, touches: Rows, model: str) -> None:
    credit = rows(kept_credits(outcome_frame(*outcomes), touch_frame(touches), model))
    lost = rows(lost_credits(outcome_frame(*outcomes), touch_frame(touches), model))
    for outcome in outcomes:
        own = {row["touch_id"]: row["credit_cents"] for row in credit if row["outcome_id"] == outcome["outcome_id"]}
        gone = [row["lost_cents"] for row in lost if row["outcome_id"] == outcome["outcome_id"]]
        if model not in BY_KIND:
            assert own == _oracle(outcome, touches, model)
        assert sum(own.values()) == outcome["kept_cents"]
        assert sum(gone) == outcome["lost_cents"]
        assert min([*own.values(), *gone], default=0) >= 0


@settings(deadline=None, max_examples=30)
@given(touch_lists, st.randoms(use_true_random=False), st.sampled_from(MODELS))
def test_the_order_of_the_rows_does_not_matter(touches: Rows, random: Any, model: str) -> None:
    numbered = [{"touch_id": f"t{n}", "position": n} | row for n, row in enumerate(touches)]
    shuffled = random.sample(numbered, len(numbered))
    assert shares(model, numbered) == shares(model, shuffled)


def _oracle(outcome: dict[str, Any], touches: Rows, model: str) -> dict[str | None, int]:
    """One outcome at a time, with exact fractions and a sorted list."""
    if not outcome["kept_cents"]:
        return {}
    numbered = [(row["happened_at"], number, row) for number, row in enumerate(touches, start=1)]
    counted = [
        (at, f"t{number}", row["kind"])
        for at, number, row in sorted(numbered, key=lambda entry: entry[:2])
        if row["account_id"] == outcome["account_id"]
        and outcome["happened_at"] - timedelta(days=180) <= at < outcome["happened_at"]
    ]
    if not counted:
        return {None: outcome["kept_cents"]}
    weights = _weights(model, [at for at, _, _ in counted], [kind for _, _, kind in counted])
    some = [(name, weight) for (_, name, _), weight in zip(counted, weights, strict=True) if weight]
    whole = sum(weight for _, weight in some)
    found: dict[str | None, int] = {name: int(outcome["kept_cents"] * weight / whole) for name, weight in some}
    found[some[0][0]] += outcome["kept_cents"] - sum(found.values())
    return found


def _weights(model: str, moments: list[datetime], kinds_: list[str]) -> list[Fraction]:
    count, last = len(moments), len(moments) - 1
    if model == "time_decay":
        half_life = timedelta(days=30)
        ages = [(moments[-1] - moment) / half_life for moment in moments]
        return [Fraction(max(1, int(Decimal(2.0**-age * 2**40).to_integral_value()))) for age in ages]
    if model in {"first", "last"}:
        return [Fraction(place == (0 if model == "first" else last)) for place in range(count)]
    milestone = kinds_.index("escalation_handled") if "escalation_handled" in kinds_ else 0
    keys, share = {0, last}, Fraction(2, 5)
    if model == "w_shaped" and 0 < milestone < last:
        keys, share = {0, milestone, last}, Fraction(3, 10)
    others = count - len(keys)
    if model == "linear" or not others:
        return [Fraction(1)] * count
    rest = (1 - share * len(keys)) / others
    return [share if place in keys else rest for place in range(count)]
