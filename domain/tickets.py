"""Knows what a helpdesk keeps: tickets, what was said in them, what happened to them, and how they were rated."""

from typing import Literal

from pydantic import Field

from domain.records import Name, Sourced, UtcDatetime

AuthorKind = Literal["customer", "agent", "bot", "system"]
Priority = Literal["low", "normal", "high", "urgent"]
TicketStatus = Literal["new", "open", "pending", "on_hold", "solved", "closed"]
SurveyKind = Literal["csat", "ces", "nps"]


class Ticket(Sourced):
    """A request for help. `account_ref` is None where the helpdesk did not say whose it is."""

    account_ref: Name | None = None
    subject: str = ""
    status: TicketStatus = "open"
    priority: Priority | None = None
    channel: str | None = None
    workflow: str | None = None
    tags: tuple[str, ...] = ()
    assignee: str | None = None
    team: str | None = None
    escalated: bool | None = None
    created_at: UtcDatetime
    first_replied_at: UtcDatetime | None = None
    resolved_at: UtcDatetime | None = None


class Message(Sourced):
    """One text inside a ticket. `automatic`: no person wrote it, by its mail headers; None where they are not told."""

    ticket_ref: Name
    author_kind: AuthorKind
    public: bool = True
    automatic: bool | None = None
    text: str
    sent_at: UtcDatetime


class TicketEvent(Sourced):
    """One change of a ticket's field, `from_value` to `to_value`; the history that SLA clocks read."""

    ticket_ref: Name
    kind: Name
    from_value: str | None = None
    to_value: str | None = None
    happened_at: UtcDatetime


class Survey(Sourced):
    """A customer's answer on the scale `scale_min..scale_max` (CSAT often 1..5, CES 1..7, NPS 0..10)."""

    account_ref: Name | None = None
    ticket_ref: Name | None = None
    kind: SurveyKind
    score: int
    scale_min: int
    scale_max: int = Field(gt=0)
    comment: str | None = None
    answered_at: UtcDatetime
