"""Gives each contender a database that knows the accounts and no ticket, and reads back what it has written."""

import json
import shutil
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.contest import Answer, Stopwatch
from benchmarks.imports import COLUMNS
from connectors.files import recognise
from jobs.importing import import_files
from keepline.mappings import mappings_for
from storage.store import Store

NOW = datetime(2026, 1, 2, tzinfo=UTC)


def with_accounts(watch: Stopwatch, folder: str) -> Answer:
    """`template.db` with the accounts of the folder."""
    where = Path(folder)
    store = Store(f"sqlite:///{where / 'template.db'}")
    with watch.part("accounts"):
        report = import_files(
            store, recognise([where / "accounts.csv"], mappings_for(where, None)), NOW, lambda *_: None
        )
    store.close()
    if report.refused or report.rejects:
        raise RuntimeError(f"the accounts did not go in: {report.refused or report.rejects[0]}")
    return Answer.of([])


def fresh(folder: str) -> Path:
    """A copy of the template."""
    return Path(shutil.copy(Path(folder) / "template.db", Path(folder) / "contender.db"))


def written(database: Path, share: float = 1.0) -> Answer:
    """The tickets of a contender's database, which is deleted."""
    with sqlite3.connect(database) as connection:
        query = f"SELECT {', '.join(COLUMNS)} FROM tickets"
        answer = Answer.of(_readable(connection.execute(query)), share)
    connection.close()
    for file in database.parent.glob(f"{database.name}*"):
        file.unlink()
    return answer


def _readable(rows: Iterator[tuple[Any, ...]]) -> Iterator[list[Any]]:
    tags = COLUMNS.index("tags")
    return ([json.loads(cell) if at == tags else cell for at, cell in enumerate(row)] for row in rows)
