"""Hands out the facts that the rules and the ledger read, each as a lazy frame named as in the tables."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import narwhals as nw
from sqlalchemy import ColumnElement, Engine, Select, Table, and_, func, select

from domain.reading import LearnedModel
from storage import tables
from storage.account_refs import account_refs
from storage.backlog import Backlog
from storage.calibrations import CalibrationBook
from storage.evidence import has_read
from storage.former_facts import FormerFacts, newest_lines, of_accounts
from storage.frames import Frame, read_frame, table_frame
from storage.issues import PERSON
from storage.learned import LearnedBook
from storage.rated import TicketReader, solved_tickets

_SOLVED = ("solved", "closed")


class Facts:
    """The facts of one database; with `known_on` as they were known then.

    As known then are subscription lines, contracts, exchange rates, segments, and who accounts were: their name,
    segment, industry, region, CSM, parent, and which of them were one. All else is as it is known now.
    """

    def __init__(self, engine: Engine, known_on: datetime | None = None) -> None:
        self._engine = engine
        self.known_on = known_on
        self._former = None if known_on is None else FormerFacts(known_on)

    def accounts(self) -> Frame:
        """All accounts but those that turned out to be another one; `external_id` is the name that they go by."""
        return read_frame(self._engine, self._former.accounts() if self._former else _accounts())

    def account_segments(self) -> Frame:
        if self._former:
            return read_frame(self._engine, self._former.segments())
        return table_frame(self._engine, tables.account_segments)

    def contracts(self) -> Frame:
        if self._former:
            return read_frame(self._engine, self._former.contracts())
        return self._of_accounts(tables.contracts)

    def contract_versions(self) -> Frame:
        """Everything that was ever said of contracts, a row per version: their columns, `recorded_at` and `gone`."""
        versions = tables.contract_versions
        return self._between(select(*versions.columns), versions.c.recorded_at, None, self.known_on)

    def rate_versions(self) -> Frame:
        """Everything that was ever said of exchange rates, a row per version."""
        versions = tables.fx_rate_versions
        return self._between(select(*versions.columns), versions.c.recorded_at, None, self.known_on)

    def account_versions(self) -> Frame:
        """Everything that was ever said of accounts, a row per version."""
        versions = tables.account_versions
        return self._between(select(*versions.columns), versions.c.recorded_at, None, self.known_on)

    def line_moves(self) -> Frame:
        """`line_id, account_id, moved_at`: whose lines were until they turned out to be another account's."""
        return self._between(select(*tables.line_moves.columns), tables.line_moves.c.moved_at, None, self.known_on)

    def lines(self) -> Frame:
        """The newest version of each subscription line that was known."""
        if self._former:
            return read_frame(self._engine, self._former.lines())
        lines = tables.subscription_lines
        return self._of_accounts(lines, *newest_lines())

    def line_versions(self) -> Frame:
        """Every version of each subscription line, with `recorded_at` and `learned_at`."""
        return self._of_accounts(tables.subscription_lines)

    def churn_reports(self) -> Frame:
        return self._of_accounts(tables.churn_reports)

    def fx_rates(self) -> Frame:
        if self._former:
            return read_frame(self._engine, self._former.rates())
        return table_frame(self._engine, tables.fx_rates, ["source", "base", "quote", "on", "rate"])

    def tickets(self, since: datetime | None = None, until: datetime | None = None) -> Frame:
        """Tickets without their texts but the subject, created in `(since, until]`."""
        created_at = tables.tickets.c.created_at
        return self._between(select(*tables.tickets.columns), created_at, since, until)

    def first_ticket_at(self) -> datetime | None:
        """When the oldest ticket was created; None without any."""
        query = select(func.min(tables.tickets.c.created_at).label("created_at"))
        with self._engine.connect() as connection:
            oldest: datetime | None = connection.scalar(query)
        return oldest

    def ticket_times(self, since: datetime | None = None, until: datetime | None = None) -> Frame:
        """`account_id, created_at` of linked tickets created in `(since, until]`: what volume signals read."""
        ticket = tables.tickets.c
        query = select(ticket.account_id, ticket.created_at).where(ticket.account_id.is_not(None))
        return self._between(query, ticket.created_at, since, until)

    def ticket_issues(self, since: datetime | None = None, until: datetime | None = None) -> Frame:
        """What linked tickets created in `(since, until]` are about: no more columns than the issue signals read."""
        names = ("id", "account_id", "created_at", "subject", "tags", "escalated")
        ticket = tables.tickets.c
        query = select(*(ticket[name] for name in names)).where(ticket.account_id.is_not(None))
        return self._between(query, ticket.created_at, since, until)

    def placed_tickets(self, since: datetime | None = None, until: datetime | None = None) -> Frame:
        """`ticket_id, issue_id, issue_label, placed_at` of linked, grouped tickets created in `(since, until]`.

        What a person decided goes before what a reader found.
        """
        ticket, placed, issue = tables.tickets.c, tables.ticket_issues.c, tables.issues.c
        moved = tables.ticket_issues.alias("moved")
        by_person = and_(moved.c.ticket_id == placed.ticket_id, moved.c.reader == PERSON)
        stands = func.coalesce(moved.c.issue_id, placed.issue_id)
        query = (
            select(ticket.id.label("ticket_id"), issue.issue_id, issue.label.label("issue_label"), placed.placed_at)
            .join(tables.ticket_issues, and_(placed.ticket_id == ticket.id, placed.reader != PERSON))
            .outerjoin(moved, by_person)
            .join(tables.issues, issue.issue_id == stands)
            .where(ticket.account_id.is_not(None))
        )
        return self._between(query, ticket.created_at, since, until)

    def messages(self, since: datetime | None = None, until: datetime | None = None) -> Frame:
        """Messages of linked tickets, without their text but with the ticket's account_id, sent in `(since, until]`."""
        columns = [column for column in tables.messages.columns if column.name != "text"]
        query = select(*columns, tables.tickets.c.account_id).join(tables.tickets)
        return self._between(
            query.where(tables.tickets.c.account_id.is_not(None)), tables.messages.c.sent_at, since, until
        )

    def readings(self, reader: str) -> Frame:
        readings = tables.message_readings
        return read_frame(self._engine, select(*readings.columns).where(readings.c.reader == reader))

    def reopenings(self, since: datetime | None = None, until: datetime | None = None) -> Frame:
        """`account_id, reopened_at`: when a linked ticket that was solved was opened again, in `(since, until]`."""
        event, ticket = tables.ticket_events.c, tables.tickets.c
        query = select(ticket.account_id, event.happened_at.label("reopened_at")).join(tables.tickets)
        again = (event.kind == "status", event.from_value.in_(_SOLVED), event.to_value.not_in(_SOLVED))
        return self._between(query.where(ticket.account_id.is_not(None), *again), event.happened_at, since, until)

    def backlog(self, since: datetime, until: datetime) -> Backlog:
        """The linked tickets that were open within a span, with their history."""
        return Backlog(self._engine, since, until)

    def onboarded(self, workflows: Sequence[str]) -> Frame:
        """`account_id, solved_at` of linked tickets of these workflows that were solved."""
        ticket = tables.tickets.c
        query = select(ticket.account_id, ticket.resolved_at.label("solved_at"))
        solved = (ticket.account_id.is_not(None), ticket.resolved_at.is_not(None), ticket.workflow.in_(workflows))
        return read_frame(self._engine, query.where(*solved))

    def payments(self) -> Frame:
        """Every state that each charge came into; `charge` names it beyond its source."""
        charge = nw.concat_str([nw.col("source"), nw.col("external_id")], separator="\x1f")
        return self._of_accounts(tables.payments).with_columns(charge=charge)

    def account_fields(self) -> Frame:
        return self._of_accounts(tables.account_fields)

    def first_used_on(self) -> date | None:
        """The first day of any account's use on record."""
        with self._engine.connect() as connection:
            first: date | None = connection.scalar(select(func.min(tables.usage_days.c.used_on)))
        return first

    def sentiments(self, reader: str) -> Frame:
        """What a sentiment reader read, by the team's calibration of it where one is in force."""
        return self.readings(CalibrationBook(self._engine).reader_in_force(reader))

    def evidence(self, reader: str, since: datetime, until: datetime) -> Frame | None:
        """What a reader found in messages sent in `(since, until]`; None: it has read nothing yet.

        `account_id, message_id, sent_at, kind, sentence`.
        """
        with self._engine.connect() as connection:
            if not has_read(connection, reader):
                return None
        found, message, ticket = tables.text_evidence.c, tables.messages.c, tables.tickets.c
        query = select(ticket.account_id, found.message_id, message.sent_at, found.kind, found.sentence)
        query = query.join(tables.messages, message.id == found.message_id)
        query = query.join(tables.tickets, ticket.id == message.ticket_id).where(found.reader == reader)
        return self._between(query.where(ticket.account_id.is_not(None)), message.sent_at, since, until)

    def unheard(self, reader: str, languages: Sequence[str], since: datetime, until: datetime) -> Frame:
        """`account_id, ticket_id, sent_at` of messages whose language is none of `languages`, as a reader was told."""
        read, message, ticket = tables.message_readings.c, tables.messages.c, tables.tickets.c
        query = select(ticket.account_id, message.ticket_id, message.sent_at)
        query = query.join(tables.messages, message.ticket_id == ticket.id)
        query = query.join(tables.message_readings, read.message_id == message.id)
        foreign = (read.reader == reader, read.language.not_in(languages), ticket.account_id.is_not(None))
        return self._between(query.where(*foreign), message.sent_at, since, until)

    def ticket_events(self) -> Frame:
        return table_frame(self._engine, tables.ticket_events)

    def surveys(self) -> Frame:
        return table_frame(self._engine, tables.surveys)

    def articles(self) -> Frame:
        return table_frame(self._engine, tables.articles, ["source", "external_id", "title", "url"])

    def article_views(self) -> Frame:
        return table_frame(self._engine, tables.article_views)

    def usage_days(self) -> Frame:
        return self._of_accounts(tables.usage_days)

    def touches(self) -> Frame:
        return self._of_accounts(tables.touches)

    def decisions(self) -> Frame:
        return table_frame(self._engine, tables.decisions)

    def escalations(self) -> Frame:
        return table_frame(self._engine, tables.escalations)

    def escalation_steps(self) -> Frame:
        return table_frame(self._engine, tables.escalation_steps)

    def solved_tickets(self, since: datetime, until: datetime) -> TicketReader:
        """All that is known of tickets that came to be solved in `(since, until]`."""
        return TicketReader(self._engine, solved_tickets(since, until))

    def predictions(self) -> Frame:
        """What learned models foretell of tickets, as `LearnedBook.predictions` tells it."""
        return LearnedBook(self._engine).predictions()

    def churn_models(self) -> list[LearnedModel]:
        """Every version that was learned of who leaves, the newest first."""
        return LearnedBook(self._engine).versions("churn")

    def sla_breaches(self) -> Frame:
        """`account_id, breached_at, source, ticket_ref, metric` of broken promises, also where the ticket is gone."""
        breach, ticket, refs = tables.sla_breaches.c, tables.tickets.c, account_refs()
        named = and_(ticket.source == breach.source, ticket.external_id == breach.ticket_ref)
        account = func.coalesce(ticket.account_id, refs.c.is_id).label("account_id")
        told = (breach.breached_at, breach.source, breach.ticket_ref, breach.metric)
        query = select(account, *told).outerjoin(tables.tickets, named)
        return read_frame(self._engine, query.outerjoin(refs, refs.c.own_ref == breach.account_ref))

    def sla_promised(self) -> Frame:
        """`account_id, since`: from when on an account has had a ticket with a target."""
        promised, ticket = tables.sla_assignments.c, tables.tickets.c
        named = and_(promised.source == ticket.source, promised.ticket_ref == ticket.external_id)
        first = func.min(promised.since).label("since")
        query = select(ticket.account_id, first).join(tables.sla_assignments, named).group_by(ticket.account_id)
        known = (promised.terms_hash.is_not(None), ticket.account_id.is_not(None))
        return read_frame(self._engine, query.where(*known))

    def _of_accounts(self, table: Table, *join: Any) -> Frame:
        query = of_accounts(table, account_refs(self.known_on))
        return read_frame(self._engine, query.join(*join) if join else query)

    def _between(
        self, query: Select[Any], at: ColumnElement[datetime], since: datetime | None, until: datetime | None
    ) -> Frame:
        if since is not None:
            query = query.where(at > since)
        if until is not None:
            query = query.where(at <= until)
        return read_frame(self._engine, query)


def _accounts() -> Select[Any]:
    accounts, refs = tables.accounts, account_refs()
    columns = [refs.c.ref.label(each.name) if each.name == "external_id" else each for each in accounts.columns]
    return select(*columns).join(refs, and_(refs.c.account_id == accounts.c.id, refs.c.is_id == accounts.c.id))
