"""Hands out what satisfaction is learned and foretold from: the facts of the tickets that are looked at alone."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, Integer, Select, and_, case, exists, func, literal, or_, select

from domain.reading import Predicted
from storage import tables
from storage.frames import Frame, read_frame

_TICKET, _MESSAGE, _EVENT, _SURVEY = (
    table.c for table in (tables.tickets, tables.messages, tables.ticket_events, tables.surveys)
)
_OVER = ("solved", "closed")
_BATCH = 5_000


def rated_tickets(predicts: Predicted, since: datetime, until: datetime) -> Select[Any]:
    """The ids of tickets with an answer in `(since, until]`."""
    inside = (_SURVEY.answered_at > since, _SURVEY.answered_at <= until)
    return select(_SURVEY.ticket_id).where(_SURVEY.kind == predicts, _SURVEY.ticket_id.is_not(None), *inside)


def solved_tickets(since: datetime, until: datetime) -> Select[Any]:
    """The ids of tickets that came to be solved in `(since, until]`, by their own field or their history."""
    entered = exists().where(
        _EVENT.ticket_id == _TICKET.id, _EVENT.kind == "status", _EVENT.to_value.in_(_OVER),
        _EVENT.happened_at > since, _EVENT.happened_at <= until,
    )  # fmt: skip
    field = and_(_TICKET.resolved_at > since, _TICKET.resolved_at <= until)
    return select(_TICKET.id).where(_TICKET.created_at <= until, or_(field, entered))


def unrated_tickets(predicts: Predicted, since: datetime, open_before: datetime, until: datetime) -> Select[Any]:
    """The ids of tickets without an answer up to `until` that were solved since, or are as old as `open_before`.

    Of tickets that are not solved now, those that were created up to `open_before`.
    """
    answered = exists().where(
        _SURVEY.ticket_id == _TICKET.id, _SURVEY.kind == predicts, _SURVEY.answered_at <= until
    )  # fmt: skip
    still = and_(
        or_(_TICKET.resolved_at.is_(None), _TICKET.resolved_at > until), _TICKET.created_at <= open_before,
        or_(_TICKET.status.not_in(_OVER), _TICKET.resolved_at > until),
    )  # fmt: skip
    recent = _TICKET.id.in_(solved_tickets(since, until))
    return select(_TICKET.id).where(_TICKET.created_at <= until, or_(recent, still), ~answered)


class TicketReader:
    """Frames of one database about the tickets whose ids `which` selects, as `rules.satisfaction.TicketFacts`."""

    def __init__(self, engine: Engine, which: Select[Any]) -> None:
        self._engine, self._which = engine, which

    def tickets(self) -> Frame:
        account = tables.accounts.c
        columns = (
            _TICKET.id, _TICKET.account_id, account.external_id.label("account"), _TICKET.source,
            _TICKET.external_id.label("ref"), _TICKET.created_at, _TICKET.resolved_at,
        )  # fmt: skip
        query = select(*columns).outerjoin(tables.accounts, account.id == _TICKET.account_id)
        return read_frame(self._engine, query.where(_TICKET.id.in_(self._which)))

    def messages(self, *, lengths: bool = True) -> Frame:
        """Messages of customers and agents; `characters` is null where their `lengths` are not asked for."""
        names = ("id", "ticket_id", "author_kind", "public", "automatic", "sent_at")
        length = func.length(_MESSAGE.text, type_=Integer) if lengths else literal(None, Integer)
        query = select(*(_MESSAGE[name] for name in names), length.label("characters"))
        mine = (_MESSAGE.ticket_id.in_(self._which), _MESSAGE.author_kind.in_(("customer", "agent")))
        return read_frame(self._engine, query.where(*mine))

    def events(self) -> Frame:
        names = ("ticket_id", "kind", "from_value", "to_value", "happened_at")
        query = select(*(_EVENT[name] for name in names)).where(_EVENT.ticket_id.in_(self._which))
        return read_frame(self._engine, query)

    def surveys(self) -> Frame:
        names = ("ticket_id", "kind", "score", "scale_min", "scale_max", "answered_at")
        query = select(*(_SURVEY[name] for name in names)).where(_SURVEY.ticket_id.in_(self._which))
        return read_frame(self._engine, query)

    def breaches(self) -> Frame:
        """Broken promises, each named by the ticket."""
        breach = tables.sla_breaches.c
        named = and_(_TICKET.source == breach.source, _TICKET.external_id == breach.ticket_ref)
        query = select(_TICKET.id.label("ticket_id"), breach.breached_at).join(tables.sla_breaches, named)
        return read_frame(self._engine, query.where(_TICKET.id.in_(self._which)))

    def promised(self) -> Frame:
        """Since when each ticket has had a target."""
        promise = tables.sla_assignments.c
        named = and_(_TICKET.source == promise.source, _TICKET.external_id == promise.ticket_ref)
        query = select(_TICKET.id.label("ticket_id"), func.min(promise.since).label("since"))
        known = (_TICKET.id.in_(self._which), promise.terms_hash.is_not(None))
        return read_frame(self._engine, query.join(tables.sla_assignments, named).where(*known).group_by(_TICKET.id))

    def readings(self, reader: str) -> Frame:
        """What one reader made of the tickets' messages, where it could read them."""
        reading = tables.message_readings.c
        query = select(reading.message_id, reading.sentiment).join(
            tables.messages, _MESSAGE.id == reading.message_id
        )  # fmt: skip
        known = (reading.reader == reader, reading.sentiment.is_not(None), _MESSAGE.ticket_id.in_(self._which))
        return read_frame(self._engine, query.where(*known))

    def evidence(self, kinds: dict[str, str]) -> Frame:
        """`message_id, kind` of the evidence whose kinds are named, under the names given here, each place once."""
        place = tables.text_evidence.c
        told = case(kinds, value=place.kind, else_=None).label("kind") if kinds else place.kind
        query = select(place.message_id, told, place.begins_at).distinct()
        query = query.join(tables.messages, _MESSAGE.id == place.message_id)
        mine = (place.kind.in_(list(kinds)), _MESSAGE.ticket_id.in_(self._which))
        return read_frame(self._engine, query.where(*mine)).select("message_id", "kind")

    def customer_texts(self) -> Iterator[list[tuple[int, int, str]]]:
        """Batches of `(ticket id, message id, text)` of customers' public messages, by ticket and time."""
        query = select(_MESSAGE.ticket_id, _MESSAGE.id, _MESSAGE.text).where(
            _MESSAGE.ticket_id.in_(self._which), _MESSAGE.author_kind == "customer", _MESSAGE.public
        )
        with self._engine.connect() as connection:
            found = connection.execution_options(stream_results=True, yield_per=_BATCH).execute(
                query.order_by(_MESSAGE.ticket_id, _MESSAGE.sent_at, _MESSAGE.id)
            )
            for rows in found.partitions(_BATCH):
                yield [(ticket, message, text) for ticket, message, text in rows]
