"""Keeps what persons say of losses and of workflows, and hands out what only the paths of losses are read from."""

from collections.abc import Sequence
from datetime import datetime

import narwhals as nw
from sqlalchemy import Engine, and_, func, insert, or_, select, update

from domain.reasons import ReasonDecision, WorkflowChange
from storage import tables
from storage.account_refs import account_refs
from storage.frames import Frame, read_frame

# So many accounts are named in one statement.
_AT_ONCE = 5_000
_OVER = ("solved", "closed")


class ReasonBook:
    """What persons said in one database: rows are added, and only a withdrawal is written into one."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def decide(self, decision: ReasonDecision) -> None:
        """Keep what a person says of an outcome; what was said before stays on record."""
        with self._engine.begin() as connection:
            connection.execute(insert(tables.reason_decisions), decision.model_dump())

    def decisions(self, until: datetime | None = None) -> list[ReasonDecision]:
        """All that was ever said up to a moment, in the order in which it was."""
        table = tables.reason_decisions
        query = select(*(table.c[name] for name in ReasonDecision.model_fields)).order_by(table.c.id)
        if until is not None:
            query = query.where(table.c.decided_at <= until)
        with self._engine.connect() as connection:
            return [ReasonDecision.model_validate(dict(row)) for row in connection.execute(query).mappings()]

    def note_change(self, change: WorkflowChange) -> None:
        """Keep that a workflow was changed."""
        with self._engine.begin() as connection:
            connection.execute(insert(tables.workflow_changes), change.model_dump())

    def withdraw_change(self, change_id: str, at: datetime) -> bool:
        """Mark a change as withdrawn; it stays on record. Returns whether there was one that stood."""
        table = tables.workflow_changes
        stands = and_(table.c.change_id == change_id, table.c.withdrawn_at.is_(None))
        with self._engine.begin() as connection:
            return connection.execute(update(table).where(stands).values(withdrawn_at=at)).rowcount > 0

    def changes(self, *, withdrawn: bool = False) -> list[WorkflowChange]:
        """The changes that stand, or all, by day."""
        table = tables.workflow_changes
        query = select(table).order_by(table.c.changed_on, table.c.change_id)
        if not withdrawn:
            query = query.where(table.c.withdrawn_at.is_(None))
        with self._engine.connect() as connection:
            return [WorkflowChange.model_validate(dict(row)) for row in connection.execute(query).mappings()]


class PathReader:
    """Frames of one database for `retention.reasons.paths.PathFacts`; moments lie in `(since, until]`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def changes(self, since: datetime, until: datetime) -> Frame:
        """`ticket_id, kind, from_value, to_value, happened_at` of reopenings (kind `status`) and of hand-offs."""
        event = tables.ticket_events.c
        reopened = and_(event.kind == "status", event.from_value.in_(_OVER), event.to_value.not_in(_OVER))
        handed = and_(event.kind.in_(("assignee", "team")), event.from_value.is_not(None), event.to_value.is_not(None))
        query = select(event.ticket_id, event.kind, event.from_value, event.to_value, event.happened_at).where(
            or_(reopened, and_(handed, event.from_value != event.to_value)),
            event.happened_at > since,
            event.happened_at <= until,
        )
        return read_frame(self._engine, query)

    def breaches(self, since: datetime, until: datetime) -> Frame:
        """`account_id, ticket_id, ticket_ref, metric, breached_at` of broken promises, gone tickets too."""
        breach, ticket, refs = tables.sla_breaches.c, tables.tickets.c, account_refs()
        named = and_(ticket.source == breach.source, ticket.external_id == breach.ticket_ref)
        account = func.coalesce(ticket.account_id, refs.c.is_id).label("account_id")
        query = select(account, ticket.id.label("ticket_id"), breach.ticket_ref, breach.metric, breach.breached_at)
        query = query.outerjoin(tables.tickets, named).outerjoin(refs, refs.c.own_ref == breach.account_ref)
        return read_frame(self._engine, query.where(breach.breached_at > since, breach.breached_at <= until))

    def customer_texts(self, account_ids: Sequence[int], since: datetime, until: datetime) -> Frame:
        """`account_id, ticket_id, ref, sent_at, text` of what customers of these accounts wrote, subjects among it."""
        found = []
        for begin in range(0, max(len(account_ids), 1), _AT_ONCE):
            some = account_ids[begin : begin + _AT_ONCE]
            found += [self._messages(some, since, until), self._subjects(some, since, until)]
        return nw.concat(found)

    def _messages(self, account_ids: Sequence[int], since: datetime, until: datetime) -> Frame:
        message, ticket = tables.messages.c, tables.tickets.c
        columns = (ticket.account_id, message.ticket_id, ticket.external_id.label("ref"), message.sent_at, message.text)
        query = select(*columns).join(tables.tickets, ticket.id == message.ticket_id)
        return read_frame(
            self._engine,
            query.where(
                ticket.account_id.in_(list(account_ids)), message.author_kind == "customer", message.public,
                message.sent_at > since, message.sent_at <= until,
            ),
        )  # fmt: skip

    def _subjects(self, account_ids: Sequence[int], since: datetime, until: datetime) -> Frame:
        ticket = tables.tickets.c
        columns = (ticket.account_id, ticket.id.label("ticket_id"), ticket.external_id.label("ref"))
        query = select(*columns, ticket.created_at.label("sent_at"), ticket.subject.label("text"))
        inside = (ticket.created_at > since, ticket.created_at <= until)
        return read_frame(self._engine, query.where(ticket.account_id.in_(list(account_ids)), *inside))
