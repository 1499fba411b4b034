"""Knows a customer as one system names it, and what says that two of these are one customer."""

from typing import Literal

from domain.records import Name, Record, Sourced, UtcDatetime

PartyRole = Literal["crm", "billing", "helpdesk", "usage"]
LinkMethod = Literal["shared_id", "confirmed", "domain", "name"]
LinkAnswer = Literal["same", "not_same", "related"]
UnlinkedReason = Literal["no_candidate", "uncertain", "ambiguous", "merged_away"]


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


class LinkDecision(Record):
    """What a person said about a party and an account. It stays true until a person says otherwise.

    `fingerprint` is of what the two sides said of themselves at that moment; when it differs today, the answer still
    holds, and is shown as one to look at again.
    """

    source: Name
    external_id: Name
    account_source: Name
    account_ref: Name
    answer: LinkAnswer
    decided_by: Name
    decided_at: UtcDatetime
    fingerprint: str | None = None


class Suggestion(Record):
    """An account that a party may be; only a person makes it a link."""

    source: Name
    external_id: Name
    account_source: Name
    account_ref: Name
    score_percent: int
    because: Name


class RelatedParty(Record):
    """A party that belongs with an account and is not the same customer: a parent, a subsidiary, a sister."""

    source: Name
    external_id: Name
    account_source: Name
    account_ref: Name
    because: Name


class UnlinkedParty(Record):
    """A party that is linked to no account, and why."""

    source: Name
    external_id: Name
    reason: UnlinkedReason
    because: Name
