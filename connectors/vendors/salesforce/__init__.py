"""Salesforce: what connecting to it needs."""

from connectors.contract import Asked, Vendor
from connectors.vendors.salesforce.fields import MAPPABLE
from connectors.vendors.salesforce.pulling import Salesforce

VENDOR = Vendor(
    name="salesforce",
    title="Salesforce",
    role="crm",
    asks=(
        Asked("domain", "My Domain", "Setup > My Domain: acme of acme.my.salesforce.com"),
        Asked("client_id", "Consumer key", "Setup > External Client App Manager > your app > Settings > OAuth"),
        Asked("client_secret", "Consumer secret", "beside the consumer key", secret=True, default=""),
        Asked(
            "private_key", "Private key, instead of the secret", "the PEM of the app's certificate; or leave it empty",
            secret=True, default="",
        ),
        Asked("username", "User that the private key signs in", "leave it empty with a secret", default=""),
        Asked("contracts_from", "Contracts are", "opportunities, contracts or both", default="opportunities"),
        Asked("currency", "Currency of amounts that name none", "Setup > Company Information", default="USD"),
    ),
    open=Salesforce,
    mappable=MAPPABLE,
)  # fmt: skip
