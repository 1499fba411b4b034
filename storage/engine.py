"""Knows how the database is opened and brought to the current schema."""

from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.pool import NullPool

from domain.errors import StorageError

_LOCKS = {"sqlite": "BEGIN IMMEDIATE", "postgresql": "SELECT pg_advisory_xact_lock(7226178)"}
_PRAGMAS = ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "busy_timeout=15000", "cache_size=-65536")


def open_engine(url: str) -> Engine:
    """An engine for `url`; SQLite gets WAL, foreign keys and a patient lock, PostgreSQL the psycopg driver.

    Raises:
        StorageError: the URL is not one of SQLite's or PostgreSQL's.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise StorageError(
            f"{url!r} is no database URL; write sqlite:///keepline.db or postgresql://HOST/NAME"
        ) from error
    if parsed.get_backend_name() == "postgresql":
        return create_engine(parsed.set(drivername="postgresql+psycopg"))
    if parsed.get_backend_name() != "sqlite" or parsed.database in (None, "", ":memory:"):
        raise StorageError(f"{parsed.render_as_string()} is not supported; use a SQLite file or PostgreSQL")
    try:
        # No connection may stay open: frames are read by another copy of SQLite in this process (ADBC's), and when that
        # one closes the file, it takes this one's locks with it, deletes the log, and what is written next is lost.
        engine = create_engine(parsed, poolclass=NullPool)
    except NoSuchModuleError as error:
        raise StorageError(str(error)) from error
    event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    for pragma in (
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
        "busy_timeout=15000",
        "cache_size=-65536",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _alembic() -> AlembicConfig:
    config = AlembicConfig()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def schema_version(connection: Connection) -> str | None:
    """The migration that the database stands at; None for an empty one."""
    return MigrationContext.configure(connection).get_current_revision()


def head_version() -> str | None:
    """The migration that this release of Keepline expects."""
    return ScriptDirectory.from_config(_alembic()).get_current_head()


def migrate(engine: Engine) -> None:
    """Bring an empty or older database to the current schema, in one transaction.

    Raises:
        StorageError: the database cannot be opened, or a newer Keepline wrote it.
    """
    config = _alembic()
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    try:
        with engine.connect() as connection:
            if schema_version(connection) == head_version():
                return
        with engine.begin() as connection:
            # Two first commands at once: the second waits and finds the work done.
            connection.exec_driver_sql(_LOCKS[engine.dialect.name])
            current = schema_version(connection)
            if current is not None and current not in known:
                raise StorageError(
                    f"the database is at schema {current}, which this Keepline does not know; upgrade Keepline"
                )
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except DBAPIError as error:
        raise StorageError(f"cannot open {engine.url.render_as_string()}: {error.orig}") from error
