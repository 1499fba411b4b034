"""HubSpot: what connecting to it needs. Companies, deals and tickets are one connection: they are of one account."""

from connectors.contract import Asked, Vendor
from connectors.vendors.hubspot.portal import API
from connectors.vendors.hubspot.pulling import HubSpot

_APP = "your app in Settings > Integrations"

VENDOR = Vendor(
    name="hubspot",
    title="HubSpot",
    role="crm",
    asks=(
        Asked(
            "access_token", "Access token of a private app", f"{_APP} > Private Apps > Auth; empty for an OAuth app",
            secret=True, default="",
        ),
        Asked("client_id", "Client id, of an OAuth app", f"{_APP}; empty for a private app", default=""),
        Asked("client_secret", "Client secret, of an OAuth app", "beside the client id", secret=True, default=""),
        Asked("refresh_token", "Refresh token, of an OAuth app", "installing the app gave it", secret=True, default=""),
        Asked(
            "webhook_secret", "Client secret of the private app, if it calls us", f"{_APP} > Private Apps > Auth",
            secret=True, default="",
        ),
        Asked("reads", "What is read", "crm, tickets and emails, or some of these", default="crm, tickets, emails"),
        Asked("address", "Address of the API", "leave it as it is", default=API),
    ),
    open=HubSpot,
    mappable={
        "account.segment": "company property that holds the segment",
        "account.industry": "company property that holds the industry; otherwise industry",
        "account.region": "company property that holds the region; otherwise country",
        "account.csm": "company property that names the customer success manager; otherwise the owner",
        "account.signed_up_on": "company property that says since when it is a customer",
        "account.known_as": "company property that holds its id in the helpdesk or billing system",
        "contract.arr_cents": "deal property that holds the yearly amount; otherwise hs_arr, then amount",
        "contract.starts_on": "deal property that holds the first day; otherwise closedate",
        "contract.renews_on": "deal property that holds the renewal date",
        "contract.notice_on": "deal property that holds the last day for giving notice",
        "contract.ends_on": "deal property that holds the last day in effect, where it was ended",
        "contract.auto_renew": "deal property that says whether it renews by itself",
        "contract.product_lines": "deal property with several values: what was bought",
        "ticket.workflow": "ticket property that says which workflow it belongs to; otherwise hs_ticket_category",
        "ticket.team": "ticket property that names its team; otherwise the owner's team, then the pipeline",
        "ticket.pending_stages": "ids of the ticket stages that wait for the customer, with commas",
        "ticket.on_hold_stages": "ids of the ticket stages that wait for somebody else, with commas",
        "ticket.tags": "ticket property with several values that is used as tags",
    },
)  # fmt: skip
