"""Knows every version of every playbook and which of them counted when; nothing in it is ever changed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Engine, Select, Table, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from domain.escalations import Decision
from domain.playbooks import PlaybookDecree, PlaybookVersion
from domain.records import Record
from storage import tables
from storage.account_refs import ids_by_ref
from storage.frames import Frame, read_frame

AnyRecord = TypeVar("AnyRecord", bound=Record)


class Fired(NamedTuple):
    """How often a playbook decided in a span, for how many accounts, and how many escalations it opened."""

    decisions: int = 0
    accounts: int = 0
    opened: int = 0


class PlaybookBook:
    """The versions, decrees and shadow decisions of one database: rows are added, never changed."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def record(self, versions: Sequence[PlaybookVersion], decrees: Sequence[PlaybookDecree]) -> int:
        """Keep versions, of which known ones stay as they are, and what makes them count, in one transaction.

        Returns how many versions were new.
        """
        with self._engine.connect().execution_options(preserve_rowcount=True) as connection, connection.begin():
            new = 0
            if versions:
                rows = [version.model_dump() for version in versions]
                new = connection.execute(self._adding(tables.playbook_versions).values(rows)).rowcount
            if decrees:
                connection.execute(insert(tables.playbook_decrees), [decree.model_dump() for decree in decrees])
        return new

    def versions(self, playbook: str | None = None) -> list[PlaybookVersion]:
        """All versions, or those of one playbook, in the order in which they were recorded."""
        table = tables.playbook_versions
        query = select(table).order_by(table.c.recorded_at, table.c.rule_hash)
        return self._read(query if playbook is None else query.where(table.c.playbook == playbook), PlaybookVersion)

    def decrees(self, playbook: str | None = None) -> list[PlaybookDecree]:
        """All decrees, or those of one playbook, by their moment, those of one moment as they were made."""
        table = tables.playbook_decrees
        query = select(table).order_by(table.c.at, table.c.id)
        return self._read(query if playbook is None else query.where(table.c.playbook == playbook), PlaybookDecree)

    def keep_shadow(self, decisions: Sequence[Decision]) -> int:
        """Keep what versions in shadow would have decided. Returns how many of these decisions were new."""
        if not decisions:
            return 0
        with self._engine.connect().execution_options(preserve_rowcount=True) as connection, connection.begin():
            ids = ids_by_ref(connection)
            rows = [{**each.model_dump(), "account_id": ids[each.account_ref]} for each in decisions]
            return connection.execute(self._adding(tables.shadow_decisions), rows).rowcount

    def shadow_decisions(
        self, rule_hash: str, since: datetime | None = None, until: datetime | None = None
    ) -> list[Decision]:
        """What a version in shadow would have decided in `[since, until]`, oldest first."""
        table = tables.shadow_decisions
        query = select(table).where(table.c.rule_hash == rule_hash).order_by(table.c.as_of, table.c.decision_id)
        if since is not None:
            query = query.where(table.c.as_of >= since)
        return self._read(query if until is None else query.where(table.c.as_of <= until), Decision)

    def fired(self, since: datetime, until: datetime, *, shadow: bool = False) -> dict[str, Fired]:
        """What each playbook decided in `(since, until]`, or would have decided in shadow."""
        table = tables.shadow_decisions if shadow else tables.decisions
        counts = (func.count(), func.count(table.c.account_id.distinct()))
        query = select(table.c.playbook, *counts).where(table.c.as_of > since, table.c.as_of <= until)
        cases = tables.escalations.c
        opening = select(cases.playbook, func.count()).where(cases.opened_at > since, cases.opened_at <= until)
        with self._engine.connect() as connection:
            opened: dict[str, int] = {}
            if not shadow:
                opened.update(map(tuple, connection.execute(opening.group_by(cases.playbook)).all()))
            found = connection.execute(query.group_by(table.c.playbook)).all()
        return {name: Fired(decisions, accounts, opened.get(name, 0)) for name, decisions, accounts in found}

    def decided(self, playbook: str, since: datetime, until: datetime, *, shadow: str | None = None) -> Frame:
        """`account_id, account_ref, ticket_ref, as_of, because` of what a playbook decided in `[since, until]`.

        With `shadow`, what that version in shadow would have decided.
        """
        table = tables.decisions if shadow is None else tables.shadow_decisions
        names = ("account_id", "account_ref", "ticket_ref", "as_of", "because")
        query = select(*(table.c[name] for name in names)).where(table.c.as_of >= since, table.c.as_of <= until)
        query = query.where(table.c.playbook == playbook if shadow is None else table.c.rule_hash == shadow)
        return read_frame(self._engine, query)

    def _adding(self, table: Table) -> postgresql.Insert | sqlite.Insert:
        is_postgresql = self._engine.dialect.name == "postgresql"
        statement = postgresql.insert(table) if is_postgresql else sqlite.insert(table)
        return statement.on_conflict_do_nothing()

    def _read(self, query: Select[Any], kind: type[AnyRecord]) -> list[AnyRecord]:
        with self._engine.connect() as connection:
            rows = connection.execute(query).mappings().all()
        return [kind.model_validate({name: row[name] for name in kind.model_fields}) for row in rows]
