"""Pipedrive: what connecting to it needs."""

from connectors.contract import Asked, Vendor
from connectors.vendors.pipedrive.asking import API
from connectors.vendors.pipedrive.pulling import Pipedrive

VENDOR = Vendor(
    name="pipedrive",
    title="Pipedrive",
    role="crm",
    asks=(
        Asked("api_token", "API token", "your name > Personal preferences > API, of an administrator", secret=True),
        Asked("address", "Address of the API", "leave it as it is", default=API),
    ),
    open=Pipedrive,
    mappable={
        "account.domain": "organization field that holds the website or the domain; otherwise website",
        "account.segment": "organization field that holds the segment",
        "account.industry": "organization field that holds the industry",
        "account.region": "organization field that holds the region; otherwise the address's country",
        "account.csm": "organization field that names the customer success manager; otherwise the owner",
        "account.signed_up_on": "organization field that says since when it is a customer",
        "account.known_as": "organization field that holds its id in the helpdesk or billing system",
        "contract.arr_cents": "deal field that holds the yearly amount; otherwise the deal's ARR, then its value",
        "contract.starts_on": "deal field that holds the first day; otherwise the day it was won",
        "contract.renews_on": "deal field that holds the renewal date",
        "contract.notice_on": "deal field that holds the last day for giving notice",
        "contract.ends_on": "deal field that holds the last day in effect, where it was ended",
        "contract.auto_renew": "deal field that says whether it renews by itself: yes or no",
        "contract.product_lines": "deal field with several options: what was bought",
    },
)
