"""One customer as a CRM, a billing system and a helpdesk know it, and how records get into a database."""

from connectors.contract import Found
from connectors.frames import frames
from domain.accounts import Account
from domain.parties import Party
from domain.records import Sourced
from domain.revenue import Contract
from domain.tickets import Ticket
from storage.store import Store
from storage.synced import Batch, commit
from tests.builders import NOON

CRM = Account(source="crm", external_id="A", name="Brightwater")
BILLED = Account(source="stripe", external_id="cus_1", name="Brightwater Inc")
DESK = Party(source="desk", external_id="7", role="helpdesk", name="Brightwater")
PARTIES = (
    Party(source="crm", external_id="A", role="crm", name="Brightwater"),
    Party(source="stripe", external_id="cus_1", role="billing", name="Brightwater Inc"),
    DESK,
)
TICKET = Ticket(source="desk", external_id="T", account_ref="7", subject="Export", status="open", created_at=NOON)
CONTRACT = Contract(
    source="stripe", external_id="C", account_ref="cus_1", starts_on=NOON.date(), arr_cents=1_200_00, currency="USD"
)


def put(store: Store, *records: Sourced) -> None:
    """Commit records, each as its own source brings it."""
    for source in dict.fromkeys(record.source for record in records):
        rows = frames(Found(record, NOON) for record in records if record.source == source)
        with store.importing() as transaction:
            commit(transaction, Batch(source, rows), None, NOON)
