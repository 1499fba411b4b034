"""Zammad: what connecting to it needs. Written from its published source and documentation; not yet run against one."""

from connectors.contract import Asked, Vendor
from connectors.vendors.zammad.pulling import Zammad

VENDOR = Vendor(
    name="zammad",
    title="Zammad",
    role="helpdesk",
    asks=(
        Asked("url", "Address", "where you open Zammad: https://help.example.com"),
        Asked(
            "token",
            "Access token",
            "as an agent with access to the groups: your picture > Profile > Token Access, with ticket.agent",
            secret=True,
        ),
    ),
    open=Zammad,
    mappable={
        "organization.known_as": "organization attribute that holds the customer's id in the CRM or billing system",
        "ticket.workflow": "ticket attribute that says which workflow a ticket belongs to, instead of its group",
    },
)
