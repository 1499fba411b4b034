"""Jira Service Management: what connecting to it needs."""

from connectors.contract import Asked, Vendor
from connectors.vendors.jira.pulling import Jira

VENDOR = Vendor(
    name="jira",
    title="Jira Service Management",
    role="helpdesk",
    asks=(
        Asked("site", "Site", "the first part of your address: acme of acme.atlassian.net"),
        Asked("email", "E-mail of a service desk agent", "the person whom the API token acts for"),
        Asked("api_token", "API token", "id.atlassian.com > Security > API tokens", secret=True),
        Asked(
            "projects", "Projects", "keys such as SUP, separated by commas; none for all service projects", default=""
        ),
        Asked(
            "webhook_secret", "Webhook secret", "Settings > System > WebHooks; none without", secret=True, default=""
        ),
    ),
    open=Jira,
    mappable={
        "organization.known_as": "organization property that holds the customer's id in the CRM or billing system",
        "ticket.workflow": "field (its id) that says which workflow a ticket belongs to, in place of the request type",
        "ticket.team": "field (its id) that says which team works on a ticket, in place of the project",
        "ticket.pending_statuses": "names of the statuses that wait for the customer, separated by commas",
        "ticket.on_hold_statuses": "names of the statuses that wait for somebody else, separated by commas",
    },
)
