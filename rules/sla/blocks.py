"""Knows how histories become sorted arrays, and how these are worked through some tickets at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
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

    Moments are microseconds, NEVER where there is none; statuses and priorities are places in their lists. Nothing that
    happened lies before its ticket was created or at or after it was merged; `resolved` may be later than `as_of`.

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


class Blocks:
    """The histories as arrays, each frame collected once; `block` cuts out some tickets."""

    def __init__(self, histories: TicketHistories, hashes: Sequence[str], as_of: datetime) -> None:
        """Raises ValueError if `as_of` has no zone, or an assignment names terms that are not among `hashes`."""
        self._as_of, as_of = micros(as_of), as_of.astimezone(UTC)
        tickets = _collected(_tickets(histories, as_of))
        ids, created = _ints(tickets["id"]), _moments(tickets["created_at"])
        self._facts = _facts(histories, hashes, ids, as_of)
        merged_at, merged = np.full(len(ids), NEVER), self._facts.pop("merged")
        # Backwards, so that the first one of a ticket stays.
        merged_at[merged.owner[::-1]] = np.maximum(merged.at, created[merged.owner])[::-1]
        self._columns: dict[str, Any] = {
            "ids": ids, "created": created, "merged": merged_at,
            **{name: _ints(tickets[name]) for name in ("status", "priority")},
            "first_replied": _moments(tickets["first_replied_at"]), "resolved": _moments(tickets["resolved_at"]),
        }  # fmt: skip

    @property
    def earliest(self) -> int:
        """When the oldest ticket was created, in microseconds; `as_of` where there is none."""
        return int(self._columns["created"].min(initial=self._as_of))

    def __len__(self) -> int:
        """How many blocks there are."""
        return len(range(0, len(self._columns["ids"]), _BLOCK))

    def block(self, number: int) -> Block:
        """The tickets of one block, counted from 0."""
        first, end = number * _BLOCK, min((number + 1) * _BLOCK, len(self._columns["ids"]))
        columns = {name: column[first:end] for name, column in self._columns.items()}
        happened: dict[str, Any] = {
            name: rows.of_owners(first, end).clamped(columns["created"], columns["merged"])
            for name, rows in self._facts.items()
        }
        return Block(as_of=self._as_of, **columns, **happened)


def _tickets(histories: TicketHistories, as_of: datetime) -> Frame:
    return (
        histories.tickets.filter(nw.col("created_at") <= as_of)
        .select(
            "id",
            "created_at",
            _coded("status", STATUSES, OPEN).alias("status"),
            _coded("priority", PRIORITIES, UNKNOWN_PRIORITY).alias("priority"),
            "resolved_at",
            nw.when(nw.col("first_replied_at") <= as_of).then(nw.col("first_replied_at")).alias("first_replied_at"),
        )
        .sort("id")
    )


def _facts(histories: TicketHistories, hashes: Sequence[str], ids: Ints, as_of: datetime) -> dict[str, Happened]:
    said = histories.messages.filter(_HEARD)
    events = histories.events.filter(nw.col("kind").is_in(_KINDS))
    outreach = histories.outreach.with_columns(nw.lit(0).alias("id"))
    assigned = histories.assignments.with_columns(nw.col("terms").alias("id"))
    promised = _happened(assigned, "since", as_of, terms=nw.col("terms"))
    return {
        **_by_kind(_owned(_happened(events, "happened_at", as_of, **_EVENT), ids)),
        "said": _owned(_happened(said, "sent_at", as_of, **_SAID), ids),
        "outreach": _owned(_happened(outreach, "happened_at", as_of), ids),
        "assigned": _owned(promised.with_columns(_known_terms(promised["terms"], hashes)), ids),
    }


def _happened(frame: Frame, moment: str, as_of: datetime, **columns: nw.Expr) -> nw.DataFrame[Any]:
    """What happened by `as_of`, sorted by ticket, moment and id."""
    known = frame.filter(nw.col(moment) <= as_of)
    named = [column.alias(name) for name, column in columns.items()]
    keys = [nw.col(name).alias(key) for key, name in zip(_KEYS, ("ticket_id", moment, "id"), strict=True)]
    return _collected(known.select(*keys, *named).sort(*_KEYS))


_KEYS = ("_ticket", "_at", "_id")


def _by_kind(events: Happened) -> dict[str, Happened]:
    of_kind = {kind: events.where(events["kind"] == place) for place, kind in enumerate(_KINDS)}
    return {
        "statuses": _words(of_kind["status"], 0, len(STATUSES), OPEN),
        "priorities": _words(of_kind["priority"], len(STATUSES), len(PRIORITIES), UNKNOWN_PRIORITY),
        "merged": of_kind["merged"],
    }


def _words(events: Happened, first: int, count: int, otherwise: int) -> Happened:
    """Events whose words are places in their own list instead of in that of all words."""
    values = {name: events[name] - first for name in ("before", "after")}
    known = {name: np.where((places >= 0) & (places < count), places, otherwise) for name, places in values.items()}
    return Happened(events.owner, events.at, known)


def _coded(column: str, words: Sequence[str], otherwise: int) -> nw.Expr:
    code: nw.Expr = nw.lit(otherwise, nw.Int8)
    for place, word in enumerate(words):
        code = nw.when(nw.col(column) == word).then(nw.lit(place, nw.Int8)).otherwise(code)
    return code


_KINDS = ("status", "priority", "merged")
_WORDS = (*STATUSES, *PRIORITIES)
_EVENT = {
    "kind": _coded("kind", _KINDS, -1),
    "before": _coded("from_value", _WORDS, -1),
    "after": _coded("to_value", _WORDS, -1),
}
_HEARD = (nw.col("author_kind") == "agent") | ((nw.col("author_kind") == "customer") & nw.col("public"))
_SAID = {
    "agent": nw.col("author_kind") == "agent",
    "public": nw.col("public"),
    "impactful": nw.col("impactful").fill_null(value=True),
}


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
    tickets = _ints(frame["_ticket"])
    owner = np.searchsorted(ids, tickets)
    there = owner < len(ids)
    there[there] = ids[owner[there]] == tickets[there]
    names = [name for name in frame.columns if name not in _KEYS]
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
