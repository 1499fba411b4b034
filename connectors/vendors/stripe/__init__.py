"""Stripe Billing: what connecting to it needs."""

from connectors.contract import Asked, Vendor
from connectors.vendors.stripe.pulling import Stripe

VENDOR = Vendor(
    name="stripe",
    title="Stripe Billing",
    role="billing",
    asks=(
        Asked(
            "api_key",
            "Restricted API key with read access to Customers, Subscriptions, Products, Prices, Coupons and Events",
            "Developers > API keys > Create restricted key",
            secret=True,
        ),
        Asked(
            "webhook_secret",
            "Signing secret of the webhook endpoint, if there is one",
            "Developers > Webhooks > the endpoint > Signing secret",
            secret=True,
            default="",
        ),
        Asked("url", "Address of the API", "leave it as it is", default="https://api.stripe.com"),
    ),
    open=Stripe,
    mappable={
        "customer.known_as": "metadata keys, separated by commas, that hold the customer's ids in other systems",
        "customer.segment": "metadata key that holds the customer's segment",
        "customer.csm": "metadata key that names the customer success manager",
    },
)
