"""Keeps what was learned from a team's answers, version by version, and what it foretells of tickets."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping, Select, and_, delete, func, insert, or_, select, update

from domain.reading import LearnedKind, LearnedModel, TicketPrediction
from storage import tables
from storage.account_refs import account_refs
from storage.frames import Frame, read_frame

_MODEL, _PREDICTION = tables.learned_models.c, tables.ticket_predictions.c
_TICKET, _SURVEY = tables.tickets.c, tables.surveys.c
_AT_ONCE = 500


class LearnedBook:
    """The learned models of one database; a version is never changed, only withdrawn and put back."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def keep(self, model: LearnedModel) -> bool:
        """Keep a version, which takes the place of those of the same moment; False where it is kept already."""
        with self._engine.begin() as connection:
            known = select(_MODEL.model_hash).where(_MODEL.model_hash == model.model_hash)
            if connection.scalar(known) is not None:
                return False
            _give_way(connection, model)
            connection.execute(insert(tables.learned_models), [model.model_dump()])
        return True

    def versions(self, predicts: LearnedKind | None = None) -> list[LearnedModel]:
        """All versions, the newest first."""
        query = select(tables.learned_models).order_by(_MODEL.trained_at.desc(), _MODEL.model_hash)
        if predicts is not None:
            query = query.where(_MODEL.predicts == predicts)
        with self._engine.connect() as connection:
            return [_model(row) for row in connection.execute(query).mappings()]

    def in_force(self, predicts: LearnedKind, as_of: datetime) -> LearnedModel | None:
        """The newest version of that moment that was not withdrawn; it may say that nothing can be foretold."""
        stood = or_(_MODEL.withdrawn_at.is_(None), _MODEL.withdrawn_at > as_of)
        query = select(tables.learned_models).where(_MODEL.predicts == predicts, _MODEL.trained_at <= as_of, stood)
        with self._engine.connect() as connection:
            row = connection.execute(query.order_by(_MODEL.trained_at.desc()).limit(1)).mappings().first()
        return None if row is None else _model(row)

    def withdraw(self, model: LearnedModel, at: datetime) -> None:
        """Take a version out of use at a moment."""
        with self._engine.begin() as connection:
            mine = _MODEL.model_hash == model.model_hash
            connection.execute(update(tables.learned_models).where(mine).values(withdrawn_at=at))

    def restore(self, model: LearnedModel) -> None:
        """Put a version back; those of the same moment give way to it."""
        with self._engine.begin() as connection:
            _give_way(connection, model)
            mine = _MODEL.model_hash == model.model_hash
            connection.execute(update(tables.learned_models).where(mine).values(withdrawn_at=None))

    def foretell(self, predictions: Sequence[tuple[int, TicketPrediction]]) -> int:
        """Keep `(ticket id, prediction)`, one of each ticket and model; returns how many say something else.

        A prediction that says the same as the one that is kept leaves that one, with its moment.
        """
        changed = 0
        with self._engine.begin() as connection:
            for begin in range(0, len(predictions), _AT_ONCE):
                some = predictions[begin : begin + _AT_ONCE]
                ids, model = [ticket for ticket, _ in some], some[0][1].model_hash
                mine = and_(_PREDICTION.ticket_id.in_(ids), _PREDICTION.model_hash == model)
                rows = connection.execute(select(tables.ticket_predictions).where(mine)).mappings()
                known = {row["ticket_id"]: _said(row) for row in rows}
                new = [row for row in (_row(*each) for each in some) if known.get(row["ticket_id"]) != _said(row)]
                if new:
                    old = [row["ticket_id"] for row in new]
                    gone = and_(_PREDICTION.ticket_id.in_(old), _PREDICTION.model_hash == model)
                    connection.execute(delete(tables.ticket_predictions).where(gone))
                    connection.execute(insert(tables.ticket_predictions), new)
                changed += len(new)
        return changed

    def foretold(self, model: LearnedModel, as_of: datetime, most: int | None = None) -> list[dict[str, Any]]:
        """Predictions of tickets without an answer at `as_of`, the lowest first; unknown ones are left out.

        ticket_id, source, ticket_ref, subject, status, account_id, account_ref, account, predicted_ratio, low_ratio,
        high_ratio, because, predicted_at, resolved_at.
        """
        refs, account = account_refs(), tables.accounts.c
        columns = (
            _PREDICTION.ticket_id, _TICKET.source, _TICKET.external_id.label("ticket_ref"), _TICKET.subject,
            _TICKET.status, _TICKET.account_id, refs.c.ref.label("account_ref"), account.name.label("account"),
            _PREDICTION.predicted_ratio, _PREDICTION.low_ratio, _PREDICTION.high_ratio, _PREDICTION.because,
            _PREDICTION.predicted_at, _TICKET.resolved_at,
        )  # fmt: skip
        query = select(*columns).join(tables.tickets, _TICKET.id == _PREDICTION.ticket_id)
        query = query.outerjoin(tables.accounts, account.id == _TICKET.account_id)
        query = query.outerjoin(refs, and_(refs.c.account_id == account.id, refs.c.is_id == account.id))
        query = query.where(*_standing(model, as_of), _PREDICTION.predicted_ratio.is_not(None))
        ordered = query.order_by(_PREDICTION.predicted_ratio, _TICKET.source, _TICKET.external_id)
        with self._engine.connect() as connection:
            return [dict(row) for row in connection.execute(ordered.limit(most)).mappings()]

    def count(self, model: LearnedModel, as_of: datetime) -> tuple[int, int]:
        """Of how many tickets without an answer something is foretold, and of how many it is unknown."""
        query = select(func.count(_PREDICTION.predicted_ratio), func.count()).where(*_standing(model, as_of))
        with self._engine.connect() as connection:
            known, whole = connection.execute(query.select_from(tables.ticket_predictions)).one()
        return known, whole - known

    def predictions(self) -> Frame:
        """`account_id, predicts, predicted_ratio, predicted_at, resolved_at, answered_at, trained_at, withdrawn_at`.

        Every known prediction of a linked ticket, with its first answer of that kind and its model's times.
        """
        return read_frame(self._engine, _predictions())


