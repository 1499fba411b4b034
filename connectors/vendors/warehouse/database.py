"""Knows how a warehouse is read and never written: its tables as they are, rows in transactions that only read."""

import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from functools import cached_property
from typing import Any
from urllib.parse import quote

from sqlalchemy import Engine, Executable, Inspector, MetaData, NullPool, Table, create_engine, inspect, make_url
from sqlalchemy.engine.reflection import ObjectKind
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    InterfaceError,
    NoSuchModuleError,
    NoSuchTableError,
    OperationalError,
    SAWarning,
    SQLAlchemyError,
)

from connectors.contract import SiteField
from domain.errors import ConnectorError, CredentialsRejected, Retriable

_CONNECT_SECONDS = 10
# SQLSTATE: the class of rejected credentials, and the one for want of a right on a table.
_REJECTED, _NO_RIGHT = "28", "42501"
_NO_ENTRY = re.compile(r'authentication failed|access denied|role "[^"]*" does not exist', re.IGNORECASE)


class Database:
    """One warehouse, by its SQLAlchemy URL."""

    def __init__(self, url: str) -> None:
        try:
            self._url = make_url(url.strip())
        except ArgumentError as error:
            raise ConnectorError(
                "the warehouse's URL is none; write it like postgresql://user:password@host/database"
            ) from error

    @property
    def label(self) -> str:
        """Which database this is, without its password."""
        url = self._url
        if url.username is None and url.host is None:
            return url.database or url.get_backend_name()
        return f"{url.username or ''}@{url.host or 'localhost'}/{url.database or ''}"

    @cached_property
    def engine(self) -> Engine:
        """The engine; a connection lives as long as one question, so that nothing stays open between them."""
        url, options = self._url, dict[str, Any]()
        if url.get_backend_name() == "postgresql":
            url = url.set(drivername="postgresql+psycopg") if url.drivername == "postgresql" else url
            options = {"connect_args": {"connect_timeout": _CONNECT_SECONDS}}
        if url.get_backend_name() == "sqlite":
            # Opened like this it is neither made nor written.
            url = url.set(
                database=f"file:{quote(url.database or '')}", query={**url.query, "mode": "ro", "uri": "true"}
            )
        try:
            return create_engine(url, poolclass=NullPool, hide_parameters=True, **options)
        except NoSuchModuleError as error:
            raise ConnectorError(
                f"there is no driver for {url.drivername}; install the SQLAlchemy dialect beside Keepline"
            ) from error
        except ImportError as error:
            raise ConnectorError(f"{url.drivername} needs {error.name}; install it beside Keepline") from error

    def rows(self, statement: Executable) -> list[tuple[Any, ...]]:
        """The rows of a query.

        Raises:
            CredentialsRejected: the user or a right of it is refused.
            Retriable: the database cannot be reached now.
            ConnectorError: the question does not fit the tables.
        """
        with self._told(), self.engine.connect() as connection:
            options = {"postgresql_readonly": True} if self.engine.dialect.name == "postgresql" else {}
            return [tuple(row) for row in connection.execution_options(**options).execute(statement)]

    def table(self, name: str) -> Table:
        """A table or view as it stands in the database.

        Raises:
            ConnectorError: there is none of that name; the nearest is given.
        """
        schema, _, bare = name.rpartition(".")
        with self._told(), warnings.catch_warnings():
            # Types that SQLAlchemy does not know are read as they come.
            warnings.simplefilter("ignore", SAWarning)
            looked = inspect(self.engine)
            try:
                if not schema or schema in looked.get_schema_names():
                    return Table(bare, MetaData(), schema=schema or None, autoload_with=self.engine, resolve_fks=False)
            except NoSuchTableError:
                pass
            known = _names(looked)
        near = get_close_matches(name, known, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known[:20]) or 'none'}"
        raise ConnectorError(f"{self.label} has no table {name}; {hint}")

    def fields(self) -> Iterator[SiteField]:
        """All columns of all tables and views."""
        with self._told(), warnings.catch_warnings():
            warnings.simplefilter("ignore", SAWarning)
            looked = inspect(self.engine)
            for schema in _schemas(looked):
                tables = looked.get_multi_columns(schema=schema, kind=ObjectKind.ANY)
                for (_, name), columns in sorted(tables.items(), key=lambda item: item[0][1]):
                    place = _written(looked, schema, name)
                    yield from (SiteField(place, each["name"], "", _type_name(each["type"])) for each in columns)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """What the database says, in our words: its own may hold a query, its values or the password."""
        try:
            yield
        except DBAPIError as error:
            raise self._explained(error) from None
        except SQLAlchemyError as error:
            raise ConnectorError(f"{self.label} could not be read ({type(error).__name__})") from None

    def _explained(self, error: DBAPIError) -> ConnectorError:
        state, kind = str(getattr(error.orig, "sqlstate", None) or ""), type(error.orig).__name__
        # An error while connecting bears no state, only words.
        if state.startswith(_REJECTED) or _NO_ENTRY.search(str(error.orig)):
            return CredentialsRejected(f"{self.label} refused the user or the password; give others")
        if state == _NO_RIGHT:
            return CredentialsRejected(f"{self.label}: the user may not read a mapped table; grant SELECT on it")
        if isinstance(error, OperationalError | InterfaceError) or error.connection_invalidated:
            return Retriable(f"{self.label} cannot be read now ({kind})")
        return ConnectorError(f"{self.label} did not take the question ({kind}); has a table changed?")


def _schemas(looked: Inspector) -> Sequence[str]:
    known = [each for each in looked.get_schema_names() if not each.startswith(("pg_", "information_schema"))]
    return sorted(known)


def _names(looked: Inspector) -> list[str]:
    return [
        _written(looked, schema, name)
        for schema in _schemas(looked)
        for name in sorted((*looked.get_table_names(schema), *looked.get_view_names(schema)))
    ]


def _written(looked: Inspector, schema: str, name: str) -> str:
    return name if schema == looked.default_schema_name else f"{schema}.{name}"


def _type_name(kind: object) -> str:
    try:
        return str(kind).lower()
    except SQLAlchemyError:
        return ""
