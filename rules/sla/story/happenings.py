"""Knows what happened to a ticket while a clock ran: who wrote, which status and priority it got."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from rules.sla.story.past import Said, Since, TicketPast
from rules.sla.story.waits import Wait

Kind = Literal["message", "status", "priority", "merged", "outreach"]


@dataclass(frozen=True)
class Happening:
    """One thing that happened; `who` wrote a message, `said` tells it in words."""

    at: datetime
    kind: Kind
    said: str
    who: str = ""


def happenings(past: TicketPast, wait: Wait, until: datetime) -> tuple[Happening, ...]:
    """What happened from the wait's beginning to `until`, in order; at one moment messages come before statuses."""
    found = [*_messages(past), *_moves(past.statuses, "status"), *_moves(past.priorities, "priority")]
    found += [Happening(at, "outreach", "success or sales spoke to the account") for at in past.outreach]
    if past.merged_at is not None:
        found.append(Happening(past.merged_at, "merged", "merged into another ticket"))
    inside = (each for each in found if wait.started_at <= each.at <= until)
    return tuple(sorted(inside, key=lambda each: each.at))


def _messages(past: TicketPast) -> Iterator[Happening]:
    told = (each for each in past.heard if each.told)
    for each in (*past.said, *told):
        yield Happening(each.at, "message", _said(each), each.author)


def _said(message: Said) -> str:
    if message.told:
        return "an agent's reply, as the helpdesk reports it"
    if message.author in {"bot", "system"}:
        return f"a message of {'a bot' if message.author == 'bot' else 'the system'}"
    if not message.public:
        return f"an internal note of {'an agent' if message.author == 'agent' else 'the customer'}"
    if message.author == "customer":
        return "the customer wrote"
    return "an agent acknowledged receipt" if message.impactful is False else "an agent replied"


def _moves(values: tuple[Since, ...], kind: Literal["status", "priority"]) -> Iterator[Happening]:
    before = ""
    for at, value in values:
        yield Happening(at, kind, f"{kind} {before} → {value}" if before else f"{kind} {value}")
        before = value
