"""Conditions about a ticket: what its words mean, how they are said, and that playbooks do not take them."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import narwhals as nw
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from rules.conditions import Condition, TicketCondition, explain, expression, sentence, truth
from rules.signals import Value
from rules.signals.ticket import TICKET_WORDS

_COLUMNS = (*TICKET_WORDS, "account_ref", "segment")


def condition(signal: str, op: str, value: Any = None) -> TicketCondition:
    return TicketCondition.model_validate({"signal": signal, "op": op, "value": value})


def answers(rule: Condition, rows: Sequence[Mapping[str, Value]]) -> list[bool | None]:
    """The condition's answer for each ticket, by the expression; the single answer must be the same."""
    data = {name: pl.Series([row.get(name) for row in rows], dtype=pl.String) for name in _COLUMNS}
    found: list[bool | None] = nw.from_native(pl.DataFrame(data)).select(answer=expression(rule))["answer"].to_list()
    assert [truth(rule, row) for row in rows] == found
    return found


def tagged(*tags: str) -> str:
    return json.dumps(tags, ensure_ascii=False)


class TestSeveralWords:
    TAGS: Sequence[Mapping[str, Value]] = [
        {"tag": tagged()}, {"tag": tagged("spam")}, {"tag": tagged("a", "Spam")}, {"tag": tagged("spammer", "a spam")},
        {},
    ]  # fmt: skip

    @pytest.mark.parametrize(
        ("op", "value", "holds"),
        [
            ("==", "spam", [False, True, True, False, None]),
            ("!=", "spam", [True, False, False, True, None]),
            ("in", ["spammer", "a"], [False, False, True, True, None]),
            ("is_known", None, [True, True, True, True, False]),
            ("is_unknown", None, [False, False, False, False, True]),
        ],
    )
    def test_equal_is_that_it_has_the_word(self, op: str, value: Any, holds: list[bool | None]) -> None:
        assert answers(condition("tag", op, value), self.TAGS) == holds

    def test_an_open_playbook_is_one_of_several(self) -> None:
        rows = [{"open_playbook": tagged("renewal-rescue", "silence")}, {"open_playbook": tagged()}, {}]
        assert answers(condition("open_playbook", "==", "silence"), rows) == [True, False, None]

    @given(
        tags=st.lists(st.text(alphabet='ab"\\,[] \nÄäßΣ', max_size=4), max_size=3),
        word=st.text(alphabet='ab"\\,[]\nÄäßΣ', min_size=1, max_size=3).filter(lambda word: word.strip() == word),
    )
    @settings(max_examples=150, deadline=None)
    def test_whatever_a_word_is_made_of(self, tags: list[str], word: str) -> None:
        has = word.lower() in {tag.lower() for tag in tags}
        assert answers(condition("tag", "==", word), [{"tag": tagged(*tags)}]) == [has]


class TestOneWord:
    def test_capitals_do_not_matter(self) -> None:
        rows = [{"team": "EMEA Support"}, {"team": "emea support"}, {"team": "EMEA"}, {}]
        assert answers(condition("team", "==", "Emea Support"), rows) == [True, True, False, None]
        assert answers(condition("team", "in", ["EMEA", "APAC"]), rows) == [False, False, True, None]
        assert answers(condition("team", "!=", "emea"), rows) == [True, True, False, None]

    def test_an_account_goes_by_its_name_or_its_reference(self) -> None:
        rows = [{"account": "Acme", "account_ref": "001"}, {"account": "Beta", "account_ref": "002"}, {}]
        assert answers(condition("account", "==", "acme"), rows) == [True, False, None]
        assert answers(condition("account", "in", ["002", "003"]), rows) == [False, True, None]
        assert answers(condition("account", "!=", "001"), rows) == [False, True, None]

    def test_a_word_may_depend_on_the_segment(self) -> None:
        rows = [{"channel": "phone", "segment": "smb"}, {"channel": "phone", "segment": "enterprise"}, {"channel": "x"}]
        assert answers(condition("channel", "==", {"smb": "phone"}), rows) == [True, False, None]


class TestRefusals:
    @pytest.mark.parametrize(
        ("node", "message"),
        [
            ({"signal": "priority", "op": "==", "value": "urgnt"}, "unknown priority 'urgnt'; did you mean 'urgent'"),
            ({"signal": "priority", "op": ">", "value": "normal"}, "has no order"),
            ({"signal": "tag", "op": "==", "value": ["a"]}, "compared with text"),
            ({"signal": "tags", "op": "==", "value": "a"}, "did you mean 'tag'"),
            ({"signal": ["tag"], "op": "==", "value": "a"}, "unknown signal"),
        ],
    )
    def test_what_is_wrong_is_refused_with_what_is_right(self, node: Any, message: str) -> None:
        with pytest.raises(ValidationError, match=message):
            TicketCondition.model_validate({"all": [node]})

    @pytest.mark.parametrize("word", sorted(TICKET_WORDS))
    def test_a_playbook_looks_at_accounts(self, word: str) -> None:
        with pytest.raises(ValidationError, match=f"{word} is a word about a ticket.*sla.yaml"):
            Condition.model_validate({"not": {"signal": word, "op": "is_known"}})

    def test_no_word_is_both(self) -> None:
        assert not set(TICKET_WORDS) & set(Condition.vocabulary)


class TestWording:
    @pytest.mark.parametrize(
        ("rule", "said"),
        [
            (condition("tag", "==", "spam"), "tags including spam"),
            (condition("tag", "!=", "spam"), "tags without spam"),
            (condition("open_playbook", "in", ["a", "b"]), "open playbooks including one of a, b"),
            (condition("priority", "in", ["urgent", "high"]), "priority one of urgent, high"),
            (condition("csm", "is_unknown"), "CSM unknown"),
        ],
    )
    def test_a_rule_is_said_in_english(self, rule: Condition, said: str) -> None:
        assert sentence(rule) == said

    VALUES: Mapping[str, Value] = {
        "priority": "urgent", "tag": tagged("vip", "Billing"), "open_playbook": "[]", "account": "Acme",
        "account_ref": "001", "team": "EMEA",
    }  # fmt: skip

    @pytest.mark.parametrize(
        ("rule", "why"),
        [
            (condition("priority", "==", "urgent"), "priority urgent"),
            (condition("tag", "==", "vip"), "tagged vip, Billing"),
            (condition("open_playbook", "!=", "silence"), "open playbooks none"),
            (condition("account", "==", "001"), "account Acme"),
            (condition("team", "==", "EMEA"), "team EMEA"),
            (condition("csm", "==", "x"), "CSM unknown"),
        ],
    )
    def test_a_reason_tells_the_ticket_s_own_values(self, rule: Condition, why: str) -> None:
        assert explain(rule, self.VALUES, "USD") == why

    def test_each_word_can_be_said_of_any_ticket(self) -> None:
        full = {name: tagged("a") if word.several else "a" for name, word in TICKET_WORDS.items()}
        for name in TICKET_WORDS:
            assert explain(condition(name, "is_known"), full, "USD")
            assert explain(condition(name, "is_known"), {}, "USD").endswith("unknown")


def test_the_schema_allows_both_vocabularies() -> None:
    schema = TicketCondition.model_json_schema()
    checked = Draft202012Validator(schema)
    assert checked.is_valid({"all": [{"signal": "tag", "op": "==", "value": "x"}, {"signal": "acv", "op": "is_known"}]})
    assert not checked.is_valid({"not": {"signal": "tags", "op": "is_known"}})
    assert not Draft202012Validator(Condition.model_json_schema()).is_valid({"signal": "tag", "op": "is_known"})
