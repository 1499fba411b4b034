"""Links the customers of all systems, and says what is linked, what is not, and how much money stands behind that."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from connectors.linking import Linking
from connectors.linking import link as link_parties
from connectors.linking.profiles import fingerprint
from domain.conventions import LedgerConventions
from domain.parties import Link, LinkAnswer, LinkDecision, Party, RelatedParty, Suggestion, UnlinkedParty
from jobs.ledger import ledger_at
from retention.values import account_values
from storage.links import Links, Pointed
from storage.store import Store

Key = tuple[str, str]


def link_customers(store: Store, now: datetime) -> Pointed:
    """Link anew, and point the facts where they now belong. What says nothing new changes nothing."""
    links = Links(store.engine)
    parties = links.parties()
    if not parties and not links.links():
        return Pointed()
    return links.replace(link_parties(parties, links.decisions(), now=now, suggesting=False).links, now)


@dataclass(frozen=True)
class Coverage:
    """How much stands unlinked, in the reporting currency.

    `arr_alone_cents` is of accounts that no helpdesk customer and no ticket is linked to.
    """

    currency: str
    tickets: int
    tickets_unlinked: int
    arr_cents: int
    arr_alone_cents: int


@dataclass(frozen=True)
class Waiting:
    """A party that is linked to no account, with what it may be and what is at stake: cents a year, and tickets.

    `arr_cents` is the party's own where billing knows it, otherwise that of the account that it most likely is.
    """

    party: Party
    told: UnlinkedParty
    suggestions: tuple[Suggestion, ...]
    arr_cents: int
    tickets: int


@dataclass(frozen=True)
class LinkView:
    """All links as they stand, and what waits for a person: the most money first, then the most tickets.

    `changed` are persons' answers on customers who say something else of themselves since; they hold all the same.
    """

    coverage: Coverage
    parties: Mapping[Key, Party]
    links: tuple[Link, ...]
    waiting: tuple[Waiting, ...]
    related: tuple[RelatedParty, ...]
    changed: tuple[LinkDecision, ...]


def coverage(store: Store, conventions: LedgerConventions, now: datetime) -> Coverage:
    """How much money and how many tickets are linked to nothing at `now`."""
    currency, worth = _worth(store, conventions, now)
    links = Links(store.engine)
    helped = links.accounts_with_helpdesk()
    tickets, unlinked = links.ticket_counts()
    alone = sum(cents for account, cents in worth.items() if account not in helped)
    return Coverage(currency, tickets, unlinked, sum(worth.values()), alone)


def view_links(store: Store, conventions: LedgerConventions, now: datetime) -> LinkView:
    """What is linked and what is not."""
    links = Links(store.engine)
    parties = {(one.source, one.external_id): one for one in links.parties()}
    found = link_parties(parties.values(), links.decisions(), now=now)
    _, worth = _worth(store, conventions, now)
    by_party = {key: worth[account] for key, account in links.account_of().items() if account in worth}
    waiting = _waiting(parties, found, links.tickets_by_customer(), by_party)
    return LinkView(
        coverage(store, conventions, now), parties, tuple(links.links()), waiting, found.related, found.changed
    )


def answer(store: Store, party: Party, account: Party, said: LinkAnswer, by: str, now: datetime) -> LinkDecision:
    """Keep what a person said of a party and an account; it counts from the next linking on."""
    decision = LinkDecision(
        source=party.source,
        external_id=party.external_id,
        account_source=account.source,
        account_ref=account.external_id,
        answer=said,
        decided_by=by,
        decided_at=now,
        fingerprint=fingerprint(party, account),
    )
    Links(store.engine).decide([decision])
    return decision


def take_back(store: Store, decision: LinkDecision) -> None:
    """Forget an answer, as if it had not been given."""
    Links(store.engine).take_back(decision)


def _worth(store: Store, conventions: LedgerConventions, now: datetime) -> tuple[str, dict[int, int]]:
    """The reporting currency, and what each account is worth a year in it; those of unknown worth are left out."""
    facts = store.facts()
    ledger = ledger_at(facts, now, conventions)
    values = account_values(ledger, facts.contracts(), facts.fx_rates()).collect()
    return ledger.currency, {account: cents for account, cents in values.iter_rows() if cents is not None}


def _waiting(
    parties: Mapping[Key, Party], found: Linking, tickets: Mapping[Key, int], worth: Mapping[Key, int]
) -> tuple[Waiting, ...]:
    offered: dict[Key, list[Suggestion]] = defaultdict(list)
    for one in found.suggestions:
        offered[one.source, one.external_id].append(one)
    waiting = []
    for told in found.unlinked:
        key = (told.source, told.external_id)
        most_likely = [(one.account_source, one.account_ref) for one in offered[key][:1]]
        arr = next((worth[one] for one in (key, *most_likely) if one in worth), 0)
        waiting.append(Waiting(parties[key], told, tuple(offered[key]), arr, tickets.get(key, 0)))
    return tuple(sorted(waiting, key=lambda one: (-one.arr_cents, -one.tickets, one.told.source, one.told.external_id)))
