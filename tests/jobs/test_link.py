"""Linking as a step of the main job: facts where they belong, and how much stands unlinked."""

from datetime import timedelta

from domain.accounts import Account, AccountIdentity
from domain.conventions import LedgerConventions
from domain.parties import Party
from domain.revenue import SubscriptionLine
from jobs.link import answer, coverage, link_customers, take_back, view_links
from jobs.rulebook import Rulebook
from jobs.run import run
from storage.store import Store
from tests.builders import NOON
from tests.customers import BILLED, CRM, TICKET, put
from tests.jobs.conftest import silent

ACCOUNT = Party(source="crm", external_id="A", role="crm", name="Brightwater", domains=("brightwater.com",))
BILLING = Party(
    source="stripe", external_id="cus_1", role="billing", name="Brightwater Inc", domains=("brightwater.com",)
)
ASKING = Party(source="desk", external_id="7", role="helpdesk", name="Brightwater", domains=("help.brightwater.com",))
STRANGER = Party(source="desk", external_id="8", role="helpdesk", name="Brightwater Logistics")
LINE = SubscriptionLine.model_validate({
    "source": "stripe", "external_id": "L", "account_ref": "cus_1", "product": "Core", "amount_cents": 100_00,
    "currency": "USD", "interval_months": 1, "starts_on": NOON.date(), "recorded_at": NOON,
})  # fmt: skip
LATER = NOON + timedelta(days=1)


def customers(store: Store) -> None:
    other = TICKET.model_copy(update={"external_id": "T2", "account_ref": "8"})
    put(store, CRM, ACCOUNT, BILLED, BILLING, LINE, ASKING, STRANGER, TICKET, other)


def test_ticket_account_and_invoice_become_one_customer(store: Store) -> None:
    customers(store)
    assert link_customers(store, LATER).added == 2
    found = coverage(store, LedgerConventions(), LATER)
    assert (found.currency, found.arr_cents, found.arr_alone_cents) == ("USD", 1_200_00, 0)
    assert (found.tickets, found.tickets_unlinked) == (2, 1)


def test_a_second_linking_changes_nothing(store: Store) -> None:
    customers(store)
    link_customers(store, LATER)
    done = link_customers(store, LATER + timedelta(days=1))
    assert (done.added, done.changed, done.removed, done.facts) == (0, 0, 0, 0)


def test_before_linking_all_money_is_without_a_helpdesk_customer(store: Store) -> None:
    customers(store)
    found = coverage(store, LedgerConventions(), LATER)
    assert (found.arr_alone_cents, found.tickets_unlinked) == (1_200_00, 2)


def test_the_main_job_links_before_it_decides(store: Store, rulebook: Rulebook) -> None:
    customers(store)
    done = run(store, rulebook, LATER, silent)
    assert done.accounts == 1
    assert done.unlinked_tickets == 1
    assert done.coverage is not None
    assert done.coverage.arr_alone_cents == 0


def test_what_is_not_linked_shows_what_it_may_be_and_what_is_at_stake(store: Store) -> None:
    customers(store)
    link_customers(store, LATER)
    (waiting,) = view_links(store, LedgerConventions(), LATER).waiting
    assert (waiting.party.name, waiting.tickets, waiting.arr_cents) == ("Brightwater Logistics", 1, 1_200_00)
    assert [each.account_ref for each in waiting.suggestions] == ["A"]


def test_an_answer_counts_from_the_next_linking_and_can_be_taken_back(store: Store) -> None:
    customers(store)
    said = answer(store, STRANGER, ACCOUNT, "same", "dana", LATER)
    assert link_customers(store, LATER).added == 3
    assert coverage(store, LedgerConventions(), LATER).tickets_unlinked == 0
    take_back(store, said)
    assert link_customers(store, LATER).removed == 1
    assert coverage(store, LedgerConventions(), LATER).tickets_unlinked == 1


def test_a_changed_source_reopens_a_link_and_an_answer_sticks(store: Store) -> None:
    customers(store)
    answer(store, STRANGER, ACCOUNT, "same", "dana", LATER)
    link_customers(store, LATER)
    put(
        store,
        *(each.model_copy(update={"name": "Oakleaf", "domains": ("oakleaf.com",)}) for each in (ASKING, STRANGER)),
    )
    assert link_customers(store, LATER).removed == 1
    view = view_links(store, LedgerConventions(), LATER)
    assert [one.told.external_id for one in view.waiting] == ["7"]
    assert [one.external_id for one in view.changed] == ["8"]


def test_without_any_party_nothing_is_touched(store: Store) -> None:
    put(store, Account(source="desk", external_id="7", name="Brightwater"), TICKET)
    assert link_customers(store, LATER).facts == 0
    assert coverage(store, LedgerConventions(), LATER).tickets_unlinked == 0


def test_an_account_that_a_file_brought_is_linked_to_like_one_of_the_crm(store: Store) -> None:
    """Accounts exported from the CRM, tickets pulled from the helpdesk: what most teams begin with."""
    exported = Account(source="crm", external_id="A", name="Brightwater", domains=("brightwater.com",))
    put(store, exported, ASKING, TICKET)
    assert link_customers(store, LATER).added == 1
    assert coverage(store, LedgerConventions(), LATER).tickets_unlinked == 0


def test_who_names_an_identity_means_another_system_s_id(store: Store) -> None:
    exported = Account(source="crm", external_id="A", name="Brightwater")
    put(store, exported, ASKING.model_copy(update={"name": "Somebody else", "domains": ()}), TICKET)
    put(store, AccountIdentity(source="desk", external_id="7", account_ref="A"))
    link_customers(store, LATER)
    assert coverage(store, LedgerConventions(), LATER).tickets_unlinked == 0
