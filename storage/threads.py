"""Hands out what was said in tickets: in one, or in those in which an account wrote lately."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, exists, func, or_, select

from domain.tickets import Message
from storage import tables
from storage.account_refs import account_refs

# A pasted file is not a message; nobody reads on behind this.
LONGEST_TEXT = 200_000
_PART = 500
_TICKET, _MESSAGE = tables.tickets.c, tables.messages.c


class ThreadBook:
    """The threads of one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def messages(self, ticket_ids: Sequence[int], until: datetime) -> dict[int, list[Message]]:
        """The public messages of customers and agents in these tickets, sent by then, oldest first; by ticket.

        Of each the first 200,000 characters.
        """
        found: dict[int, list[Message]] = {ticket: [] for ticket in ticket_ids}
        for row in self._rows(ticket_ids, until):
            found[row["ticket_id"]].append(_message(row))
        return found

    def of_account(
        self, account_id: int, since: datetime, until: datetime, most: int
    ) -> tuple[list[dict[str, Any]], int]:
        """The tickets in which an account wrote or got a message in `(since, until]`, the newest first; and how many.

        Each with `id, source, external_id, subject, status, created_at, resolved_at`; at most `most` of them.
        """
        refs = account_refs()
        ours = select(refs.c.account_id).where(refs.c.is_id == account_id)
        spoken = exists().where(
            _MESSAGE.ticket_id == _TICKET.id, _MESSAGE.public, _MESSAGE.sent_at > since, _MESSAGE.sent_at <= until
        )
        begun = (_TICKET.created_at > since) & (_TICKET.created_at <= until)
        wanted = (_TICKET.account_id.in_(ours), _TICKET.created_at <= until, or_(begun, spoken))
        columns = [_TICKET[name] for name in _COLUMNS]
        query = select(*columns).where(*wanted).order_by(_TICKET.created_at.desc(), _TICKET.id.desc()).limit(most)
        with self._engine.connect() as connection:
            count = connection.scalar(select(func.count()).select_from(tables.tickets).where(*wanted)) or 0
            return [dict(row) for row in connection.execute(query).mappings()], count

    def issue_labels(self, ticket_ids: Sequence[int]) -> dict[int, str]:
        """What each of these tickets is about, where that is known; as it was placed last."""
        placed, issue = tables.ticket_issues.c, tables.issues.c
        found = dict[int, str]()
        with self._engine.connect() as connection:
            for part in _parts(ticket_ids):
                query = (
                    select(placed.ticket_id, issue.label)
                    .join(tables.issues, issue.issue_id == placed.issue_id)
                    .where(placed.ticket_id.in_(part))
                    .order_by(placed.placed_at, placed.reader)
                )
                found |= {row.ticket_id: row.label for row in connection.execute(query)}
        return found

    def _rows(self, ticket_ids: Sequence[int], until: datetime) -> Iterator[Any]:
        columns = [each for each in tables.messages.columns if each.name not in {"id", "text", "changed_at"}]
        text = func.substr(_MESSAGE.text, 1, LONGEST_TEXT).label("text")
        query = select(*columns, text).where(
            _MESSAGE.public, _MESSAGE.author_kind.in_(("customer", "agent")), _MESSAGE.sent_at <= until
        )
        with self._engine.connect() as connection:
            for part in _parts(ticket_ids):
                asked = query.where(_MESSAGE.ticket_id.in_(part)).order_by(_MESSAGE.sent_at, _MESSAGE.id)
                yield from connection.execute(asked).mappings()


_COLUMNS = ("id", "source", "external_id", "subject", "status", "created_at", "resolved_at")


def _parts(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    yield from (ids[begin : begin + _PART] for begin in range(0, len(ids), _PART))


def _message(row: Any) -> Message:
    return Message.model_construct(**{name: row[name] for name in Message.model_fields})
