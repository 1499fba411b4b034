"""Builds parties for the linking's tests, and links them."""

from datetime import UTC, datetime
from typing import Any

from connectors.linking import Linking, link
from domain.parties import LinkDecision, Party

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


def an_account(external_id: str, name: str, **fields: Any) -> Party:
    return Party(**{"source": "salesforce", "role": "crm", "external_id": external_id, "name": name, **fields})


def a_customer(external_id: str, name: str, **fields: Any) -> Party:
    return Party(**{"source": "stripe", "role": "billing", "external_id": external_id, "name": name, **fields})


def an_organisation(external_id: str, name: str, **fields: Any) -> Party:
    return Party(**{"source": "zendesk", "role": "helpdesk", "external_id": external_id, "name": name, **fields})


def an_answer(party: Party, account: Party, answer: str, **fields: Any) -> LinkDecision:
    pair = {"source": party.source, "external_id": party.external_id,
            "account_source": account.source, "account_ref": account.external_id}  # fmt: skip
    return LinkDecision(**{**pair, "answer": answer, "decided_by": "dana", "decided_at": NOW, **fields})


def linked(*parties: Party, said: tuple[LinkDecision, ...] = ()) -> Linking:
    return link(parties, said, now=NOW)


def account_of(party: Party, *others: Party, said: tuple[LinkDecision, ...] = ()) -> str | None:
    """The id of the account that a party is linked to among others, None where it is left to a person."""
    found = [one for one in linked(party, *others, said=said).links if one.external_id == party.external_id]
    return found[0].account_ref if found else None
