"""Customers' messages are searched once by the rules in force; other rules search them anew, and nothing else is."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from jobs.evidence_trial import compared
from jobs.read_evidence import read_evidence
from jobs.rulebook import Rulebook
from rules.text.findings import EvidenceDocument, EvidenceReader, extended, shipped_content, shipped_reader
from storage.evidence import EvidenceBook, Told
from storage.store import Store
from tests.builders import NOON, staged
from tests.jobs.conftest import silent

Say = Callable[..., None]


@pytest.fixture
def say(store: Store) -> Say:
    """Puts a message of a customer into a ticket of account A."""

    def put(record: Any, **row: Any) -> None:
        with store.importing() as transaction:
            staging = transaction.stage(record, "test")
            staging.append(staged(record, row))
            staging.settle(NOON)

    def add(name: str, text: str, author: str = "customer", **row: Any) -> None:
        said = {"ticket_ref": "T", "author_kind": author, "text": text, "sent_at": NOON, **row}
        put("message", external_id=name, **said)

    put("account", external_id="A")
    put("ticket", external_id="T", account_ref="A")
    store.link_tickets()
    return add


def other_rules() -> EvidenceReader:
    rule = {"id": "globex", "kind": "churn_intent", "phrases": ["globex pilot"]}
    content = extended({"rules": [rule], "off": ["end-contract"]}, shipped_content())
    return EvidenceReader(EvidenceDocument.model_validate(content))


def found(store: Store, reader: EvidenceReader) -> list[Told]:
    return EvidenceBook(store.engine).newest(reader.reader, [], None, NOON)


def test_each_message_is_searched_once_and_what_is_kept_is_masked(store: Store, say: Say, rulebook: Rulebook) -> None:
    say("M1", "Please cancel our plan and write to jo.doe@example.com about it.")
    say("M2", "> Please cancel our plan.\n\nHow do I add a colleague to the dashboard?")
    say("M3", "Please cancel our plan.", author="agent")
    say("M4", "Please cancel our plan.", public=False)
    say("M5", "Please cancel our plan.", automatic=True)
    assert read_evidence(store, rulebook, NOON, silent) == 2
    [told] = found(store, shipped_reader())
    assert (told.kind, told.said, told.ticket) == ("churn_intent", "cancel our plan", "T")
    assert told.sentence == "Please cancel our plan and write to [e-mail] about it."
    assert read_evidence(store, rulebook, NOON, silent) == 0


def test_what_is_older_than_the_signals_look_is_left(store: Store, say: Say, rulebook: Rulebook) -> None:
    say("M1", "Please cancel our plan.", sent_at=NOON - timedelta(days=180))
    say("M2", "Please cancel our plan.", sent_at=NOON - timedelta(days=179))
    assert read_evidence(store, rulebook, NOON, silent) == 1


def test_changed_rules_search_anew_and_what_former_rules_found_goes(store: Store, say: Say, rulebook: Rulebook) -> None:
    say("M1", "Please cancel our plan.")
    say("M2", "We began a Globex pilot last week.")
    read_evidence(store, rulebook, NOON, silent)
    changed = replace(rulebook, evidence=other_rules)
    assert read_evidence(store, changed, NOON, silent) == 2
    assert [each.rule for each in found(store, other_rules())] == ["globex"]
    assert found(store, shipped_reader()) == []


def test_a_language_that_the_rules_do_not_speak_is_unheard(store: Store, say: Say, rulebook: Rulebook) -> None:
    say("M1", "Guten Tag, wir möchten unseren Vertrag leider zum Ende des Jahres kündigen. Vielen Dank.")
    read_evidence(store, rulebook, NOON, silent)
    since = NOON - timedelta(days=1)
    assert len(store.facts().unheard(shipped_reader().reader, ["en"], since, NOON).collect()) == 1
    assert found(store, shipped_reader()) == []


def test_before_anything_was_searched_the_signals_know_nothing(store: Store, say: Say) -> None:
    say("M1", "Please cancel our plan.")
    assert store.facts().evidence(shipped_reader().reader, NOON - timedelta(days=1), NOON) is None


def test_two_sets_of_rules_are_compared_on_the_same_messages(store: Store, say: Say) -> None:
    say("M1", "Please cancel our plan.")
    say("M2", "We began a Globex pilot last week.")
    compare = compared(store, shipped_reader(), other_rules(), NOON - timedelta(days=1), NOON, silent)
    assert (compare.read, compare.before, compare.after) == (2, {"churn_intent": 1}, {"churn_intent": 1})
    assert [each.rule for each in compare.gained] == ["globex"]
    assert [each.rule for each in compare.lost] == ["end-contract"]
