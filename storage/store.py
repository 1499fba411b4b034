"""Keeps what Keepline itself decided and learned: decisions, escalations, outcomes, imports, notes."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    RowMapping,
    Select,
    Table,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from domain.effects import Episode
from domain.escalations import Decision, Escalation, EscalationStep, Touch
from domain.imports import ImportedFile, Reject
from domain.playbooks import PreparedAction
from domain.records import Record
from domain.revenue import Credit, Outcome
from storage import tables
from storage.account_refs import account_refs, ids_by_ref
from storage.actions import keep_actions
from storage.alert_load import KeptLoad, keep_load
from storage.engine import migrate, open_engine
from storage.episodes import append_episodes
from storage.facts import Facts
from storage.spells import KeptSpells, keep_spells
from storage.staging import Importing, importing
from storage.targets import TARGETS, link_of

AnyRecord = TypeVar("AnyRecord", bound=Record)


class Store:
    """One database, brought to the current schema when it is opened."""

    def __init__(self, url: str) -> None:
        self.engine: Engine = open_engine(url)
        migrate(self.engine)

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()

    def facts(self, known_on: datetime | None = None) -> Facts:
        """The facts as frames; with `known_on` as they were known then."""
        return Facts(self.engine, known_on)

    def importing(self) -> AbstractContextManager[Importing]:
        """One transaction for one file."""
        return importing(self.engine)

    def record_import(self, connection: Connection, imported: ImportedFile, rejects: Sequence[Reject]) -> None:
        """Keep what became of a file, in its own transaction; reading the same file again changes nothing."""
        before = self._imports(connection, imported.source, imported.file, imported.record)
        if before and before[0].sha256 == imported.sha256 and before[0].rejected == imported.rejected:
            return
        _upsert(connection, tables.imported_files, ("source", "file", "record"), [imported.model_dump()])
        kept = tables.rejects
        connection.execute(delete(kept).where(kept.c.file == imported.file, kept.c.record == imported.record))
        if rejects:
            rows = [{**reject.model_dump(), "record": imported.record} for reject in rejects]
            connection.execute(insert(kept), rows)

    def imports(self) -> list[ImportedFile]:
        """What became of each imported file when it was last read."""
        with self.engine.connect() as connection:
            return self._imports(connection)

    def _imports(self, connection: Connection, *key: str) -> list[ImportedFile]:
        table = tables.imported_files
        names = ("source", "file", "record")
        query = select(table).order_by(table.c.id)
        for name, value in zip(names, key, strict=False):
            query = query.where(table.c[name] == value)
        return _records(connection.execute(query).mappings().all(), ImportedFile)

    def rejects(self) -> list[Reject]:
        """The rows that were put aside and not yet repaired, by file and line."""
        table = tables.rejects
        return self._read(select(table).order_by(table.c.file, table.c.line), Reject)

    def link_tickets(self) -> tuple[int, int]:
        """Link tickets whose account has become known since. Returns how many, and how many stay unlinked."""
        tickets = tables.tickets
        unlinked = tickets.c.account_id.is_(None)
        found = link_of("account_id", tickets)
        with self.engine.begin() as connection:
            known = update(tickets).where(unlinked, tickets.c.account_ref.is_not(None), found.is_not(None))
            linked = connection.execute(known.values(account_id=found)).rowcount
            left = connection.scalar(select(func.count()).select_from(tickets).where(unlinked)) or 0
        return linked, left

    def decisions(
        self, account_ref: str | None = None, since: datetime | None = None, until: datetime | None = None
    ) -> list[Decision]:
        """Decisions made in `[since, until]`, oldest first."""
        table = tables.decisions
        query = select(table).order_by(table.c.as_of, table.c.decision_id)
        if account_ref is not None:
            query = query.where(table.c.account_ref == account_ref)
        return self._read(_between(query, table.c.as_of, since, until), Decision)

    def touches(self, since: datetime | None = None, until: datetime | None = None) -> list[Touch]:
        """Imported work with accounts in `[since, until]`, oldest first."""
        table, refs = tables.touches, account_refs()
        columns = [refs.c.ref.label(each.name) if each.name == "account_ref" else each for each in table.columns]
        query = select(*columns).join(refs, refs.c.account_id == table.c.account_id)
        query = query.order_by(table.c.happened_at, table.c.id)
        return self._read(_between(query, table.c.happened_at, since, until), Touch)

    def save_decided(
        self,
        decisions: Sequence[Decision],
        escalations: Sequence[Escalation],
        steps: Sequence[EscalationStep],
        evidence: Sequence[tuple[str, str]],
        episodes: Sequence[Episode] = (),
        spells: KeptSpells | None = None,
        load: KeptLoad | None = None,
        actions: Sequence[PreparedAction] = (),
    ) -> tuple[int, int]:
        """Keep decisions and what they changed, in one transaction. Returns how many decisions and episodes were new.

        Decisions, episodes and what was held back are appended; escalations, steps and the items over accounts are
        written as they now stand; evidence is (escalation id, decision id).
        """
        with self.engine.begin() as connection:
            new = _append(connection, tables.decisions, self._with_account_ids(connection, decisions))
            rows = self._with_account_ids(connection, escalations)
            _upsert(connection, tables.escalations, ("escalation_id",), rows)
            step_rows = [step.model_dump() for step in steps]
            _upsert(connection, tables.escalation_steps, ("escalation_id", "position"), step_rows)
            links = [{"escalation_id": escalation, "decision_id": decision} for escalation, decision in evidence]
            _append(connection, tables.escalation_evidence, links)
            begun = append_episodes(connection, episodes)
            if load is not None:
                keep_load(connection, load)
            keep_actions(connection, actions)
            if spells is not None:
                keep_spells(connection, spells)
        return new, begun

    def escalations(self) -> list[Escalation]:
        """All escalations, the oldest first."""
        table = tables.escalations
        return self._read(select(table).order_by(table.c.opened_at, table.c.escalation_id), Escalation)

    def escalation_steps(self) -> dict[str, list[EscalationStep]]:
        """The steps of all escalations, in their order, by escalation id."""
        table = tables.escalation_steps
        found: dict[str, list[EscalationStep]] = {}
        for step in self._read(select(table).order_by(table.c.escalation_id, table.c.position), EscalationStep):
            found.setdefault(step.escalation_id, []).append(step)
        return found

    def counts(self) -> dict[str, int]:
        """How many rows each table of facts has."""
        with self.engine.connect() as connection:
            return {
                target.table.name: connection.scalar(select(func.count()).select_from(target.table)) or 0
                for target in TARGETS.values()
            }

    def newest_fact(self) -> datetime | None:
        """When the newest ticket was created: how fresh the helpdesk's export is."""
        with self.engine.connect() as connection:
            newest: datetime | None = connection.scalar(select(func.max(tables.tickets.c.created_at)))
        return newest

    def evidence(self) -> dict[str, list[str]]:
        """The ids of later decisions that speak for an escalation, by its id."""
        table = tables.escalation_evidence
        found: dict[str, list[str]] = {}
        with self.engine.connect() as connection:
            for escalation, decision in connection.execute(select(table).order_by(table.c.decision_id)):
                found.setdefault(escalation, []).append(decision)
        return found

    def account_names(self) -> dict[str, str]:
        """The name of each account, by each name that it goes or went by in decisions."""
        accounts, refs = tables.accounts.c, account_refs()
        query = select(refs.c.own_ref, accounts.name).join(tables.accounts, accounts.id == refs.c.is_id)
        with self.engine.connect() as connection:
            return dict(connection.execute(query).all())

    def replace_outcomes(self, outcomes: Sequence[Outcome], credit: Sequence[Credit]) -> None:
        """Put the settled outcomes and their credits in the place of the former ones."""
        with self.engine.begin() as connection:
            connection.execute(delete(tables.attributed_credits))
            connection.execute(delete(tables.outcomes))
            if outcomes:
                connection.execute(insert(tables.outcomes), self._with_account_ids(connection, outcomes))
            if credit:
                connection.execute(insert(tables.attributed_credits), [each.model_dump() for each in credit])

    def outcomes(self) -> list[Outcome]:
        """The outcomes as they were last settled, oldest first."""
        table = tables.outcomes
        return self._read(select(table).order_by(table.c.happened_at, table.c.outcome_id), Outcome)

    def credits(self, model: str) -> list[Credit]:
        """One model's credits as they were last settled."""
        table = tables.attributed_credits
        return self._read(select(table).where(table.c.model == model).order_by(table.c.id), Credit)

    def note(self, key: str) -> str | None:
        """A fact about the database itself."""
        with self.engine.connect() as connection:
            return connection.scalar(select(tables.notes.c.value).where(tables.notes.c.key == key))

    def set_note(self, key: str, value: str) -> None:
        """Keep a fact about the database itself."""
        with self.engine.begin() as connection:
            _upsert(connection, tables.notes, ("key",), [{"key": key, "value": value}])

    def _read(self, query: Select[Any], kind: type[AnyRecord]) -> list[AnyRecord]:
        with self.engine.connect() as connection:
            return _records(connection.execute(query).mappings().all(), kind)

    @staticmethod
    def _with_account_ids(connection: Connection, records: Sequence[Any]) -> list[dict[str, Any]]:
        ids = ids_by_ref(connection) if records else {}
        return [{**record.model_dump(), "account_id": ids[record.account_ref]} for record in records]


