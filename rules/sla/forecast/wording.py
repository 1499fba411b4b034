"""Says in words why a wait will probably be, or not be, longer than promised."""

from collections.abc import Mapping
from datetime import timedelta

import numpy as np

from domain.sla import Counting
from rules.durations import Length
from rules.sla.changes import spelled
from rules.sla.forecast.landmarks import FEWEST
from rules.sla.forecast.load import usual_words
from rules.sla.forecast.survival import LEVELS, Estimate
from rules.sla.forecast.waits import Bools, Floats, Ints, Waits

NOUNS: Mapping[str, str] = {
    "first_reply": "first replies", "first_impactful_reply": "first impactful replies", "next_reply": "next replies",
    "periodic_update": "periodic updates", "resolution": "resolutions", "requester_wait": "requester waits",
    "agent_work": "spells of agent work", "internal_review": "internal reviews", "outreach": "calls by the CSM",
}  # fmt: skip


def reasons(
    waits: Waits,
    paused: Bools,
    whole: Ints,
    estimate: Estimate,
    load: Floats,
    probability: Floats,
    caveats: Mapping[int, str],
) -> list[str]:
    """A sentence for each wait; `whole` is its time until the deadline, `caveats` what is to be said of its metric."""
    busy = usual_words(load)
    found = []
    for row in range(len(waits)):
        level = _told_level(estimate, row)
        if level is None:
            found.append(_unknown(waits, estimate, row))
            continue
        used = f"{_used(waits, int(whole[row]), row)}{', paused now' if paused[row] else ''}"
        parts = [used, _such(waits, estimate, row, level), busy[row], caveats.get(int(waits.metric[row]), "")]
        found.append(f"{_percent(probability[row])}: {'; '.join(filter(None, parts))}")
    return found


def _percent(share: float) -> str:
    return "unknown" if np.isnan(share) else f"{100 * share:.0f} %"


def _told_level(estimate: Estimate, row: int) -> int | None:
    """The most specific group with enough waits to speak of."""
    enough = np.flatnonzero(estimate.waiting[:, row] >= FEWEST)
    return int(enough[-1]) if len(enough) else None


def _used(waits: Waits, whole: int, row: int) -> str:
    counting: Counting = "elapsed" if waits.counting[row] else "business"
    grace = " with its grace" if whole > waits.target[row] else ""
    until = spelled(Length(timedelta(seconds=whole), counting))
    return f"{_percent(max(int(waits.spent[row]), 0) / whole)} of {until}{grace} used"


def _such(waits: Waits, estimate: Estimate, row: int, level: int) -> str:
    missed, waiting = estimate.shares[level, row], int(estimate.waiting[level, row])
    so_long = " that waited as long" if waits.spent[row] > 0 else ""
    return f"of {waiting:,} {_group(waits, row, level)}{so_long}, {_percent(1 - missed)} were in time"


def _group(waits: Waits, row: int, level: int) -> str:
    word = {name: waits.names[name][getattr(waits, name)[row]] for name in ("metric", "priority", "team")}
    names = LEVELS[level]
    noun = NOUNS.get(word["metric"], word["metric"])
    priority = f"{word['priority']} " if "priority" in names and word["priority"] else ""
    team = f" of team {word['team']}" if "team" in names and word["team"] else ""
    return f"{priority}{noun}{' with this target' if 'target' in names else ''}{team}"


def _unknown(waits: Waits, estimate: Estimate, row: int) -> str:
    metric = waits.names["metric"][waits.metric[row]] if waits.metric[row] >= 0 else ""
    there = int(estimate.waiting[0, row])
    return f"unknown: {there} past {NOUNS.get(metric, 'waits')} waited as long; {FEWEST} are needed"
