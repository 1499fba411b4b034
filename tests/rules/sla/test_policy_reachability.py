"""A rule that is never reached is found; one that can be reached is never called unreachable."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.conditions import PolicyCondition, truth
from rules.signals import Value
from rules.sla.reachability import Rung, never_true, unreachable
from tests.rules.sla.policies import URGENT, a_leaf

KNOWN, MISSING = a_leaf("acv", "is_known"), a_leaf("acv", "is_unknown")


def a_rung(name: str, when: Any = None, **said: Any) -> Rung:
    return Rung(name, None if when is None else PolicyCondition.model_validate(when), **said)


def lost(*conditions: Any) -> list[int]:
    """The numbers of the rules that are not reached."""
    return [number for number, _ in unreachable([a_rung(f"p{at}", when) for at, when in enumerate(conditions)])]


def amount(op: str, value: Any) -> dict[str, Any]:
    return a_leaf("acv", op, value)


class TestFound:
    @pytest.mark.parametrize(
        ("conditions", "numbers"),
        [
            ([None, URGENT, None], [1, 2]),
            ([URGENT, None], []),
            ([URGENT, URGENT], [1]),
            ([{"any": [KNOWN, MISSING]}, URGENT], [1]),
            ([{"not": {"all": [KNOWN, MISSING]}}, URGENT], [1]),
            ([{"any": [URGENT, {"not": URGENT}]}, None], []),
            ([{"any": [URGENT, a_leaf("priority", "!=", "urgent"), a_leaf("priority", "is_unknown")]}, None], [1]),
            ([amount(">", "50000 USD"), amount(">", "100000 USD")], [1]),
            ([amount(">", "100000 USD"), amount(">=", "100000 USD")], []),
            ([amount(">=", "100000 USD"), amount(">", "100000 USD")], [1]),
            ([a_leaf("days_to_renewal", "<=", 180), a_leaf("days_to_renewal", "between", [0, 90])], [1]),
            ([a_leaf("ticket_ratio_7d", ">", 3), a_leaf("ticket_ratio_7d", ">", 3.5)], [1]),
            ([a_leaf("renewal_on", "<", "2026-03-01"), a_leaf("renewal_on", "<=", "2026-02-28")], [1]),
            ([a_leaf("renewal_on", "<", "2026-02-28"), a_leaf("renewal_on", "<=", "2026-02-28")], []),
            ([URGENT, {"all": [URGENT, KNOWN]}], [1]),
            ([{"all": [URGENT, KNOWN]}, URGENT], []),
            ([a_leaf("tag", "in", ["a", "b"]), a_leaf("tag", "==", "A")], [1]),
            ([a_leaf("tag", "!=", "a"), a_leaf("tag", "==", "b")], []),
            ([a_leaf("team", "in", ["x", "y"]), a_leaf("team", "==", "X")], [1]),
            ([a_leaf("account", "==", "x"), a_leaf("account", "in", ["x", "y"])], []),
            ([a_leaf("sentiment", "<", {"smb": 0}), a_leaf("sentiment", "<", {"smb": -10})], [1]),
            ([a_leaf("sentiment", "<", 0), a_leaf("sentiment", "<", {"smb": -10})], [1]),
            ([a_leaf("sentiment", "<", {"smb": 0}), a_leaf("sentiment", "<", -10)], []),
        ],
    )  # fmt: skip
    def test_what_an_earlier_one_always_takes(self, conditions: Sequence[Any], numbers: list[int]) -> None:
        assert lost(*conditions) == numbers

    @pytest.mark.parametrize(
        ("when", "never"),
        [
            ({"all": [URGENT, a_leaf("priority", "==", "low")]}, True),
            ({"all": [a_leaf("tag", "==", "a"), a_leaf("tag", "==", "b")]}, False),
            ({"all": [a_leaf("account", "==", "a"), a_leaf("account", "==", "b")]}, False),
            ({"all": [amount(">", "2 USD"), amount("<", "1 USD")]}, True),
            ({"all": [KNOWN, MISSING]}, True),
            ({"not": {"any": [KNOWN, MISSING]}}, True),
            ({"not": a_leaf("priority", "in", ["urgent", "high", "normal", "low"])}, True),
        ],
    )
    def test_what_can_never_be_true(self, when: Any, never: bool) -> None:
        assert never_true(PolicyCondition.model_validate(when)) is never
        assert lost(when) == ([0] if never else [])

    @pytest.mark.parametrize(
        ("earlier", "later", "found"),
        [
            ({}, {"since": date(2026, 1, 1)}, True),
            ({"since": date(2026, 1, 1)}, {}, False),
            ({"since": date(2026, 1, 1)}, {"since": date(2026, 1, 1)}, True),
            ({"since": date(2026, 1, 2)}, {"since": date(2026, 1, 1)}, False),
            ({"until": date(2026, 1, 1)}, {"until": date(2026, 1, 1)}, True),
            ({"until": date(2026, 1, 1)}, {"until": date(2026, 1, 2)}, False),
            ({"until": date(2026, 1, 1)}, {"until": date(2026, 1, 1), "calendar": "tokyo"}, False),
            ({"until": date(2026, 1, 3)}, {"until": date(2026, 1, 1), "calendar": "tokyo"}, True),
        ],
    )
    def test_only_while_it_is_in_force(self, earlier: Any, later: Any, found: bool) -> None:
        rungs = [a_rung("earlier", URGENT, **earlier), a_rung("later", URGENT, **later)]
        assert bool(list(unreachable(rungs))) is found

    def test_the_message_names_both_and_says_what_to_do(self) -> None:
        [(_, wrong)] = unreachable([a_rung("all"), a_rung("some", URGENT)])
        assert wrong == (
            "'some' is never reached: 'all' above it has no condition and always applies first; "
            "move 'some' above it, or remove one of the two"
        )


class TestTooMuch:
    def test_what_would_take_too_long_is_let_pass(self) -> None:
        many = [a_leaf("tag", "==", f"t{number}") for number in range(60)]
        assert lost({"any": many}, {"all": many}) == []

    def test_long_lists_of_rules_are_looked_at_too(self) -> None:
        names = ("acv", "csat_30d", "sentiment", "tickets_7d", "tickets_30d", "usage_7d")
        rules = [
            {
                "all": [a_leaf(name, "is_known") for name in names[: 1 + number % 6]]
                + [a_leaf("team", "==", f"t{number}")]
            }
            for number in range(150)
        ]
        assert lost(*rules) == []


_LEAVES = st.one_of(
    st.builds(a_leaf, st.just("priority"), st.sampled_from(["==", "!="]), st.sampled_from(["urgent", "low"])),
    st.builds(a_leaf, st.just("tickets_7d"), st.sampled_from([">", "<=", "=="]), st.integers(0, 2)),
    st.builds(a_leaf, st.just("tag"), st.sampled_from(["==", "!="]), st.sampled_from(["a", "b"])),
    st.sampled_from([a_leaf("tickets_7d", "is_known"), a_leaf("priority", "is_unknown")]),
)
_CONDITIONS = st.recursive(
    _LEAVES,
    lambda node: st.one_of(
        st.lists(node, min_size=1, max_size=2).map(lambda parts: {"all": parts}),
        st.lists(node, min_size=1, max_size=2).map(lambda parts: {"any": parts}),
        node.map(lambda part: {"not": part}),
    ),
    max_leaves=4,
)
_WORLDS: Sequence[Mapping[str, Value]] = [
    {"priority": priority, "tickets_7d": count, "tag": tags}
    for priority in (None, "urgent", "high", "normal", "low")
    for count in (None, -1, 0, 0.5, 1, 1.5, 2, 3)
    for tags in (None, "[]", '["a"]', '["b"]', '["b", "a"]')
]


@given(earlier=_CONDITIONS, later=_CONDITIONS)
@settings(max_examples=120, deadline=None)
def test_it_is_exact_where_signals_do_not_depend_on_each_other(earlier: Any, later: Any) -> None:
    one, other = PolicyCondition.model_validate(earlier), PolicyCondition.model_validate(later)
    true = [world for world in _WORLDS if truth(other, world)]
    reached = [world for world in true if not truth(one, world)]
    assert (1 in lost(earlier, later)) is (not reached)
    assert never_true(other) is (not true)
