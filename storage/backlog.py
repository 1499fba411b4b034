"""Hands out what backlog and speed are read from: linked tickets that were open within a span, and their history."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Engine, Select, and_, or_, select

from storage import tables
from storage.frames import Frame, read_frame

_OVER = ("solved", "closed")
_READ_KINDS = ("status", "priority")
_TICKET, _EVENT = tables.tickets.c, tables.ticket_events.c


class Backlog:
    """The linked tickets created by `until` that were not solved for good by `since`."""

    def __init__(self, engine: Engine, since: datetime, until: datetime) -> None:
        self._engine, self._since, self._until = engine, since, until

    def tickets(self) -> Frame:
        """`id, account_id, status, priority, created_at, resolved_at`, as they are now."""
        names = ("id", "account_id", "status", "priority", "created_at", "resolved_at")
        return read_frame(self._engine, select(*(_TICKET[name] for name in names)).where(self._wanted()))

    def events(self) -> Frame:
        """`id, ticket_id, kind, from_value, to_value, happened_at` of the changes of their status and priority."""
        names = ("id", "ticket_id", "kind", "from_value", "to_value", "happened_at")
        query: Select[Any] = select(*(_EVENT[name] for name in names)).join(tables.tickets)
        told = (_EVENT.kind.in_(_READ_KINDS), _EVENT.happened_at <= self._until)
        return read_frame(self._engine, query.where(*told, self._wanted()))

    def first_replies(self) -> Frame:
        """`account_id, created_at, first_replied_at` of linked tickets first answered in `(since, until]`."""
        inside = (_TICKET.first_replied_at > self._since, _TICKET.first_replied_at <= self._until)
        query = select(_TICKET.account_id, _TICKET.created_at, _TICKET.first_replied_at)
        return read_frame(self._engine, query.where(_TICKET.account_id.is_not(None), *inside))

    def _wanted(self) -> ColumnElement[bool]:
        lasting = or_(
            _TICKET.status.not_in(_OVER), _TICKET.resolved_at > self._since, _TICKET.resolved_at.is_(None),
            _TICKET.created_at > self._since,
        )  # fmt: skip
        return and_(_TICKET.account_id.is_not(None), _TICKET.created_at <= self._until, lasting)
