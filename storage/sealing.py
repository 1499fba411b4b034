"""Knows how secrets are kept so that the database alone gives none away."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy import Connection, Engine, delete, insert, select

from domain.errors import StorageError
from storage import tables

_LOCK = {"sqlite": "BEGIN IMMEDIATE", "postgresql": "SELECT pg_advisory_xact_lock(7226179)"}


def new_key() -> str:
    """A fresh key, as text that fits into an environment variable."""
    return Fernet.generate_key().decode()


@dataclass(frozen=True)
class SealedSecrets:
    """The secrets of one connection. `key` is kept outside the database: in the environment or the OS keyring."""

    engine: Engine
    connection: str
    key: str

    def __getitem__(self, name: str) -> str:
        """One secret in clear.

        Raises:
            KeyError: there is none of that name.
            StorageError: it was sealed with another key.
        """
        with self.engine.connect() as connection:
            return self._opened(connection)[name]

    def names(self) -> list[str]:
        """Which secrets there are."""
        table = tables.connection_secrets
        query = select(table.c.name).where(table.c.connection == self.connection).order_by(table.c.name)
        with self.engine.connect() as connection:
            return list(connection.scalars(query))

    def replace(self, secrets: Mapping[str, str]) -> None:
        """Keep these secrets in the place of the former ones."""
        with self.engine.begin() as connection:
            self._save(connection, secrets)

    def rotate(self, refresh: Callable[[Mapping[str, str]], Mapping[str, str]], stale: str) -> None:
        """Save what `refresh(secrets)` returns, under a lock over all processes.

        Whoever comes second, with the same `stale` access token, finds it replaced and refreshes nothing.
        """
        with self.engine.connect() as connection, connection.begin():
            connection.exec_driver_sql(_LOCK[self.engine.dialect.name])
            held = self._opened(connection)
            if held.get("access_token", "") == stale:
                self._save(connection, {**held, **refresh(held)})

    def _opened(self, connection: Connection) -> dict[str, str]:
        table = tables.connection_secrets
        rows = connection.execute(select(table.c.name, table.c.sealed).where(table.c.connection == self.connection))
        try:
            return {name: self._box().decrypt(sealed.encode()).decode() for name, sealed in rows}
        except InvalidToken as error:
            raise StorageError(
                f"the secrets of {self.connection} were sealed with another key; set KEEPLINE_SECRET_KEY to it,"
                f" or run keepline connect again"
            ) from error

    def _save(self, connection: Connection, secrets: Mapping[str, str]) -> None:
        table, box = tables.connection_secrets, self._box()
        connection.execute(delete(table).where(table.c.connection == self.connection))
        rows = [
            {"connection": self.connection, "name": name, "sealed": box.encrypt(value.encode()).decode()}
            for name, value in secrets.items()
        ]
        if rows:
            connection.execute(insert(table), rows)

    def _box(self) -> Fernet:
        try:
            return Fernet(self.key)
        except ValueError as error:
            raise StorageError(
                "KEEPLINE_SECRET_KEY is no key; keepline connect --new-key prints a fresh one"
            ) from error
