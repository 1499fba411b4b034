"""Markov and Shapley: the chain and the game, worked by hand and against slow, exact computations."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import combinations, pairwise
from math import factorial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retention import JourneyCredits, credit_journeys

START, LOST, RENEWED = "(start)", "(lost)", "(renewed)"
Path = tuple[str, int, bool]


def journey(path: Iterable[str], cents: int = 9_000, renewed: bool = True) -> dict[str, Any]:
    """The kinds of touches, a letter each, one a day."""
    touches = [{"kind": kind, "at": f"2025-01-{day:02}T00:00Z"} for day, kind in enumerate(path, start=1)]
    return {"touches": touches, "outcome_at": "2025-02-01T00:00Z", "value_cents": cents, "renewed": renewed}


def credited(paths: Sequence[Path], model: str) -> JourneyCredits:
    return credit_journeys([journey(*path) for path in paths], model)


def of_journey(found: JourneyCredits, number: int) -> dict[str, int]:
    cents: Counter[str] = Counter()
    for credit in (*found.credits, *found.lost):
        if credit.journey == number:
            cents[credit.kind] += credit.cents
    return dict(cents)


def test_markov_on_a_chain_worked_by_hand() -> None:
    """Paths AB renewed, A lost, B renewed, AA lost: A is 3 of 4 starts, and goes on to B in 1 of 3.

    Renewal is 3/4 x 1/3 + 1/4 = 1/2. Without A only the direct way to B is left, 1/4: the effect is 1/2. Without B
    nothing renews: the effect is 1. So A gets a third.
    """
    found = credited([("AB", 9_000, True), ("A", 6_000, False), ("B", 3_000, True), ("AA", 500, False)], "markov")
    assert found.removal_effects == pytest.approx({"A": 0.5, "B": 1.0})
    assert of_journey(found, 0) == {"A": 3_000, "B": 6_000}
    assert of_journey(found, 2) == {"B": 3_000}
    assert found.credited_by_kind == {"B": 9_000, "A": 3_000}
    assert found.by_kind == {"B": 8_000, "A": 4_000}


def test_a_step_from_a_kind_to_itself_is_no_step() -> None:
    once = credited([("AB", 100, True), ("A", 100, False)], "markov")
    often = credited([("AAAB", 100, True), ("AA", 100, False)], "markov")
    assert once.removal_effects == often.removal_effects
    assert [credit.cents for credit in often.credits] == [18, 16, 16, 50]


def test_a_loss_is_shared_by_the_same_weights() -> None:
    paths = [("AB", 9_000, True), ("A", 0, False), ("B", 3_000, True), ("BA", 300, False), ("A", 0, False)]
    found = credited(paths, "markov")
    effects = found.removal_effects
    part = effects["A"] / (effects["A"] + effects["B"])
    assert of_journey(found, 3) == pytest.approx({"A": 300 * part, "B": 300 * (1 - part)}, abs=1)
    assert found.lost_by_kind == of_journey(found, 3) | {}


def test_where_nothing_renewed_kinds_share_a_loss_alike() -> None:
    found = credited([("ABB", 100, False)], "markov")
    assert found.removal_effects == {"A": 0, "B": 0}
    assert [credit.cents for credit in found.lost] == [50, 25, 25]
    assert found.by_kind == {}


def test_without_a_touch_a_kind_model_credits_nobody() -> None:
    for model in ("markov", "shapley"):
        found = credited([("", 700, True), ("A", 300, True)], model)
        assert found.by_kind == {"(unattributed)": 700, "A": 300}


def test_shapley_shares_equally_over_kinds_and_then_over_touches() -> None:
    found = credited([("ABBB", 9_001, True), ("CC", 600, True), ("AC", 50, False)], "shapley")
    assert [credit.cents for credit in found.credits] == [4_501, 1_500, 1_500, 1_500, 300, 300]
    assert found.by_kind == {"A": 4_501, "B": 4_500, "C": 600}
    assert found.lost_by_kind == {"A": 25, "C": 25}


paths = st.lists(
    st.tuples(st.text("ABCD", max_size=6), st.integers(0, 10**12), st.booleans()), min_size=1, max_size=7
)  # fmt: skip


@settings(deadline=None, max_examples=80)
@given(paths)
def test_markov_equals_the_chain_with_each_kind_removed(some: list[Path]) -> None:
    found = credited(some, "markov")
    exact = _removal_effects(some)
    assert found.removal_effects == pytest.approx({kind: float(effect) for kind, effect in exact.items()}, abs=1e-9)
    for number, (path, cents, _) in enumerate(some):
        kinds = {kind: exact[kind] for kind in path}
        shares = _proportional(cents, kinds) if kinds and cents else {}
        own = of_journey(found, number)
        assert all(abs(own.get(kind, 0) - share) < 1 for kind, share in shares.items())
    pooled = sum(cents for path, cents, renewed in some if path and renewed)
    if pooled:
        assert all(abs(found.by_kind[kind] - share) < 1 for kind, share in _proportional(pooled, exact).items())


@settings(deadline=None, max_examples=80)
@given(paths)
def test_shapley_equals_the_game_over_all_subsets_of_kinds(some: list[Path]) -> None:
    found = credited(some, "shapley")
    for kind, share in _shapley(some).items():
        assert abs(found.by_kind.get(kind, 0) - share) <= len(some)
    for number, (path, cents, _) in enumerate(some):
        for kind, share in _shapley([(path, cents, True)]).items():
            assert abs(of_journey(found, number).get(kind, 0) - share) < 1


def _proportional(cents: int, weights: Mapping[str, Fraction]) -> dict[str, Fraction]:
    whole = sum(weights.values(), Fraction())
    return {
        kind: cents * weight / whole if whole else Fraction(cents, len(weights)) for kind, weight in weights.items()
    }


def _removal_effects(some: Sequence[Path]) -> dict[str, Fraction]:
    steps: Counter[tuple[str, str]] = Counter()
    for path, _, renewed in some:
        if path:
            walked = [START, *path, RENEWED if renewed else LOST]
            steps.update((here, there) for here, there in pairwise(walked) if here != there)
    kinds = sorted({kind for path, _, _ in some for kind in path})
    if not kinds:
        return {}
    whole = _renewal(steps, kinds, None)
    return {kind: (whole - _renewal(steps, kinds, kind)) / whole if whole else Fraction() for kind in kinds}


def _renewal(steps: Counter[tuple[str, str]], kinds: Sequence[str], removed: str | None) -> Fraction:
    """The probability to end renewed, by elimination over fractions; what goes to `removed` is lost."""
    states = [START, *(kind for kind in kinds if kind != removed)]
    whole = {state: sum(count for (here, _), count in steps.items() if here == state) for state in states}
    rows = [
        [Fraction(here == there) - Fraction(steps[here, there], whole[here]) for there in states]
        + [Fraction(steps[here, RENEWED], whole[here])]
        for here in states
    ]
    for place in range(len(states)):
        pivot = next(number for number in range(place, len(rows)) if rows[number][place])
        rows[place], rows[pivot] = rows[pivot], rows[place]
        rows[place] = [cell / rows[place][place] for cell in rows[place]]
        for number, row in enumerate(rows):
            if number != place and row[place]:
                rows[number] = [cell - row[place] * ours for cell, ours in zip(row, rows[place], strict=True)]
    return rows[0][-1]


def _shapley(some: Sequence[Path]) -> dict[str, Fraction]:
    """The mean of what a kind adds to the coalitions without it; a coalition is worth the journeys it covers."""
    kinds = sorted({kind for path, _, _ in some for kind in path})

    def worth(coalition: set[str]) -> int:
        return sum(cents for path, cents, renewed in some if renewed and path and set(path) <= coalition)

    found: dict[str, Fraction] = {}
    for kind in kinds:
        others = [other for other in kinds if other != kind]
        found[kind] = sum(
            (
                Fraction(factorial(size) * factorial(len(others) - size), factorial(len(kinds)))
                * (worth({*coalition, kind}) - worth(set(coalition)))
                for size in range(len(kinds))
                for coalition in combinations(others, size)
            ),
            Fraction(),
        )
    return found
