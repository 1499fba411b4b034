"""Freshdesk: what connecting to it needs."""

from connectors.contract import Asked, Vendor
from connectors.vendors.freshdesk.pulling import Freshdesk

VENDOR = Vendor(
    name="freshdesk",
    title="Freshdesk",
    role="helpdesk",
    asks=(
        Asked("domain", "Domain", "the first part of your address: acme of acme.freshdesk.com"),
        Asked("api_key", "API key", "your picture > Profile settings > View API key, as an administrator", secret=True),
    ),
    open=Freshdesk,
    mappable={
        "organization.known_as": "company field that holds the customer's id in the CRM or billing system",
        "ticket.workflow": "ticket field that says which workflow a ticket belongs to",
        "ticket.pending_statuses": "numbers of your own statuses, by comma, that wait for the customer",
        "ticket.on_hold_statuses": "numbers of your own statuses, by comma, that wait for somebody else",
    },
)
