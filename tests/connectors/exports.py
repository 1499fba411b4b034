"""Builders of exports and mappings, and one reader of all that a file gives."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from config.documents import read as read_document
from connectors.files import SHIPPED_MAPPINGS, FilePlan, read, recognise
from connectors.mapping import Mapping
from domain.imports import Reject

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)


@cache
def shipped() -> list[Mapping]:
    """The mappings that ship with Keepline."""
    return [read_document(path, Mapping) for path in sorted(SHIPPED_MAPPINGS.glob("*.yaml"))]


def a_mapping(record: str, fields: dict[str, Any], defaults: dict[str, Any] | None = None, **rule: Any) -> Mapping:
    """A mapping of one kind of file."""
    document = {"name": "ours", "source": "crm", "defaults": defaults or {}}
    return Mapping.model_validate(document | {"files": [{"record": record, "fields": fields} | rule]})


def accounts_by_name(**defaults: Any) -> Mapping:
    """A mapping of files with the columns `id` and `name`."""
    return a_mapping("account", {"external_id": "id", "name": "name"}, defaults)


def plan_of(path: Path, *mappings: Mapping) -> FilePlan:
    """The one plan of one file."""
    (plan,) = recognise(path, mappings or shipped())
    return plan


def read_plan(plan: FilePlan, now: datetime = NOW) -> tuple[pl.DataFrame, list[Reject]]:
    """All rows and rejects of a plan."""
    batches = list(read(plan, now))
    return pl.concat([batch.rows for batch in batches]), [one for batch in batches for one in batch.rejects]


def read_file(path: Path, *mappings: Mapping) -> tuple[pl.DataFrame, list[Reject]]:
    """All rows and rejects of a file."""
    return read_plan(plan_of(path, *mappings))


def read_cells(
    tmp_path: Path, record: str, fields: dict[str, Any], rows: Sequence[Sequence[str]], **defaults: Any
) -> tuple[pl.DataFrame, list[Reject]]:
    """Rows read from a CSV whose first row is the header."""
    path = tmp_path / "export.csv"
    pl.DataFrame(list(zip(*rows[1:], strict=True)), schema=list(rows[0]), orient="col").write_csv(path)
    return read_file(path, a_mapping(record, fields, defaults))
