"""Request Tracker 5: what connecting to it needs."""

from connectors.contract import Asked, Vendor
from connectors.vendors.request_tracker.priorities import AS_WORDS
from connectors.vendors.request_tracker.pulling import RequestTracker

VENDOR = Vendor(
    name="request_tracker",
    title="Request Tracker",
    role="helpdesk",
    asks=(
        Asked("url", "Address", "what stands before /Ticket/ in the address of a ticket: https://rt.example.com"),
        Asked(
            "user",
            "User name",
            "a privileged user with ShowTicket, ShowTicketComments, SeeQueue, SeeCustomField, CommentOnTicket, "
            "ModifyTicket and ModifyCustomField on the queues; leave it empty to use a token",
            default="",
        ),
        Asked("password", "Password or token", "a token: logged in as that user, Settings > Auth Tokens", secret=True),
    ),
    open=RequestTracker,
    mappable={
        "ticket.customer": "ticket custom field that holds the customer's id in the CRM or billing system",
        "ticket.workflow": "ticket custom field that says which workflow a ticket belongs to, instead of its queue",
        "ticket.tags": "ticket custom field of many values that takes the place of tags, which Request Tracker lacks",
        "ticket.priorities": f"the lowest numbers of low, normal, high and urgent; {AS_WORDS} unless you say otherwise",
        "ticket.pending_statuses": "statuses of your own, by comma, that wait for the customer",
        "ticket.on_hold_statuses": "statuses of your own, by comma, that wait for somebody else",
    },
)
