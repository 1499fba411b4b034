"""Keeps what persons said of sentiment scores, and what was learned from it about how a team's customers write."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Engine, and_, func, insert, or_, select, update

from domain.errors import NotFound
from domain.reading import LabelAnswer, SentimentCalibration, SentimentLabel
from storage import tables

_LABEL, _CALIBRATION, _MESSAGE = tables.sentiment_labels, tables.sentiment_calibrations, tables.messages.c
_SHORT_HASH = 12


class Labelled(NamedTuple):
    """A message's text, the score that was shown, and what was said of it."""

    message_id: int
    text: str
    shown: int
    answer: LabelAnswer


class Unlabelled(NamedTuple):
    """A message that nobody has said anything of yet."""

    message_id: int
    ref: str
    text: str
    sentiment: int


class Spoken(NamedTuple):
    """A customer's message in a ticket; `sentiment` is None where it was not read, or could not be."""

    message_id: int
    ref: str
    text: str
    sent_at: datetime
    sentiment: int | None


class Rated(NamedTuple):
    """A ticket's last words of a customer before its survey, and the answer, 0..1."""

    text: str
    satisfied: float


def calibrated_reader(reader: str, calibration_hash: str) -> str:
    """The name under which the readings of a calibrated reader stand, apart from the raw ones."""
    return f"{reader}+{calibration_hash[:_SHORT_HASH]}"


