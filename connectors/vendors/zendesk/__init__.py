"""Zendesk Support: what connecting to it needs."""

from connectors.contract import Asked, Vendor
from connectors.vendors.zendesk.pulling import Zendesk

VENDOR = Vendor(
    name="zendesk",
    title="Zendesk Support",
    role="helpdesk",
    asks=(
        Asked("subdomain", "Subdomain", "the first part of your address: acme of acme.zendesk.com"),
        Asked("email", "E-mail of an administrator", "the person whom the API token acts for"),
        Asked("api_token", "API token", "Admin Center > Apps and integrations > APIs > API tokens", secret=True),
        Asked(
            "webhook_secret",
            "Signing secret of the webhook, if there is one",
            "Admin Center > Apps and integrations > Webhooks; leave it empty to pull only",
            secret=True,
            default="",
        ),
    ),
    open=Zendesk,
    mappable={
        "organization.known_as": "organization field that holds the customer's id in the CRM or billing system",
        "ticket.workflow": "ticket field (its id) that says which workflow a ticket belongs to",
    },
)
