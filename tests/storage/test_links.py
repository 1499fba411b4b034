"""Facts follow the links: to the account that their customer is, and back when it is not."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from domain.accounts import Account
from domain.parties import Link, LinkDecision
from domain.tickets import Survey
from storage import tables
from storage.links import Links
from storage.store import Store
from tests.builders import NOON
from tests.customers import BILLED, CONTRACT, CRM, PARTIES, TICKET, put


def a_link(source: str, external_id: str, **fields: Any) -> Link:
    given = {"source": source, "external_id": external_id, "account_source": "crm", "account_ref": "A",
             "method": "domain", "confidence_percent": 98, "evidence": "its domain", "decided_at": NOON}  # fmt: skip
    return Link.model_validate({**given, **fields})


BOTH = (a_link("stripe", "cus_1"), a_link("desk", "7"))


@pytest.fixture
def links(store: Store) -> Links:
    put(store, CRM, BILLED, *PARTIES, TICKET, CONTRACT)
    return Links(store.engine)


def where(store: Store) -> dict[str, str | None]:
    """The account, by its name, that each fact leads to."""
    found: dict[str, str | None] = {}
    with store.engine.connect() as connection:
        for table in (tables.tickets, tables.contracts, tables.surveys):
            query = select(table.c.external_id, tables.accounts.c.name).join(tables.accounts, isouter=True)
            found |= dict(connection.execute(query).all())
    return found


def accounts(store: Store) -> list[str]:
    return sorted(store.facts().accounts().collect()["name"].to_list())


def test_facts_follow_a_link_and_come_back_without_it(store: Store, links: Links) -> None:
    before = where(store)
    assert before == {"T": None, "C": "Brightwater Inc"}
    assert links.replace(BOTH, NOON).facts == 2
    assert where(store) == {"T": "Brightwater", "C": "Brightwater"}
    assert links.replace((), NOON).facts == 2
    assert where(store) == before


def test_a_billing_customer_that_is_an_account_is_no_account_of_its_own(store: Store, links: Links) -> None:
    links.replace(BOTH, NOON)
    assert accounts(store) == ["Brightwater"]
    links.replace((), NOON)
    assert accounts(store) == ["Brightwater", "Brightwater Inc"]


def test_the_same_links_again_change_nothing(store: Store, links: Links) -> None:
    links.replace(BOTH, NOON)
    later = [link.model_copy(update={"decided_at": NOON + timedelta(days=1)}) for link in BOTH]
    done = links.replace(later, NOON)
    assert (done.facts, done.added, done.changed, done.removed) == (0, 0, 0, 0)
    assert {link.decided_at for link in links.links()} == {NOON}


def test_a_link_to_another_account_takes_the_facts_along(store: Store, links: Links) -> None:
    put(store, Account(source="crm", external_id="B", name="Oakleaf"))
    links.replace(BOTH, NOON)
    links.replace((BOTH[0], a_link("desk", "7", account_ref="B")), NOON)
    assert where(store) == {"T": "Oakleaf", "C": "Brightwater"}


def test_facts_that_come_after_the_link_go_to_the_account_at_once(store: Store, links: Links) -> None:
    links.replace(BOTH, NOON)
    put(store, TICKET.model_copy(update={"external_id": "T2"}), BILLED.model_copy(update={"name": "Brightwater Corp"}))
    assert where(store)["T2"] == "Brightwater"
    assert accounts(store) == ["Brightwater"]


def test_an_answer_to_a_survey_goes_where_its_ticket_goes(store: Store, links: Links) -> None:
    survey = {"source": "desk", "external_id": "S", "ticket_ref": "T", "kind": "csat", "score": 5}
    put(store, Survey.model_validate({**survey, "scale_min": 1, "scale_max": 5, "answered_at": NOON}))
    links.replace(BOTH, NOON)
    assert where(store)["S"] == "Brightwater"
    links.replace((), NOON)
    assert where(store)["S"] is None


def test_an_id_that_a_file_gave_is_a_name_of_the_party_and_outlives_every_link(store: Store, links: Links) -> None:
    with store.engine.begin() as connection:
        account = connection.scalar(select(tables.accounts.c.id).where(tables.accounts.c.source == "crm"))
        row = {"source": "desk", "external_id": "7", "account_id": account, "account_ref": "A"}
        connection.execute(tables.account_identities.insert(), row)
    assert {party.external_id: party.known_as for party in links.parties()}["7"] == ("crm:A",)
    links.replace(BOTH, NOON)
    assert {party.external_id: party.known_as for party in links.parties()} == {"A": (), "cus_1": (), "7": ("crm:A",)}
    links.replace((), NOON)
    assert where(store)["T"] == "Brightwater"


def test_numbers_of_two_vendors_that_coincide_link_nothing(store: Store) -> None:
    put(store, Account(source="crm", external_id="7", name="Somebody else"), *PARTIES, TICKET)
    assert where(store)["T"] is None
    assert store.link_tickets() == (0, 1)


def test_tickets_that_came_before_their_customers_are_put_right(store: Store) -> None:
    put(store, Account(source="crm", external_id="7", name="Somebody else"), TICKET)
    assert where(store)["T"] == "Somebody else"
    put(store, *PARTIES)
    assert Links(store.engine).replace((), NOON).facts == 1
    assert where(store)["T"] is None


def test_what_persons_said_is_kept_in_order_and_can_be_taken_back(links: Links) -> None:
    said = {"source": "desk", "external_id": "7", "account_source": "crm", "account_ref": "A", "decided_by": "dana"}
    yes = LinkDecision.model_validate({**said, "answer": "same", "decided_at": NOON, "fingerprint": "f"})
    no = LinkDecision.model_validate({**said, "answer": "not_same", "decided_at": NOON})
    links.decide([yes, no])
    assert links.decisions() == [yes, no]
    links.take_back(no)
    assert links.decisions() == [yes]


def test_it_counts_what_stands_unlinked(store: Store, links: Links) -> None:
    assert (links.ticket_counts(), links.accounts_with_helpdesk()) == ((1, 1), set())
    links.replace(BOTH, NOON)
    assert links.ticket_counts() == (1, 0)
    assert len(links.accounts_with_helpdesk()) == 1
    assert links.tickets_by_customer() == {("desk", "7"): 1}
