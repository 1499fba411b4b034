"""Knows what a ticket is at a moment by its history: its status, priority, team, assignee, and whether it is escalated.

A field has the value that the last change by then gave it; before the first change the one that the change found; where
no change is known, the ticket's own.
"""

from typing import get_args

import narwhals as nw

from domain.tickets import TicketStatus
from rules.signals.clock import Clock
from rules.signals.signal import Signal
from rules.signals.ticket_facts import Rows, TicketFacts

KINDS = ("status", "priority", "team", "assignee", "escalated")
_SOLVED = ("solved", "closed")
_YES = ("true", "1", "yes")
_ORDER = ("happened_at", "id")

SIGNALS = (
    Signal(
        name="status", kind="text", unit="", noun="status",
        meaning="The ticket's status: new, open, pending (waiting for the customer) or on_hold (waiting for others).",
        unknown_when="never; where no history is told it is the status that the helpdesk gives now",
        phrase=lambda shown: f"status {shown.number('status')}", words=get_args(TicketStatus),
    ),
    Signal(
        name="assignee", kind="text", unit="", noun="assignee", meaning="Who has the ticket, in the helpdesk's words.",
        unknown_when="nobody has it", phrase=lambda shown: f"assigned to {shown.number('assignee')}",
    ),
    Signal(
        name="escalated", kind="text", unit="", noun="escalated", words=("yes", "no"),
        meaning="Whether the helpdesk marks the ticket as escalated.", unknown_when="the helpdesk does not say",
        phrase=lambda shown: "escalated" if shown.values.get("escalated") == "yes" else "not escalated",
    ),
)  # fmt: skip


def open_tickets(facts: TicketFacts, clock: Clock) -> Rows:
    """The rows of `facts.tickets` that are neither solved, closed nor merged at the moment, each as it was by then."""
    known = facts.tickets.filter(clock.known("created_at"))
    status = _of_kind(facts.events, known, "status", clock)
    # Without a history of its status a ticket that was solved later had been open.
    later = nw.col("_own").is_in(_SOLVED) & (nw.col("resolved_at") > clock.as_of).fill_null(value=False)
    own = nw.when(later).then(nw.lit("open")).otherwise(nw.col("_own"))
    stood = known.join(status, on="ticket_id", how="left").with_columns(_own=nw.col("status"))
    stood = stood.with_columns(status=nw.when(nw.col("_told").is_null()).then(own).otherwise(nw.col("_status")))
    merged = facts.events.filter(nw.col("kind") == "merged", clock.known("happened_at")).select("ticket_id")
    alive = stood.filter(~nw.col("status").fill_null("open").is_in(_SOLVED)).join(merged, on="ticket_id", how="anti")
    alive = alive.drop("_own", "_status", "_told").with_columns(nw.col("status").fill_null("open"))
    events = facts.events.join(alive, on="ticket_id", how="semi")
    for kind in KINDS[1:]:
        alive = _with(alive, _of_kind(events, alive, kind, clock), kind)
    return alive


def escalated_word(column: str = "escalated") -> nw.Expr:
    """`yes`, `no` or unknown, of a flag as text."""
    said = nw.col(column).cast(nw.String).str.to_lowercase()
    word = nw.when(said.is_in(_YES)).then(nw.lit("yes")).otherwise(nw.lit("no"))
    return nw.when(~said.is_null()).then(word).alias(column)


def _with(tickets: Rows, told: Rows, kind: str) -> Rows:
    own = nw.col(kind).cast(nw.String)
    joined = tickets.join(told, on="ticket_id", how="left")
    value = nw.when(nw.col("_told").is_null()).then(own).otherwise(nw.col(f"_{kind}"))
    return joined.with_columns(value.alias(kind)).drop(f"_{kind}", "_told")


def _of_kind(events: Rows, tickets: Rows, kind: str, clock: Clock) -> Rows:
    """ticket_id, `_kind` and _told (true), of the tickets with a change of that kind, earlier or later."""
    changes = events.filter(nw.col("kind") == kind).join(tickets.select("ticket_id"), on="ticket_id", how="semi")
    changes = changes.sort(*_ORDER)
    by_then = changes.filter(clock.known("happened_at")).unique("ticket_id", keep="last", maintain_order=True)
    later = changes.filter(~clock.known("happened_at")).unique("ticket_id", keep="first", maintain_order=True)
    later = later.join(by_then, on="ticket_id", how="anti")
    told = nw.concat([
        by_then.select("ticket_id", nw.col("to_value").alias(f"_{kind}")),
        later.select("ticket_id", nw.col("from_value").alias(f"_{kind}")),
    ])  # fmt: skip
    return told.with_columns(_told=nw.lit(value=True))
