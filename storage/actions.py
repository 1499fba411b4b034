"""Keeps the effects on the outside that escalations ask for, and what persons decided about them."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, Engine, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from domain.playbooks import ActionState, PreparedAction
from storage import tables
from storage.account_refs import account_refs, ids_by_ref

_ACTIONS = tables.prepared_actions


class ActionBook:
    """The prepared actions of one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def actions(self, begins: str = "") -> list[PreparedAction]:
        """All actions, the oldest first, or those whose id begins so."""
        query = select(_ACTIONS).order_by(_ACTIONS.c.prepared_at, _ACTIONS.c.action_id)
        if begins:
            query = query.where(func.substr(_ACTIONS.c.action_id, 1, len(begins)) == begins)
        with self._engine.connect() as connection:
            rows = connection.execute(query).mappings().all()
        return [
            PreparedAction.model_validate({name: row[name] for name in PreparedAction.model_fields}) for row in rows
        ]

    def decide(
        self, action: PreparedAction, state: ActionState, by: str | None, at: datetime | None
    ) -> PreparedAction | None:
        """The action as it is now, if it still stood as it was; None if somebody else was faster."""
        changed = action.model_copy(update={"state": state, "decided_by": by, "decided_at": at})
        where = (_ACTIONS.c.action_id == action.action_id, _ACTIONS.c.state == action.state)
        with self._engine.begin() as connection:
            done = connection.execute(update(_ACTIONS).where(*where).values(state=state, decided_by=by, decided_at=at))
            return changed if done.rowcount == 1 else None


def keep_actions(connection: Connection, actions: Sequence[PreparedAction]) -> None:
    """Keep new actions; one that is known stays as it is."""
    if actions:
        ids = ids_by_ref(connection)
        rows = [{**each.model_dump(), "account_id": ids[each.account_ref]} for each in actions]
        dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
        connection.execute(dialect.insert(_ACTIONS).on_conflict_do_nothing(), rows)


def customer_messages(
    engine: Engine, accounts: Collection[str], since: datetime, until: datetime
) -> dict[str, list[datetime]]:
    """The moments of what customers wrote in `(since, until]`, by account."""
    if not accounts:
        return {}
    refs, messages, tickets = account_refs(), tables.messages.c, tables.tickets.c
    query = (
        select(refs.c.ref, messages.sent_at)
        .join(tables.tickets, tickets.account_id == refs.c.account_id)
        .join(tables.messages, messages.ticket_id == tickets.id)
        .where(messages.author_kind == "customer", messages.sent_at > since, messages.sent_at <= until)
        .where(refs.c.ref.in_(sorted(accounts)))
        .order_by(messages.sent_at)
    )
    found: dict[str, list[datetime]] = {}
    with engine.connect() as connection:
        for ref, sent_at in connection.execute(query):
            found.setdefault(ref, []).append(sent_at)
    return found
