"""Finds the account that a party's registered domain belongs to, if it is that one's alone and the names agree."""

from connectors.linking.doubt import Doubt, Found, Scene
from connectors.linking.likeness import Likeness, compare
from connectors.linking.profiles import Profile


def by_domain(scene: Scene, party: Profile, doubt: Doubt) -> Found | None:
    """The account of a domain. The name may be spelt otherwise, but must not be another company's."""
    found: dict[int, str] = {}
    for name in party.domains:
        accounts = scene.accounts.without_doubles(party, scene.accounts.with_domain(name))
        if len(accounts) > 1:
            return _one_of_many(scene, party, name, accounts, doubt)
        found |= dict.fromkeys(accounts, name)
    if len(found) > 1:
        doubt.several(f"its domains {', '.join(found.values())} lead to {len(found)} accounts", list(found))
    if len(found) != 1:
        return None
    ((account, name),) = found.items()
    return _if_names_agree(scene, party, account, name, doubt)


def _if_names_agree(scene: Scene, party: Profile, account: int, name: str, doubt: Doubt) -> Found | None:
    other = scene.accounts.profiles[account]
    likeness = _likeness(party, other, name)
    against = _better(scene, party, account, likeness) or _called_otherwise(party, name)
    of_a_group = scene.accounts.is_of_a_group(account) and not _is_spelt_alike(party, other)
    if not against and likeness.kind == "same" and not of_a_group:
        return Found(account, "domain", 98, f"{name} is this account's alone; {likeness.because}")
    loosely = likeness.kind == "alike" or (likeness.kind == "untold" and not other.name.nobody)
    if not against and loosely and not of_a_group and not _is_strict(scene, party, other, name):
        return Found(account, "domain", 94, f"{name} is this account's alone; {likeness.because}")
    against = against or ("it is one of a group" if of_a_group else likeness.because)
    because = f"{name} is this account's, but {against}"
    doubt.unsure(because, account, related=likeness.kind == "part")
    return None


def _likeness(party: Profile, account: Profile, name: str) -> Likeness:
    found = compare(party, account, party.domains[name].label)
    if party.called == name and found.kind in {"part", "other"}:
        return Likeness("untold", "it is called by this domain")
    return found


def _is_strict(scene: Scene, party: Profile, account: Profile, name: str) -> bool:
    """Whether only the very same name will do: others come with this domain too, or it is a branch's."""
    domain = party.domains[name]
    branch = domain.door or account.domains.get(name, domain).door
    return bool(scene.crowd.names_at(name) > 1 or branch or _abroad(party, account) or party.name.marks)


def _better(scene: Scene, party: Profile, account: int, likeness: Likeness) -> str | None:
    """Another account that the name fits as well, and which the domain does not rule out."""
    accounts = scene.accounts
    other = accounts.profiles[account]
    if other.trial and not party.trial:
        return "that is a trial"
    for number in sorted(accounts.named(party) - {account}):
        namesake = accounts.profiles[number]
        if likeness.kind == "same" and account in accounts.may_be(number):
            continue
        open_to_it = likeness.kind != "same" or _abroad(party, other) or not namesake.domains
        if open_to_it and compare(party, namesake).kind == "same":
            return f"{namesake} has its name"
    return None


def _called_otherwise(party: Profile, name: str) -> str | None:
    return f"it is called {party.called}" if party.called and party.called != name else None


def _abroad(party: Profile, account: Profile) -> bool:
    return bool(party.country and account.country and party.country != account.country)


def _one_of_many(scene: Scene, party: Profile, name: str, accounts: list[int], doubt: Doubt) -> Found | None:
    """A domain of several accounts, as a consultancy's or a group's: only the very same name decides."""
    profiles = scene.accounts.profiles
    same = [one for one in accounts if compare(party, profiles[one]).kind == "same"]
    exact = [one for one in same if _is_spelt_alike(party, profiles[one])]
    qualified = bool(party.name.forms or party.name.places)
    namesakes = scene.accounts.without_doubles(party, sorted(scene.accounts.named(party)))
    only = exact if qualified and len(exact) == 1 else same if len(namesakes) == 1 else []
    sure = scene.crowd.namesakes(party) == 1 and party.name.telling and not party.called
    if len(only) == 1 and sure and profiles[only[0]].trial == party.trial:
        return Found(only[0], "name", 95, f"of {len(accounts)} accounts with {name} only this one has its name")
    doubt.several(f"{len(accounts)} accounts have {name}", [*exact, *same, *accounts])
    return None


def _is_spelt_alike(party: Profile, other: Profile) -> bool:
    return party.name.forms == other.name.forms and party.name.places == other.name.places
