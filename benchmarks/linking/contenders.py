"""Links a helpdesk's organisations to a CRM's accounts: by Keepline, by the most similar name, by any equal domain."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from rapidfuzz import fuzz, process, utils

from benchmarks.contest import Answer, Stopwatch
from benchmarks.linking.made_customers import World, make_world
from connectors.linking import link
from domain.parties import Party

_SEED = 7
_NOW = datetime(2026, 11, 22, tzinfo=UTC)
_SAMPLED = 300
_SIMILAR = 90
Pair = tuple[str, str]


def keepline(watch: Stopwatch, size: int) -> Answer:
    """All rules, and suggestions for what they leave."""
    world, accounts, organisations = _made(size)
    with watch.part("link"):
        found = link([*accounts, *organisations], now=_NOW)
    return _answer(world, ((one.external_id, one.account_ref) for one in found.links if one.source == "desk"))


def most_similar_name(watch: Stopwatch, size: int) -> Answer:
    """RapidFuzz's best of all names, on a sample: what one writes first."""
    world, accounts, organisations = _made(size)
    some = organisations[: min(_SAMPLED, size)]
    pairs = []
    with watch.part("link"):
        names = {one.external_id: utils.default_process(one.name) for one in accounts}
        for one in some:
            best = process.extractOne(
                utils.default_process(one.name), names, scorer=fuzz.token_sort_ratio, score_cutoff=_SIMILAR
            )
            pairs += [(one.external_id, best[2])] if best else []
    return _answer(world, pairs, share=len(some) / len(organisations))


def any_equal_domain(watch: Stopwatch, size: int) -> Answer:
    """The first account with the same domain, as it is written."""
    world, accounts, organisations = _made(size)
    with watch.part("link"):
        owner: dict[str, str] = {}
        for account in accounts:
            for domain in account.domains:
                owner.setdefault(domain.lower(), account.external_id)
        pairs = [
            (one.external_id, owner[domain.lower()])
            for one in organisations
            for domain in one.domains[:1]
            if domain.lower() in owner
        ]
    return _answer(world, pairs)


def _made(size: int) -> tuple[World, list[Party], list[Party]]:
    """About `size` accounts and as many organisations."""
    world = make_world(_SEED, round(size * 1.13))
    accounts = [one for one in world.parties if one.role == "crm"]
    return world, accounts[:size], [one for one in world.parties if one.role == "helpdesk"][:size]


def _answer(world: World, pairs: Iterable[Pair], share: float = 1.0) -> Answer:
    """How many links there are, and how many of them are right; not what contenders must agree on."""
    told: Sequence[Pair] = list(pairs)
    right = sum(world.truth["desk", party] == world.truth["crm", account] for party, account in told)
    return Answer(len(told), right, {"links": [len(told), right]}, share)
