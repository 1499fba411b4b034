"""Knows all that a source has brought, row by row, as it now stands."""

from typing import Any

from sqlalchemy import Engine, select

from domain.imports import RecordName
from storage.targets import TARGETS

_OURS = {"id", "account_id", "ticket_id", "changed_at", "learned_at"}


def rows_of(engine: Engine, source: str) -> dict[RecordName, dict[str, dict[str, Any]]]:
    """The fields of each row by kind and external id; of what has several versions the newest."""
    found: dict[RecordName, dict[str, dict[str, Any]]] = {}
    with engine.connect() as connection:
        for record, target in TARGETS.items():
            query = select(target.table).where(target.table.c.source == source).order_by(target.table.c[target.key[-1]])
            rows = connection.execute(query).mappings()
            found[record] = {
                row["external_id"]: {name: value for name, value in row.items() if name not in _OURS} for row in rows
            }
    return found
