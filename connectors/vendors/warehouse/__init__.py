"""A warehouse: what connecting to it needs."""

from connectors.contract import Asked, Vendor
from connectors.vendors.warehouse.pulling import Warehouse

VENDOR = Vendor(
    name="warehouse",
    title="Warehouse (tables landed by Fivetran, Airbyte, dlt, ...)",
    role="usage",
    asks=(
        Asked(
            "url", "Database URL", "as SQLAlchemy writes it, for a user that only reads: postgresql://user:password@host/database",
            secret=True,
        ),
    ),
    open=Warehouse,
    takes_tables=True,
)  # fmt: skip
