"""Knows in which order parties become accounts or are linked: CRM first, then billing, then who asks and who uses."""

import gc
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, get_args

from connectors.linking.accounts import Accounts, Crowd
from connectors.linking.deciding import Decider
from connectors.linking.doubt import Doubt, Found, Scene
from connectors.linking.merging import survivors
from connectors.linking.profiles import Key, Profile, fingerprint, read_party
from connectors.linking.suggesting import suggest
from domain.parties import (
    Link,
    LinkDecision,
    Party,
    PartyRole,
    RelatedParty,
    Suggestion,
    UnlinkedParty,
)

_FOUNDING = ("crm", "billing")
_LONGEST_WORDS = 500
# A link of less certainty does not teach an account its party's domains: errors would breed.
_TEACHES = 97


@dataclass(frozen=True)
class Linking:
    """What became of all parties.

    `accounts` are the parties that are accounts themselves, as (source, external id). Every other party is either in
    `links` or in `unlinked`; a billing customer that no CRM account was found for is an account and in `unlinked`.
    `suggestions` are of unlinked parties, the best first. `changed` are persons' answers that rest on what one of
    the two sides no longer says of itself: they hold all the same.
    """

    accounts: tuple[Key, ...]
    links: tuple[Link, ...]
    suggestions: tuple[Suggestion, ...]
    related: tuple[RelatedParty, ...]
    unlinked: tuple[UnlinkedParty, ...]
    changed: tuple[LinkDecision, ...]


def link(
    parties: Iterable[Party | Mapping[str, Any]],
    decisions: Iterable[LinkDecision | Mapping[str, Any]] = (),
    *,
    now: datetime,
    suggesting: bool = True,
) -> Linking:
    """Link the customers of helpdesks, billing and usage to accounts. Depends on nothing but its arguments.

    `parties` are records or mappings with the fields of `Party`; `decisions` are what persons said, the newest of a
    pair counts. `now` becomes the `decided_at` of automatic links. Suggestions take half of the time; who needs the
    links alone goes without.

    Source: docs/linking.md.
    """
    read = [one if isinstance(one, Party) else Party.model_validate(one) for one in parties]
    said = [one if isinstance(one, LinkDecision) else LinkDecision.model_validate(one) for one in decisions]
    with _without_collector():
        return _linked(read, said, now, suggesting)


@contextmanager
def _without_collector() -> Iterator[None]:
    # Of all that is kept here nothing is circular, and walking over it again and again takes a quarter of the time.
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _linked(read: Sequence[Party], said: Sequence[LinkDecision], now: datetime, suggesting: bool) -> Linking:
    work = _Work({(one.source, one.external_id): one for one in read}, now, suggesting)
    work.hear(said)
    for role, source in _stages(read):
        work.go_through(role, source)
    return work.result(said)


def _stages(parties: Sequence[Party]) -> Iterator[tuple[PartyRole, str]]:
    """Each source of each role; of two CRMs the one with more accounts founds them."""
    sizes = Counter((party.role, party.source) for party in parties)
    for role in get_args(PartyRole):
        of_role = [(-size, source) for (one, source), size in sizes.items() if one == role]
        yield from ((role, source) for _, source in sorted(of_role))


