"""Hands out a span's tickets with the issue that each is about, whose they are, and how often agents wrote in them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, and_, func, select

from domain.tickets import TicketStatus
from storage import tables
from storage.account_refs import account_refs


@dataclass(frozen=True)
class IssueTicket:
    """A ticket and what it is about: no issue, label or terms where that is unknown, no account where nobody's.

    `replies` counts agents' public messages.
    """

    ticket_id: int
    source: str
    external_id: str
    account_id: int | None
    subject: str
    tags: tuple[str, ...]
    status: TicketStatus
    created_at: datetime
    resolved_at: datetime | None
    issue_id: str | None
    label: str | None
    terms: tuple[str, ...]
    replies: int


def issue_tickets(engine: Engine, since: datetime, until: datetime) -> list[IssueTicket]:
    """The tickets created in `(since, until]`, oldest first; each with the issue that it was placed in last."""
    ticket, refs = tables.tickets.c, account_refs()
    within = (ticket.created_at > since, ticket.created_at <= until)
    names = ("source", "external_id", "subject", "tags", "status", "created_at", "resolved_at")
    query = (
        select(ticket.id, refs.c.is_id, *(ticket[name] for name in names))
        .outerjoin(refs, refs.c.account_id == ticket.account_id)
        .where(*within)
        .order_by(ticket.created_at, ticket.id)
    )
    placed, issue, message = tables.ticket_issues.c, tables.issues.c, tables.messages.c
    about = (
        select(placed.ticket_id, issue.issue_id, issue.label, issue.terms)
        .join(tables.issues, issue.issue_id == placed.issue_id)
        .join(tables.tickets, ticket.id == placed.ticket_id)
        .where(*within)
        .order_by(placed.placed_at, placed.reader)
    )
    by_agents = and_(message.author_kind == "agent", message.public, message.sent_at <= until)
    answered = (
        select(message.ticket_id, func.count().label("replies"))
        .join(tables.tickets, ticket.id == message.ticket_id)
        .where(*within, by_agents)
        .group_by(message.ticket_id)
    )
    with engine.connect() as connection:
        issues = {row.ticket_id: row for row in connection.execute(about)}
        replies = {row.ticket_id: row.replies for row in connection.execute(answered)}
        rows = connection.execute(query).all()
    found = []
    for row in rows:
        its = issues.get(row.id)
        found.append(
            IssueTicket(
                ticket_id=row.id,
                source=row.source,
                external_id=row.external_id,
                account_id=row.is_id,
                subject=row.subject,
                tags=tuple(row.tags),
                status=row.status,
                created_at=row.created_at,
                resolved_at=row.resolved_at,
                issue_id=its.issue_id if its else None,
                label=its.label if its else None,
                terms=tuple(its.terms) if its else (),
                replies=replies.get(row.id, 0),
            )
        )
    return found
