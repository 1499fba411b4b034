"""Knows how often a ticket came back and changed hands."""

import narwhals as nw

from rules.signals.clock import Clock
from rules.signals.signal import Signal
from rules.signals.ticket_facts import Rows, TicketFacts

_NO_HISTORY = "the ticket's source tells no history"
_SOLVED = ("solved", "closed")
_HANDS = ("assignee", "team")

SIGNALS = (
    Signal(
        name="ticket_reopenings", kind="number", unit="times", noun="reopenings of the ticket",
        meaning="How often the ticket was opened again after it was solved.", unknown_when=_NO_HISTORY,
        phrase=lambda shown: f"reopened {shown.count('ticket_reopenings', 'time')}",
    ),
    Signal(
        name="ticket_handoffs", kind="number", unit="times", noun="hand-offs of the ticket",
        meaning="How often one assignee or team gave the ticket to another.", unknown_when=_NO_HISTORY,
        phrase=lambda shown: f"handed on {shown.count('ticket_handoffs', 'time')}",
    ),
)  # fmt: skip


def history(facts: TicketFacts, tickets: Rows, clock: Clock) -> Rows:
    """ticket_id, ticket_reopenings, ticket_handoffs (Int64); no row for tickets of sources that tell no history."""
    known = facts.events.filter(clock.known("happened_at"))
    telling = facts.tickets.join(known, on="ticket_id", how="semi")
    told = tickets.filter(nw.col("source").is_in(telling["source"].unique().to_list())).select("ticket_id")
    happened = known.join(tickets, on="ticket_id", how="semi")
    before, after = nw.col("from_value"), nw.col("to_value")
    again = (nw.col("kind") == "status") & before.is_in(_SOLVED) & ~after.is_in(_SOLVED)
    other = ~before.is_null() & ~after.is_null() & (before != after)
    handed = happened.filter(nw.col("kind").is_in(_HANDS) & other).unique(["ticket_id", "happened_at"])
    counted = happened.group_by("ticket_id").agg(
        again.fill_null(value=False).cast(nw.Int64).sum().alias("ticket_reopenings")
    )
    handoffs = handed.group_by("ticket_id").agg(nw.len().cast(nw.Int64).alias("ticket_handoffs"))
    whole = told.join(counted, on="ticket_id", how="left").join(handoffs, on="ticket_id", how="left")
    return whole.with_columns(nw.col("ticket_reopenings", "ticket_handoffs").fill_null(0))