@dataclass
class _Work:
    parties: dict[Key, Party]
    now: datetime
    suggesting: bool
    accounts: Accounts = field(default_factory=Accounts)
    links: dict[Key, Link] = field(default_factory=dict)
    suggestions: list[Suggestion] = field(default_factory=list)
    related: dict[tuple[Key, Key], RelatedParty] = field(default_factory=dict)
    unlinked: dict[Key, UnlinkedParty] = field(default_factory=dict)
    answers: dict[Key, dict[Key, LinkDecision]] = field(default_factory=lambda: defaultdict(dict))

    def __post_init__(self) -> None:
        self.survivor_of = survivors(self.parties.values())
        self.merged: dict[Key, list[Key]] = defaultdict(list)
        for key, survivor in self.survivor_of.items():
            if survivor and survivor != key:
                self.merged[survivor].append(key)
        self.stages: dict[tuple[PartyRole, str], list[Profile]] = defaultdict(list)
        for key, party in self.parties.items():
            if self.survivor_of[key] == key:
                profile = read_party(party, [self.parties[one] for one in self.merged.get(key, ())])
                self.stages[party.role, party.source].append(profile)

    def hear(self, said: Iterable[LinkDecision]) -> None:
        """Take in what persons said; the newest answer about a pair counts."""
        for one in sorted(said, key=lambda decision: decision.decided_at):
            party, account = self._alive(one.source, one.external_id), self._alive(one.account_source, one.account_ref)
            if party != account:
                self.answers[party].pop(account, None)
                self.answers[party][account] = one

    def _alive(self, source: str, external_id: str) -> Key:
        key = (source, external_id)
        return self.survivor_of.get(key) or key

    def go_through(self, role: PartyRole, source: str) -> None:
        """Link the parties of one source to the accounts that there are, or make accounts of them."""
        profiles = self.stages[role, source]
        confirmed = [one for one in profiles if self._confirmed(one.key)]
        others = [one for one in profiles if not self._confirmed(one.key)]
        founding = role in _FOUNDING
        if founding and not self.accounts.profiles:
            self._found(others)
        else:
            self._link(others, profiles, founding)
        left = [one for one in confirmed if not self._follow(one)]
        if founding:
            self._found(left)
        for one in left:
            self._leave(one, Doubt(reason="uncertain", because="the account that a person confirmed is gone"))

    def _confirmed(self, key: Key) -> LinkDecision | None:
        same = [one for one in self.answers.get(key, {}).values() if one.answer == "same"]
        return same[-1] if same else None

    def _follow(self, profile: Profile) -> bool:
        """Link a party to the account that a person named, if there is one."""
        said = self._confirmed(profile.key)
        number = self.accounts.number(self._alive(said.account_source, said.account_ref)) if said else None
        if said is None or number is None:
            return False
        self._keep(profile, Found(number, "confirmed", 100, f"{said.decided_by} said that they are the same"), said)
        return True

    def _found(self, profiles: Iterable[Profile]) -> None:
        for profile in profiles:
            merged = self.merged.get(profile.key, [])
            self.accounts.add(profile, merged, [name for key in merged for name in self.parties[key].known_as])

    def _link(self, profiles: Sequence[Profile], whole_source: Sequence[Profile], founding: bool) -> None:
        blocked = {
            (key, number)
            for key, said in self.answers.items()
            for account, one in said.items()
            if one.answer != "same" and (number := self.accounts.number(account)) is not None
        }
        decider = Decider(Scene(self.accounts, Crowd(whole_source)), frozenset(blocked))
        decided = {at: decider.decide(profile) for at, profile in enumerate(profiles)}
        doubts = {at: one for at, one in decided.items() if isinstance(one, Doubt)}
        if self.suggesting:
            self._suggest({at: profiles[at] for at in doubts}, doubts, blocked)
        for at, found in decided.items():
            if isinstance(found, Found):
                self._keep(profiles[at], found)
            else:
                self._leave(profiles[at], found)
        if founding:
            for at, doubt in doubts.items():
                self._found([profiles[at]])
                self.accounts.doubt(len(self.accounts.profiles) - 1, doubt.maybe, doubt.contrary)

    def _suggest(
        self, profiles: Mapping[int, Profile], doubts: Mapping[int, Doubt], blocked: set[tuple[Key, int]]
    ) -> None:
        for at, candidates in suggest(
            profiles, self.accounts, {at: one.hints | one.maybe for at, one in doubts.items()}
        ).items():
            for one in candidates:
                if (profiles[at].key, one.account) not in blocked:
                    self.suggestions.append(
                        Suggestion(
                            **self._pair(profiles[at].key, self.accounts.profiles[one.account].key),
                            score_percent=one.score_percent,
                            because=one.because[:_LONGEST_WORDS],
                        )
                    )

    def _keep(self, profile: Profile, found: Found, said: LinkDecision | None = None) -> None:
        account = self.accounts.profiles[found.account]
        self.accounts.learn(found.account, profile, domains=found.confidence_percent >= _TEACHES)
        for key in (profile.key, *self.merged.get(profile.key, ())):
            self.links[key] = self._linked(key, found, account, said)

    def _linked(self, key: Key, found: Found, account: Profile, said: LinkDecision | None) -> Link:
        return Link(
            **self._pair(key, account.key),
            method=found.method,
            confidence_percent=found.confidence_percent,
            evidence=found.evidence[:_LONGEST_WORDS],
            decided_by=said.decided_by if said else None,
            decided_at=said.decided_at if said else self.now,
        )

    def _leave(self, profile: Profile, doubt: Doubt) -> None:
        told = UnlinkedParty(
            source=profile.party.source,
            external_id=profile.party.external_id,
            reason=doubt.reason,
            because=doubt.because[:_LONGEST_WORDS],
        )
        for key in (profile.key, *self.merged.get(profile.key, ())):
            self.unlinked[key] = told.model_copy(update={"source": key[0], "external_id": key[1]})
        for number, because in doubt.related.items():
            self._relate(profile.key, self.accounts.profiles[number].key, because)

    def _relate(self, party: Key, account: Key, because: str) -> None:
        if party != account:
            told = RelatedParty(**self._pair(party, account), because=because[:_LONGEST_WORDS])
            self.related.setdefault((party, account), told)

    @staticmethod
    def _pair(party: Key, account: Key) -> dict[str, Any]:
        return {"source": party[0], "external_id": party[1], "account_source": account[0], "account_ref": account[1]}

    def result(self, said: Sequence[LinkDecision]) -> Linking:
        """What became of all parties, after the last stage."""
        self._link_merged_accounts()
        self._relate_parents()
        for key, one in ((key, one) for key, all_said in self.answers.items() for one in all_said.values()):
            account = self._alive(one.account_source, one.account_ref)
            if one.answer == "related" and key in self.parties and account in self.parties:
                self._relate(key, account, f"{one.decided_by} said that they are related")
        return Linking(
            tuple(profile.key for profile in self.accounts.profiles),
            tuple(self.links.values()),
            tuple(self.suggestions),
            tuple(self.related.values()),
            tuple(self.unlinked.values()),
            tuple(one for one in said if self._has_changed(one)),
        )

    def _link_merged_accounts(self) -> None:
        for key, survivor in self.survivor_of.items():
            number = self.accounts.number(survivor) if survivor else None
            if survivor is None:
                because = f"it was merged into {self.parties[key].merged_into}, which is not known or leads back"
                self.unlinked[key] = UnlinkedParty(
                    source=key[0], external_id=key[1], reason="merged_away", because=because[:_LONGEST_WORDS]
                )
            elif survivor != key and number is not None and key not in self.links:
                found = Found(number, "shared_id", 100, f"it was merged into {self.parties[key].merged_into}")
                self.links[key] = self._linked(key, found, self.accounts.profiles[number], None)
                self.unlinked.pop(key, None)

    def _relate_parents(self) -> None:
        for key, party in self.parties.items():
            parent = self._alive(party.source, party.parent_ref) if party.parent_ref else None
            number = self.accounts.number(parent) if parent else None
            if number is not None and self.accounts.number(key) != number:
                self._relate(key, self.accounts.profiles[number].key, f"its parent is {party.parent_ref}")

    def _has_changed(self, said: LinkDecision) -> bool:
        sides = [self.parties.get(self._alive(said.source, said.external_id)),
                 self.parties.get(self._alive(said.account_source, said.account_ref))]  # fmt: skip
        if said.fingerprint is None or None in sides:
            return False
        one, other = sides
        return one is not None and other is not None and fingerprint(one, other) != said.fingerprint
