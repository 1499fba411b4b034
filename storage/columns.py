"""Knows the columns that many tables have, and the names that constraints go by."""

from typing import Any

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, MetaData, Text, UniqueConstraint
from sqlalchemy.types import TypeEngine

from storage.types import UtcDateTime

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite's rowid alias must be spelt INTEGER.
KEY = BigInteger().with_variant(Integer(), "sqlite")


def row_id() -> Column[int]:
    return Column("id", KEY, primary_key=True, autoincrement=True)


def some(name: str, kind: type[TypeEngine[Any]] | TypeEngine[Any] = Text) -> Column[Any]:
    return Column(name, kind, nullable=True)


def must(name: str, kind: type[TypeEngine[Any]] | TypeEngine[Any] = Text) -> Column[Any]:
    return Column(name, kind, nullable=False)


def sourced() -> tuple[Column[Any], Column[Any]]:
    return must("source"), must("external_id")


def account_id(nullable: bool = False) -> Column[int]:
    return Column("account_id", KEY, ForeignKey("accounts.id"), nullable=nullable)


def ticket_id(nullable: bool = False) -> Column[int]:
    return Column("ticket_id", KEY, ForeignKey("tickets.id"), nullable=nullable)


def source_key() -> UniqueConstraint:
    return UniqueConstraint("source", "external_id")


def changed_at() -> Column[Any]:
    """When the source last changed the row, so that an older version never undoes a newer one; NULL for files."""
    return some("changed_at", UtcDateTime)
