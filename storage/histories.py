"""Hands out what clocks are read from, as frames, for the tickets that were not solved at some moment of a span."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

import narwhals as nw
from sqlalchemy import ColumnElement, Engine, Select, Text, and_, exists, func, literal, or_, select

from domain.escalations import TouchKind
from storage import tables
from storage.frames import Frame, read_frame

_SOLVED = ("solved", "closed")
READ_KINDS = ("status", "priority", "merged")
TICKET_KINDS = (*READ_KINDS, "team", "assignee", "escalated")
OUTREACH: TouchKind = "csm_call"


def untold_solving() -> Select[Any]:
    """Status events, made from their tickets, of those that are solved, later than by any of their status events."""
    ticket, event = tables.tickets.c, tables.ticket_events.alias("status_event").c
    of_ticket = (event.ticket_id == ticket.id, event.kind == "status")
    newest = select(event.to_value).where(*of_ticket).order_by(event.happened_at.desc(), event.id.desc()).limit(1)
    last, last_at = newest.scalar_subquery(), select(func.max(event.happened_at)).where(*of_ticket).scalar_subquery()
    return select(
        (-ticket.id).label("id"),
        ticket.id.label("ticket_id"),
        literal("status", Text).label("kind"),
        last.label("from_value"),
        ticket.status.label("to_value"),
        ticket.resolved_at.label("happened_at"),
    ).where(ticket.status.in_(_SOLVED), last.not_in(_SOLVED), ticket.resolved_at > last_at)


class Histories:
    """The tickets created by `until` and not solved before `since`; what is later than `until` is left out.

    A ticket that is solved without a moment of solving counts while anything happens to it.
    """

    def __init__(self, engine: Engine, since: datetime, until: datetime) -> None:
        self._engine, self._since, self._until = engine, since, until

    def tickets(self) -> Frame:
        """A row per ticket, with the source's words for it; status and priority are those of `until`."""
        names = (
            "id", "source", "external_id", "account_id", "account_ref", "subject", "status", "priority", "channel",
            "workflow", "tags", "team", "assignee", "escalated", "created_at", "first_replied_at", "resolved_at",
        )  # fmt: skip
        ticket = tables.tickets.c
        columns = [self._at_until(name) if name in {"status", "priority"} else ticket[name] for name in names]
        return read_frame(self._engine, select(*columns).where(self._wanted()))

    def _at_until(self, name: str) -> ColumnElement[Any]:
        """The field as the first later change of it found it; without one that says so, as it is now."""
        ticket, event = tables.tickets.c, tables.ticket_events.alias(f"later_{name}").c
        later = (event.ticket_id == ticket.id, event.kind == name, event.happened_at > self._until)
        first = select(event.from_value).where(*later).order_by(event.happened_at, event.id).limit(1).scalar_subquery()
        return func.coalesce(first, ticket[name]).label(name)

    def messages(self, reader: str) -> Frame:
        """`id, ticket_id, author_kind, public, impactful, sent_at`, the latter two as `reader` read them or null."""
        message, reading = tables.messages.c, tables.message_readings.c
        columns = (message.id, message.ticket_id, message.author_kind, message.public, reading.impactful)
        read = and_(reading.message_id == message.id, reading.reader == reader)
        query = select(*columns, message.sent_at).join(tables.tickets).outerjoin(tables.message_readings, read)
        # Not in SQL: SQLite would walk through all messages by their time instead of through those of the tickets.
        return read_frame(self._engine, query.where(self._wanted())).filter(nw.col("sent_at") <= self._until)

    def events(self, kinds: Sequence[str] = READ_KINDS) -> Frame:
        """`id, ticket_id, kind, from_value, to_value, happened_at` of these kinds, otherwise of those that clocks read.

        With the solving that the ticket itself tells of where its events forgot it; its id is negative.
        """
        event = tables.ticket_events.c
        names = ("id", "ticket_id", "kind", "from_value", "to_value", "happened_at")
        query = select(*(event[name] for name in names)).join(tables.tickets)
        told = query.where(event.kind.in_(kinds), event.happened_at <= self._until, self._wanted())
        forgotten = untold_solving().where(tables.tickets.c.resolved_at <= self._until, self._wanted())
        return nw.concat([read_frame(self._engine, told), read_frame(self._engine, forgotten)])

    def outreach(self) -> Frame:
        """`ticket_id, happened_at`: success's first call with the ticket's account since the ticket was created."""
        ticket, touch = tables.tickets.c, tables.touches.c
        called = and_(touch.account_id == ticket.account_id, touch.happened_at >= ticket.created_at)
        first = func.min(touch.happened_at).label("happened_at")
        query = select(ticket.id.label("ticket_id"), first).join(tables.touches, called).group_by(ticket.id)
        wanted = (touch.kind == OUTREACH, touch.happened_at <= self._until, self._wanted())
        return read_frame(self._engine, query.where(*wanted))

    def assignments(self, *further: Literal["because", "inputs"]) -> Frame:
        """`ticket_id, since, terms`: what was promised from when on; `further`, why (`inputs` is JSON text)."""
        assigned, ticket = tables.sla_assignments.c, tables.tickets.c
        columns = (assigned.since, assigned.terms_hash.label("terms"), *(assigned[name] for name in further))
        named = and_(assigned.source == ticket.source, assigned.ticket_ref == ticket.external_id)
        query: Select[tuple[int]] = select(ticket.id.label("ticket_id"), *columns)
        return read_frame(
            self._engine,
            query.join(tables.sla_assignments, named).where(assigned.since <= self._until, self._wanted()),
        )

    def _wanted(self) -> ColumnElement[bool]:
        ticket, event = tables.tickets.c, tables.ticket_events.alias("any_event").c
        happening = exists().where(event.ticket_id == ticket.id, event.happened_at >= self._since)
        open_then = or_(
            ticket.status.not_in(_SOLVED),
            ticket.resolved_at >= self._since,
            ticket.created_at >= self._since,
            and_(ticket.resolved_at.is_(None), happening),
        )
        return and_(ticket.created_at <= self._until, open_then)
