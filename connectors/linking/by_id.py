"""Finds the account that shares an id with a party: either says that the other knows it by that id."""

from connectors.linking.accounts import plain_id
from connectors.linking.doubt import Doubt, Found, Scene
from connectors.linking.lexicon import lexicon
from connectors.linking.likeness import compare
from connectors.linking.profiles import Profile

_TELLING_ID = 6


def by_id(scene: Scene, party: Profile, doubt: Doubt) -> Found | None:
    """The account of a shared id. `SOURCE:ID` says it all; a bare id must not be a mere coincidence of numbers."""
    own_id = party.party.external_id
    own = f"{party.party.source}:{own_id}"
    accounts = scene.accounts
    said = dict.fromkeys(accounts.known_by(own), f"the account is known as {own}")
    bare = dict.fromkeys(accounts.known_by(own_id), own_id)
    for name in party.party.known_as:
        source, _, external_id = name.partition(":")
        number = accounts.number((source, external_id))
        if number is not None:
            said[number] = f"it is known as {name}"
        elif plain_id(name).casefold() not in lexicon().nobody:
            bare |= dict.fromkeys({*accounts.with_id(name, party.party.source), *accounts.known_by(name)}, name)
    if len(said) == 1:
        ((account, evidence),) = said.items()
        return Found(account, "shared_id", 100, evidence)
    if said:
        doubt.several(f"its ids lead to {len(said)} accounts", list(said))
        return None
    return _by_bare_id(scene, party, bare, doubt)


def _by_bare_id(scene: Scene, party: Profile, bare: dict[int, str], doubt: Doubt) -> Found | None:
    if len(bare) > 1:
        doubt.several(f"{len(bare)} accounts have its id", list(bare))
    if len(bare) != 1:
        return None
    ((account, name),) = bare.items()
    if _is_no_coincidence(party, scene.accounts.profiles[account], name):
        return Found(account, "shared_id", 98, f"both have the id {name}")
    # A coincidence of numbers is no evidence: the other rules shall not stumble over it.
    doubt.hint(account, f"both have the id {name}")
    return None


def _is_no_coincidence(party: Profile, account: Profile, name: str) -> bool:
    likeness = compare(party, account).kind
    if party.domains.keys() & account.domains.keys() or likeness in {"same", "alike"}:
        return True
    letters_and_digits = any(map(str.isdigit, name)) and any(map(str.isalpha, name))
    return len(name) >= _TELLING_ID and letters_and_digits and likeness != "part"
