"""The pull as it is written first: requests, a pydantic record each, SQLAlchemy's ORM merge; the first pages only."""

import tempfile
from typing import Any

import requests
from sqlalchemy import select
from sqlalchemy.orm import Session, registry

from benchmarks.contest import Answer, Stopwatch
from benchmarks.sync.made_site import PAGE_ROWS
from domain.tickets import Ticket
from storage import tables
from storage.engine import migrate, open_engine

_PAGES = 3


class StoredTicket:
    """A row of `tickets`."""

    def __init__(self, **fields: Any) -> None:
        for name, field in fields.items():
            setattr(self, name, field)


def contend(watch: Stopwatch, address: str, size: int) -> Answer:
    """Tickets only: organizations and comments are left out, in its favour."""
    registry().map_imperatively(StoredTicket, tables.tickets)
    with tempfile.TemporaryDirectory(prefix="keepline-benchmark-") as folder:
        engine = open_engine(f"sqlite:///{folder}/orm.db")
        migrate(engine)
        cursor, read = "0", 0
        with watch.part("sync"), Session(engine) as session:
            for _ in range(_PAGES):
                answer = requests.get(
                    f"{address}/api/v2/incremental/tickets/cursor", {"cursor": cursor}, timeout=60
                ).json()
                for row in answer["tickets"]:
                    _merge(session, row)
                session.commit()
                cursor, read = answer["after_cursor"], read + len(answer["tickets"])
                if answer["end_of_stream"]:
                    break
        with engine.connect() as connection:
            table = tables.tickets.c
            rows = connection.execute(select(table.external_id, table.subject, table.status)).all()
        engine.dispose()
    return Answer.of((list(row) for row in rows), share=min(1.0, read / max(size, PAGE_ROWS)))


def _merge(session: Session, row: dict[str, Any]) -> None:
    ticket = Ticket(
        source="zendesk", external_id=str(row["id"]), account_ref=str(row["organization_id"]), subject=row["subject"],
        status=row["status"], priority=row["priority"], channel=row["via"]["channel"], tags=tuple(row["tags"]),
        assignee=str(row["assignee_id"]), created_at=row["created_at"],
    )  # fmt: skip
    known = tables.tickets.c
    same = (known.source == ticket.source, known.external_id == ticket.external_id)
    session.merge(StoredTicket(**ticket.model_dump(), id=session.scalar(select(known.id).where(*same))))
