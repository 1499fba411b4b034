"""A condition is said in English and read back, and what people say in other words is understood."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.conditions import Condition, NotUnderstood, TicketCondition, parse_sentence, sentence
from rules.signals import Signal, SignalWindows

NUMBERS = st.one_of(st.integers(-(10**9), 10**9), st.floats(-1e9, 1e9, allow_nan=False, allow_infinity=False))
WORDS = st.one_of(
    st.sampled_from(["vip", "and", "not", "Großkunde", "a, b", 'a "b"', "for x", "3"]), st.text(min_size=1)
)
ORDERED = [">", ">=", "<", "<=", "==", "!="]


def _scalar(signal: Signal) -> st.SearchStrategy[Any]:
    if signal.kind == "money":
        cents = st.integers(-(10**12), 10**12)
        return st.builds("{:.2f} {}".format, cents.map(lambda amount: amount / 100), st.sampled_from(["USD", "EUR"]))
    if signal.kind == "duration":
        return st.builds("{}{} {}".format, st.integers(0, 999), st.sampled_from("mhs"), st.just(signal.unit))
    if signal.kind == "date":
        return st.dates().map(str)
    if signal.kind == "text":
        plain = WORDS.filter(lambda word: bool(word.strip()))
        return st.sampled_from(signal.words) if signal.words else plain
    return NUMBERS


def _value(signal: Signal, op: str) -> st.SearchStrategy[Any]:
    scalar = _scalar(signal)
    if op == "in":
        return st.lists(scalar, min_size=1, max_size=3)
    return st.lists(scalar, min_size=2, max_size=2) if op == "between" else scalar


@st.composite
def leaves(draw: Any, kind: type[Condition]) -> dict[str, Any]:
    signal = kind.vocabulary[draw(st.sampled_from(sorted(kind.vocabulary)))]
    ops = ["==", "!=", "in"] if signal.kind == "text" else [*ORDERED, "in", "between"]
    op = draw(st.sampled_from([*ops, "is_known", "is_unknown"]))
    if op.startswith("is_"):
        return {"signal": signal.name, "op": op}
    by_segment = st.dictionaries(st.sampled_from(["enterprise", "smb", "mid_market", "big fish"]), _value(signal, op))
    value = draw(st.one_of(_value(signal, op), by_segment.filter(bool)))
    return {"signal": signal.name, "op": op, "value": value}


def trees(kind: type[Condition]) -> st.SearchStrategy[Condition]:
    def above(below: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        many = st.lists(below, min_size=1, max_size=3)
        return st.one_of(
            st.builds(lambda parts: {"all": parts}, many), st.builds(lambda parts: {"any": parts}, many),
            st.builds(lambda part: {"not": part}, below),
        )  # fmt: skip

    return st.recursive(leaves(kind), above, max_leaves=6).map(lambda node: _valid(kind, node)).filter(bool)  # type: ignore[return-value]


def _valid(kind: type[Condition], node: dict[str, Any]) -> Condition | None:
    try:
        return kind.model_validate(node)
    except ValueError:
        return None


@settings(max_examples=100, deadline=None)
@given(condition=trees(Condition))
def test_what_is_said_of_accounts_is_read_back_as_the_same_tree(condition: Condition) -> None:
    assert parse_sentence(sentence(condition)) == condition


@settings(max_examples=60, deadline=None)
@given(condition=trees(TicketCondition))
def test_what_is_said_of_tickets_is_read_back_as_the_same_tree(condition: Condition) -> None:
    windows = SignalWindows(evidence_days=14)
    assert parse_sentence(sentence(condition, windows), TicketCondition, windows) == condition


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (
            "ACV above 100k USD and renewal within 90 days",
            "ACV above USD 100,000 and days to renewal between 0 and 90",
        ),
        ("arr over USD 1.5m", "ACV above USD 1,500,000"),
        ("tickets in 7 days at least 3x", "tickets in 7 days at least 3 times the usual"),
        ("tickets_7d >= 5", "tickets in 7 days at least 5"),
        ("usage lost over 7 days is at least 50 %", "usage lost over 7 days at least 50 %"),
        ("NOT (segment is smb OR acv is unknown)", "not (segment equal to smb or ACV unknown)"),
        (
            "sentiment <= -35 for enterprise or <= -45 for smb or CSAT in 30 days below 40",
            "sentiment at most −35 for enterprise or at most −45 for smb or CSAT in 30 days below 40",
        ),
        ("segment in enterprise, mid_market", "segment one of enterprise, mid_market"),
        ("renewal date is not known", "the renewal date unknown"),
        ("((sentiment below 0))", "sentiment below 0"),
    ],
)  # fmt: skip
def test_other_words_for_the_same_are_understood(said: str, meant: str) -> None:
    assert sentence(parse_sentence(said)) == meant


@pytest.mark.parametrize(
    ("said", "place", "found", "remedy"),
    [
        ("ACV above 100k USD and sentimnt below 0", 24, "sentimnt below 0", "did you mean 'sentiment'?"),
        ("ACV about 5 USD", 5, "about 5 USD", "say how acv is compared"),
        ("ACV above 100000", 17, "the end", "an amount with its currency"),
        ("sentiment below 0 or ACV known and NPS in 30 days known", 32, "and NPS in 30", "put brackets around"),
        ("(sentiment below 0", 19, "the end", "a bracket is open"),
        ("sentiment below zero", 17, "zero", "write a number"),
        ("sentiment below 0 urgently", 19, "urgently", "before a further comparison"),
        ("days to renewal between 0", 26, "the end", "between takes two bounds"),
        ("ACV band is enterprize", 1, "ACV band is enterprize", "did you mean 'enterprise'?"),
        ("", 1, "the end", "keepline signals lists all"),
        ("(" * 100 + "sentiment below 0" + ")" * 100, 32, "(" * 60, "fewer"),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_told_with_its_place(said: str, place: int, found: str, remedy: str) -> None:
    with pytest.raises(NotUnderstood) as refused:
        parse_sentence(said)
    assert (refused.value.place, refused.value.found) == (place, found)
    assert remedy in refused.value.remedy
