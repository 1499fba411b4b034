"""Credit over journeys given as plain data: one answer for every model, to the cent, and errors that name the place."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import NotFound
from retention import JourneyCredits, credit_journeys
from retention.attribution import MODELS

OUTCOME_AT = datetime(2025, 1, 1, tzinfo=UTC)
PAGE = (Path(__file__).parents[2] / "docs" / "attribution.md").read_text(encoding="utf-8")


def a_touch(days_before: float, kind: str = "ticket_resolved") -> dict[str, Any]:
    return {"kind": kind, "at": OUTCOME_AT - timedelta(days=days_before)}


def a_journey(*touches: dict[str, Any], **more: Any) -> dict[str, Any]:
    blank = {"touches": touches, "outcome_at": OUTCOME_AT, "renewed": True}
    return blank | ({} if "value_cents" in more else {"value": "100.00"}) | more


def shares(found: JourneyCredits) -> dict[int | None, int]:
    return {credit.touch: credit.cents for credit in found.credits}


ESCALATED = [a_touch(50), a_touch(40, "escalation_handled"), a_touch(20), a_touch(10)]


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("first", {0: 10_000}),
        ("last", {3: 10_000}),
        ("linear", {0: 2_500, 1: 2_500, 2: 2_500, 3: 2_500}),
        ("U-shaped", {0: 4_000, 1: 1_000, 2: 1_000, 3: 4_000}),
        ("W-shaped", {0: 3_000, 1: 3_000, 2: 1_000, 3: 3_000}),
        ("shapley", {0: 1_668, 1: 5_000, 2: 1_666, 3: 1_666}),
        ("markov", {0: 2_223, 1: 3_333, 2: 2_222, 3: 2_222}),
    ],
)
def test_each_model_shares_one_journey(model: str, expected: dict[int, int]) -> None:
    found = shares(credit_journeys([a_journey(*ESCALATED)], model))
    assert found == expected


@pytest.mark.parametrize(
    ("days", "counts"), [(180.00001, False), (180, True), (0.00001, True), (0, False), (-1, False)]
)
def test_a_touch_counts_from_the_look_back_on_and_before_the_outcome(days: float, counts: bool) -> None:
    assert shares(credit_journeys([a_journey(a_touch(days))])) == {0 if counts else None: 10_000}


def test_without_a_moment_of_the_outcome_all_touches_count() -> None:
    journey = a_journey(a_touch(5_000), a_touch(-5_000), outcome_at=None)
    assert shares(credit_journeys([journey])) == {0: 5_000, 1: 5_000}
    del journey["outcome_at"]
    assert shares(credit_journeys([journey], "last")) == {1: 10_000}


def test_touches_are_put_in_order_and_those_of_one_moment_keep_theirs() -> None:
    touches = [a_touch(1), a_touch(9), a_touch(9), a_touch(1)]
    assert shares(credit_journeys([a_journey(*touches)], "first")) == {1: 10_000}
    assert shares(credit_journeys([a_journey(*touches)], "last")) == {3: 10_000}


def test_moments_may_be_texts_of_any_zone() -> None:
    touches = [{"kind": "call", "at": "2025-01-01T01:00+02:00"}, {"kind": "call", "at": "2024-12-31T22:59:59Z"}]
    found = credit_journeys([a_journey(*touches, outcome_at="2024-12-31T18:30-05:00")], "first")
    assert shares(found) == {1: 10_000}


def test_what_was_lost_stands_apart_and_is_never_credit() -> None:
    found = credit_journeys([a_journey(*ESCALATED[:2], renewed=False), a_journey()])
    assert [tuple(credit) for credit in found.lost] == [
        (0, 0, "ticket_resolved", 5_000),
        (0, 1, "escalation_handled", 5_000),
    ]
    assert [tuple(credit) for credit in found.credits] == [(1, None, "(unattributed)", 10_000)]
    assert found.by_kind == {"(unattributed)": 10_000}
    assert found.lost_by_kind == {"escalation_handled": 5_000, "ticket_resolved": 5_000}


@pytest.mark.parametrize(
    ("value", "currency", "cents"),
    [
        ({"value": Decimal("12.34")}, "USD", 1_234),
        ({"value": "12.34"}, "USD", 1_234),
        ({"value": 12}, "USD", 1_200),
        ({"value": 12}, "JPY", 12),
        ({"value": "1.234"}, "KWD", 1_234),
        ({"value_cents": 1_234}, "USD", 1_234),
    ],
)
def test_a_value_is_an_amount_or_a_number_of_minor_units(value: dict[str, Any], currency: str, cents: int) -> None:
    journey = {"touches": [], "renewed": True} | value
    assert credit_journeys([journey], currency=currency).by_kind == {"(unattributed)": cents}


def test_a_value_of_nothing_has_no_row_and_no_journeys_have_none() -> None:
    for model in MODELS:
        assert credit_journeys([a_journey(a_touch(3), value_cents=0)], model).credits == ()
        assert credit_journeys([], model).by_kind == {}


def test_the_settings_of_the_models_can_be_given() -> None:
    touches = [a_touch(50), a_touch(40, "visit"), a_touch(20), a_touch(10)]
    found = credit_journeys([a_journey(*touches)], "w_shaped", milestone="visit")
    assert shares(found) == {0: 3_000, 1: 3_000, 2: 1_000, 3: 3_000}
    assert shares(credit_journeys([a_journey(*touches)], look_back_days=15)) == {3: 10_000}
    decayed = credit_journeys([a_journey(a_touch(20), a_touch(10))], "time_decay", half_life_days=10)
    assert shares(decayed) == {0: 3_334, 1: 6_666}


@pytest.mark.parametrize("model", MODELS)
def test_every_model_and_every_argument_is_documented(model: str) -> None:
    assert f"`{model}`" in PAGE
    for argument in ("look_back_days", "half_life_days", "milestone", "currency", "value_cents", "outcome_at"):
        assert f"`{argument}" in PAGE


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"value": "1.001"}, "journey 1: value: .* USD minor units"),
        ({"value": 10**14}, "journey 1: value: .* is more than"),
        ({"value": None}, "give either value"),
        ({"value_cents": 5, "value": 5}, "give either value"),
        ({"value": -1}, r"(?s)1\.value.*greater than or equal to 0"),
        ({"outcome_at": "2025-01-01T00:00"}, r"(?s)1\.outcome_at.*timezone"),
        ({"touches": [{"kind": "call", "at": datetime(2025, 1, 1)}]}, r"(?s)1\.touches\.0\.at.*timezone"),  # noqa: DTZ001
        ({"touches": [{"kind": "call"}]}, r"(?s)1\.touches\.0\.at.*required"),
        ({"renewd": True}, r"(?s)1\.renewd.*not permitted"),
    ],
)
def test_wrong_data_is_refused_with_its_place(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        credit_journeys([a_journey(), a_journey() | wrong])


def test_wrong_settings_are_refused() -> None:
    with pytest.raises(NotFound, match="did you mean shapley"):
        credit_journeys([], "shaply")
    for wrong in ({"look_back_days": 0}, {"half_life_days": 0}, {"currency": "dollars"}):
        with pytest.raises(ValueError, match="validation error"):
            credit_journeys([], **wrong)


kinds = st.sampled_from(["ticket_resolved", "escalation_handled", "csm_call"])
given_journeys = st.lists(
    st.builds(
        lambda touches, cents, renewed: a_journey(*touches, value_cents=cents, renewed=renewed),
        st.lists(st.builds(a_touch, st.integers(-2, 190), kinds), max_size=6),
        st.integers(0, 10**15),
        st.booleans(),
    ),
    max_size=6,
)


@settings(deadline=None, max_examples=60)
@given(given_journeys, st.sampled_from(MODELS), st.randoms(use_true_random=False))
def test_credits_sum_to_the_cent_and_the_order_of_journeys_does_not_matter(
    journeys: list[dict[str, Any]], model: str, random: Any
) -> None:
    found = credit_journeys(journeys, model)
    kept: Counter[int] = Counter()
    lost: Counter[int] = Counter()
    for sums, credits_ in ((kept, found.credits), (lost, found.lost)):
        for credit in credits_:
            sums[credit.journey] += credit.cents
            assert credit.cents >= 0
    for number, journey in enumerate(journeys):
        amounts = (kept[number], lost[number])
        assert amounts == ((journey["value_cents"], 0) if journey["renewed"] else (0, journey["value_cents"]))
    assert sum(found.by_kind.values()) == sum(found.credited_by_kind.values()) == sum(kept.values())
    assert sum(found.lost_by_kind.values()) == sum(lost.values())
    order = random.sample(range(len(journeys)), len(journeys))
    shuffled = credit_journeys([journeys[number] for number in order], model)
    assert {credit._replace(journey=order[credit.journey]) for credit in shuffled.credits} == set(found.credits)
    assert (shuffled.by_kind, shuffled.lost_by_kind) == (found.by_kind, found.lost_by_kind)
