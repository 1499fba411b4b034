"""Everything above storage calls an account by one name, whatever the vendors call it."""

from datetime import date
from typing import Any

import pytest

from domain.escalations import Decision
from domain.parties import Link
from storage.links import Links
from storage.store import Store
from tests.builders import NOON, staged


def put(store: Store, record: Any, *rows: dict[str, Any]) -> None:
    with store.importing() as transaction:
        staging = transaction.stage(record, "test")
        staging.append(staged(record, *rows))
        staging.settle(NOON)


@pytest.fixture
def two_sevens(store: Store) -> Store:
    """A CRM and a billing system that both have a customer 7, each with money."""
    put(store, "account", {"source": "crm", "external_id": "7", "name": "Blue Harbour"})
    put(store, "account", {"source": "bill", "external_id": "7", "name": "Nordwind"})
    put(store, "contract", {"source": "crm", "external_id": "K", "account_ref": "7"})
    put(store, "subscription_line", {"source": "bill", "external_id": "L", "account_ref": "7"})
    return store


def refs(store: Store, facts: str) -> list[str]:
    column = "external_id" if facts == "accounts" else "account_ref"
    return sorted(getattr(store.facts(), facts)().collect()[column].to_list())


def a_decision(account_ref: str) -> Decision:
    return Decision(
        decision_id=account_ref,
        account_ref=account_ref,
        playbook="p",
        rule_hash="h",
        as_of=NOON,
        because="b",
        inputs={},
    )


def test_the_first_account_keeps_its_id_and_a_later_one_of_that_id_is_told_apart(two_sevens: Store) -> None:
    assert refs(two_sevens, "accounts") == ["7", "bill:7"]
    assert (refs(two_sevens, "contracts"), refs(two_sevens, "lines")) == (["7"], ["bill:7"])
    assert two_sevens.account_names() == {"7": "Blue Harbour", "bill:7": "Nordwind"}


def test_a_decision_is_put_on_record_for_the_account_that_it_names(two_sevens: Store) -> None:
    two_sevens.save_decided([a_decision("7"), a_decision("bill:7")], [], [], [])
    on_record = two_sevens.facts().decisions().collect()
    named = dict(zip(on_record["account_ref"].to_list(), on_record["account_id"].to_list(), strict=True))
    accounts = two_sevens.facts().accounts().collect()
    assert named == dict(zip(accounts["external_id"].to_list(), accounts["id"].to_list(), strict=True))


def test_an_account_that_turns_out_to_be_another_goes_by_its_name(two_sevens: Store) -> None:
    link = Link(
        source="bill", external_id="7", account_source="crm", account_ref="7", method="confirmed",
        confidence_percent=100, evidence="a person said so", decided_at=NOON,
    )  # fmt: skip
    Links(two_sevens.engine).replace([link], NOON)
    assert (refs(two_sevens, "accounts"), refs(two_sevens, "lines")) == (["7"], ["7"])
    two_sevens.save_decided([a_decision("bill:7")], [], [], [])
    assert two_sevens.facts().decisions().collect()["account_id"].to_list() == refs_ids(two_sevens)
    assert two_sevens.account_names()["bill:7"] == "Blue Harbour"


def test_a_decision_goes_on_under_the_name_of_the_account_that_its_own_turned_out_to_be(two_sevens: Store) -> None:
    two_sevens.save_decided([a_decision("bill:7")], [], [], [])
    link = Link(
        source="bill", external_id="7", account_source="crm", account_ref="7", method="confirmed",
        confidence_percent=100, evidence="a person said so", decided_at=NOON,
    )  # fmt: skip
    Links(two_sevens.engine).replace([link], NOON)
    (decision,) = two_sevens.decisions()
    assert decision.account_ref == "7"
    assert two_sevens.facts().decisions().collect()["account_id"].to_list() == refs_ids(two_sevens)


def refs_ids(store: Store) -> list[int]:
    return list(store.facts().accounts().collect()["id"].to_list())


def test_other_ids_stay_as_they_are(store: Store) -> None:
    put(store, "account", {"source": "crm", "external_id": "A", "name": "Acme"})
    put(store, "contract", {"source": "crm", "external_id": "K", "account_ref": "A", "renews_on": date(2026, 6, 1)})
    put(store, "touch", {"source": "crm", "external_id": "T", "account_ref": "A"})
    assert (refs(store, "accounts"), refs(store, "contracts")) == (["A"], ["A"])
    assert [touch.account_ref for touch in store.touches()] == ["A"]
