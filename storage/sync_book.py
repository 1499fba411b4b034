"""Knows which sites are connected, how far each has been read, and how each sync ended."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, delete, func, insert, select, update

from domain.connections import Connection, SyncRun
from domain.errors import NotFound
from storage import tables
from storage.targets import TARGETS


@dataclass(frozen=True)
class Position:
    """How far a stream is: its committed cursor, the rows read so far, and when a walk last came to its end."""

    cursor: Mapping[str, Any]
    rows_read: int = 0
    completed_at: datetime | None = None


class SyncBook:
    """The connections of one database."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def connect(self, connection: Connection) -> None:
        """Keep a connection, in the place of one with its name."""
        table = tables.connections
        with self.engine.begin() as database:
            database.execute(delete(table).where(table.c.name == connection.name))
            database.execute(insert(table).values(**connection.model_dump()))

    def disconnect(self, name: str) -> None:
        """Forget a connection, its secrets and its cursors; the facts that it brought stay.

        Raises:
            NotFound: there is none of that name.
        """
        self.connection(name)
        with self.engine.begin() as database:
            database.execute(delete(tables.connections).where(tables.connections.c.name == name))
            for table in (tables.connection_secrets, tables.sync_cursors):
                database.execute(delete(table).where(table.c.connection == name))
            database.execute(delete(tables.sightings).where(tables.sightings.c.source == name))

    def connections(self) -> list[Connection]:
        """All connections, by name."""
        query = select(tables.connections).order_by(tables.connections.c.name)
        with self.engine.connect() as database:
            return [Connection.model_validate(dict(row)) for row in database.execute(query).mappings()]

    def connection(self, name: str) -> Connection:
        """One connection.

        Raises:
            NotFound: there is none of that name.
        """
        known = self.connections()
        for each in known:
            if each.name == name:
                return each
        names = ", ".join(each.name for each in known) or "none yet"
        raise NotFound(f"there is no connection {name!r} (connected: {names}); keepline connect makes one")

    def position(self, connection: str, stream: str) -> Position | None:
        """How far a stream has been committed; None before its first page."""
        table = tables.sync_cursors
        query = select(table).where(table.c.connection == connection, table.c.stream == stream)
        with self.engine.connect() as database:
            row = database.execute(query).mappings().first()
        return Position(row["cursor"], row["rows_read"], row["completed_at"]) if row else None

    def positions(self, connection: str) -> dict[str, Position]:
        """How far each stream of a connection has been committed."""
        table = tables.sync_cursors
        query = select(table).where(table.c.connection == connection).order_by(table.c.stream)
        with self.engine.connect() as database:
            rows = database.execute(query).mappings().all()
        return {row["stream"]: Position(row["cursor"], row["rows_read"], row["completed_at"]) for row in rows}

    def start_over(self, connection: str) -> None:
        """Forget how far the streams are: the next sync reads everything, and what it finds again changes nothing."""
        with self.engine.begin() as database:
            database.execute(delete(tables.sync_cursors).where(tables.sync_cursors.c.connection == connection))
            database.execute(delete(tables.sightings).where(tables.sightings.c.source == connection))

    def begin_run(self, connection: str, now: datetime) -> int:
        """Note that a sync has begun. A run that was killed stays `running` in the book until the next begins."""
        table = tables.sync_runs
        with self.engine.begin() as database:
            killed = (table.c.connection == connection, table.c.state == "running")
            database.execute(update(table).where(*killed).values(state="interrupted", ended_at=now))
            blank = SyncRun(connection=connection, started_at=now, state="running")
            (key,) = database.execute(insert(table).values(**blank.model_dump())).inserted_primary_key or (0,)
            return int(key)

    def end_run(self, key: int, run: SyncRun) -> None:
        """Note how a sync ended."""
        with self.engine.begin() as database:
            database.execute(update(tables.sync_runs).where(tables.sync_runs.c.id == key).values(**run.model_dump()))

    def last_runs(self, connection: str, count: int = 20) -> list[SyncRun]:
        """The last syncs of a connection, the newest first."""
        table = tables.sync_runs
        query = select(table).where(table.c.connection == connection).order_by(table.c.id.desc()).limit(count)
        with self.engine.connect() as database:
            rows = database.execute(query).mappings().all()
        return [SyncRun.model_validate({name: row[name] for name in SyncRun.model_fields}) for row in rows]

    def counts(self, source: str) -> dict[str, int]:
        """How many rows of each kind a source has brought, and how many wait for another or were put aside."""
        own = {record: target.table for record, target in TARGETS.items()}
        with self.engine.connect() as database:
            found: dict[str, int] = {
                record: database.scalar(select(func.count()).select_from(table).where(table.c.source == source)) or 0
                for record, table in own.items()
            }
            waiting, kept = tables.waiting_records, tables.rejects
            of_source = select(func.count()).select_from(waiting).where(waiting.c.source == source)
            found["waiting"] = database.scalar(of_source) or 0
            mine = kept.c.file.startswith(f"{source}/", autoescape=True)
            found["put aside"] = database.scalar(select(func.count()).select_from(kept).where(mine)) or 0
        return found
