"""Keeps what was promised for tickets and which promises were broken: rows are added, never changed or taken away."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import narwhals as nw
import polars as pl
from sqlalchemy import Connection, Engine, Select, Table, and_, func, select, true
from sqlalchemy.dialects import postgresql, sqlite

from domain.sla import SlaAssignment, SlaBreach, SlaTerms
from storage import tables
from storage.account_refs import account_refs
from storage.staging import importing
from storage.targets import Target

_ASSIGNMENTS = Target(tables.sla_assignments, ("source", "ticket_ref", "since"), append_only=True)
_BREACHES = Target(tables.sla_breaches, ("source", "ticket_ref", "metric", "started_at"), append_only=True)


class SlaBook:
    """What was promised and broken in one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def keep_terms(self, terms: Iterable[SlaTerms]) -> int:
        """Keep terms that are not known yet, by their hash. Returns how many were new."""
        rows, table = [each.model_dump() for each in terms], tables.sla_terms
        if not rows:
            return 0
        with self._engine.begin() as connection:
            before = connection.scalar(select(func.count()).select_from(table)) or 0
            connection.execute(_insert(connection, table).on_conflict_do_nothing(), rows)
            return (connection.scalar(select(func.count()).select_from(table)) or 0) - before

    def terms(self) -> dict[str, SlaTerms]:
        """All terms that were ever promised, by their hash."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(tables.sla_terms)).mappings()
            return {row["terms_hash"]: SlaTerms.model_validate(dict(row)) for row in rows}

    def assign(self, rows: nw.DataFrame[Any]) -> int:
        """Add assignments: the fields of `SlaAssignment`, `inputs` as JSON text. Returns how many were new.

        A ticket that has one from that very moment on already keeps it.
        """
        return self._append(_ASSIGNMENTS, rows)

    def record_breaches(self, rows: nw.DataFrame[Any]) -> int:
        """Add breaches: the fields of `SlaBreach`. Returns how many were new; one that is known stays as it was."""
        return self._append(_BREACHES, rows)

    def _append(self, target: Target, rows: nw.DataFrame[Any]) -> int:
        if rows.is_empty():
            return 0
        frame: pl.DataFrame = rows.to_native()
        with importing(self._engine) as transaction:
            staged = transaction.loader(target)
            staged.append(frame.select(pl.int_range(pl.len()).alias("line"), *target.fields))
            staged.loaded()
            # SQLite needs a WHERE between SELECT and ON CONFLICT, to tell the latter from a join.
            added = select(*(staged.table.c[name] for name in target.fields)).where(true())
            statement = _insert(transaction.connection, target.table).from_select(target.fields, added)
            return transaction.connection.execute(statement.on_conflict_do_nothing()).rowcount

    def assignments(self, source: str, ticket_ref: str) -> list[SlaAssignment]:
        """What was promised for one ticket, the oldest first."""
        table = tables.sla_assignments
        this = and_(table.c.source == source, table.c.ticket_ref == ticket_ref)
        with self._engine.connect() as connection:
            rows = connection.execute(select(table).where(this).order_by(table.c.since)).mappings()
            return [SlaAssignment.model_validate(dict(row)) for row in rows]

    def breaches(self, since: datetime | None = None, until: datetime | None = None) -> list[SlaBreach]:
        """The breaches in `[since, until]`, the oldest first; an account goes by the name that it has now."""
        table, refs = tables.sla_breaches, account_refs()
        named = func.coalesce(refs.c.ref, table.c.account_ref).label("account_ref")
        columns = [named if each.name == "account_ref" else each for each in table.columns]
        query = select(*columns).outerjoin(refs, refs.c.own_ref == table.c.account_ref)
        ordered = _within(query, since, until).order_by(
            table.c.breached_at, table.c.source, table.c.ticket_ref, table.c.metric
        )
        with self._engine.connect() as connection:
            return [SlaBreach.model_validate(dict(row)) for row in connection.execute(ordered).mappings()]

    def sources_without_history(self) -> list[str]:
        """The sources whose tickets have no event that tells of their status."""
        ticket, event = tables.tickets.c, tables.ticket_events.c
        untold = select(ticket.source).except_(select(event.source).where(event.kind == "status"))
        with self._engine.connect() as connection:
            return sorted(connection.scalars(untold))

    def deleted_tickets(self, since: datetime | None = None, until: datetime | None = None) -> set[tuple[str, str]]:
        """The tickets (source, id) with a breach in `[since, until]` that their helpdesk has deleted."""
        breach, ticket = tables.sla_breaches.c, tables.tickets.c
        named = and_(ticket.source == breach.source, ticket.external_id == breach.ticket_ref)
        gone = select(breach.source, breach.ticket_ref).outerjoin(tables.tickets, named).where(ticket.id.is_(None))
        with self._engine.connect() as connection:
            rows = connection.execute(_within(gone.distinct(), since, until))
            return {(source, ticket_ref) for source, ticket_ref in rows}


def _within(query: Select[Any], since: datetime | None, until: datetime | None) -> Select[Any]:
    breached_at = tables.sla_breaches.c.breached_at
    if since is not None:
        query = query.where(breached_at >= since)
    return query if until is None else query.where(breached_at <= until)


def _insert(connection: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)
