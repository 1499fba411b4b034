"""Knows a customer as one system names it, and what says that two of these are one customer."""

from typing import Literal

from domain.records import Name, Record, Sourced, UtcDatetime

PartyRole = Literal["crm", "billing", "helpdesk", "usage"]
LinkMethod = Literal["shared_id", "confirmed", "domain", "name"]


class Party(Sourced):
    """A CRM account, a billing customer or a helpdesk's organisation: one customer as one system names it.

    `known_as` are its ids in other systems, `SOURCE:ID` or the bare id; `parent_ref` is the same source's id of the
    company above it. Country, city and phone are second signals beside a name.
    """

    role: PartyRole
    name: Name
    domains: tuple[str, ...] = ()
    known_as: tuple[str, ...] = ()
    parent_ref: Name | None = None
    merged_into: Name | None = None
    country: str | None = None
    city: str | None = None
    phone: str | None = None
    trial: bool | None = None


class Link(Record):
    """That the party `(source, external_id)` is the customer whose account is `(account_source, account_ref)`."""

    source: Name
    external_id: Name
    account_source: Name
    account_ref: Name
    method: LinkMethod
    confidence_percent: int
    evidence: Name
    decided_by: str | None = None
    decided_at: UtcDatetime
