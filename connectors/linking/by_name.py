"""Finds the account that alone has a party's exact name, if something else agrees too and nothing speaks against it."""

from connectors.linking.doubt import Doubt, Found, Scene
from connectors.linking.lexicon import lexicon
from connectors.linking.likeness import compare
from connectors.linking.profiles import Profile

_SHARED_BY_MANY = 3
_SHORT_NAME = 4


def by_name(scene: Scene, party: Profile, doubt: Doubt) -> Found | None:
    """The account of a name. Without a second signal a name is only a suggestion, however exact it is."""
    accounts = scene.accounts
    if party.name.nobody or party.called:
        return None
    namesakes = accounts.without_doubles(party, sorted(accounts.named(party)), plainly=True)
    if len(namesakes) > 1:
        reached = [one for one in namesakes if _same_phone(scene, party, accounts.profiles[one])]
        if len(reached) == 1 and not doubt.maybe:
            return _if_more_agrees(scene, party, reached[0], doubt)
        doubt.several(f"{len(namesakes)} accounts have this name", namesakes)
    elif namesakes and scene.crowd.namesakes(party) > 1:
        doubt.several("several parties of its source have this name", namesakes)
    elif namesakes:
        return _if_more_agrees(scene, party, namesakes[0], doubt)
    return None


def _if_more_agrees(scene: Scene, party: Profile, account: int, doubt: Doubt) -> Found | None:
    other = scene.accounts.profiles[account]
    likeness = compare(party, other)
    against = likeness.because if likeness.kind != "same" else _against(scene, party, other)
    if doubt.maybe and account not in doubt.maybe:
        against = "its id or domain leads elsewhere"
    if against:
        doubt.unsure(f"it has this account's name, but {against}", account, related=likeness.kind == "part")
        return None
    percent, signal = _second_signal(scene, party, other)
    if not signal:
        doubt.unsure("it has this account's name and nothing else that agrees", account, against=False)
        return None
    return Found(account, "name", percent, f"it has this account's name, and {signal}")


def _against(scene: Scene, party: Profile, other: Profile) -> str | None:
    mine, theirs = _telling_domains(scene, party), _telling_domains(scene, other)
    if mine and theirs and not mine & theirs:
        return f"its domain is {min(mine)} and the account's {min(theirs)}"
    if party.country and other.country and party.country != other.country:
        return f"it is in {party.country} and the account in {other.country}"
    if party.city and other.city and party.city != other.city:
        return f"it is in {party.party.city} and the account in {other.party.city}"
    if party.name.forms and other.name.forms and party.name.forms != other.name.forms:
        return "the legal forms differ"
    return "one of them is a trial" if party.trial != other.trial else None


def _telling_domains(scene: Scene, profile: Profile) -> set[str]:
    """Domains but those that come with many names, as a consultancy's."""
    return {name for name in profile.domains if scene.crowd.names_at(name) < _SHARED_BY_MANY}


def _second_signal(scene: Scene, party: Profile, other: Profile) -> tuple[int, str | None]:
    """What beside the name agrees, as far as such a name can be trusted with it."""
    telling = party.name.telling - party.name.numbers
    if not telling or (len(party.name.words) == 1 and len(party.name.key) <= _SHORT_NAME):
        return 0, None
    if _same_phone(scene, party, other):
        return 97, f"the phone is {party.party.phone}"
    own = not telling <= lexicon().common
    if own and party.city and party.city == other.city:
        return 94, f"both are in {party.party.city}"
    # A name of one word, or one that is a person's, may stand twice in a country.
    formed = bool(party.name.forms or other.name.forms)
    long = len(party.name.words) > 2 or (len(party.name.words) == 2 and (formed or len(telling) == 1))
    if own and long and party.country and party.country == other.country:
        return 91, f"both are in {party.country}"
    return 0, None


def _same_phone(scene: Scene, party: Profile, account: Profile) -> bool:
    return party.phone is not None and party.phone == account.phone and len(scene.accounts.with_phone(party.phone)) == 1