def _records(rows: Sequence[RowMapping], kind: type[AnyRecord]) -> list[AnyRecord]:
    return [kind.model_validate({name: row[name] for name in kind.model_fields}) for row in rows]


def _between(
    query: Select[Any], at: ColumnElement[datetime], since: datetime | None, until: datetime | None
) -> Select[Any]:
    if since is not None:
        query = query.where(at >= since)
    return query if until is None else query.where(at <= until)


def _append(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> int:
    if not rows:
        return 0
    before = connection.scalar(select(func.count()).select_from(table)) or 0
    connection.execute(_dialect_insert(connection, table).on_conflict_do_nothing(), rows)
    return (connection.scalar(select(func.count()).select_from(table)) or 0) - before


def _upsert(connection: Connection, table: Table, key: tuple[str, ...], rows: list[dict[str, Any]]) -> int:
    """Insert or correct rows. Returns how many differ from what stood there."""
    if not rows:
        return 0
    statement = _dialect_insert(connection, table)
    written = [name for name in rows[0] if name not in key]
    statement = statement.on_conflict_do_update(
        index_elements=list(key),
        set_={name: statement.excluded[name] for name in written},
        where=or_(*(table.c[name].is_distinct_from(statement.excluded[name]) for name in written)),
    )
    return connection.execute(statement, rows, execution_options={"preserve_rowcount": True}).rowcount


def _dialect_insert(connection: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)
