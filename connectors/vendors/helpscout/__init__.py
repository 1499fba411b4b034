"""Help Scout: what connecting to it needs."""

from connectors.contract import Asked, Vendor
from connectors.vendors.helpscout.pulling import HelpScout

VENDOR = Vendor(
    name="helpscout",
    title="Help Scout",
    role="helpdesk",
    asks=(
        Asked("app_id", "App ID", "Your Profile > My Apps > Create App; of a user who sees all inboxes"),
        Asked("app_secret", "App Secret", "beside the App ID", secret=True),
        Asked("webhook_secret", "Webhook secret", "Manage > Apps > Webhooks; none without", secret=True, default=""),
    ),
    open=HelpScout,
    mappable={
        "ticket.priority": "custom field (its name) with a ticket's priority: Low, Normal, High or Urgent",
        "ticket.workflow": "custom field (its name) that says which workflow a ticket belongs to; else its inbox does",
    },
)
