"""Knows when a ticket was open: the stretches of its life between creation, resolutions and reopenings."""

import narwhals as nw

from rules.kpis.facts import SOLVED, KpiFacts, Results

_MERGED = "merged"
# Of rows that are sorted by ticket; a window function a ticket takes ten times as long.
_SAME_BEFORE = (nw.col("ticket_id") == nw.col("ticket_id").shift(1)).fill_null(value=False)
_SAME_AFTER = (nw.col("ticket_id") == nw.col("ticket_id").shift(-1)).fill_null(value=False)


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
    changes = _changes(tickets, events).sort("ticket_id", "moment", "order")
    turns = changes.filter(~_SAME_BEFORE | (nw.col("is_open") != nw.col("is_open").shift(1)))
    spans = turns.with_columns(
        closed_at=nw.when(_SAME_AFTER).then(nw.col("moment").shift(-1)),
        ended_by_merging=nw.when(_SAME_AFTER).then(nw.col("merged").shift(-1)),
    ).filter(nw.col("is_open"))
    rows = spans.with_row_index("_row").with_columns(_row=nw.col("_row").cast(nw.Int64))
    first = nw.when(~_SAME_BEFORE).then(nw.col("_row")).fill_null(strategy="forward")
    return rows.select(
        "ticket_id", (nw.col("_row") - first + 1).alias("place"), "created_at", nw.col("moment").alias("opened_at"),
        "closed_at", nw.col("ended_by_merging").fill_null(value=False).alias("merged"),
        nw.lit("events").alias("history"), nw.lit(value=True).alias("known"),
    )  # fmt: skip


def _changes(tickets: Results, events: Results) -> Results:
    """Each ticket's beginning and each of its status events: ticket_id, created_at, moment, order, is_open, merged."""
    known = events.join(tickets.select("ticket_id", "created_at"), on="ticket_id", how="inner").with_columns(
        moment=nw.max_horizontal("happened_at", "created_at"),
        order=nw.col("id"),
        merged=nw.col("kind") == _MERGED,
    )
    ends = known.filter(nw.col("merged")).group_by("ticket_id").agg(nw.col("moment").min().alias("end"))
    # What was merged is closed for good.
    ever = known.join(ends, on="ticket_id", how="left")
    living = ever.filter(nw.col("end").is_null() | (nw.col("moment") <= nw.col("end")))
    is_solved = nw.col("merged") | nw.col("to_value").is_in(SOLVED).fill_null(value=False)
    is_end = (nw.col("moment") == nw.col("end")).fill_null(value=False)
    # What else bears the moment of the merge belongs to it.
    living = living.with_columns(is_open=~(is_solved | is_end), merged=is_end).sort("ticket_id", "moment", "order")
    was_open = (nw.col("kind") == _MERGED) | ~nw.col("from_value").is_in(SOLVED).fill_null(value=False)
    beginnings = living.filter(~_SAME_BEFORE).with_columns(
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
