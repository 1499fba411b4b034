"""Finds one ticket by the name that people give it, and hands out all that happened to it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Engine, RowMapping, and_, func, select

from storage import tables
from storage.account_refs import account_refs
from storage.histories import OUTREACH, READ_KINDS, untold_solving

_MOST_NEAR = 200
_TICKET = tables.tickets.c


@dataclass(frozen=True)
class TicketName:
    """How a ticket is called: the source, and its id there."""

    source: str
    external_id: str


class OneTicket:
    """The tickets of one database, one at a time."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def named(self, name: str) -> list[TicketName]:
        """The tickets with that id in any source; or, of `source:id`, with that id in that source."""
        source, colon, external_id = name.partition(":")
        found = self._names(_TICKET.external_id == name)
        if found or not colon:
            return found
        return self._names(and_(_TICKET.source == source, _TICKET.external_id == external_id))

    def near(self, name: str) -> list[TicketName]:
        """Some tickets whose ids begin as this one does; without any, the newest."""
        wanted = name.rpartition(":")[2].strip() or name
        for length in range(len(wanted), 0, -1):
            found = self._names(_TICKET.external_id.startswith(wanted[:length], autoescape=True))
            if found:
                return found
        return self._names(_TICKET.id.is_not(None))

    def _names(self, wanted: ColumnElement[bool]) -> list[TicketName]:
        query = select(_TICKET.source, _TICKET.external_id).where(wanted).order_by(_TICKET.id.desc()).limit(_MOST_NEAR)
        with self._engine.connect() as connection:
            return [TicketName(source, external_id) for source, external_id in connection.execute(query)]

    def row(self, name: TicketName) -> dict[str, Any]:
        """The ticket's own fields, with `account` and `account_ref` as its account is called now."""
        accounts, refs = tables.accounts.c, account_refs()
        columns = [column for column in tables.tickets.columns if column.name != "account_ref"]
        query = (
            select(*columns, accounts.name.label("account"), refs.c.ref.label("account_ref"))
            .outerjoin(refs, refs.c.account_id == _TICKET.account_id)
            .outerjoin(tables.accounts, accounts.id == refs.c.is_id)
            .where(_TICKET.source == name.source, _TICKET.external_id == name.external_id)
        )
        with self._engine.connect() as connection:
            return dict(connection.execute(query).mappings().one())

    def messages(self, ticket_id: int, reader: str) -> Iterator[RowMapping]:
        """`author_kind, public, sent_at, impactful` (as `reader` read it, or None), by time and id; no texts."""
        message, reading = tables.messages.c, tables.message_readings.c
        read = and_(reading.message_id == message.id, reading.reader == reader)
        query = (
            select(message.author_kind, message.public, message.sent_at, reading.impactful)
            .outerjoin(tables.message_readings, read)
            .where(message.ticket_id == ticket_id)
            .order_by(message.sent_at, message.id)
        )
        with self._engine.connect() as connection:
            yield from connection.execute(query).mappings()

    def events(self, ticket_id: int) -> Iterator[RowMapping]:
        """`kind, from_value, to_value, happened_at` of the kinds that clocks read, by time and id.

        With the solving that the ticket itself tells of where its events forgot it.
        """
        event = tables.ticket_events.c
        told = select(event.id, event.kind, event.from_value, event.to_value, event.happened_at).where(
            event.ticket_id == ticket_id, event.kind.in_(READ_KINDS)
        )
        with self._engine.connect() as connection:
            rows = [*connection.execute(told).mappings()]
            rows += connection.execute(untold_solving().where(_TICKET.id == ticket_id)).mappings()
        yield from sorted(rows, key=lambda row: (row["happened_at"], row["id"]))

    def first_outreach(self, account_id: int | None, since: datetime) -> datetime | None:
        """Success's first call with an account from a moment on."""
        touch = tables.touches.c
        query = select(func.min(touch.happened_at)).where(
            touch.account_id == account_id, touch.kind == OUTREACH, touch.happened_at >= since
        )
        with self._engine.connect() as connection:
            first: datetime | None = connection.scalar(query)
        return first

    def read_at(self, source: str, as_of: datetime) -> datetime | None:
        """When the source was last read by then: a connection's last successful sync, or the newest file's import."""
        run, file = tables.sync_runs.c, tables.imported_files.c
        synced = select(func.max(run.ended_at)).where(
            run.connection == source, run.state == "done", run.ended_at <= as_of
        )
        imported = select(func.max(file.imported_at)).where(file.source == source, file.imported_at <= as_of)
        with self._engine.connect() as connection:
            known = [connection.scalar(synced), connection.scalar(imported)]
        return max((at for at in known if at is not None), default=None)
