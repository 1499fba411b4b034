"""Intercom: what connecting to it needs."""

from connectors.contract import Asked, Vendor
from connectors.vendors.intercom.pulling import Intercom

VENDOR = Vendor(
    name="intercom",
    title="Intercom",
    role="helpdesk",
    asks=(
        Asked("region", "Region: us, eu or au", "Settings > General shows where the workspace is hosted", default="us"),
        Asked("access_token", "Access token", "Developer Hub > your app > Configure > Authentication", secret=True),
        Asked(
            "webhook_secret",
            "Client secret, which webhooks are signed with",
            "Developer Hub > your app > Configure > Basic information; leave it empty to pull only",
            secret=True,
            default="",
        ),
    ),
    open=Intercom,
    mappable={
        "organization.known_as": "company attribute that holds the customer's id in the CRM or billing system",
        "ticket.workflow": "conversation attribute that says which workflow a conversation belongs to",
    },
)
