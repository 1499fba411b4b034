"""Keeps the evidence that was found in customers' messages, and tells of which account, ticket and moment it is."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, Select, and_, delete, func, insert, select

from domain.reading import TextEvidence
from storage import tables

READERS = "evidence-%"
_FOUND, _MESSAGE, _READ = tables.text_evidence.c, tables.messages.c, tables.message_readings.c
_TICKET, _ACCOUNT = tables.tickets.c, tables.accounts.c


class Told(NamedTuple):
    """One finding with where it stands; `account` is None for a ticket that is not linked."""

    kind: str
    rule: str
    said: str
    sentence: str
    sent_at: datetime
    ticket: str
    account: str | None
    account_ref: str | None


class Written(NamedTuple):
    """A message of a customer, as it came."""

    message_id: int
    ticket: str
    sent_at: datetime
    text: str


def has_read(connection: Connection, reader: str) -> bool:
    """Whether a reader has read any message."""
    return connection.scalar(select(_READ.message_id).where(_READ.reader == reader).limit(1)) is not None


class EvidenceBook:
    """The evidence of one database; rows of former readers stay until their message is read by the present one."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def save(self, found: Sequence[tuple[int, TextEvidence]]) -> None:
        """Keep `(message id, evidence)`."""
        rows = [each.model_dump() | {"message_id": message} for message, each in found]
        if rows:
            with self._engine.begin() as connection:
                connection.execute(insert(tables.text_evidence), rows)

    def forget_former(self, reader: str) -> int:
        """Take out what other readers of evidence found in messages that `reader` has read. Returns how many rows."""
        read = select(_READ.message_id).where(_READ.reader == reader)
        former = delete(tables.text_evidence).where(_FOUND.reader != reader, _FOUND.message_id.in_(read))
        others = and_(_READ.reader.like(READERS), _READ.reader != reader)
        with self._engine.begin() as connection:
            # Looked at first: most runs have nothing to forget, and the tables are large.
            if not connection.scalar(select(func.count()).select_from(tables.message_readings).where(others)):
                return 0
            gone = connection.execute(former).rowcount
            mine = read.subquery()
            connection.execute(
                delete(tables.message_readings).where(others, _READ.message_id.in_(select(mine.c.message_id)))
            )
        return gone

    def newest(
        self, reader: str, kinds: Sequence[str], since: datetime | None, until: datetime, account_id: int | None = None
    ) -> list[Told]:
        """What was found in messages sent in `(since, until]`, the newest first; no kinds: all of them."""
        query = self._told().where(_FOUND.reader == reader, _MESSAGE.sent_at <= until)
        if since is not None:
            query = query.where(_MESSAGE.sent_at > since)
        if kinds:
            query = query.where(_FOUND.kind.in_(kinds))
        if account_id is not None:
            query = query.where(_TICKET.account_id == account_id)
        newest_first = query.order_by(_MESSAGE.sent_at.desc(), _MESSAGE.id.desc(), _FOUND.begins_at, _FOUND.kind)
        with self._engine.connect() as connection:
            return [Told(*row) for row in connection.execute(newest_first)]

    def has_read(self, reader: str) -> bool:
        """Whether the reader has read any message."""
        with self._engine.connect() as connection:
            return has_read(connection, reader)

    def written(self, since: datetime, until: datetime, batch: int = 2_000) -> Iterator[list[Written]]:
        """Batches of customers' public messages sent in `(since, until]` that no machine sent, by message id."""
        query = select(_MESSAGE.id, _TICKET.external_id, _MESSAGE.sent_at, _MESSAGE.text).join(
            tables.tickets, _TICKET.id == _MESSAGE.ticket_id
        )
        mine = (_MESSAGE.author_kind == "customer", _MESSAGE.public, _MESSAGE.automatic.is_not(True))
        query, last = query.where(*mine, _MESSAGE.sent_at > since, _MESSAGE.sent_at <= until), -1
        while True:
            page = query.where(_MESSAGE.id > last).order_by(_MESSAGE.id).limit(batch)
            with self._engine.connect() as connection:
                rows = [Written(*row) for row in connection.execute(page)]
            if not rows:
                return
            last = rows[-1].message_id
            yield rows

    def count_written(self, since: datetime, until: datetime) -> int:
        """How many messages `written` gives."""
        mine = (_MESSAGE.author_kind == "customer", _MESSAGE.public, _MESSAGE.automatic.is_not(True))
        query = select(func.count()).select_from(tables.messages)
        with self._engine.connect() as connection:
            return connection.scalar(query.where(*mine, _MESSAGE.sent_at > since, _MESSAGE.sent_at <= until)) or 0

    @staticmethod
    def _told() -> Select[Any]:
        query: Select[Any] = select(
            _FOUND.kind, _FOUND.rule, _FOUND.said, _FOUND.sentence, _MESSAGE.sent_at,
            _TICKET.external_id, _ACCOUNT.name, _ACCOUNT.external_id,
        )  # fmt: skip
        query = query.join(tables.messages, _MESSAGE.id == _FOUND.message_id)
        query = query.join(tables.tickets, _TICKET.id == _MESSAGE.ticket_id)
        return query.outerjoin(tables.accounts, _ACCOUNT.id == _TICKET.account_id)
