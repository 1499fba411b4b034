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
