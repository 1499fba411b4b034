"""Knows the fastest way to get a file's rows beside the tables: COPY in PostgreSQL, a scratch file in SQLite.

SQLite's own driver binds value by value, 8 microseconds a row; ADBC writes a scratch database four times as fast, which
is then attached to the connection that settles it.
"""

import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import polars as pl
from sqlalchemy import Column, Connection, Integer, MetaData, Table

from storage.targets import Target


class Loader(Protocol):
    """Rows on their way in. `table` may be queried, in the connection's transaction, after `loaded()`."""

    table: Table

    def append(self, rows: pl.DataFrame) -> None:
        """Add rows of the columns of `table`."""

    def loaded(self) -> None:
        """All rows have been added."""

    def close(self) -> None:
        """Throw the rows away; the transaction has ended."""


def loader(connection: Connection, target: Target) -> Loader:
    """The loader for the database at hand."""
    return (
        CopyLoader(connection, target) if connection.dialect.name == "postgresql" else ScratchLoader(connection, target)
    )


@cache
def _stage(target: Target, schema: str | None = None, prefix: str | None = None) -> Table:
    # Made once, because a statement over a table that is always the same is compiled once.
    names = (*target.fields, *target.versions, *target.links)
    columns = (Column(name, target.table.c[name].type) for name in names)
    where: dict[str, Any] = {"schema": schema}
    if prefix:
        where |= {"prefixes": [prefix], "postgresql_on_commit": "DROP"}
    return Table(f"stage_{target.table.name}", MetaData(), Column("line", Integer), *columns, **where)


class CopyLoader:
    """A temporary table that PostgreSQL's COPY fills."""

    def __init__(self, connection: Connection, target: Target) -> None:
        self._connection = connection
        self.table = _stage(target, prefix="TEMPORARY")
        self.table.create(connection)

    def append(self, rows: pl.DataFrame) -> None:
        names = ", ".join(f'"{name}"' for name in rows.columns)
        driver = self._connection.connection.driver_connection
        assert driver is not None  # noqa: S101 - a connection in a transaction has its driver's
        with driver.cursor() as cursor, cursor.copy(f'COPY "{self.table.name}" ({names}) FROM STDIN') as copy:
            for row in rows.iter_rows():
                copy.write_row(row)

    def loaded(self) -> None:
        self._connection.exec_driver_sql(f'ANALYZE "{self.table.name}"')

    def close(self) -> None:
        """PostgreSQL has dropped the table with the transaction."""


class ScratchLoader:
    """A scratch SQLite file that ADBC fills and that is then attached."""

    def __init__(self, connection: Connection, target: Target) -> None:
        from adbc_driver_sqlite import dbapi

        self._connection = connection
        self._schema = f"stage_of_{target.table.name}"
        self.table = _stage(target, schema=self._schema)
        self._folder = tempfile.TemporaryDirectory(prefix="keepline-")
        self._file = Path(self._folder.name) / "stage.db"
        self._writer = dbapi.connect(str(self._file), autocommit=True)
        with self._writer.cursor() as cursor:
            cursor.execute("PRAGMA journal_mode=OFF")
            cursor.execute("PRAGMA synchronous=OFF")
        self._attached = False

    def append(self, rows: pl.DataFrame) -> None:
        with self._writer.cursor() as cursor:
            cursor.adbc_ingest(self.table.name, as_sqlite(rows), mode="create_append")

    def loaded(self) -> None:
        self._writer.close()
        self._connection.exec_driver_sql(f'ATTACH DATABASE ? AS "{self._schema}"', (str(self._file),))
        self._attached = True
        self.table.create(self._connection, checkfirst=True)

    def close(self) -> None:
        if self._attached and not self._connection.invalidated:
            self._connection.exec_driver_sql(f'DETACH DATABASE "{self._schema}"')
        if not self._attached:
            # An interrupted writer cannot be closed in order; its file is thrown away all the same.
            with suppress(Exception):
                self._writer.close()
        self._folder.cleanup()


def as_sqlite(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows in the forms in which SQLite keeps them: see `storage.types`."""
    return rows.with_columns(
        pl.col(pl.Datetime("us", "UTC")).dt.epoch("us"),
        pl.col(pl.Date).dt.to_string("%Y-%m-%d"),
        pl.col(pl.Boolean).cast(pl.Int64),
    )
