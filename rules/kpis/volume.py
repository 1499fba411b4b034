"""Knows how many tickets came, went and stay open, and which of them were escalated."""

import narwhals as nw

from rules.kpis.cases import cases, not_before, stated, within
from rules.kpis.facts import Frame
from rules.kpis.windows import Window


def created(tickets: Frame, window: Window) -> Frame:
    """Tickets created in the window."""
    inside = tickets.filter(within("created_at", window.since, window.until))
    return cases(inside, ticket_id="id", state=nw.lit("counted"), began_at="created_at", at="created_at")


def escalated(tickets: Frame, window: Window) -> Frame:
    """Tickets created in the window; score 1: marked as escalated, as far as the helpdesk tells today."""
    inside = tickets.filter(within("created_at", window.since, window.until))
    told = stated(inside, unknown=nw.col("escalated").is_null(), counted=nw.lit(value=True))
    return cases(
        told, ticket_id="id", state="state", began_at="created_at", at="created_at",
        score=nw.col("escalated").cast(nw.Int64()),
    )  # fmt: skip


def closed(stretches: Frame, window: Window) -> Frame:
    """Each time that a ticket was resolved or merged in the window."""
    inside = stretches.filter(within("closed_at", window.since, window.until))
    return cases(
        inside, ticket_id="ticket_id", state=nw.lit("counted"), began_at="opened_at", at="closed_at",
        elapsed=(nw.col("closed_at") - nw.col("created_at")).dt.total_seconds(),
    )  # fmt: skip


def backlog(stretches: Frame, window: Window) -> Frame:
    """Tickets open at the window's end, with their age since creation; unknown: solved, and nobody knows when."""
    open_then = (nw.col("opened_at") < window.until) & not_before("closed_at", window.until)
    told = stated(stretches.filter(open_then), unknown=~nw.col("known"), counted=nw.lit(value=True))
    age = (nw.lit(window.until) - nw.col("created_at")).dt.total_seconds()
    return cases(
        told, ticket_id="ticket_id", state="state", began_at="created_at",
        elapsed=nw.when(nw.col("state") == "counted").then(age),
    )  # fmt: skip
