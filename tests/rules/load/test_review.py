"""A rule that nobody acts on is proposed to be retired, one that is mostly wrong to be tightened; the rest is kept."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.escalations import EscalationState
from rules.load.alarms import Alarms, acted_on, alarms
from rules.load.precision import Precision
from rules.load.review import best_cut, review
from rules.load.written import Reviewing
from rules.playbooks import Playbook, parse
from tests.rules.load.answers import a_case, a_decision, an_answer

BUSY = {"signal": "tickets_7d", "op": ">=", "value": 5}


def a_rule(when: dict[str, Any] | None = None) -> Playbook:
    steps = [{"do": "call", "owner": "csm", "within": "24h elapsed"}]
    return parse([{"playbooks": [{"id": "p", "name": "P", "when": when or BUSY, "steps": steps}]}])[0]


@pytest.mark.parametrize(
    ("state", "worked", "attended"),
    [
        ("expired", False, False), ("expired", True, True), ("open", False, False), ("acked", False, True),
        ("working", True, True), ("dismissed", False, True), ("resolved", True, True),
    ],
)  # fmt: skip
def test_acted_on_is_a_step_done_or_a_person_s_taking_it(state: EscalationState, worked: bool, attended: bool) -> None:
    assert acted_on(a_case("e", state, worked)) is attended


def test_what_became_of_a_rule_s_alarms_is_counted() -> None:
    cases = [a_case("a", "expired"), a_case("b", "expired", worked=True), a_case("c"), a_case("d", owner=None)]
    said = {"a": an_answer("a", "disagree", "too-noisy"), "b": an_answer("b", "agree")}
    made = [a_decision("a", tickets_7d=5), a_decision("b", tickets_7d=9), a_decision("z")]
    found = alarms("p", made, cases, [], said)
    assert (found.fired, found.opened, found.closed, found.unattended, found.acted_on) == (3, 4, 2, 1, 1)
    assert (found.precision, found.reasons) == (Precision(1, 1), {"too-noisy": 1})
    assert (found.wrong, found.right) == (({"tickets_7d": 5},), ({"tickets_7d": 9},))
    assert {owner: count for (owner, _), count in found.weekly.items()} == {"a": 3, "nobody": 1}


@pytest.mark.parametrize(
    ("unattended", "closed", "proposed"), [(19, 19, "keep"), (20, 20, "retire"), (90, 100, "retire"), (84, 100, "keep")]
)
def test_a_rule_that_nobody_acts_on_is_proposed_to_be_retired(unattended: int, closed: int, proposed: str) -> None:
    """From 20 closed ones on, and only where the whole interval says so."""
    found = Alarms("p", closed, closed, unattended=unattended, closed=closed)
    assert review(a_rule(), found, Reviewing()).proposed == proposed


@pytest.mark.parametrize(
    ("agreed", "disagreed", "proposed"), [(1, 18, "keep"), (1, 19, "tighten"), (8, 17, "keep"), (30, 70, "tighten")]
)
def test_a_rule_that_is_mostly_wrong_is_proposed_to_be_tightened(agreed: int, disagreed: int, proposed: str) -> None:
    found = Alarms("p", opened=agreed + disagreed, precision=Precision(agreed, disagreed))
    assert review(a_rule(), found, Reviewing()).proposed == proposed


def test_the_threshold_is_told_that_would_have_left_out_the_wrong_ones() -> None:
    wrong = tuple({"tickets_7d": seen} for seen in (5, 5, 6, 6, 12))
    right = tuple({"tickets_7d": seen} for seen in (7, 9, 11))
    found = Alarms("p", opened=25, precision=Precision(2, 23), wrong=wrong, right=right)
    told = review(a_rule(), found, Reviewing())
    assert told.cut is not None
    assert (told.cut.signal, told.cut.op, told.cut.threshold) == ("tickets_7d", ">", 6)
    assert told.because.endswith(
        "tickets_7d > 6 instead of >= 5 would have left out 4 of 5 disagreed and 0 of 3 agreed alarms"
    )


def test_where_no_threshold_tells_right_from_wrong_none_is_told() -> None:
    same = ({"tickets_7d": 5}, {"tickets_7d": 8})
    assert best_cut(a_rule().when, same, same) is None
    assert best_cut(a_rule({"any": [BUSY, BUSY]}).when, same, ()) is None


def test_downwards_the_threshold_falls() -> None:
    when = {"all": [{"signal": "csat_30d", "op": "<=", "value": 60}, BUSY]}
    cut = best_cut(a_rule(when).when, ({"csat_30d": 60}, {"csat_30d": 55}), ({"csat_30d": 20},))
    assert cut is not None
    assert (cut.signal, cut.op, cut.threshold) == ("csat_30d", "<", 55)


def test_too_few_are_told_as_too_few() -> None:
    told = review(a_rule(), Alarms("p", 3, 3, closed=2, unattended=2), Reviewing())
    assert told.because == "too few to say: 2 closed and 0 answered, 20 of either are asked for"
    assert review(a_rule(), Alarms("p"), Reviewing()).because == "it opened nothing"


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(5, 20), max_size=12), st.lists(st.integers(5, 20), max_size=12))
def test_a_cut_counts_what_it_would_have_left_out(bad: list[int], good: list[int]) -> None:
    wrong, right = ([{"tickets_7d": each} for each in seen] for seen in (bad, good))
    cut = best_cut(a_rule().when, wrong, right)
    if cut is not None:
        assert cut.disagreed_cut == sum(each <= cut.threshold for each in bad) > 0
        assert cut.agreed_cut == sum(each <= cut.threshold for each in good)
