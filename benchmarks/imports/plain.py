"""The least that an import can be in Python: `csv`, no checks, `executemany`. What it costs is SQLite's own."""

import csv
import json
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.contest import Answer, Stopwatch
from benchmarks.imports import COLUMNS, ROW_SOURCE
from benchmarks.imports.databases import fresh, written

_SETTINGS = ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "cache_size=-65536")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_FIELDS = ("source", *COLUMNS, "account_ref")
_INSERT = f"INSERT INTO tickets ({', '.join(_FIELDS)}) VALUES ({', '.join('?' * len(_FIELDS))})"


def contend(watch: Stopwatch, folder: str) -> Answer:
    """Whatever stands in the file goes in, in one transaction; a strange cell would end it or go in as it is."""
    database = fresh(folder)
    connection = sqlite3.connect(database)
    for setting in _SETTINGS:
        connection.execute(f"PRAGMA {setting}")
    with watch.part("read"):
        accounts = dict(connection.execute("SELECT external_id, account_id FROM account_identities"))
        with (Path(folder) / "tickets.csv").open(encoding="utf-8", newline="") as file:
            rows = list(_rows(csv.DictReader(file), accounts))
    with watch.part("executemany"), connection:
        connection.executemany(_INSERT, rows)
    connection.close()
    return written(database)


def _rows(cells: "csv.DictReader[str]", accounts: dict[str, int]) -> Iterator[tuple[Any, ...]]:
    for row in cells:
        reference = row["account_ref"] or None
        yield (
            ROW_SOURCE,
            row["external_id"],
            accounts.get(reference) if reference else None,
            row["subject"].strip(),
            row["status"],
            row["priority"],
            row["channel"],
            json.dumps(row["tags"].split(", ") if row["tags"] else []),
            row["assignee"],
            row["escalated"] == "yes",
            _microseconds(row["created_at"]),
            _microseconds(row["first_replied_at"]),
            _microseconds(row["resolved_at"]),
            reference,
        )


def _microseconds(text: str) -> int | None:
    return (datetime.fromisoformat(text) - _EPOCH) // _MICROSECOND if text else None
