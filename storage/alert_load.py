"""Keeps what was held back for want of room, the items over many accounts, and whether persons found alarms right."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, Select, and_, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from domain.playbooks import DecisionAnswer, HeldBackAlert, ParentItem
from domain.records import Record
from storage import tables
from storage.account_refs import account_refs, ids_by_ref
from storage.issues import NOWHERE, PERSON

AnyRecord = TypeVar("AnyRecord", bound=Record)
_HELD, _ANSWERS, _PARENTS = tables.held_back_alerts, tables.decision_answers, tables.parent_items


@dataclass(frozen=True)
class IssueHit:
    """That an issue hit an account in a span, with so many tickets."""

    issue_id: str
    label: str
    account_ref: str
    tickets: int


@dataclass(frozen=True)
class KeptLoad:
    """What a moment held back, and the items over accounts that it opened or closed."""

    held_back: Sequence[HeldBackAlert] = ()
    parents: Sequence[ParentItem] = ()


class LoadBook:
    """The alert load of one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def answer(self, answers: Sequence[DecisionAnswer]) -> None:
        """Append what a person said; nothing that was said before is changed."""
        if not answers:
            return
        with self._engine.begin() as connection:
            ids = ids_by_ref(connection)
            rows = [{**each.model_dump(), "account_id": ids[each.account_ref]} for each in answers]
            connection.execute(insert(_ANSWERS), rows)

    def answers(self, until: datetime | None = None) -> list[DecisionAnswer]:
        """All answers given by `until`, in their order; the last one to an escalation counts."""
        query = select(_ANSWERS).order_by(_ANSWERS.c.id)
        return self._read(query if until is None else query.where(_ANSWERS.c.decided_at <= until), DecisionAnswer)

    def held_back(self, since: datetime, until: datetime) -> list[HeldBackAlert]:
        """What was held back in `[since, until)`, the oldest first, in the order of its weight."""
        query = select(_HELD).where(_HELD.c.held_at >= since, _HELD.c.held_at < until)
        return self._read(query.order_by(_HELD.c.held_at, _HELD.c.owner, _HELD.c.place), HeldBackAlert)

    def parents(self) -> list[ParentItem]:
        """All items over many accounts, the oldest first."""
        return self._read(select(_PARENTS).order_by(_PARENTS.c.opened_at, _PARENTS.c.parent_id), ParentItem)

    def rule_hashes(self) -> dict[str, str]:
        """The version of the rule that opened each escalation, by its id."""
        escalation, decision = tables.escalations.c, tables.decisions.c
        query = select(escalation.escalation_id, decision.rule_hash)
        query = query.join(tables.decisions, decision.decision_id == escalation.decision_id)
        with self._engine.connect() as connection:
            return dict(connection.execute(query).all())

    def hits(self, since: datetime, as_of: datetime) -> list[IssueHit]:
        """Which issues hit which accounts with tickets created in `(since, as_of]`, as they were grouped by `as_of`.

        What a person decided goes before what a reader found.
        """
        return self._hits(since, as_of, as_of)

    def _hits(self, since: datetime, until: datetime, as_of: datetime) -> list[IssueHit]:
        ticket, placed, issue = tables.tickets.c, tables.ticket_issues.c, tables.issues.c
        moved = tables.ticket_issues.alias("moved")
        by_person = and_(moved.c.ticket_id == placed.ticket_id, moved.c.reader == PERSON, moved.c.placed_at <= as_of)
        stands, refs = func.coalesce(moved.c.issue_id, placed.issue_id), account_refs()
        query = (
            select(issue.issue_id, issue.label, refs.c.ref, func.count(ticket.id.distinct()))
            .select_from(tables.tickets)
            .join(refs, refs.c.account_id == ticket.account_id)
            .join(tables.ticket_issues, and_(placed.ticket_id == ticket.id, placed.reader != PERSON))
            .outerjoin(moved, by_person)
            .join(tables.issues, issue.issue_id == stands)
            .where(ticket.created_at > since, ticket.created_at <= until, placed.placed_at <= as_of, stands != NOWHERE)
            .group_by(issue.issue_id, issue.label, refs.c.ref)
            .order_by(issue.issue_id, refs.c.ref)
        )
        with self._engine.connect() as connection:
            return [IssueHit(*row) for row in connection.execute(query)]

    def usual(self, length: timedelta, times: int, as_of: datetime) -> dict[str, float]:
        """By issue, how many accounts it hit in a stretch of this length: the mean of so many, the last just over."""
        found: dict[str, float] = {}
        for back in range(1, times + 1):
            for hit in self._hits(as_of - (back + 1) * length, as_of - back * length, as_of):
                found[hit.issue_id] = found.get(hit.issue_id, 0.0) + 1 / times
        return found

    def _read(self, query: Select[Any], kind: type[AnyRecord]) -> list[AnyRecord]:
        with self._engine.connect() as connection:
            rows = connection.execute(query).mappings().all()
        return [kind.model_validate({name: row[name] for name in kind.model_fields}) for row in rows]


def keep_load(connection: Connection, load: KeptLoad) -> None:
    """Keep what a moment held back, which is appended, and the items over accounts as they now stand."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    if load.held_back:
        ids = ids_by_ref(connection)
        rows = [{**each.model_dump(), "account_id": ids[each.account_ref]} for each in load.held_back]
        connection.execute(dialect.insert(_HELD).on_conflict_do_nothing(), rows)
    if load.parents:
        statement = dialect.insert(_PARENTS)
        changed = {name: statement.excluded[name] for name in ("label", "closed_at")}
        upsert = statement.on_conflict_do_update(index_elements=["parent_id"], set_=changed)
        connection.execute(upsert, [each.model_dump() for each in load.parents])
