"""Hands the facts out as lazy frames: rows leave SQL as Arrow through ADBC, with the types that `tables` gives them."""

from collections.abc import Sequence
from typing import Any

import narwhals as nw
import polars as pl
from sqlalchemy import BigInteger, Boolean, Column, Date, Engine, Float, Integer, Select, Table, Text, func, select
from sqlalchemy.dialects import postgresql, sqlite

from storage.types import UtcDateTime

Frame = nw.LazyFrame[pl.LazyFrame]
# Of the driver's own thousand rows a batch, a tenth of the time goes into batches.
_SQLITE_BATCH = {"adbc.sqlite.query.batch_rows": "65536"}


def read_frame(engine: Engine, query: Select[Any]) -> Frame:
    """The rows of a query over `storage.tables` as a lazy frame.

    Times are `Datetime("us", "UTC")`, dates `Date`, integers `Int64`, others `Float64`, flags `Boolean`, or text.
    """
    columns = list(query.selected_columns)
    if engine.dialect.name == "postgresql":
        statement = str(query.compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True}))  # type: ignore[no-untyped-call]
    else:
        statement = str(_without_nulls(query).compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}))
    rows = _fetch(engine, statement.replace("%%", "%"))
    return nw.from_native(rows.lazy().select(_typed(column) for column in columns))


def table_frame(engine: Engine, table: Table, columns: Sequence[str] | None = None) -> Frame:
    """A whole table, or some of its columns, as a lazy frame."""
    chosen: Sequence[Column[Any]] = [table.c[name] for name in columns] if columns else list(table.columns)
    return read_frame(engine, select(*chosen))


def _without_nulls(query: Select[Any]) -> Select[Any]:
    # The SQLite driver guesses a column's type from its first rows and fails on text after a thousand NULLs.
    return query.with_only_columns(
        *(
            func.coalesce(column, "").label(column.name) if _is_text(column) and _may_be_null(column) else column
            for column in query.selected_columns
        )
    )


def _fetch(engine: Engine, statement: str) -> pl.DataFrame:
    if engine.dialect.name == "postgresql":
        from adbc_driver_postgresql import dbapi

        url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    else:
        from adbc_driver_sqlite import dbapi

        url = str(engine.url.database)
    with dbapi.connect(url) as connection, connection.cursor() as cursor:
        if engine.dialect.name == "sqlite":
            # Whoever opens or closes the file meanwhile locks it for a moment.
            cursor.execute("PRAGMA busy_timeout=15000")
            cursor.adbc_statement.set_options(**_SQLITE_BATCH)
        cursor.execute(statement)
        return pl.DataFrame(cursor.fetch_arrow())


def _typed(column: Any) -> pl.Expr:
    """A column in the type that its table gives it, whatever the driver made of it."""
    kind, values = column.type, pl.col(column.name)
    if isinstance(kind, UtcDateTime):
        return values.cast(pl.Datetime("us", "UTC"))
    if isinstance(kind, Date):
        return _dates(values)
    if isinstance(kind, Boolean):
        return values.cast(pl.Boolean)
    if isinstance(kind, BigInteger | Integer):
        return values.cast(pl.Int64)
    if isinstance(kind, Float):
        return values.cast(pl.Float64)
    text = values.cast(pl.String)
    return pl.when(text != "").then(text) if _may_be_null(column) else text


def _dates(values: pl.Expr) -> pl.Expr:
    # Through text both ways: SQLite gives ISO text, PostgreSQL dates.
    return values.cast(pl.String).str.to_date("%Y-%m-%d", strict=False)


def _is_text(column: Any) -> bool:
    return isinstance(column.type, Text | Date) or getattr(column.type, "impl_instance", None).__class__ is Text


def _may_be_null(column: Any) -> bool:
    return bool(getattr(column, "nullable", True))
