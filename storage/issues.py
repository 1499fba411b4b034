"""Keeps which tickets are about which issue, as they were placed and as persons decided; hands out what they say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Engine, ScalarSelect, Select, and_, delete, func, insert, or_, select, update

from domain.reading import Issue, IssueDecision, TicketIssue
from storage import tables

# The reader that stands for what persons decided; its placings go before those of any other.
PERSON = "person"
# Where a ticket stands that says nothing which could be compared.
NOWHERE = "-"
_LONGEST_TEXT = 4_000
_AT_ONCE = 5_000
_TICKET, _PLACED, _ISSUE = tables.tickets.c, tables.ticket_issues.c, tables.issues.c


@dataclass(frozen=True)
class TicketText:
    """A ticket, whose it is, and what was first written in it; `ref` is `source:external id`.

    A placed ticket has the issue that it stands in and the one in which a reader placed it.
    """

    ticket_id: int
    ref: str
    account_id: int | None
    subject: str
    text: str
    issue_id: str | None = None
    read_as: str | None = None


class IssueBook:
    """The issues of one database as one reader places tickets in them."""

    def __init__(self, engine: Engine, reader: str) -> None:
        self._engine, self._reader = engine, reader

    def count_unplaced(self, since: datetime, until: datetime) -> int:
        """How many tickets created in `(since, until]` the reader has not placed."""
        with self._engine.connect() as connection:
            return connection.scalar(self._unplaced(select(func.count()), since, until)) or 0

    def unplaced(self, since: datetime, until: datetime, most: int) -> list[TicketText]:
        """The newest of them."""
        query = (
            self._unplaced(_texts(), since, until).order_by(_TICKET.created_at.desc(), _TICKET.id.desc()).limit(most)
        )
        return self._read(query)

    def placed_of(self, account_ids: Sequence[int], each: int) -> list[TicketText]:
        """The newest placed tickets of these accounts, at most so many of each."""
        newest = func.row_number().over(
            partition_by=_TICKET.account_id, order_by=(_TICKET.created_at.desc(), _TICKET.id.desc())
        )
        found = list[TicketText]()
        for begin in range(0, len(account_ids), _AT_ONCE):
            own = _TICKET.account_id.in_(account_ids[begin : begin + _AT_ONCE])
            rank = self._placed_join(select(_TICKET.id, newest.label("rank")))
            rank_of = rank.where(own, self._stands() != NOWHERE).subquery()
            wanted = select(rank_of.c.id).where(rank_of.c.rank <= each)
            found += self._read(
                self._placed_join(_texts(self._stands(), _PLACED.issue_id)).where(_TICKET.id.in_(wanted))
            )
        return found

    def examples(self, since: datetime, issues: int, each: int) -> list[TicketText]:
        """The newest tickets created after `since` of the issues that most of them are about."""
        recent = self._placed_join(select(_TICKET.id, self._stands().label("issue_id"), _TICKET.created_at))
        rows = recent.where(_TICKET.created_at > since, self._stands() != NOWHERE).subquery()
        often = select(rows.c.issue_id).group_by(rows.c.issue_id).order_by(func.count().desc(), rows.c.issue_id)
        newest = func.row_number().over(
            partition_by=rows.c.issue_id, order_by=(rows.c.created_at.desc(), rows.c.id.desc())
        )
        rank = select(rows.c.id, newest.label("rank")).where(rows.c.issue_id.in_(often.limit(issues))).subquery()
        wanted = select(rank.c.id).where(rank.c.rank <= each)
        return self._read(self._placed_join(_texts(self._stands(), _PLACED.issue_id)).where(_TICKET.id.in_(wanted)))

    def save(self, issues: Sequence[Issue], placings: Sequence[tuple[int, TicketIssue]]) -> None:
        """Keep placings by ticket id, and their issues: new ones, or with better terms; a given name is kept."""
        with self._engine.begin() as connection:
            known = {row.issue_id: row for row in connection.execute(select(tables.issues))}
            fresh = [issue.model_dump() for issue in issues if issue.issue_id not in known]
            if fresh:
                connection.execute(insert(tables.issues), fresh)
            for issue in issues:
                former = known.get(issue.issue_id)
                if former is not None:
                    named = former.label != former.terms[0]
                    label = former.label if named else issue.label
                    statement = update(tables.issues).where(_ISSUE.issue_id == issue.issue_id)
                    connection.execute(statement.values(terms=list(issue.terms), label=label))
            if placings:
                rows = [{"ticket_id": ticket, **placing.model_dump()} for ticket, placing in placings]
                connection.execute(insert(tables.ticket_issues), rows)

    def placings(self) -> dict[str, tuple[int, str, datetime]]:
        """Where the reader placed each ticket: its id, the issue and when, by its ref; not what says nothing."""
        query = select(_ref(), _TICKET.id, _PLACED.issue_id, _PLACED.placed_at).join(tables.ticket_issues)
        query = query.where(_PLACED.reader == self._reader, _PLACED.issue_id != NOWHERE)
        with self._engine.connect() as connection:
            return {ref: (ticket, issue, at) for ref, ticket, issue, at in connection.execute(query)}

    def restate(self, moved: Mapping[int, tuple[str, datetime]], labels: Mapping[str, str]) -> None:
        """Put what persons decided in place of what they had: the issue of each ticket they moved, and names."""
        rows = [
            {"ticket_id": ticket, "reader": PERSON, "issue_id": issue, "similarity": 1.0, "placed_at": at}
            for ticket, (issue, at) in moved.items()
        ]
        with self._engine.begin() as connection:
            connection.execute(delete(tables.ticket_issues).where(_PLACED.reader == PERSON))
            if rows:
                connection.execute(insert(tables.ticket_issues), rows)
            for row in connection.execute(select(_ISSUE.issue_id, _ISSUE.label, _ISSUE.terms)).all():
                label = labels.get(row.issue_id, row.terms[0])
                if label != row.label:
                    named = update(tables.issues).where(_ISSUE.issue_id == row.issue_id)
                    connection.execute(named.values(label=label))

    def open(self, issue: Issue) -> None:
        """Keep an issue that a person split off."""
        with self._engine.begin() as connection:
            connection.execute(insert(tables.issues), [issue.model_dump()])

    def issues(self) -> dict[str, Issue]:
        """All issues by their id."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(tables.issues)).mappings().all()
        return {row["issue_id"]: Issue.model_validate(dict(row)) for row in rows}

    def decide(self, decision: IssueDecision) -> None:
        """Append what a person said."""
        with self._engine.begin() as connection:
            connection.execute(insert(tables.issue_decisions), [decision.model_dump()])

    def decisions(self) -> list[tuple[int, IssueDecision]]:
        """All that was said, by its number and in its order; what was withdrawn too."""
        table = tables.issue_decisions
        with self._engine.connect() as connection:
            rows = connection.execute(select(table).order_by(table.c.id)).mappings().all()
        names = IssueDecision.model_fields
        return [(row["id"], IssueDecision.model_validate({name: row[name] for name in names})) for row in rows]

    def withdraw(self, number: int, at: datetime) -> None:
        """Mark a decision as withdrawn; it stays on record."""
        table = tables.issue_decisions
        with self._engine.begin() as connection:
            connection.execute(update(table).where(table.c.id == number).values(withdrawn_at=at))

    def _unplaced(self, query: Select[Any], since: datetime, until: datetime) -> Select[Any]:
        is_placed = and_(_PLACED.ticket_id == _TICKET.id, _PLACED.reader == self._reader)
        every = query.select_from(tables.tickets.outerjoin(tables.ticket_issues, is_placed))
        return every.where(_PLACED.ticket_id.is_(None), _TICKET.created_at > since, _TICKET.created_at <= until)

    def _placed_join(self, query: Select[Any]) -> Select[Any]:
        by_reader = and_(_PLACED.ticket_id == _TICKET.id, _PLACED.reader == self._reader)
        by_person = and_(_MOVED.c.ticket_id == _TICKET.id, _MOVED.c.reader == PERSON)
        return query.join(tables.ticket_issues, by_reader).outerjoin(_MOVED, by_person)

    @staticmethod
    def _stands() -> ColumnElement[str]:
        return func.coalesce(_MOVED.c.issue_id, _PLACED.issue_id)

    def _read(self, query: Select[Any]) -> list[TicketText]:
        with self._engine.connect() as connection:
            return [TicketText(*row) for row in connection.execute(query)]


_MOVED = tables.ticket_issues.alias("moved")


def _ref() -> ColumnElement[str]:
    return _TICKET.source + ":" + _TICKET.external_id


def _texts(*columns: ColumnElement[str]) -> Select[Any]:
    """`TicketText` in the order of its fields; the text is the customer's first public one that no machine sent."""
    return select(_TICKET.id, _ref(), _TICKET.account_id, _TICKET.subject, func.coalesce(_first_text(), ""), *columns)


def _first_text() -> ScalarSelect[str]:
    message = tables.messages.alias("first").c
    by_person = or_(message.automatic.is_(None), ~message.automatic)
    query = select(func.substr(message.text, 1, _LONGEST_TEXT)).where(
        message.ticket_id == _TICKET.id, message.author_kind == "customer", message.public, by_person
    )
    return query.order_by(message.sent_at, message.id).limit(1).scalar_subquery()
