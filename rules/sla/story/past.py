"""Knows what happened to one ticket: what was said, what changed, and what was promised since when."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, get_args

from domain.tickets import AuthorKind, TicketStatus
from rules.sla.terms import PRIORITIES, Terms

DONE = ("solved", "closed")
_STATUSES: tuple[str, ...] = get_args(TicketStatus)
_ORDINARY, _UNKNOWN = "open", "unknown"

Since = tuple[datetime, str]


@dataclass(frozen=True)
class Said:
    """A message. `impactful` False: an acknowledgement or boilerplate; None: not read, and it counts as an answer.

    `told`: the message itself is not known, only that the helpdesk reports a first reply at that moment.
    """

    at: datetime
    author: AuthorKind
    public: bool = True
    impactful: bool | None = None
    told: bool = False

    @property
    def answers(self) -> bool:
        """Whether a customer has been answered by it."""
        return self.public and self.author == "agent"

    @property
    def asks(self) -> bool:
        """Whether a customer waits because of it."""
        return self.public and self.author == "customer"


@dataclass(frozen=True)
class Change:
    """A change of the ticket's status or priority, or (kind `merged`) its end inside another one."""

    at: datetime
    kind: str
    before: str | None = None
    after: str | None = None


@dataclass(frozen=True)
class Promise:
    """That these terms apply from `since` on, and why; None: no policy applies."""

    since: datetime
    terms: Terms | None
    because: str = ""
    inputs: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class TicketPast:
    """One ticket's history; each list in the order of time, what is of one moment in the order of its ids."""

    created_at: datetime
    status: str = "open"
    priority: str | None = None
    first_replied_at: datetime | None = None
    resolved_at: datetime | None = None
    said: tuple[Said, ...] = ()
    changes: tuple[Change, ...] = ()
    outreach: tuple[datetime, ...] = ()
    promises: tuple[Promise, ...] = ()

    def until(self, as_of: datetime) -> "TicketPast":
        """The history as it stood at `as_of`: what is later does not exist, nor what follows a merge.

        What bears a moment before the ticket's own counts as having come with it; outreach before it was not for it.
        """
        born = self.created_at
        known = replace(self, changes=tuple(each for each in self.changes if each.at <= as_of))
        merged_at = known.merged_at

        def happened(at: datetime) -> bool:
            return at <= as_of and (merged_at is None or max(at, born) < merged_at)

        # A status that says solved is today's, and was not that of a day before it was resolved.
        is_solved_later = self.resolved_at is not None and self.resolved_at > as_of
        return replace(
            self,
            status=_ORDINARY if is_solved_later else self.status,
            first_replied_at=_by(self.first_replied_at, as_of),
            resolved_at=_by(self.resolved_at, as_of),
            said=tuple(replace(each, at=max(each.at, born)) for each in self.said if happened(each.at)),
            changes=tuple(
                replace(each, at=max(each.at, born))
                for each in known.changes
                if happened(each.at) or each.kind == "merged"
            ),
            outreach=tuple(at for at in self.outreach if happened(at) and at >= born),
            promises=tuple(
                replace(each, since=max(each.since, born)) for each in self.promises if happened(each.since)
            ),
        )

    @property
    def has_events(self) -> bool:
        """Whether statuses come from events; otherwise from when the ticket was opened and resolved."""
        return any(each.kind == "status" for each in self.changes)

    @property
    def statuses(self) -> tuple[Since, ...]:
        """Each status with the moment that it began; the first one began with the ticket."""
        moved = [each for each in self.changes if each.kind == "status"]
        if not moved:
            solved_at = self._solved_by_its_own_word
            return _cleaned([(self.created_at, _ORDINARY), *([(solved_at, "solved")] if solved_at else [])])
        first = (self.created_at, _status(moved[0].before))
        return _cleaned([first, *((each.at, _status(each.after)) for each in moved)])

    @property
    def _solved_by_its_own_word(self) -> datetime | None:
        """When it was resolved; where only its status says so, after the last thing that is known of it."""
        known = [self.resolved_at] if self.resolved_at else []
        if not known and self.status in DONE and self.merged_at is None:
            changed = (each.at for each in self.changes if each.kind == "priority")
            replied = [self.first_replied_at] if self.first_replied_at else []
            known = [max([self.created_at, *replied, *(each.at for each in self.heard), *changed])]
        at = max(self.created_at, known[0]) if known else None
        return at if at is not None and (self.merged_at is None or at < self.merged_at) else None

    @property
    def priorities(self) -> tuple[Since, ...]:
        """Each priority with the moment that it began; `unknown` where the helpdesk gave none."""
        moved = [each for each in self.changes if each.kind == "priority"]
        first = moved[0].before if moved else self.priority
        return _cleaned([(self.created_at, _priority(first)), *((each.at, _priority(each.after)) for each in moved)])

    @property
    def merged_at(self) -> datetime | None:
        """When the ticket went into another one."""
        return next((max(each.at, self.created_at) for each in self.changes if each.kind == "merged"), None)

    @property
    def heard(self) -> tuple[Said, ...]:
        """What agents wrote and customers said in public; without any public reply, the one the helpdesk reports."""
        heard = [each for each in self.said if each.author == "agent" or each.asks]
        if self.first_replied_at is not None and not any(each.answers for each in heard):
            at = max(self.first_replied_at, self.created_at)
            if self.merged_at is None or at < self.merged_at:
                heard.append(Said(at, "agent", told=True))
        return tuple(sorted(heard, key=lambda each: each.at))

    @property
    def solved_since(self) -> datetime | None:
        """Since when it has been solved and is so still; solved, then closed, is one solving."""
        since: datetime | None = None
        for at, status in self.statuses:
            since = (since or at) if status in DONE else None
        return since


def standing(values: Iterable[Since], at: datetime) -> str:
    """The last of the values that had begun by then; the first one where none had."""
    listed = list(values)
    return next((value for since, value in reversed(listed) if since <= at), listed[0][1])


def promised(promises: Sequence[Promise], at: datetime) -> Promise | None:
    """What is promised at a moment; the first promise counts from the beginning."""
    in_force = promises[0] if promises else None
    for each in promises[1:]:
        in_force = each if each.since <= at else in_force
    return in_force


def _cleaned(values: Iterable[Since]) -> tuple[Since, ...]:
    """Of several values at one moment the last one; a value that is set again has not changed."""
    found: list[Since] = []
    for since, value in values:
        if found and found[-1][0] == since:
            found.pop()
        if not found or found[-1][1] != value:
            found.append((since, value))
    return tuple(found)


def _status(word: str | None) -> str:
    return word if word in _STATUSES else _ORDINARY


def _priority(word: str | None) -> str:
    return word if word in PRIORITIES else _UNKNOWN


def _by(moment: datetime | None, as_of: datetime) -> datetime | None:
    return moment if moment is not None and moment <= as_of else None
