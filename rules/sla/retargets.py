"""Knows every change of a ticket's targets while it waited: the deadline before and after, as they stood then."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import narwhals as nw
import numpy as np

from domain.sla import Metric
from rules.sla.columns import Columns, frame, seconds
from rules.sla.due import Pairs, counted, course, due, pairs, retargeted
from rules.sla.histories import TicketHistories
from rules.sla.promises import METRICS, NONE, Promises
from rules.sla.sight import Scene, seen
from rules.sla.terms import PRIORITIES, Terms
from rules.sla.waits import Cycles, cycles
from rules.sla.zones import Ints

COLUMNS = (
    "ticket_id", "metric", "cycle", "retargeted_at", "terms_before", "terms", "priority_before", "priority",
    "target_before_seconds", "target_seconds", "counting_before", "counting", "deadline_before_at", "deadline_at",
    "graced",
)  # fmt: skip


def retargets(
    histories: TicketHistories, terms: Mapping[str, Terms], as_of: datetime, metrics: Sequence[Metric] = METRICS
) -> nw.DataFrame[Any]:
    """One row per ticket × metric × cycle × change of its target, its calendar or its pauses, sorted.

    Columns as of `rules.sla.clock.clocks`; `retargeted_at` is the moment of the change. Of what has two columns one is
    as it was before. The deadlines are those that stood at that moment; null: the clock stood, or there was no target.
    `graced`: the change would have put the deadline into the past.

    Raises: as `clocks`.

    Source: docs/sla.md, "Clocks".
    """
    promises, found = seen(histories, terms, as_of, lambda scene: _of_scene(scene, metrics))
    return nw.concat(found or [_frame(dict.fromkeys(_NAMES, np.empty(0, np.int64)), promises)])


def _of_scene(scene: Scene, metrics: Sequence[Metric]) -> nw.DataFrame[Any]:
    found = [_of_metric(scene, metric) for metric in sorted(set(metrics))]
    columns = {name: np.concatenate([one[name] for one in found]) for name in found[0]}
    # The sort is stable: metrics, cycles and moments stay in order.
    order = np.argsort(columns["ticket_id"], kind="stable")
    return _frame({name: column[order] for name, column in columns.items()}, scene.grounds.promises)


def _of_metric(scene: Scene, metric: Metric) -> Columns:
    waits = cycles(metric, scene.sources)
    whole = _pairs(scene, metric, waits, np.minimum(waits.over, scene.grounds.as_of))
    changes = np.flatnonzero(retargeted(whole))
    cycle, at = whole.course.cycle[changes], whole.course.since[changes]
    # Each change is looked at as it was at its own moment, with nothing known of what came later.
    then = _pairs(scene, metric, waits.where(cycle), at)
    deadlines = due(then, scene.grounds)
    after = np.append(then.course.begins, len(then.course.cycle))[1:] - 1
    named = {
        "ticket_id": scene.block.ids[waits.owner[cycle]],
        "metric": np.full(len(changes), METRICS.index(metric)),
        "cycle": waits.number[cycle],
        "retargeted_at": at,
        "graced": deadlines.graced[after],
    }
    for suffix, rows in (("_before", after - 1), ("", after)):
        named |= _promised(scene, then, rows, suffix)
        named[f"deadline{suffix}_at"] = deadlines.deadline[rows]
    return named


def _pairs(scene: Scene, metric: Metric, waits: Cycles, look: Ints) -> Pairs:
    grounds = scene.grounds
    way = course(waits, grounds, look)
    pauses = grounds.promises.pauses[metric][grounds.epochs.terms[way.epoch]]
    return pairs(metric, way, counted(way, grounds, pauses), grounds)


def _promised(scene: Scene, then: Pairs, rows: Ints, suffix: str) -> Columns:
    epoch, target = then.course.epoch[rows], then.target[rows]
    return {
        f"terms{suffix}": scene.grounds.epochs.terms[epoch],
        f"priority{suffix}": scene.grounds.epochs.priority[epoch],
        f"target{suffix}_seconds": seconds(target, target != NONE),
        f"counting{suffix}": then.elapsed[rows],
    }


_NAMES = tuple(COLUMNS)


def _frame(columns: Columns, promises: Promises) -> nw.DataFrame[Any]:
    words = {
        name: words
        for stem, words in (("terms", promises.hashes), ("priority", PRIORITIES), ("counting", ("business", "elapsed")))
        for name in (stem, f"{stem}_before")
    }
    return frame(columns, {"metric": METRICS, **words}).select(*COLUMNS)
