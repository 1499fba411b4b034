"""Keeps what persons say of saves and losses: every answer is appended, the newest about an outcome counts."""

from datetime import datetime

from sqlalchemy import Engine, insert, select

from domain.effects import SaveDecision
from storage import tables

_ANSWERS = tables.save_decisions


class SaveBook:
    """The answers of one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def decide(self, decision: SaveDecision) -> None:
        """Append an answer."""
        with self._engine.begin() as connection:
            connection.execute(insert(_ANSWERS), [decision.model_dump()])

    def history(self, outcome_id: str | None = None) -> list[SaveDecision]:
        """All answers, or those about one outcome, in the order in which they were given."""
        query = select(_ANSWERS).order_by(_ANSWERS.c.decided_at, _ANSWERS.c.id)
        if outcome_id is not None:
            query = query.where(_ANSWERS.c.outcome_id == outcome_id)
        with self._engine.connect() as connection:
            rows = connection.execute(query).mappings().all()
        return [SaveDecision.model_validate({name: row[name] for name in SaveDecision.model_fields}) for row in rows]

    def standing(self, until: datetime | None = None) -> dict[str, SaveDecision]:
        """The answer that counts, by outcome; what was withdrawn, or said after `until`, is not here."""
        newest = {each.outcome_id: each for each in self.history() if until is None or each.decided_at <= until}
        return {outcome: each for outcome, each in newest.items() if each.answer != "withdrawn"}
