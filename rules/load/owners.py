"""Chooses who takes an escalation: the account's own CSM, otherwise who has the least in hand for her hours."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from rules.load.written import Person, Team
from rules.words import segment_word


@dataclass(frozen=True)
class AccountFacts:
    """What is known of an account that decides to whom its escalations go; `band` is that of its ACV."""

    csm: str | None = None
    segment: str | None = None
    region: str | None = None
    band: str | None = None
    notice_on: date | None = None


@dataclass
class Hand:
    """What an owner has in hand: live escalations, their money, and the places of today that are taken.

    Escalations of one parent item take one place a day.
    """

    live: int = 0
    cents: int = 0
    today: int = 0
    parents: set[str] = field(default_factory=set)

    def take(self, cents: int, parent: str | None) -> None:
        """One more is in hand, and was given today."""
        self.live += 1
        self.cents += cents
        self.give_today(parent)

    def give_today(self, parent: str | None) -> None:
        """One more was given today, whether or not it is still in hand."""
        if parent is None or parent not in self.parents:
            self.today += 1
        if parent is not None:
            self.parents.add(parent)


@dataclass(frozen=True)
class Rota:
    """Who is there on a day, and how long she works.

    * hours: by person; one who is not named works as long as anybody
    * kept: who took the last escalation of an account
    """

    team: Team
    on: date
    hours: Mapping[str, float] = field(default_factory=dict)
    kept: Mapping[str, str] = field(default_factory=dict)

    def fixed(self, account_ref: str, facts: AccountFacts, role: str) -> str | None:
        """Whose the account is already: its CSM's, or who took its last escalation in this role, or a deputy's.

        None: it goes to whoever has the least in hand.
        """
        if self.team.own_csm and facts.csm:
            own = self.team.by_csm.get(facts.csm.casefold())
            if own is None:
                return facts.csm
            there = self._there(own)
            if there is not None:
                return there.id
        former = self.team.by_id.get(self.kept.get(account_ref, ""))
        there = self._there(former) if former is not None and role in former.roles else None
        return None if there is None else there.id

    def pool(self, facts: AccountFacts, family: str, role: str) -> list[Person]:
        """Who has the role, takes such an account and is there; their deputies where all of them are away."""
        able = [one for one in self.team.people if role in one.roles and _takes(one, facts, family)]
        there = [one for one in able if not one.is_away(self.on)]
        if there:
            # On a day on which nobody works the absent alone are left out.
            return [one for one in there if self._hours(one) > 0] or there
        deputies = {found.id: found for one in able if (found := self._there(one)) is not None}
        return list(deputies.values())

    def load(self, person: Person, hand: Hand) -> tuple[Fraction, int, str]:
        """Orders people: in hand with one more, for each hour of the day; then the money; then the name."""
        hours = Fraction(self._hours(person) or 1).limit_denominator(1_000)
        return Fraction(hand.live + 1) / hours, hand.cents, person.id

    def _hours(self, person: Person) -> float:
        return self.hours.get(person.id, max(self.hours.values(), default=1.0))

    def _there(self, person: Person) -> Person | None:
        """She herself, otherwise the first of her deputies, and theirs, who is there."""
        seen: set[str] = set()
        current: Person | None = person
        while current is not None and current.id not in seen:
            if not current.is_away(self.on):
                return current
            seen.add(current.id)
            current = self.team.by_id.get(current.deputy or "")
        return None


def _takes(person: Person, facts: AccountFacts, family: str) -> bool:
    takes = person.takes
    segment = None if facts.segment is None else segment_word(facts.segment)
    return (
        _fits(takes.segment, segment) and _fits(takes.region, facts.region) and _fits(takes.family, family)
    )  # fmt: skip


def _fits(wanted: Iterable[str], found: str | None) -> bool:
    """No limit fits everything; a limit never fits what is unknown."""
    words = {word.casefold() for word in wanted}
    return not words or (found is not None and found.casefold() in words)
