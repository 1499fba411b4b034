"""Knows a Stripe customer as an account and as a party."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from connectors.contract import Found
from connectors.email_domains import company_domain
from connectors.raw import Raw
from domain.accounts import Account
from domain.parties import Party


def read_customer(customer: Raw, source: str, fields: Mapping[str, str], changed_at: datetime) -> Iterator[Found]:
    """A customer as it was at `changed_at`; `fields` says which of its metadata mean what."""
    name = customer.text("name") or customer.text("description") or customer.text("email") or customer.id()
    domain = company_domain(customer.text("email"))
    domains = (domain,) if domain else ()
    metadata, address = customer.object("metadata"), customer.object("address")

    def mapped(field: str) -> str | None:
        return metadata.text(fields[field]) if metadata and field in fields else None

    known_as = [metadata.text(each.strip()) for each in fields.get("customer.known_as", "").split(",") if metadata]
    account = Account(
        source=source,
        external_id=customer.id(),
        name=name[:500],
        domains=domains,
        segment=mapped("customer.segment"),
        csm=mapped("customer.csm"),
    )
    party = Party(
        source=source,
        external_id=customer.id(),
        role="billing",
        name=name[:500],
        domains=domains,
        known_as=tuple(each for each in known_as if each),
        country=address.text("country") if address else None,
        city=address.text("city") if address else None,
        phone=customer.text("phone"),
    )
    yield Found(account, changed_at)
    yield Found(party, changed_at)
