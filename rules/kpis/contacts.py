"""Knows which tickets were resolved at the first contact, and which came back."""

from datetime import timedelta

import narwhals as nw

from rules.kpis.cases import cases, stated, within
from rules.kpis.facts import Frame, KpiFacts, Results
from rules.kpis.windows import Window

_MOST_REPLIES = 1


def contacts(facts: KpiFacts, stretches: Results) -> Results:
    """One row per ticket that was resolved at least once; a merged ticket was not resolved.

    ticket_id, created_at, resolved_at (the first time), reopened_at (null: not, or not known), history; until then,
    null where no message of the ticket is known: replies (public messages of agents), words (all of theirs), bots
    (public ones of bots)
    """
    first = stretches.filter(nw.col("place") == 1, ~nw.col("closed_at").is_null(), ~nw.col("merged"))
    again = stretches.filter(nw.col("place") == 2).select("ticket_id", reopened_at="opened_at")
    resolved = first.select("ticket_id", "created_at", "history", resolved_at="closed_at")
    said = facts.messages.filter(nw.col("sent_at") <= facts.as_of).select(
        "ticket_id",
        "sent_at",
        replies=(nw.col("author_kind") == "agent") & nw.col("public"),
        words=nw.col("author_kind") == "agent",
        bots=(nw.col("author_kind") == "bot") & nw.col("public"),
    )
    ends = resolved.lazy(said.implementation).select("ticket_id", "resolved_at")
    before = nw.col("sent_at") <= nw.col("resolved_at")
    counted = said.join(ends, on="ticket_id", how="inner").group_by("ticket_id").agg(
        (nw.col(name) & before).sum().alias(name) for name in ("replies", "words", "bots")
    )  # fmt: skip
    return resolved.join(again, on="ticket_id", how="left").join(counted.collect(), on="ticket_id", how="left")


def first_contacts(found: Frame, facts: KpiFacts, days: int, window: Window) -> Frame:
    """Tickets first resolved in the window; score 1: with at most one reply, and not reopened within `days` days."""
    once = (nw.col("replies") <= _MOST_REPLIES) & ~is_back(days)
    unknown = (nw.col("history") == "summary") | nw.col("replies").is_null()
    return of_resolved(found, facts, days, window, unknown, once)


def reopened(found: Frame, facts: KpiFacts, days: int, window: Window) -> Frame:
    """Tickets first resolved in the window; score 1: opened again within `days` days."""
    return of_resolved(found, facts, days, window, nw.col("history") == "summary", is_back(days))


def is_back(days: int) -> nw.Expr:
    """Whether a resolved ticket was opened again within so many days."""
    in_time = nw.col("reopened_at") - nw.col("resolved_at") <= timedelta(days=days)
    return in_time.fill_null(value=False)


def of_resolved(found: Frame, facts: KpiFacts, days: int, window: Window, unknown: nw.Expr, scored: nw.Expr) -> Frame:
    """Tickets first resolved in the window, undecided until their days are over; `scored`: whether it is a yes."""
    inside = found.filter(within("resolved_at", window.since, window.until))
    # A ticket that came back early is known early: counting it before the others' days are over would be a bias.
    early = nw.col("resolved_at") > facts.as_of - timedelta(days=days)
    told = stated(inside, unknown=unknown, pending=early, counted=nw.lit(value=True))
    score = nw.when(nw.col("state") == "counted").then(scored.cast(nw.Int64()))
    return cases(
        told, ticket_id="ticket_id", state="state", began_at="created_at", at="resolved_at", score=score,
        elapsed=(nw.col("resolved_at") - nw.col("created_at")).dt.total_seconds(),
    )  # fmt: skip
