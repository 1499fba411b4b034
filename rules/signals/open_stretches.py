"""Knows when each ticket was open, and with which priority: read from its history, worked out once for all moments."""

import narwhals as nw

from rules.signals.facts import Frame

_OVER = ("solved", "closed")
# After everything else that happened at the same moment.
_LAST = 1 << 62


def open_stretches(tickets: Frame, events: Frame) -> Frame:
    """The stretches `[since, until)` in which tickets were open, cut at each change of their status or priority.

    A row: ticket_id, account_id, created_at, since, until (null: still), priority (null: none), reopened (it begins
    with a solved ticket being opened again), solved (it ends with the ticket being solved), told_at (when the ticket's
    first change of status is on record; null: none is).

    `tickets` has id, account_id, status, priority, created_at, resolved_at; `events` has id, ticket_id, kind (`status`,
    `priority`), from_value, to_value, happened_at. Without any event of its status a ticket is open until it was
    resolved; without that too, as long as its status says so. Solving that its events forgot is told by the ticket.
    """
    status = events.filter(nw.col("kind") == "status")
    urgency = events.filter(nw.col("kind") == "priority")
    known = tickets.rename({"id": "ticket_id"})
    for found in (_first(status, "_status"), _first(urgency, "_priority"), _last(status)):
        known = known.join(found, on="ticket_id", how="left")
    known = known.with_columns(told_at=nw.col("_status_at"))
    rows = nw.concat([_beginnings(known), _changes(status, urgency), _untold_solvings(known)])
    filled = _filled(rows)
    told = known.select("ticket_id", "account_id", "created_at", "told_at")
    return told.join(filled, on="ticket_id", how="inner")


def _first(events: Frame, name: str) -> Frame:
    """ticket_id, what the ticket's first such event found ({name}), when it happened ({name}_at)."""
    place = nw.col("id") == nw.col("id").min().over("ticket_id", "happened_at")
    first = events.filter(nw.col("happened_at") == nw.col("happened_at").min().over("ticket_id")).filter(place)
    return first.select(
        "ticket_id", nw.col("from_value").alias(name), nw.col("happened_at").alias(f"{name}_at"),
        nw.lit(True).alias(f"{name}_told"),
    )  # fmt: skip


def _last(status: Frame) -> Frame:
    """ticket_id, _last, _last_at: to what and when the ticket's status changed for the last time."""
    newest = status.filter(nw.col("happened_at") == nw.col("happened_at").max().over("ticket_id"))
    last = newest.filter(nw.col("id") == nw.col("id").max().over("ticket_id"))
    return last.select("ticket_id", nw.col("to_value").alias("_last"), nw.col("happened_at").alias("_last_at"))


def _beginnings(known: Frame) -> Frame:
    """The state in which each ticket was created."""
    is_over = nw.col("status").is_in(_OVER) & nw.col("resolved_at").is_null()
    untold = nw.when(is_over).then(nw.lit("solved")).otherwise(nw.lit("open"))
    status = nw.when(nw.col("_status_told").fill_null(False)).then(nw.col("_status").fill_null("new")).otherwise(untold)
    priority = (
        nw.when(nw.col("_priority_told").fill_null(False)).then(nw.col("_priority")).otherwise(nw.col("priority"))
    )
    return known.select(
        "ticket_id", nw.col("created_at").alias("since"), nw.lit(-_LAST).alias("place"), status.alias("_status"),
        priority.fill_null("").alias("_priority"),
    )  # fmt: skip


def _changes(status: Frame, urgency: Frame) -> Frame:
    columns = ("ticket_id", nw.col("happened_at").alias("since"), nw.col("id").alias("place"))
    nothing = nw.lit(None, dtype=nw.String)
    return nw.concat([
        status.select(*columns, _status=nw.col("to_value").fill_null("open"), _priority=nothing),
        urgency.select(*columns, _status=nothing, _priority=nw.col("to_value").fill_null("")),
    ])  # fmt: skip


def _untold_solvings(known: Frame) -> Frame:
    """Solvings that the ticket itself tells of, later than any of its events."""
    open_last = nw.col("_last").is_null() | ~nw.col("_last").is_in(_OVER)
    later = nw.col("_last_at").is_null() | (nw.col("resolved_at") > nw.col("_last_at"))
    forgotten = known.filter(nw.col("status").is_in(_OVER), ~nw.col("resolved_at").is_null(), open_last, later)
    return forgotten.select(
        "ticket_id", nw.col("resolved_at").alias("since"), nw.lit(_LAST).alias("place"),
        nw.lit("solved").alias("_status"), nw.lit(None, dtype=nw.String).alias("_priority"),
    )  # fmt: skip


def _filled(rows: Frame) -> Frame:
    """Each open stretch with the state that lasts through it: from one change to the next."""
    order = ("since", "place")
    lasting = rows.with_columns(
        nw.col("_status", "_priority").fill_null(strategy="forward").over("ticket_id", order_by=order)
    ).with_columns(_open=~nw.col("_status").is_in(_OVER))
    beside = lasting.with_columns(
        until=nw.col("since").shift(-1).over("ticket_id", order_by=order),
        _was_open=nw.col("_open").shift(1).over("ticket_id", order_by=order),
        _stays_open=nw.col("_open").shift(-1).over("ticket_id", order_by=order),
    )
    return beside.filter(nw.col("_open")).select(
        "ticket_id", "since", "until",
        nw.when(nw.col("_priority") != "").then(nw.col("_priority")).alias("priority"),
        reopened=~nw.col("_was_open").fill_null(True), solved=~nw.col("_stays_open").fill_null(True),
    )  # fmt: skip
