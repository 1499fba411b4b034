"""Knows when a ticket was open: the stretches of its life between creation, resolutions and reopenings."""

import narwhals as nw

from rules.kpis.facts import SOLVED, KpiFacts, Results

_MERGED = "merged"


def stretches(facts: KpiFacts) -> Results:
    """One row per stretch in which a ticket was open, sorted by ticket and time, as known at `facts.as_of`.

    * ticket_id, place (from 1), created_at
    * opened_at; closed_at: null while open, or where the moment is not known
    * merged: it ended because the ticket became a part of another one
    * history: `events`, or `summary` where the ticket has no status events and only `resolved_at` tells
    * known: false for a ticket that is solved without a moment; its one stretch has an end that nobody knows
    """
    tickets = facts.tickets.filter(nw.col("created_at") <= facts.as_of).select(
        "created_at", "status", "resolved_at", ticket_id="id"
    )
    events = facts.events.filter(
        nw.col("kind").is_in(["status", _MERGED]) & (nw.col("happened_at") <= facts.as_of)
    ).collect()  # fmt: skip
    all_tickets = tickets.collect()
    told = _told(all_tickets, events)
    return nw.concat([told, _summarised(all_tickets, events, facts)]).sort("ticket_id", "place")


def _told(tickets: Results, events: Results) -> Results:
    """The stretches of the tickets that have a history."""
    changes = _changes(tickets, events)
    before = nw.col("is_open").shift(1).over("ticket_id", order_by=["moment", "order"])
    turns = changes.filter(before.is_null() | (before != nw.col("is_open")))
    ended = nw.col("moment").shift(-1).over("ticket_id", order_by=["moment", "order"])
    how = nw.col("merged").shift(-1).over("ticket_id", order_by=["moment", "order"])
    spans = turns.with_columns(closed_at=ended, ended_by_merging=how).filter(nw.col("is_open"))
    place = nw.col("moment").cum_count().over("ticket_id", order_by="moment").cast(nw.Int64())
    return spans.select(
        "ticket_id", place.alias("place"), "created_at", nw.col("moment").alias("opened_at"), "closed_at",
        nw.col("ended_by_merging").fill_null(value=False).alias("merged"), nw.lit("events").alias("history"),
        nw.lit(value=True).alias("known"),
    )  # fmt: skip


def _changes(tickets: Results, events: Results) -> Results:
    """Each ticket's beginning and each of its status events: ticket_id, created_at, moment, order, is_open, merged."""
    known = events.join(tickets.select("ticket_id", "created_at"), on="ticket_id", how="inner").with_columns(
        moment=nw.max_horizontal("happened_at", "created_at"),
        order=nw.col("id"),
        merged=nw.col("kind") == _MERGED,
    )
    first_merged = nw.when(nw.col("merged")).then(nw.col("moment")).min().over("ticket_id")
    # What was merged is closed for good.
    living = known.with_columns(end=first_merged).filter(nw.col("end").is_null() | (nw.col("moment") <= nw.col("end")))
    living = living.with_columns(
        is_open=nw.when(nw.col("merged") | (nw.col("moment") == nw.col("end")).fill_null(value=False))
        .then(nw.lit(value=False))
        .otherwise(~nw.col("to_value").is_in(SOLVED).fill_null(value=False))
    )
    first = living.sort("ticket_id", "moment", "order").unique("ticket_id", keep="first", maintain_order=True)
    was_open = nw.col("merged") | ~nw.col("from_value").is_in(SOLVED).fill_null(value=False)
    beginnings = first.with_columns(
        moment=nw.col("created_at"), order=nw.lit(-1, dtype=nw.Int64()), is_open=was_open,
        merged=nw.lit(value=False),
    )  # fmt: skip
    columns = ("ticket_id", "created_at", "moment", "order", "is_open", "merged")
    return nw.concat([beginnings.select(*columns), living.select(*columns)])


def _summarised(tickets: Results, events: Results, facts: KpiFacts) -> Results:
    """One stretch for each ticket without a history: from its creation to `resolved_at`, if that has come."""
    alone = tickets.join(events.select("ticket_id").unique(), on="ticket_id", how="anti")
    unknown_end = nw.col("status").is_in(SOLVED) & nw.col("resolved_at").is_null()
    over = (nw.col("resolved_at") <= facts.as_of).fill_null(value=False)
    ended = nw.max_horizontal("resolved_at", "created_at")
    return alone.select(
        "ticket_id", nw.lit(1, dtype=nw.Int64()).alias("place"), "created_at",
        nw.col("created_at").alias("opened_at"), nw.when(over).then(ended).alias("closed_at"),
        nw.lit(value=False).alias("merged"), nw.lit("summary").alias("history"), (~unknown_end).alias("known"),
    )  # fmt: skip
