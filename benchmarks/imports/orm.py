"""The import row by row: a pydantic record each, merged through SQLAlchemy's ORM; on the first rows of the file."""

import csv
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, registry

from benchmarks.contest import Answer, Stopwatch
from benchmarks.imports import ROW_SOURCE
from benchmarks.imports.databases import fresh, written
from domain.tickets import Ticket
from storage import tables
from storage.engine import open_engine

_MOST_ROWS = 2_000
_AT_ONCE = 1_000


class StoredTicket:
    """A row of `tickets`."""

    def __init__(self, **fields: Any) -> None:
        for name, field in fields.items():
            setattr(self, name, field)


def contend(watch: Stopwatch, folder: str) -> Answer:
    """Each row is validated, looked up by its id and merged; a commit every thousand rows."""
    registry().map_imperatively(StoredTicket, tables.tickets)
    database = fresh(folder)
    engine = open_engine(f"sqlite:///{database}")
    with (Path(folder) / "tickets.csv").open(encoding="utf-8", newline="") as file:
        total = sum(1 for _ in csv.reader(file)) - 1
        file.seek(0)
        wanted = min(_MOST_ROWS, total)
        with watch.part("rows"), Session(engine) as session:
            for place, row in enumerate(islice(csv.DictReader(file), wanted), start=1):
                _merge(session, Ticket.model_validate(_fields(row)))
                if place % _AT_ONCE == 0:
                    session.commit()
            session.commit()
    engine.dispose()
    return written(database, share=wanted / total)


def _fields(row: dict[str, str]) -> dict[str, Any]:
    given: dict[str, Any] = {name: cell.strip() or None for name, cell in row.items()}
    given |= {"subject": given["subject"] or "", "tags": tuple(filter(None, row["tags"].split(", ")))}
    return given | {"source": ROW_SOURCE, "escalated": row["escalated"] == "yes"}


def _merge(session: Session, ticket: Ticket) -> None:
    known, identities = tables.tickets.c, tables.account_identities.c
    same = (known.source == ticket.source, known.external_id == ticket.external_id)
    account = select(identities.account_id).where(identities.external_id == ticket.account_ref)
    fields = ticket.model_dump() | {
        "id": session.scalar(select(known.id).where(*same)),
        "account_id": session.scalar(account) if ticket.account_ref else None,
    }
    session.merge(StoredTicket(**fields))