class CalibrationBook:
    """The labels and calibrations of one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def label(self, labels: Sequence[tuple[int, SentimentLabel]]) -> None:
        """Keep what was said of messages, `(message id, label)`; earlier answers stay."""
        if labels:
            with self._engine.begin() as connection:
                connection.execute(insert(_LABEL), [{"message_id": id_, **said.model_dump()} for id_, said in labels])

    def labels(self) -> list[Labelled]:
        """The newest answer for each message, by message."""
        newest = select(func.max(_LABEL.c.id)).group_by(_LABEL.c.message_id)
        query = select(_LABEL.c.message_id, _MESSAGE.text, _LABEL.c.shown, _LABEL.c.answer).join(tables.messages)
        with self._engine.connect() as connection:
            rows = connection.execute(query.where(_LABEL.c.id.in_(newest)).order_by(_LABEL.c.message_id)).all()
        return [Labelled(*row) for row in rows]

    def unlabelled(self, reader: str, since: datetime, most: int) -> list[Unlabelled]:
        """The newest messages after `since` that the reader could read and nobody has labelled."""
        reading = tables.message_readings.c
        query = select(_MESSAGE.id, _MESSAGE.external_id, _MESSAGE.text, reading.sentiment)
        query = query.join_from(tables.messages, tables.message_readings, reading.message_id == _MESSAGE.id)
        wanted = (reading.reader == reader, reading.sentiment.is_not(None), _MESSAGE.sent_at > since)
        query = query.where(*wanted, _MESSAGE.id.not_in(select(_LABEL.c.message_id)))
        with self._engine.connect() as connection:
            rows = connection.execute(query.order_by(_MESSAGE.sent_at.desc(), _MESSAGE.id).limit(most)).all()
        return [Unlabelled(*row) for row in rows]

    def shown(self, reader: str, named: str) -> list[Unlabelled]:
        """The messages of that id or external id that the reader could read; several sources may know the same."""
        reading = tables.message_readings.c
        query = select(_MESSAGE.id, _MESSAGE.external_id, _MESSAGE.text, reading.sentiment)
        query = query.join_from(tables.messages, tables.message_readings, reading.message_id == _MESSAGE.id)
        is_named = _MESSAGE.external_id == named
        if named.isdecimal():
            is_named = or_(is_named, _MESSAGE.id == int(named))
        with self._engine.connect() as connection:
            rows = connection.execute(query.where(is_named, reading.reader == reader).order_by(_MESSAGE.id)).all()
        return [Unlabelled(*row) for row in rows if row.sentiment is not None]

    def spoken(self, source: str, ticket: str, reader: str) -> list[Spoken]:
        """The customers' public messages of a ticket by time, as one reader read them; the newest last."""
        reading = tables.message_readings
        has_read = and_(reading.c.message_id == _MESSAGE.id, reading.c.reader == reader)
        query = select(_MESSAGE.id, _MESSAGE.external_id, _MESSAGE.text, _MESSAGE.sent_at, reading.c.sentiment)
        query = query.join_from(tables.messages, reading, has_read, isouter=True)
        of_ticket = select(tables.tickets.c.id).where(
            tables.tickets.c.source == source, tables.tickets.c.external_id == ticket
        )
        wanted = (_MESSAGE.ticket_id.in_(of_ticket), _MESSAGE.author_kind == "customer", _MESSAGE.public)
        with self._engine.connect() as connection:
            rows = connection.execute(query.where(*wanted).order_by(_MESSAGE.sent_at, _MESSAGE.id)).all()
        return [Spoken(*row) for row in rows]

    def rated(self, most: int) -> list[Rated]:
        """The customers' last public words in each ticket before its newest CSAT answers, the newest first."""
        survey, after = tables.surveys.c, tables.messages.alias("after").c
        spoken = and_(_MESSAGE.author_kind == "customer", _MESSAGE.public, _MESSAGE.sent_at <= survey.answered_at)
        later = select(after.id).where(
            after.ticket_id == _MESSAGE.ticket_id, after.author_kind == "customer", after.public,
            after.sent_at <= survey.answered_at,
            or_(after.sent_at > _MESSAGE.sent_at, and_(after.sent_at == _MESSAGE.sent_at, after.id > _MESSAGE.id)),
        )  # fmt: skip
        share = (survey.score - survey.scale_min) * 1.0 / (survey.scale_max - survey.scale_min)
        query = select(_MESSAGE.text, share.label("satisfied")).join_from(
            tables.surveys, tables.messages, _MESSAGE.ticket_id == survey.ticket_id
        )
        wanted = query.where(survey.kind == "csat", survey.scale_max > survey.scale_min, spoken, ~later.exists())
        with self._engine.connect() as connection:
            rows = connection.execute(wanted.order_by(survey.answered_at.desc(), survey.id).limit(most)).all()
        return [Rated(*row) for row in rows]

    def keep(self, calibration: SentimentCalibration) -> None:
        """Put a calibration in force; the same one, withdrawn before, comes into force again."""
        same = _CALIBRATION.c.calibration_hash == calibration.calibration_hash
        with self._engine.begin() as connection:
            if connection.scalar(select(func.count()).where(same)):
                again = {"calibrated_at": calibration.calibrated_at, "withdrawn_at": None}
                connection.execute(update(_CALIBRATION).where(same).values(again))
            else:
                connection.execute(insert(_CALIBRATION), [calibration.model_dump()])

    def calibrations(self) -> list[SentimentCalibration]:
        """All calibrations, the newest first."""
        order = (_CALIBRATION.c.calibrated_at.desc(), _CALIBRATION.c.calibration_hash)
        with self._engine.connect() as connection:
            rows = connection.execute(select(_CALIBRATION).order_by(*order)).mappings().all()
        return [SentimentCalibration.model_validate(dict(row)) for row in rows]

    def in_force(self, reader: str) -> SentimentCalibration | None:
        """The newest calibration of that reader that nobody has withdrawn."""
        standing = (each for each in self.calibrations() if each.reader == reader and each.withdrawn_at is None)
        return next(standing, None)

    def reader_in_force(self, reader: str) -> str:
        """The name of the calibrated reader, or of the reader itself where no calibration is in force."""
        found = self.in_force(reader)
        return reader if found is None else calibrated_reader(reader, found.calibration_hash)

    def withdraw(self, name: str, at: datetime) -> SentimentCalibration:
        """Take the calibration whose hash begins so out of force.

        Raises:
            NotFound: none or several that are in force begin so.
        """
        found = [
            each for each in self.calibrations() if each.calibration_hash.startswith(name) and not each.withdrawn_at
        ]
        if len(found) != 1:
            told = "no calibration in force begins" if not found else f"{len(found)} calibrations in force begin"
            raise NotFound(f"{told} with {name!r}; keepline sentiment calibrations lists them")
        with self._engine.begin() as connection:
            same = _CALIBRATION.c.calibration_hash == found[0].calibration_hash
            connection.execute(update(_CALIBRATION).where(same).values(withdrawn_at=at))
        return found[0].model_copy(update={"withdrawn_at": at})
