"""The database is opened safely, brought to the current schema, and refused with a remedy where it cannot be used."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

from domain.errors import StorageError
from storage.engine import head_version, migrate, open_engine, schema_version
from storage.store import Store
from storage.tables import metadata


def test_the_migrations_lead_to_the_tables_that_the_code_knows(store: Store) -> None:
    with store.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        assert schema_version(connection) == head_version()


def test_migrating_again_changes_nothing(store: Store) -> None:
    migrate(store.engine)


def test_a_newer_database_is_refused(store: Store) -> None:
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StorageError, match="upgrade Keepline"):
        migrate(store.engine)


def test_sqlite_runs_with_a_write_ahead_log_and_foreign_keys(sqlite_store: Store) -> None:
    with sqlite_store.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


@pytest.mark.parametrize("url", ["nonsense", "mysql://host/keepline", "sqlite://", "sqlite:///:memory:"])
def test_a_database_of_another_kind_is_refused_with_a_remedy(url: str) -> None:
    with pytest.raises(StorageError, match=r"(?i)sqlite"):
        open_engine(url)


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("these are my notes, " * 100, encoding="utf-8")
    engine = open_engine(f"sqlite:///{path}")
    with pytest.raises(StorageError, match=r"notes\.txt.*not a database"):
        migrate(engine)
    engine.dispose()


def test_a_password_is_never_shown() -> None:
    engine = open_engine("postgresql://someone:open-sesame@127.0.0.1:1/keepline?connect_timeout=1")
    with pytest.raises(StorageError) as caught:
        migrate(engine)
    assert "open-sesame" not in str(caught.value)
