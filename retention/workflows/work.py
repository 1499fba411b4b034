"""Knows how much work the tickets of each workflow make, and what happened in them, in any stretch of time."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

import narwhals as nw

from domain.effect_conventions import WorkflowConventions
from retention.fx import RateTable
from retention.ledger import Frame
from retention.reasons.paths import UNKNOWN_WORKFLOW


@dataclass(frozen=True)
class WorkFacts:
    """What workflows are judged by, as storage hands it out; nothing after `as_of`.

    tickets, messages (without text), readings (of one reader), touches and escalations are tables; changes and breaches
    are as in `retention.reasons.paths.PathFacts`. `minutes_per_touch` is by kind of touch.
    """

    as_of: datetime
    accounts: Frame
    tickets: Frame
    messages: Frame
    readings: Frame
    changes: Frame
    breaches: Frame
    touches: Frame
    escalations: Frame
    rates: RateTable
    minutes_per_touch: Mapping[str, Decimal] = field(default_factory=dict)
    conventions: WorkflowConventions = field(default_factory=WorkflowConventions)


def tickets_of(facts: WorkFacts) -> Frame:
    """ticket_id, account_id, ref, subject, tags, workflow (never null), created_at of the tickets up to `as_of`."""
    return facts.tickets.filter(nw.col("created_at") <= facts.as_of).select(
        "account_id", "subject", "tags", "created_at", ticket_id="id", ref="external_id",
        workflow=nw.col("workflow").fill_null(UNKNOWN_WORKFLOW),
    )  # fmt: skip


def happenings(facts: WorkFacts) -> Frame:
    """All that is counted: workflow, at, what (ticket, reply, breach, reopened, mood), amount (1, or the reading)."""
    tickets = tickets_of(facts)
    of_ticket = tickets.select("ticket_id", "workflow")
    reopened = facts.changes.filter(nw.col("kind") == "status").with_columns(at=nw.col("happened_at"))
    spoken = facts.messages.filter(nw.col("public")).with_columns(at=nw.col("sent_at"))
    replies = spoken.filter(nw.col("author_kind") == "agent")
    read = facts.readings.filter(~nw.col("sentiment").is_null()).select("message_id", amount="sentiment")
    customers = spoken.filter(nw.col("author_kind") == "customer").select("ticket_id", "at", message_id="id")
    moods = customers.join(read, on="message_id", how="inner")
    found = [
        _counted(tickets.with_columns(at=nw.col("created_at")), "ticket"),
        _counted(replies.join(of_ticket, on="ticket_id", how="inner"), "reply"),
        _counted(facts.breaches.with_columns(at=nw.col("breached_at")).join(of_ticket, on="ticket_id"), "breach"),
        _counted(reopened.join(of_ticket, on="ticket_id", how="inner"), "reopened"),
        moods.join(of_ticket, on="ticket_id", how="inner").select(
            "workflow", "at", what=nw.lit("mood"), amount=nw.col("amount").cast(nw.Float64)
        ),
    ]
    return nw.concat(found).filter(nw.col("at") <= facts.as_of)


def _counted(rows: Frame, what: str) -> Frame:
    return rows.select("workflow", "at", what=nw.lit(what), amount=nw.lit(1.0))


def hours_of(replies: float, minutes_per_reply: Decimal) -> Decimal:
    """The agents' hours that are in so many replies."""
    return (Decimal(replies) * minutes_per_reply / 60).quantize(Decimal("0.1"))
