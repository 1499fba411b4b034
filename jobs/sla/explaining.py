"""Gathers what explains one ticket's deadlines: its past, what was promised when and why, and what else is due."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from domain.errors import NotFound
from domain.sla import ClockState, Metric
from jobs.queue import open_queue
from jobs.ticket_names import ticket_named
from rules.sla.story import METRICS, Change, ClockStory, Promise, Said, TicketPast, tell
from rules.sla.terms import Terms
from rules.text.impact import READER
from storage.one_ticket import OneTicket
from storage.sla import SlaBook
from storage.store import Store


@dataclass(frozen=True)
class Ticket:
    """The ticket itself; `account` is the name of its account, `account_ref` what that goes by."""

    source: str
    external_id: str
    subject: str
    status: str
    priority: str | None
    channel: str | None
    team: str | None
    account: str | None
    account_ref: str | None
    created_at: datetime


@dataclass(frozen=True)
class Step:
    """A step that a playbook asks for with the ticket's account, and is not done yet."""

    playbook: str
    because: str
    do: str
    owner: str
    within: str
    due_at: datetime
    is_overdue: bool


@dataclass(frozen=True)
class SlaExplanation:
    """Why the deadlines of one ticket are what they are.

    * stories: its clocks; leading: the one that matters most now, None where there is none
    * past: what they were read from, as it stood at `as_of`
    * read_at: when the ticket's source was last read, None where that is not known
    * steps: what open escalations ask for with its account, what is due first
    """

    as_of: datetime
    is_demo: bool
    ticket: Ticket
    past: TicketPast
    stories: tuple[ClockStory, ...]
    read_at: datetime | None
    steps: tuple[Step, ...]

    @property
    def leading(self) -> ClockStory | None:
        """The clock that people ask about: the one that is due next, else one that stands, else the one broken."""
        return max(self.stories, key=_weight, default=None)


def explain(
    store: Store, name: str, as_of: datetime, *, metric: Metric | None = None, is_demo: bool = False
) -> SlaExplanation:
    """What explains the deadlines of the ticket of that id, or `source:id`; of one metric, or of all.

    Raises:
        NotFound: no ticket is called so, or several are, or it was not there yet; the message gives the near ones.
    """
    tickets = OneTicket(store.engine)
    row = tickets.row(ticket_named(tickets, name))
    if row["created_at"] > as_of:
        raise NotFound(f"ticket {name} was created on {row['created_at']:%Y-%m-%d %H:%M} UTC; give a later --as-of")
    past = _past(store, tickets, row, as_of)
    known = past.until(as_of)
    ticket = Ticket(**{field: row[field] for field in Ticket.__dataclass_fields__})
    return SlaExplanation(
        as_of=as_of,
        is_demo=is_demo,
        ticket=replace(ticket, status=known.statuses[-1][1]),
        past=known,
        stories=tell(past, as_of, METRICS if metric is None else [metric]),
        read_at=tickets.read_at(ticket.source, as_of),
        steps=_steps(store, ticket.account_ref, as_of),
    )


def _past(store: Store, tickets: OneTicket, row: Mapping[str, Any], as_of: datetime) -> TicketPast:
    said = (
        Said(each["sent_at"], each["author_kind"], each["public"], each["impactful"])
        for each in tickets.messages(row["id"], READER)
    )
    changes = tuple(
        Change(each["happened_at"], each["kind"], each["from_value"], each["to_value"])
        for each in tickets.events(row["id"])
    )
    reached = tickets.first_outreach(row["account_id"], row["created_at"])
    return TicketPast(
        created_at=row["created_at"],
        status=_found_later(changes, "status", as_of) or row["status"],
        priority=_found_later(changes, "priority", as_of) or row["priority"],
        first_replied_at=row["first_replied_at"],
        resolved_at=row["resolved_at"],
        said=tuple(said),
        changes=changes,
        outreach=() if reached is None else (reached,),
        promises=_promises(SlaBook(store.engine), row["source"], row["external_id"]),
    )


def _found_later(changes: Sequence[Change], kind: str, as_of: datetime) -> str | None:
    """What the first change after `as_of` found: what the ticket had then."""
    return next((each.before for each in changes if each.kind == kind and each.at > as_of), None)


def _promises(book: SlaBook, source: str, ticket_ref: str) -> tuple[Promise, ...]:
    assigned = book.assignments(source, ticket_ref)
    terms = book.terms() if assigned else {}
    contents = {name: Terms.model_validate(each.content) for name, each in terms.items()}
    return tuple(
        Promise(each.since, contents[each.terms_hash] if each.terms_hash else None, each.because, each.inputs)
        for each in assigned
    )


def _steps(store: Store, account_ref: str | None, as_of: datetime) -> tuple[Step, ...]:
    if account_ref is None:
        return ()
    found = [
        Step(
            entry.escalation.playbook, entry.escalation.because, step.do, step.owner, step.within, step.due_at,
            is_overdue=step.due_at < as_of,
        )
        for entry in open_queue(store, as_of)
        if entry.escalation.account_ref == account_ref
        for step in entry.steps
        if step.done_at is None or step.done_at > as_of
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda step: step.due_at))


def _weight(story: ClockStory) -> tuple[int, float]:
    """What is still to be kept, what stands, what is overdue, what was broken, what was kept; the next one first."""
    goes_on = story.wait.over_at is None
    ranks: dict[ClockState, int] = {"running": 6, "paused": 5, "breached": 4 if goes_on else 3, "met": 2, "ended": 1}
    at = story.deadline_at.timestamp() if story.deadline_at is not None else 0.0
    return ranks.get(story.state, 0), -at if goes_on else at
