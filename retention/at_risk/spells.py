"""Knows when tickets were open, from their status histories."""

import narwhals as nw

from retention.ledger import Frame

_DONE = ("solved", "closed")


def open_spells(tickets: Frame, events: Frame) -> Frame:
    """account_id, ticket_id, since, until (null: it goes on): the stretches in which tickets were not solved.

    `tickets` and `events` are those of `storage.histories`. A ticket is open from its creation, and then as its status
    events say; one without any is open until it was resolved. So a ticket that was reopened later counts as solved in
    between, as it did then.
    """
    linked = tickets.filter(~nw.col("account_id").is_null())
    ours = linked.select("account_id", "created_at", "resolved_at", ticket_id="id")
    told = events.filter(nw.col("kind") == "status").select("ticket_id", "to_value", "id", at="happened_at")
    told = told.join(ours.select("ticket_id", "account_id"), on="ticket_id", how="inner")
    by_time = nw.col("at").shift(-1).over("ticket_id", order_by=["at", "id"])
    changes = told.with_columns(until=by_time)
    reopened = changes.filter(~nw.col("to_value").is_in(_DONE)).select("account_id", "ticket_id", "until", since="at")
    first = told.group_by("ticket_id").agg(first_at=nw.col("at").min())
    begun = ours.join(first, on="ticket_id", how="left").select(
        "account_id", "ticket_id", until=nw.coalesce("first_at", "resolved_at"), since="created_at"
    )
    spells = nw.concat([frame.select("account_id", "ticket_id", "since", "until") for frame in (begun, reopened)])
    return spells.filter(nw.col("until").is_null() | (nw.col("until") > nw.col("since")))
