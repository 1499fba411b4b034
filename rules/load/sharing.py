"""Shares a moment's new escalations out: the weightiest first, to their owners, until an owner's day is full.

What may not wait is opened however full the day is. What finds no place is held back; it is tried again at the next
run as long as its rule applies.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from domain.playbooks import HeldBackAlert
from domain.tickets import Priority
from rules.durations import elapsed
from rules.holdouts.draw import AccountValue
from rules.load.owners import AccountFacts, Hand, Rota
from rules.load.precision import Chances
from rules.load.weight import Weight, time_left

_LONGEST_BECAUSE = 500


@dataclass(frozen=True)
class Candidate:
    """A decision that would open an escalation; `role` is the owner of its first step, due at `due_at`."""

    decision_id: str
    account_ref: str
    playbook: str
    rule_hash: str
    family: str
    role: str
    priority: Priority
    value: AccountValue
    due_at: datetime | None = None


@dataclass(frozen=True)
class Desk:
    """What stands before a moment's new escalations are shared out.

    * rota: who is there; accounts: what decides to whom an account's escalations go
    * chances: how probable losses are; assumed_cents: what an account of unknown worth is ranked by
    * hands: what each owner has in hand; parents: the parent item that an account's escalations stand below
    """

    rota: Rota
    accounts: Mapping[str, AccountFacts] = field(default_factory=dict)
    chances: Chances = field(default_factory=lambda: Chances({}))
    assumed_cents: int | None = None
    hands: Mapping[str, Hand] = field(default_factory=dict)
    parents: Mapping[str, str] = field(default_factory=dict)

    def weight(self, candidate: Candidate, as_of: datetime) -> Weight:
        """What a candidate weighs at a moment."""
        value, facts = candidate.value, self.accounts.get(candidate.account_ref, AccountFacts())
        return Weight(
            arr_cents=value.arr_cents,
            currency=value.currency,
            chance=self.chances.of(candidate.account_ref, candidate.rule_hash, candidate.priority),
            left=time_left(as_of, value.renews_on, facts.notice_on, candidate.due_at),
            half_at=elapsed(self.rota.team.half_at),
            assumed_cents=self.assumed_cents,
        )

    def may_not_wait(self, candidate: Candidate, as_of: datetime) -> bool:
        """Whether it is opened however full the day is."""
        never, value = self.rota.team.never_held_back, candidate.value
        if candidate.priority in never.priorities:
            return True
        if never.limit is not None and value.arr_cents is not None:
            cents, currency = never.limit
            if value.currency == currency and value.arr_cents >= cents:
                return True
        band = self.accounts.get(candidate.account_ref, AccountFacts()).band
        if band not in never.renewal.bands or value.renews_on is None:
            return False
        return 0 <= (value.renews_on - as_of.date()).days <= elapsed(never.renewal.within).days


@dataclass(frozen=True)
class Place:
    """Who takes an escalation, and the parent item that it stands below."""

    owner: str | None = None
    parent_id: str | None = None


class Unshared:
    """Where no team is known everything is opened, in its own order, and nobody is named."""

    def ranked(self, candidates: Sequence[Candidate]) -> list[Candidate]:
        """As they come."""
        return list(candidates)

    def place(self, _candidate: Candidate) -> Place | None:
        """There is always room."""
        return Place()

    def take(self, candidate: Candidate, place: Place) -> None:
        """Nothing is counted."""

    def held_back(self) -> tuple[HeldBackAlert, ...]:
        """Nothing."""
        return ()


class Sharing(Unshared):
    """Gives one candidate after the other its place, and keeps what found none."""

    def __init__(self, desk: Desk, as_of: datetime) -> None:
        self._desk, self._as_of = desk, as_of
        self._hands: dict[str, Hand] = {}
        self._seen: dict[str, int] = {}
        self._held: list[HeldBackAlert] = []

    def ranked(self, candidates: Sequence[Candidate]) -> list[Candidate]:
        """What may not wait first, then the weightiest."""
        desk, as_of = self._desk, self._as_of
        return sorted(
            candidates,
            key=lambda one: (
                not desk.may_not_wait(one, as_of), -desk.weight(one, as_of).ranked_cents,
                one.account_ref, one.family, one.decision_id,
            ),
        )  # fmt: skip

    def place(self, candidate: Candidate) -> Place | None:
        """Where a candidate goes; None: it is held back. The place is taken only by `take`."""
        owner = self._owner(candidate)
        parent = self._parent(candidate)
        if self._has_room(owner, candidate.role, parent) or self._desk.may_not_wait(candidate, self._as_of):
            return Place(owner, parent)
        self._held.append(self._held_back(candidate, owner))
        return None

    def take(self, candidate: Candidate, place: Place) -> None:
        """An escalation was opened at the place."""
        if place.owner is not None:
            self._hand(place.owner).take(candidate.value.arr_cents or 0, place.parent_id)

    def held_back(self) -> tuple[HeldBackAlert, ...]:
        """What found no place, in the order of its weight."""
        return tuple(self._held)

    def _owner(self, candidate: Candidate) -> str:
        desk = self._desk
        facts = desk.accounts.get(candidate.account_ref, AccountFacts())
        fixed = desk.rota.fixed(candidate.account_ref, facts, candidate.role)
        if fixed is not None:
            return fixed
        pool = desk.rota.pool(facts, candidate.family, candidate.role)
        parent = self._parent(candidate)
        free = [one for one in pool if self._has_room(one.id, candidate.role, parent)] or pool
        if not free:
            return candidate.role
        return min(free, key=lambda one: desk.rota.load(one, self._hand(one.id))).id

    def _parent(self, candidate: Candidate) -> str | None:
        desk = self._desk
        return desk.parents.get(candidate.account_ref) if self._stands_below(candidate.family) else None

    def _stands_below(self, family: str) -> bool:
        return family in self._desk.rota.team.parents.families

    def _has_room(self, owner: str, role: str, parent: str | None) -> bool:
        budget, hand = self._budget(owner, role), self._hand(owner)
        return budget is None or hand.today < budget or (parent is not None and parent in hand.parents)

    def _budget(self, owner: str, role: str) -> int | None:
        """An owner that is only known by the CRM's name has a CSM's day."""
        team = self._desk.rota.team
        return team.budget_of(owner, role if owner in team.by_id or owner == role else "csm")

    def _hand(self, owner: str) -> Hand:
        if owner not in self._hands:
            known = self._desk.hands.get(owner, Hand())
            self._hands[owner] = Hand(known.live, known.cents, known.today, set(known.parents))
        return self._hands[owner]

    def _held_back(self, candidate: Candidate, owner: str) -> HeldBackAlert:
        desk, weight = self._desk, self._desk.weight(candidate, self._as_of)
        self._seen[owner] = self._seen.get(owner, 0) + 1
        hand, budget = self._hand(owner), self._budget(owner, candidate.role)
        because = f"the day of {owner} is full with {hand.today} of {budget}: {weight.sentence}"
        return HeldBackAlert(
            decision_id=candidate.decision_id, account_ref=candidate.account_ref, playbook=candidate.playbook,
            family=candidate.family, owner=owner, held_on=desk.rota.on, place=hand.today + self._seen[owner],
            at_risk_cents=weight.arr_cents, currency=weight.currency, because=because[:_LONGEST_BECAUSE],
            held_at=self._as_of,
        )  # fmt: skip


def share_out(desk: Desk | None, as_of: datetime) -> Unshared:
    """How a moment's new escalations are given to owners."""
    return Unshared() if desk is None else Sharing(desk, as_of)
