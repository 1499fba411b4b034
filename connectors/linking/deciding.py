"""Decides which account a party is, by the first rule that leads to one beyond doubt."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from connectors.linking.accounts import Accounts, Crowd, plain_id
from connectors.linking.lexicon import lexicon
from connectors.linking.likeness import compare
from connectors.linking.profiles import Key, Profile
from domain.parties import LinkMethod, UnlinkedReason

_SHARED_BY_MANY = 3
_SHORT_NAME = 4
_TELLING_ID = 6


@dataclass(frozen=True)
class Found:
    """The account that a rule led to."""

    account: int
    method: LinkMethod
    confidence_percent: int
    evidence: str


@dataclass
class Doubt:
    """Accounts that a rule came upon and did not link, with what speaks for each; `related` are no mere maybes."""

    maybe: dict[int, str] = field(default_factory=dict)
    related: dict[int, str] = field(default_factory=dict)
    reason: UnlinkedReason = "no_candidate"
    because: str = "no account has its id, domain or name"

    def add(self, reason: UnlinkedReason, because: str, accounts: Sequence[int], related: bool = False) -> None:
        """Note accounts; the first rule that came upon any says why the party is not linked."""
        if self.reason == "no_candidate":
            self.reason, self.because = reason, because
        for account in accounts:
            self.maybe.setdefault(account, because)
            if related:
                self.related.setdefault(account, because)


@dataclass(frozen=True)
class Decider:
    """Applies the rules to the parties of one source. `blocked` are pairs that a person said are not the same."""

    accounts: Accounts
    crowd: Crowd
    blocked: frozenset[tuple[Key, int]]

    def decide(self, party: Profile) -> Found | Doubt:
        """The account of a party, or what stands in the way."""
        doubt = Doubt()
        rules: tuple[Callable[[Profile, Doubt], Found | None], ...] = (self._by_id, self._by_domain, self._by_name)
        for rule in rules:
            found = rule(party, doubt)
            if found and (party.key, found.account) in self.blocked:
                doubt.add("uncertain", "a person said that these are not the same", ())
                return doubt
            if found:
                return found
        return doubt

    def _by_id(self, party: Profile, doubt: Doubt) -> Found | None:
        own_id = party.party.external_id
        own = f"{party.party.source}:{own_id}"
        said = dict.fromkeys(self.accounts.known_by(own), f"the account is known as {own}")
        hinted = dict.fromkeys(self.accounts.known_by(own_id), f"the account has the id {own_id}")
        for name in party.party.known_as:
            source, _, external_id = name.partition(":")
            number = self.accounts.number((source, external_id))
            if number is not None:
                said[number] = f"it is known as {name}"
            elif plain_id(name).casefold() not in lexicon().nobody:
                both = {*self.accounts.with_id(name, party.party.source), *self.accounts.known_by(name)}
                hinted |= dict.fromkeys(both, f"both have the id {name}")
        return self._one_id(party, said, 100, doubt) or self._one_id(party, hinted, 98, doubt)

    def _one_id(self, party: Profile, said: dict[int, str], percent: int, doubt: Doubt) -> Found | None:
        if len(said) > 1:
            doubt.add("ambiguous", f"{next(iter(said.values()))}, and so have {len(said) - 1} others", list(said))
        if len(said) != 1:
            return None
        ((account, evidence),) = said.items()
        if percent < 100 and not self._bears_out(party, account, evidence):
            doubt.add("uncertain", f"{evidence}, but neither name nor domain agrees", [account])
            return None
        return Found(account, "shared_id", percent, evidence)

    def _bears_out(self, party: Profile, account: int, evidence: str) -> bool:
        """Numbers of two systems coincide: a bare id needs a name or a domain that does not speak against it."""
        other = self.accounts.profiles[account]
        if party.domains.keys() & other.domains.keys() or compare(party, other).kind in {"same", "alike"}:
            return True
        bare = evidence.rpartition(" ")[2]
        telling = len(bare) >= _TELLING_ID and any(map(str.isdigit, bare)) and any(map(str.isalpha, bare))
        return telling and compare(party, other).kind != "part"

    def _by_domain(self, party: Profile, doubt: Doubt) -> Found | None:
        found: dict[int, str] = {}
        for name in party.domains:
            accounts = self._without_trials(party, self.accounts.with_domain(name))
            if len(accounts) > 1:
                return self._one_of_many(party, name, accounts, doubt)
            found |= dict.fromkeys(accounts, name)
        if len(found) > 1:
            doubt.add(
                "ambiguous", f"its domains {', '.join(found.values())} lead to {len(found)} accounts", list(found)
            )
        if len(found) != 1:
            return None
        ((account, name),) = found.items()
        return self._if_names_agree(party, account, name, doubt)

    def _if_names_agree(self, party: Profile, account: int, name: str, doubt: Doubt) -> Found | None:
        other = self.accounts.profiles[account]
        domain = party.domains[name]
        likeness = compare(party, other, domain.label)
        evidence = f"{name} is this account's alone; {likeness.because}"
        namesakes = self.accounts.named(party) - {account}
        doors = {domain.door, other.domains[name].door} - {None}
        crowded = self.crowd.names_at(name) > 1
        abroad = bool(party.country and other.country and party.country != other.country)
        exactly = likeness.kind == "same" and not (abroad and namesakes)
        loosely = (
            (likeness.kind == "alike" or (likeness.kind == "untold" and not other.name.nobody))
            and not (crowded or doors or abroad)
            and not any(compare(party, self.accounts.profiles[one]).kind == "same" for one in namesakes)
            and not party.name.marks
        )
        if exactly or loosely:
            return Found(account, "domain", 98 if exactly else 94, evidence)
        doubt.add("uncertain", f"{name} is this account's, but {likeness.because}", [account], likeness.kind == "part")
        return None

    def _one_of_many(self, party: Profile, name: str, accounts: list[int], doubt: Doubt) -> Found | None:
        """A domain of several accounts, as a consultancy's or a group's: only the very same name decides."""
        same = [one for one in accounts if compare(party, self.accounts.profiles[one]).kind == "same"]
        exact = [one for one in same if self._is_spelt_alike(party, self.accounts.profiles[one])]
        qualified = bool(party.name.forms or party.name.places)
        only = exact if qualified and len(exact) == 1 else same if len(self.accounts.named(party)) == 1 else []
        if len(only) == 1 and self.crowd.namesakes(party) == 1 and party.name.telling:
            return Found(only[0], "name", 95, f"of {len(accounts)} accounts with {name} only this one has its name")
        doubt.add("ambiguous", f"{len(accounts)} accounts have {name}", [*exact, *same, *accounts])
        return None

    @staticmethod
    def _is_spelt_alike(party: Profile, other: Profile) -> bool:
        return party.name.forms == other.name.forms and party.name.places == other.name.places

    def _without_trials(self, party: Profile, accounts: Sequence[int]) -> list[int]:
        """A trial beside the paying account of the same name does not make a domain ambiguous."""
        paying = [one for one in accounts if not self.accounts.profiles[one].trial]
        if party.trial or len(paying) != 1 or len(accounts) == 1:
            return list(accounts)
        payer = self.accounts.profiles[paying[0]]
        others = (self.accounts.profiles[one] for one in accounts if one != paying[0])
        return paying if all(other.name.keys & payer.name.keys for other in others) else list(accounts)

    def _by_name(self, party: Profile, doubt: Doubt) -> Found | None:
        namesakes = self._without_trials(party, sorted(self.accounts.named(party)))
        if not namesakes or party.name.nobody:
            return None
        if len(namesakes) > 1 or self.crowd.namesakes(party) > 1:
            several = f"{len(namesakes)} accounts" if len(namesakes) > 1 else "several parties of its source"
            doubt.add("ambiguous", f"{several} have this name", namesakes)
            return None
        account = namesakes[0]
        other = self.accounts.profiles[account]
        likeness = compare(party, other)
        against = likeness.because if likeness.kind != "same" else self._against(party, other)
        if doubt.maybe and account not in doubt.maybe:
            against = "its id or domain leads elsewhere"
        if against:
            doubt.add("uncertain", f"it has this account's name, but {against}", [account], likeness.kind == "part")
            return None
        percent, signal = self._second_signal(party, other)
        if not signal:
            doubt.add("uncertain", "it has this account's name and nothing else that agrees", [account])
            return None
        return Found(account, "name", percent, f"the name is this account's alone, and {signal}")

    def _against(self, party: Profile, other: Profile) -> str | None:
        mine, theirs = self._telling_domains(party), self._telling_domains(other)
        if mine and theirs and not mine & theirs:
            return f"its domain is {min(mine)} and the account's {min(theirs)}"
        if party.country and other.country and party.country != other.country:
            return f"it is in {party.country} and the account in {other.country}"
        if party.city and other.city and party.city != other.city:
            return f"it is in {party.party.city} and the account in {other.party.city}"
        if party.name.forms and other.name.forms and party.name.forms != other.name.forms:
            return "the legal forms differ"
        if party.trial != other.trial:
            return "one of them is a trial"
        return None

    def _telling_domains(self, profile: Profile) -> set[str]:
        shared = {name for name in profile.domains if self.crowd.names_at(name) >= _SHARED_BY_MANY}
        return profile.domains.keys() - shared

    def _second_signal(self, party: Profile, other: Profile) -> tuple[int, str | None]:
        """What beside the name agrees, as far as such a name can be trusted with it."""
        telling = party.name.telling - party.name.numbers
        if not telling or (len(party.name.words) == 1 and len(party.name.key) <= _SHORT_NAME):
            return 0, None
        if party.phone and party.phone == other.phone and len(self.accounts.with_phone(party.phone)) == 1:
            return 97, f"the phone is {party.party.phone}"
        own = len(telling) > 1 or not telling <= lexicon().common
        if own and party.city and party.city == other.city:
            return 94, f"both are in {party.party.city}"
        formed = bool(party.name.forms or other.name.forms)
        long = len(party.name.words) > 2 or (len(party.name.words) == 2 and (formed or len(telling) == 1))
        if own and long and party.country and party.country == other.country:
            return 91, f"both are in {party.country}"
        return 0, None
