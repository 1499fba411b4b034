"""Knows where every clock of every ticket stands at a moment."""

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from domain.sla import Metric
from rules.sla.blocks import Block, Blocks
from rules.sla.due import Counted, Grounds, counted, course, pairs
from rules.sla.epochs import timeline
from rules.sla.histories import TicketHistories
from rules.sla.open_time import OpenTime, open_time
from rules.sla.promises import METRICS, Promises
from rules.sla.ragged import NEVER
from rules.sla.readings import STATES, UNKNOWN, Readings, readings
from rules.sla.status_history import status_history
from rules.sla.terms import Terms
from rules.sla.waits import Cycles, Sources, alike, cycles

COLUMNS = (
    "ticket_id", "metric", "cycle", "state", "started_at", "fulfilled_at", "ended_at", "deadline_at", "target_seconds",
    "counting", "spent_seconds", "remaining_seconds", "business_seconds", "elapsed_seconds", "paused_seconds",
    "breached_at", "breached_terms", "terms", "warned_percent", "next_warning_at", "retargets", "history",
)  # fmt: skip
_Columns = dict[str, NDArray[Any]]


def clocks(
    histories: TicketHistories, terms: Mapping[str, Terms], as_of: datetime, metrics: Sequence[Metric] = METRICS
) -> nw.DataFrame[Any]:
    """One row per ticket × metric × cycle, sorted by (ticket_id, metric, cycle); what is later than `as_of` is unknown.

    Ids, cycle, seconds, percentages and counts are Int64, `_at` Datetime("us", "UTC"), all others String.

    * state: of a clock that was broken `breached` for ever, otherwise no_target, met, ended, paused or running
    * started_at, fulfilled_at, ended_at: of the wait; it ended where a merge or solving made it pointless
    * deadline_at: null while the clock stands, and without a target; of a broken clock the one that was broken
    * target_seconds (null: none), counting: of that deadline
    * spent_seconds: what counted of it (business time without a target); null where no terms say what business time is
    * remaining_seconds: what may still be counted until the deadline, negative after it; null without a target
    * business_seconds, elapsed_seconds, paused_seconds: of the wait until it was over, or until now, in both countings
    * breached_at, breached_terms: when and what was broken, or null
    * terms: the hash of those in force when the wait was over, or now; null: none
    * warned_percent, next_warning_at: the highest warning that was reached, or 0, and when the next one will be
    * retargets: how often another target, calendar or pause began to apply during the wait
    * history: `events`, or `summary` where no event tells of the status

    Raises:
        ValueError: `as_of` has no zone, or an assignment names terms that were not given.

    Source: docs/sla.md, "Clocks".
    """
    promises = Promises(terms)
    calendars = [open_time(calendar, as_of, as_of + timedelta(days=30)) for calendar in promises.calendars]
    cut = Blocks(histories, promises.hashes, as_of)

    def read(number: int) -> nw.DataFrame[Any]:
        return _frame(_of_block(cut.block(number), promises, calendars, metrics), promises)

    # NumPy lets other threads go on while it works.
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        frames = list(threads.map(read, range(len(cut))))
    return nw.concat(frames or [_frame(dict.fromkeys(_NAMES, np.empty(0, np.int64)), promises)])


def _of_block(block: Block, promises: Promises, calendars: Sequence[OpenTime], metrics: Sequence[Metric]) -> _Columns:
    statuses, epochs = status_history(block), timeline(block)
    grounds = Grounds.of(block.as_of, statuses, epochs, promises, calendars)
    sources = Sources.of(block, statuses, epochs, promises)
    read: dict[Metric, Readings] = {}
    for group in alike(set(metrics)):
        read |= _of_group(group, cycles(group[0], sources), grounds)
    chosen = sorted(read)
    found = [read[metric] for metric in chosen]
    counts = [len(one.owner) for one in found]
    columns = {name: np.concatenate([getattr(one, name) for one in found]) for name in _READ}
    columns["metric"] = np.repeat([METRICS.index(metric) for metric in chosen], counts)
    # Sixteen bits make NumPy sort by digits; the sort is stable, so metrics and cycles stay in order.
    order = np.argsort(columns["owner"].astype(np.uint16), kind="stable")
    columns = {name: column[order] for name, column in columns.items()}
    columns["history"] = statuses.summary[columns["owner"]].astype(np.int64)
    columns["ticket_id"] = block.ids[columns.pop("owner")]
    return columns


def _of_group(metrics: Sequence[Metric], found: Cycles, grounds: Grounds) -> dict[Metric, Readings]:
    """What the clocks of metrics show that have the same cycles."""
    way = course(found, grounds, np.minimum(found.over, grounds.as_of))
    counts: dict[bytes, Counted] = {}
    read = {}
    for metric in metrics:
        pauses = grounds.promises.pauses[metric]
        key = pauses.tobytes()
        if key not in counts:
            counts[key] = counted(way, grounds, pauses[grounds.epochs.terms[way.epoch]])
        read[metric] = readings(found, pairs(metric, way, counts[key], grounds), grounds)
    return read


_READ = tuple(field.name for field in fields(Readings))
_NAMES = ("ticket_id", "metric", "history", *(name for name in _READ if name != "owner"))


def _frame(columns: _Columns, promises: Promises) -> nw.DataFrame[Any]:
    hashes = [*promises.hashes, None]
    words: dict[str, Sequence[str | None]] = {
        "metric": METRICS, "state": STATES, "history": ("events", "summary"), "elapsed": ("business", "elapsed"),
        "terms": hashes, "breached_terms": hashes,
    }  # fmt: skip
    numbers = nw.from_dict({name: column for name, column in columns.items() if name not in words}, backend="polars")
    frame = numbers.with_columns(
        *(_moment(name) for name in numbers.columns if name.endswith("_at")),
        *(_length(name) for name in numbers.columns if name.endswith("_seconds")),
        *(_worded(name, chosen, columns[name].astype(np.int64)) for name, chosen in words.items()),
    )
    return frame.rename({"elapsed": "counting"}).select(*COLUMNS)


def _moment(name: str) -> nw.Expr:
    known = nw.when(nw.col(name) < NEVER).then(nw.col(name))
    return known.cast(nw.Datetime("us", "UTC")).alias(name)


def _length(name: str) -> nw.Expr:
    return nw.when(nw.col(name) != UNKNOWN).then(nw.col(name)).alias(name)


def _worded(name: str, words: Sequence[str | None], places: NDArray[np.int64]) -> nw.Series[Any]:
    series = nw.new_series(name, list(words), nw.String, backend="polars")
    return series[np.where(places < 0, len(words) - 1, places)].alias(name)
