"""Knows where every clock of every ticket stands at a moment."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

import narwhals as nw
import numpy as np

from domain.sla import Metric
from rules.sla.columns import Columns, frame
from rules.sla.due import Counted, Grounds, counted, course, pairs
from rules.sla.histories import TicketHistories
from rules.sla.promises import METRICS, Promises
from rules.sla.readings import STATES, Readings, readings
from rules.sla.sight import Scene, seen
from rules.sla.terms import Terms
from rules.sla.waits import Cycles, alike, cycles

COLUMNS = (
    "ticket_id", "metric", "cycle", "state", "started_at", "fulfilled_at", "ended_at", "deadline_at", "target_seconds",
    "counting", "spent_seconds", "remaining_seconds", "business_seconds", "elapsed_seconds", "paused_seconds",
    "breached_at", "breached_terms", "terms", "warned_percent", "next_warning_at", "retargets", "history",
)  # fmt: skip


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
    promises, found = seen(histories, terms, as_of, lambda scene: _of_scene(scene, metrics))
    return nw.concat(found or [_frame(dict.fromkeys(_NAMES, np.empty(0, np.int64)), promises)])


def _of_scene(scene: Scene, metrics: Sequence[Metric]) -> nw.DataFrame[Any]:
    block, grounds = scene.block, scene.grounds
    read: dict[Metric, Readings] = {}
    for group in alike(set(metrics)):
        read |= _of_group(group, cycles(group[0], scene.sources), grounds)
    chosen = sorted(read)
    found = [read[metric] for metric in chosen]
    columns = {name: np.concatenate([getattr(one, name) for one in found]) for name in _READ}
    columns["metric"] = np.repeat([METRICS.index(metric) for metric in chosen], [len(one.owner) for one in found])
    # Sixteen bits make NumPy sort by digits; the sort is stable, so metrics and cycles stay in order.
    order = np.argsort(columns["owner"].astype(np.uint16), kind="stable")
    columns = {name: column[order] for name, column in columns.items()}
    columns["history"] = grounds.statuses.summary[columns["owner"]]
    columns["ticket_id"] = block.ids[columns.pop("owner")]
    return _frame(columns, grounds.promises)


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


def _frame(columns: Columns, promises: Promises) -> nw.DataFrame[Any]:
    words = {
        "metric": METRICS, "state": STATES, "history": ("events", "summary"), "elapsed": ("business", "elapsed"),
        "terms": promises.hashes, "breached_terms": promises.hashes,
    }  # fmt: skip
    return frame(columns, words).rename({"elapsed": "counting"}).select(*COLUMNS)
