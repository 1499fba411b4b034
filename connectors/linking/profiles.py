"""Knows what there is to compare of a party: its name taken apart, its own domains, its place and its phone."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b

from connectors.linking.domains import Domain, read_domain
from connectors.linking.folding import folded
from connectors.linking.lexicon import country_code
from connectors.linking.names import CompanyName, read_name
from domain.parties import Party

Key = tuple[str, str]
_NOT_DIGITS = re.compile(r"\D+")
_HOST = re.compile(r"^[\w-]+(\.[\w-]+)*\.\w{2,}$")
_PHONE_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Profile:
    """A party, read. `domains` are those that not everybody can have; `called` is one that serves as its name."""

    key: Key
    party: Party
    name: CompanyName
    domains: dict[str, Domain]
    country: str | None
    city: str | None
    phone: str | None
    called: str | None

    @property
    def trial(self) -> bool:
        return self.party.trial is True or any("trial" in mark for mark in self.name.marks)

    def __str__(self) -> str:
        return f"{self.party.name} ({self.party.source}:{self.party.external_id})"


def read_party(party: Party, merged: Iterable[Party] = ()) -> Profile:
    """Read a party; the domains of those that were merged into it are its own."""
    written = [name for one in (party, *merged) for name in one.domains]
    domains = [domain for name in written if (domain := read_domain(name)) and not domain.anybody]
    return Profile(
        (party.source, party.external_id),
        party,
        read_name(party.name),
        {domain.name: domain for domain in reversed(domains)},
        country_code(party.country),
        folded(party.city) if party.city else None,
        _phone(party.phone),
        _called(party.name),
    )


def _called(name: str) -> str | None:
    domain = read_domain(name) if _HOST.match(name.strip()) else None
    return domain.name if domain else None


def _phone(written: str | None) -> str | None:
    digits = _NOT_DIGITS.sub("", written or "")
    telling = digits.lstrip("0")[-_PHONE_DIGITS:]
    # 5550100, 000000, 111111: what people type when they have no number to give
    return telling if len(telling) >= 7 and len(set(telling)) > 3 else None


def fingerprint(one: Party, other: Party) -> str:
    """A mark of what both parties say of themselves; another one when either says something else."""
    told = [party.model_dump_json(exclude={"trial"}) for party in (one, other)]
    return blake2b("\n".join(told).encode(), digest_size=12).hexdigest()
