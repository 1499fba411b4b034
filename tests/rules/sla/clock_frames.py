"""Tickets of the stopwatches as the frames that all clocks are read from."""

from collections.abc import Sequence
from random import Random
from typing import Any

import narwhals as nw
import polars as pl

from rules.sla.given import given_terms
from rules.sla.histories import TicketHistories
from rules.sla.terms import Terms
from tests.rules.sla.ticks import Ticket, moment

_MOMENT = pl.Datetime("us", "UTC")
SCHEMAS: dict[str, dict[str, Any]] = {
    "tickets": {
        "id": pl.Int64, "created_at": _MOMENT, "status": pl.String, "priority": pl.String,
        "first_replied_at": _MOMENT, "resolved_at": _MOMENT,
    },
    "messages": {
        "id": pl.Int64, "ticket_id": pl.Int64, "author_kind": pl.String, "public": pl.Boolean,
        "impactful": pl.Boolean, "sent_at": _MOMENT,
    },
    "events": {
        "id": pl.Int64, "ticket_id": pl.Int64, "kind": pl.String, "from_value": pl.String, "to_value": pl.String,
        "happened_at": _MOMENT,
    },
    "outreach": {"ticket_id": pl.Int64, "happened_at": _MOMENT},
    "assignments": {"ticket_id": pl.Int64, "since": _MOMENT, "terms": pl.String},
}  # fmt: skip


def rows(tickets: Sequence[Ticket]) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of all frames; a ticket's id is its place, counted from 1, and ids rise in the order of each list."""
    found: dict[str, list[tuple[Any, ...]]] = {name: [] for name in SCHEMAS}
    for number, ticket in enumerate(tickets, start=1):
        first, last = (None if tick is None else moment(tick) for tick in (ticket.first_replied, ticket.resolved))
        found["tickets"].append((number, moment(ticket.created), ticket.status, ticket.priority, first, last))
        for tick, who, public, impactful in ticket.said:
            found["messages"].append((len(found["messages"]), number, who, public, impactful, moment(tick)))
        for tick, kind, before, after in ticket.changed:
            found["events"].append((len(found["events"]), number, kind, before, after, moment(tick)))
        found["outreach"] += [(number, moment(tick)) for tick in ticket.outreach if tick >= ticket.created]
        for place, (since, _) in enumerate(ticket.promises):
            at = since if place else min(since, ticket.created)
            found["assignments"].append((number, moment(at), promised(ticket)[place].content_hash))
    return found


def promised(ticket: Ticket) -> list[Terms]:
    """The terms of a ticket, in the order of time."""
    return [each.terms for each in given_terms(ticket.terms())]


def terms_of(tickets: Sequence[Ticket]) -> dict[str, Terms]:
    """All terms by their hash."""
    return {terms.content_hash: terms for ticket in tickets for terms in promised(ticket)}


def histories(tickets: Sequence[Ticket], shuffled: Random | None = None) -> TicketHistories:
    """The frames, in any order of their rows."""
    frames = {}
    for name, found in rows(tickets).items():
        if shuffled:
            shuffled.shuffle(found)
        frames[name] = nw.from_native(pl.DataFrame(found, schema=SCHEMAS[name], orient="row").lazy())
    return TicketHistories(**frames)
