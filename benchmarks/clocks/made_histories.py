"""Makes up the histories of tickets: a year of them, each with about five messages and five events."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import narwhals as nw
import numpy as np
import polars as pl
from numpy.typing import NDArray

from benchmarks.contest import Stopwatch
from rules.sla.histories import TicketHistories
from rules.sla.terms import Terms

AS_OF = datetime(2026, 7, 1, tzinfo=UTC)
TABLES = ("tickets", "messages", "events", "outreach", "assignments")
_SECOND = 1_000_000
_YEAR = 365 * 86_400
_UTC = pl.Datetime("us", "UTC")
_PRIORITIES = ("urgent", "high", "normal", "low")
_STATUSES = ("open", "pending", "on_hold", "solved", "closed")
_AUTHORS = ("customer", "agent", "bot")
_REPLIES = ("first_reply", "first_impactful_reply", "next_reply", "periodic_update", "internal_review")
_SOLUTIONS = ("resolution", "requester_wait", "agent_work")
Ints = NDArray[np.int64]


def all_terms() -> dict[str, Terms]:
    """Three teams' terms, by hash."""
    places = (("Europe/Berlin", "DE", 1), ("America/New_York", "US", 2), ("Asia/Tokyo", "JP", 4))
    found = [_terms(*place) for place in places]
    return {terms.content_hash: terms for terms in found}


def _terms(zone: str, country: str, factor: int) -> Terms:
    minutes = dict(zip(_PRIORITIES, (30, 60, 240, 480), strict=True))
    replies = {name: f"{factor * count}m business" for name, count in minutes.items()}
    solutions = {name: f"{factor * count * 6}m business" for name, count in minutes.items()}
    calendar = {"zone": zone, "hours": {"mon-fri": ["09:00-12:30", "13:30-18:00"]}, "holidays": [{"country": country}]}
    targets = {
        **dict.fromkeys(_REPLIES, replies),
        **dict.fromkeys(_SOLUTIONS, solutions),
        "outreach": dict.fromkeys(_PRIORITIES, "24h elapsed"),
    }
    written = {"policy": zone, "calendar_name": zone, "calendar": calendar, "targets": targets}
    return Terms.model_validate(written)


def make(watch: Stopwatch, folder: str, size: int, is_kept: bool) -> Mapping[str, Any]:
    """Write the histories of that many tickets as Parquet files; `is_kept`: what was promised never changes."""
    dice = np.random.default_rng(20260701)
    created = int(AS_OF.timestamp()) - dice.integers(0, _YEAR, size)
    hashes = np.array(sorted(all_terms()))
    chosen = dice.integers(0, len(hashes), size)
    tables = {
        "tickets": _tickets(created, dice),
        "messages": _messages(created, dice),
        "events": _events(created, dice, 0 if is_kept else 0.05),
        "outreach": pl.DataFrame(schema={"ticket_id": pl.Int64, "happened_at": _UTC}),
        "assignments": _assignments(created, hashes, chosen, dice.random(size) < (0 if is_kept else 0.1)),
    }
    for name, table in tables.items():
        table.write_parquet(Path(folder) / f"{name}.parquet")
    return {}


def histories(folder: str) -> TicketHistories:
    """The files as lazy frames."""
    frames = {name: pl.scan_parquet(Path(folder) / f"{name}.parquet") for name in TABLES}
    return TicketHistories(**{name: nw.from_native(frame) for name, frame in frames.items()})


def _tickets(created: Ints, dice: np.random.Generator) -> pl.DataFrame:
    size = len(created)
    nothing = pl.Series([None] * size, dtype=_UTC)
    return pl.DataFrame(
        {
            "id": np.arange(size), "created_at": _moments(created), "status": ["open"] * size,
            "priority": np.array(_PRIORITIES)[dice.integers(0, 4, size)],
            "first_replied_at": nothing, "resolved_at": nothing,
        }
    )  # fmt: skip


def _messages(created: Ints, dice: np.random.Generator) -> pl.DataFrame:
    ticket, at = _spread(created, dice)
    size = len(ticket)
    return pl.DataFrame(
        {
            "id": np.arange(size), "ticket_id": ticket,
            "author_kind": np.array(_AUTHORS)[dice.choice(3, size, p=[0.48, 0.48, 0.04])],
            "public": dice.random(size) < 0.9, "impactful": pl.Series([None] * size, dtype=pl.Boolean),
            "sent_at": _moments(at),
        }
    )  # fmt: skip


def _events(created: Ints, dice: np.random.Generator, priorities: float) -> pl.DataFrame:
    ticket, at = _spread(created, dice)
    size = len(ticket)
    is_priority = dice.random(size) < priorities
    status = np.array(_STATUSES)[dice.choice(5, size, p=[0.4, 0.3, 0.1, 0.17, 0.03])]
    priority = np.array(_PRIORITIES)[dice.integers(0, 4, size)]
    return pl.DataFrame(
        {
            "id": np.arange(size), "ticket_id": ticket, "kind": np.where(is_priority, "priority", "status"),
            "from_value": np.where(is_priority, "normal", "open"),
            "to_value": np.where(is_priority, priority, status), "happened_at": _moments(at),
        }
    )  # fmt: skip


def _assignments(created: Ints, hashes: NDArray[Any], chosen: Ints, is_changed: NDArray[np.bool_]) -> pl.DataFrame:
    """One for each ticket, and for some of them another one ten hours later."""
    ticket = np.arange(len(created))
    changed = ticket[is_changed]
    since = np.concatenate([created, created[changed] + 36_000])
    terms = np.concatenate([chosen, (chosen[changed] + 1) % len(hashes)])
    return pl.DataFrame(
        {"ticket_id": np.concatenate([ticket, changed]), "since": _moments(since), "terms": hashes[terms]}
    )


def _spread(created: Ints, dice: np.random.Generator) -> tuple[Ints, Ints]:
    """Two to eight moments after each ticket's creation, some hours apart, no two of them equal."""
    counts = dice.integers(2, 9, len(created))
    ticket = np.repeat(np.arange(len(created)), counts)
    passed = np.cumsum(1 + dice.exponential(6 * 3600, len(ticket)).astype(np.int64))
    ends = np.cumsum(counts)
    before = np.repeat(np.concatenate([[0], passed[ends[:-1] - 1]]), counts)
    return ticket, created[ticket] + passed - before


def _moments(seconds: Ints) -> pl.Series:
    return pl.Series(seconds * _SECOND).cast(_UTC)