def _give_way(connection: Connection, model: LearnedModel) -> None:
    others = and_(_MODEL.predicts == model.predicts, _MODEL.trained_at == model.trained_at)
    standing = and_(others, _MODEL.model_hash != model.model_hash, _MODEL.withdrawn_at.is_(None))
    connection.execute(update(tables.learned_models).where(standing).values(withdrawn_at=model.trained_at))


def _predictions() -> Select[Any]:
    answered = select(_SURVEY.ticket_id, _SURVEY.kind, func.min(_SURVEY.answered_at).label("answered_at"))
    first = answered.where(_SURVEY.ticket_id.is_not(None)).group_by(_SURVEY.ticket_id, _SURVEY.kind).subquery()
    own = and_(first.c.ticket_id == _PREDICTION.ticket_id, first.c.kind == _PREDICTION.predicts)
    columns = (
        _TICKET.account_id, _PREDICTION.predicts, _PREDICTION.predicted_ratio, _PREDICTION.predicted_at,
        _TICKET.resolved_at, first.c.answered_at, _MODEL.trained_at, _MODEL.withdrawn_at,
    )  # fmt: skip
    query = select(*columns).join(tables.tickets, _TICKET.id == _PREDICTION.ticket_id)
    query = query.join(tables.learned_models, _MODEL.model_hash == _PREDICTION.model_hash).outerjoin(first, own)
    return query.where(_TICKET.account_id.is_not(None), _PREDICTION.predicted_ratio.is_not(None))


def _standing(model: LearnedModel, as_of: datetime) -> tuple[Any, ...]:
    answered = select(_SURVEY.id).where(
        _SURVEY.ticket_id == _PREDICTION.ticket_id, _SURVEY.kind == model.predicts, _SURVEY.answered_at <= as_of
    )
    return _PREDICTION.model_hash == model.model_hash, _PREDICTION.predicted_at <= as_of, ~answered.exists()


def _model(row: RowMapping) -> LearnedModel:
    return LearnedModel.model_validate({name: row[name] for name in LearnedModel.model_fields})


def _row(ticket_id: int, prediction: TicketPrediction) -> dict[str, Any]:
    return {"ticket_id": ticket_id, **prediction.model_dump()}


def _said(row: RowMapping | dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in ("predicted_ratio", "low_ratio", "high_ratio", "because"))
