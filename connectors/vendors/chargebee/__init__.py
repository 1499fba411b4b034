"""Chargebee: what connecting to it needs."""

from connectors.contract import Asked, Vendor
from connectors.vendors.chargebee.pulling import Chargebee

VENDOR = Vendor(
    name="chargebee",
    title="Chargebee",
    role="billing",
    asks=(
        Asked("site", "Site", "the first part of your address: acme of acme.chargebee.com"),
        Asked(
            "api_key",
            "API key (read-only is enough)",
            "Settings > Configure Chargebee > API keys and webhooks",
            secret=True,
        ),
    ),
    open=Chargebee,
    mappable={
        "customer.known_as": "custom fields (cf_…) or metadata, separated by commas, with ids in other systems",
        "customer.segment": "custom field or metadatum that holds the customer's segment",
        "customer.csm": "custom field or metadatum that names the customer success manager",
    },
)
