"""Keeps what readers made of messages, each message once by each reader."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Engine, Select, and_, exists, func, insert, or_, select

from domain.tickets import AuthorKind
from storage import tables

_MESSAGE = tables.messages.c


class ReadingBook:
    """The public messages of one kind of author as one reader reads them; `what` is the column that it fills.

    Automatic mail is nobody's words and is left out.
    """

    def __init__(
        self, engine: Engine, reader: str, author: AuthorKind, what: Literal["sentiment", "impactful"]
    ) -> None:
        self._engine, self._reader, self._author, self._what = engine, reader, author, what

    def count_unread(self, since: datetime) -> int:
        """How many messages after `since` the reader has not read."""
        with self._engine.connect() as connection:
            return connection.scalar(self._unread(select(func.count()), since)) or 0

    def oldest_unread(self, since: datetime) -> datetime | None:
        """When the first of them was sent."""
        with self._engine.connect() as connection:
            oldest: datetime | None = connection.scalar(self._unread(select(func.min(_MESSAGE.sent_at)), since))
        return oldest

    def unread(self, since: datetime, batch: int = 5_000) -> Iterator[list[tuple[int, str]]]:
        """Batches of `(message id, text)` of the messages after `since` that the reader has not read."""
        return self._batches(self._unread(select(_MESSAGE.id, _MESSAGE.text), since), batch)

    def first_of_tickets(self, since: datetime, batch: int = 5_000) -> Iterator[list[tuple[int, str, datetime]]]:
        """Batches of `(message id, text, sent at)` of each ticket's first message by such an author, after `since`."""
        earlier = tables.messages.alias("earlier").c
        is_before = or_(
            earlier.sent_at < _MESSAGE.sent_at, and_(earlier.sent_at == _MESSAGE.sent_at, earlier.id < _MESSAGE.id)
        )
        answered = exists().where(
            earlier.ticket_id == _MESSAGE.ticket_id, earlier.author_kind == self._author, earlier.public, is_before
        )
        query = select(_MESSAGE.id, _MESSAGE.text, _MESSAGE.sent_at)
        return self._batches(query.where(*self._wanted(since), ~answered), batch)

    def save(
        self, readings: Sequence[tuple[int, int | bool | None]], languages: Sequence[str | None] | None = None
    ) -> None:
        """Keep `(message id, what was read)`, and the language of each where it was looked for."""
        if not readings:
            return
        told = languages or [None] * len(readings)
        rows = [
            {"message_id": message, "reader": self._reader, "language": language, self._what: read}
            for (message, read), language in zip(readings, told, strict=True)
        ]
        with self._engine.begin() as connection:
            connection.execute(insert(tables.message_readings), rows)

    def _wanted(self, since: datetime) -> tuple[Any, ...]:
        by_a_person = _MESSAGE.automatic.is_not(True)
        return _MESSAGE.author_kind == self._author, _MESSAGE.public, by_a_person, _MESSAGE.sent_at > since

    def _unread(self, query: Select[Any], since: datetime) -> Select[Any]:
        reading = tables.message_readings.c
        has_read = and_(reading.message_id == _MESSAGE.id, reading.reader == self._reader)
        unread = query.select_from(tables.messages.outerjoin(tables.message_readings, has_read))
        return unread.where(*self._wanted(since), reading.message_id.is_(None))

    def _batches(self, query: Select[Any], batch: int) -> Iterator[list[Any]]:
        """The rows by message id, `batch` at a time, each read by itself: what is saved meanwhile does no harm."""
        wanted, last = query.order_by(_MESSAGE.id).limit(batch), -1
        while True:
            with self._engine.connect() as connection:
                rows = connection.execute(wanted.where(_MESSAGE.id > last)).all()
            if not rows:
                return
            last = rows[-1][0]
            yield list(rows)
