"""Knows how histories become sorted arrays, and how these are worked through some tickets at a time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, get_args

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from domain.tickets import TicketStatus
from rules.sla.histories import Frame, TicketHistories
from rules.sla.ragged import NEVER, Happened
from rules.sla.terms import PRIORITIES
from rules.sla.zones import Ints, micros

STATUSES: tuple[str, ...] = get_args(TicketStatus)
OPEN, SOLVED, CLOSED = (STATUSES.index(name) for name in ("open", "solved", "closed"))
UNKNOWN_PRIORITY = PRIORITIES.index("unknown")
# As many as an unsigned 16-bit number tells apart, which NumPy sorts fastest; and their arrays fit into caches.
_BLOCK = 65_536


@dataclass(frozen=True)
class Block:
    """Some tickets, in order of their ids, and all that had happened to them by `as_of`, each sorted by time.

    Moments are microseconds, NEVER where there is none; statuses and priorities are places in their lists. Nothing
    lies before its ticket was created or at or after it was merged.

    * said: agent, public, impactful; of agents, and what customers said in public
    * statuses, priorities: before, after
    * assigned: terms, a place in the sorted hashes, −1 for none
    """

    as_of: int
    ids: Ints
    created: Ints
    status: Ints
    priority: Ints
    first_replied: Ints
    resolved: Ints
    merged: Ints
    said: Happened
    statuses: Happened
    priorities: Happened
    outreach: Happened
    assigned: Happened


def blocks(histories: TicketHistories, hashes: Sequence[str], as_of: datetime) -> Iterator[Block]:
    """The histories in blocks of tickets; each frame is collected once.

    Raises:
        ValueError: an assignment names terms that are not among the sorted `hashes`.
    """
    tickets = _collected(_tickets(histories, as_of))
    ids, created = _ints(tickets["id"]), _moments(tickets["created_at"])
    facts = _facts(histories, hashes, ids, as_of)
    merged_at = np.full(len(ids), NEVER)
    merged = facts.pop("merged")
    # Backwards, so that the first one of a ticket stays.
    merged_at[merged.owner[::-1]] = np.maximum(merged.at, created[merged.owner])[::-1]
    columns: dict[str, Any] = {
        "ids": ids, "created": created, "merged": merged_at,
        **{name: _ints(tickets[name]) for name in ("status", "priority")},
        "first_replied": _moments(tickets["first_replied_at"]), "resolved": _moments(tickets["resolved_at"]),
    }  # fmt: skip
    for first in range(0, len(ids), _BLOCK):
        end = min(first + _BLOCK, len(ids))
        of_tickets = {name: column[first:end] for name, column in columns.items()}
        earliest, before = of_tickets["created"], of_tickets["merged"]
        happened: dict[str, Any] = {
            name: rows.of_owners(first, end).clamped(earliest, before) for name, rows in facts.items()
        }
        yield Block(as_of=micros(as_of), **of_tickets, **happened)


def _tickets(histories: TicketHistories, as_of: datetime) -> Frame:
    return (
        histories.tickets.filter(nw.col("created_at") <= as_of)
        .select(
            "id",
            "created_at",
            _coded("status", STATUSES, OPEN).alias("status"),
            _coded("priority", PRIORITIES, UNKNOWN_PRIORITY).alias("priority"),
            *(nw.when(nw.col(name) <= as_of).then(nw.col(name)).alias(name) for name in _SUMMARY),
        )
        .sort("id")
    )


_SUMMARY = ("first_replied_at", "resolved_at")


def _facts(histories: TicketHistories, hashes: Sequence[str], ids: Ints, as_of: datetime) -> dict[str, Happened]:
    def happened(frame: Frame, moment: str, ties: str | None, **columns: nw.Expr) -> nw.DataFrame[Any]:
        known = frame.filter(nw.col(moment) <= as_of)
        order = ("_owner", "_at", "_tie") if ties else ("_owner", "_at")
        tie = [nw.col(ties).alias("_tie")] if ties else []
        chosen = [nw.col("ticket_id").alias("_owner"), nw.col(moment).alias("_at"), *tie]
        return _collected(known.select(*chosen, *(column.alias(name) for name, column in columns.items())).sort(*order))

    def events(kind: str, words: Sequence[str], otherwise: int) -> Happened:
        frame = histories.events.filter(nw.col("kind") == kind)
        coded = {"before": _coded("from_value", words, otherwise), "after": _coded("to_value", words, otherwise)}
        return _owned(happened(frame, "happened_at", "id", **coded), ids)

    said = histories.messages.filter(_HEARD)
    spoken = {"agent": nw.col("author_kind") == "agent", "public": nw.col("public"), "impactful": _IMPACTFUL}
    assigned = happened(histories.assignments, "since", "terms", terms=nw.col("terms"))
    return {
        "said": _owned(happened(said, "sent_at", "id", **spoken), ids),
        "statuses": events("status", STATUSES, OPEN),
        "priorities": events("priority", PRIORITIES, UNKNOWN_PRIORITY),
        "merged": events("merged", (), 0),
        "outreach": _owned(happened(histories.outreach, "happened_at", None), ids),
        "assigned": _owned(assigned.with_columns(_known_terms(assigned["terms"], hashes)), ids),
    }


_HEARD = (nw.col("author_kind") == "agent") | ((nw.col("author_kind") == "customer") & nw.col("public"))
_IMPACTFUL = nw.col("impactful").fill_null(value=True)


def _coded(column: str, words: Sequence[str], otherwise: int) -> nw.Expr:
    code: nw.Expr = nw.lit(otherwise)
    for place, word in enumerate(words):
        code = nw.when(nw.col(column) == word).then(nw.lit(place)).otherwise(code)
    return code.cast(nw.Int64)


def _known_terms(named: nw.Series[Any], hashes: Sequence[str]) -> nw.Series[Any]:
    found = set(named.drop_nulls().unique().to_list())
    if strange := sorted(found - set(hashes)):
        raise ValueError(
            f"assignments name the terms {', '.join(strange[:3])}, which were not given; hand over all terms"
        )
    if not found:
        return nw.new_series("terms", [-1] * len(named), nw.Int64, backend=named.implementation)
    return named.replace_strict(list(hashes), list(range(len(hashes))), default=-1, return_dtype=nw.Int64)


def _owned(frame: nw.DataFrame[Any], ids: Ints) -> Happened:
    tickets = _ints(frame["_owner"])
    owner = np.searchsorted(ids, tickets)
    there = owner < len(ids)
    there[there] = ids[owner[there]] == tickets[there]
    names = [name for name in frame.columns if name not in {"_owner", "_at", "_tie"}]
    values = {name: frame[name].to_numpy() for name in names}
    return Happened(owner, _moments(frame["_at"]), values).where(there)


def _collected(frame: Frame) -> nw.DataFrame[Any]:
    native = frame.to_native()
    if hasattr(native, "__arrow_c_stream__"):
        return nw.from_arrow(native, backend="polars")
    return frame.collect(backend="polars")


def _ints(column: nw.Series[Any]) -> Ints:
    return column.to_numpy().astype(np.int64, copy=False)


def _moments(column: nw.Series[Any]) -> Ints:
    moments: NDArray[Any] = column.to_numpy().astype("datetime64[us]", copy=False)
    return np.where(np.isnat(moments), NEVER, moments.view(np.int64))
