"""Knows which account each id, domain, name and phone leads to, and which of them several have."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

from connectors.linking.profiles import Key, Profile

_SALESFORCE = re.compile(r"^[A-Za-z0-9]{15}[A-Z0-5]{3}$")
_CHECKED = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def plain_id(written: str) -> str:
    """An id as it is compared: Salesforce writes the same one with 15 letters and, checked, with 18."""
    stripped = written.strip()
    if len(stripped) != 18:
        return stripped
    return stripped[:15] if _SALESFORCE.match(stripped) and stripped[15:] == _check(stripped[:15]) else stripped


def _check(fifteen: str) -> str:
    groups = (fifteen[start : start + 5] for start in (0, 5, 10))
    return "".join(_CHECKED[sum(letter.isupper() << at for at, letter in enumerate(group))] for group in groups)


class Accounts:
    """The accounts that a party can be linked to. Numbers are positions in `profiles`."""

    def __init__(self) -> None:
        self.profiles: list[Profile] = []
        self.known_as: list[frozenset[str]] = []
        self._numbers: dict[Key, int] = {}
        self._by_id: dict[str, list[int]] = defaultdict(list)
        self._by_known_as: dict[str, list[int]] = defaultdict(list)
        self._by_domain: dict[str, list[int]] = defaultdict(list)
        self._by_name: dict[str, list[int]] = defaultdict(list)
        self._by_phone: dict[str, list[int]] = defaultdict(list)
        self._may_be: dict[int, frozenset[int]] = {}
        self._contrary: set[int] = set()
        self._parents: set[Key] = set()

    def add(self, profile: Profile, aliases: Iterable[Key] = (), known_as: Iterable[str] = ()) -> None:
        """Make a party an account. `aliases` are the parties that were merged into it, `known_as` also their ids."""
        number = len(self.profiles)
        self.profiles.append(profile)
        names = frozenset(map(plain_id, (*profile.party.known_as, *known_as)))
        self.known_as.append(names)
        for key in (profile.key, *aliases):
            self._note_id(number, key)
        for known in names:
            self._by_known_as[known].append(number)
        if profile.party.parent_ref:
            self._parents.add((profile.party.source, profile.party.parent_ref))
        for domain in profile.domains:
            self._by_domain[domain].append(number)
        for name in profile.name.keys:
            self._by_name[name].append(number)
        if profile.phone:
            self._by_phone[profile.phone].append(number)

    def learn(self, number: int, profile: Profile, domains: bool) -> None:
        """Note that a party is this account: its ids lead there, and its `domains` where the account tells none."""
        self._note_id(number, profile.key)
        if domains and not self.profiles[number].domains:
            for domain in profile.domains:
                self._by_domain[domain].append(number)

    def _note_id(self, number: int, key: Key) -> None:
        self._numbers[key[0], plain_id(key[1])] = number
        self._by_id[plain_id(key[1])].append(number)

    def number(self, key: Key) -> int | None:
        """The account that this party is, or is linked to."""
        return self._numbers.get((key[0], plain_id(key[1])))

    def is_of_a_group(self, number: int) -> bool:
        """Whether an account has a parent or is one."""
        profile = self.profiles[number]
        return profile.party.parent_ref is not None or profile.key in self._parents

    def doubt(self, number: int, may_be: Iterable[int], contrary: bool) -> None:
        """Note that an account may be another one, and whether something speaks against it."""
        self._may_be[number] = frozenset(may_be)
        if contrary:
            self._contrary.add(number)

    def may_be(self, number: int) -> frozenset[int]:
        """The accounts that this one may be, where it is a customer that billing knows and the CRM perhaps."""
        return self._may_be.get(number, frozenset())

    def without_doubles(self, party: Profile, numbers: Sequence[int], plainly: bool = False) -> list[int]:
        """Of several accounts those that are not another one's double.

        Doubles are a trial beside the paying account of the same name, and what may be another of them itself; when
        `plainly`, only where nothing speaks against that.
        """
        some = set(numbers)
        doubles = {one for one in some if self.may_be(one) & some and not (plainly and one in self._contrary)}
        left = [one for one in numbers if one not in doubles]
        return left if party.trial else self._without_trials(left)

    def _without_trials(self, numbers: list[int]) -> list[int]:
        paying = [one for one in numbers if not self.profiles[one].trial]
        if len(paying) != 1:
            return numbers
        payer = self.profiles[paying[0]].name
        return paying if all(self.profiles[one].name.keys & payer.keys for one in numbers) else numbers

    def with_id(self, written: str, but_of: str) -> set[int]:
        """The accounts whose own id in another system than `but_of` is this one."""
        return {number for number in self._by_id.get(plain_id(written), ()) if self._source(number) != but_of}

    def known_by(self, name: str) -> Sequence[int]:
        """The accounts that say that this is their id elsewhere."""
        return self._by_known_as.get(plain_id(name), ())

    def with_domain(self, name: str) -> Sequence[int]:
        return self._by_domain.get(name, ())

    def named(self, profile: Profile) -> set[int]:
        """The accounts whose own words are those of this name, whatever legal form or place they add."""
        return {number for key in profile.name.keys for number in self._by_name.get(key, ())}

    def with_phone(self, phone: str) -> Sequence[int]:
        return self._by_phone.get(phone, ())

    def _source(self, number: int) -> str:
        return self.profiles[number].party.source


class Crowd:
    """How often names and domains come up among the parties of one source: what many have tells nobody apart."""

    def __init__(self, profiles: Iterable[Profile]) -> None:
        self._names: dict[str, int] = defaultdict(int)
        self._at_domain: dict[str, set[str]] = defaultdict(set)
        for profile in profiles:
            for key in profile.name.keys:
                self._names[key] += 1
            for domain in profile.domains:
                self._at_domain[domain].add(profile.name.key)

    def namesakes(self, profile: Profile) -> int:
        """How many parties have this name, itself among them."""
        return max((self._names.get(key, 0) for key in profile.name.keys), default=0)

    def names_at(self, domain: str) -> int:
        """How many different names come with a domain."""
        return len(self._at_domain.get(domain, ()))
