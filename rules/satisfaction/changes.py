"""Knows what happened to a ticket on its way: reopenings, hand-offs, other channels, escalations, broken promises."""

from typing import get_args

import narwhals as nw

from domain.tickets import Priority
from rules.satisfaction.cases import OVER
from rules.satisfaction.facts import Frame, TicketFacts, TicketHistory

_KIND, _FROM, _TO = nw.col("kind"), nw.col("from_value"), nw.col("to_value")
_TRUE = ("true", "1", "yes")


def changes(cases: Frame, facts: TicketHistory) -> Frame:
    """case, reopenings, handoffs, channel_switches, escalated, priority_raised; no row for a ticket without a history.

    A hand-off is a moment at which an assignee or a team gave way to another.
    """
    keys = cases.select("case", "ticket_id", "seen_at")
    known = keys.join(facts.events, on="ticket_id", how="inner").filter(nw.col("happened_at") <= nw.col("seen_at"))
    other = (~_FROM.is_null() & ~_TO.is_null() & (_FROM != _TO)).fill_null(value=False)
    handed = known.filter(_KIND.is_in(("assignee", "team")), other).unique(["case", "happened_at"])
    handoffs = handed.group_by("case").agg(nw.len().cast(nw.Int64).alias("handoffs"))
    reopened = (_KIND == "status") & _FROM.is_in(OVER) & ~_TO.is_in(OVER)
    escalated = (_KIND == "escalated") & _TO.str.to_lowercase().is_in(_TRUE)
    raised = (_KIND == "priority") & other & (_rank(_TO) > _rank(_FROM))
    counted = known.group_by("case").agg(
        _count(reopened).alias("reopenings"),
        _count((_KIND == "channel") & other).alias("channel_switches"),
        _count(escalated).clip(upper_bound=1).alias("escalated"),
        _count(raised).clip(upper_bound=1).alias("priority_raised"),
    )
    whole = counted.join(handoffs, on="case", how="left")
    return whole.with_columns(nw.col("handoffs").fill_null(0))


def broken_promises(cases: Frame, facts: TicketFacts) -> Frame:
    """case, breaches; no row for a ticket that nothing was promised for."""
    keys = cases.select("case", "ticket_id", "seen_at")
    promised = keys.join(facts.promised, on="ticket_id", how="inner").filter(nw.col("since") <= nw.col("seen_at"))
    broken = keys.join(facts.breaches, on="ticket_id", how="inner").filter(
        nw.col("breached_at") <= nw.col("seen_at")
    )  # fmt: skip
    both = nw.concat([
        promised.select("case", breaches=nw.lit(0, nw.Int64)), broken.select("case", breaches=nw.lit(1, nw.Int64)),
    ])  # fmt: skip
    return both.group_by("case").agg(nw.col("breaches").sum())


def _count(says: nw.Expr) -> nw.Expr:
    return says.fill_null(value=False).sum().cast(nw.Int64)


def _rank(priority: nw.Expr) -> nw.Expr:
    """0 for the lowest; a word that is no priority has none."""
    ranks: nw.Expr = nw.lit(None, dtype=nw.Int64)
    for rank, word in enumerate(get_args(Priority)):
        ranks = nw.when(priority.str.to_lowercase() == word).then(nw.lit(rank, nw.Int64)).otherwise(ranks)
    return ranks
