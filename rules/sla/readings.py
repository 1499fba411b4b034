"""Knows what a clock shows: its state, deadline, breach, warnings, and what has been counted."""

from dataclasses import dataclass
from typing import get_args

import numpy as np

from domain.sla import ClockState, Metric
from rules.sla.deadlines import Due, Grounds, Pairs, due, pairs
from rules.sla.promises import NONE
from rules.sla.ragged import NEVER, Bools
from rules.sla.waits import Cycles
from rules.sla.zones import Ints

STATES: tuple[ClockState, ...] = get_args(ClockState)
_SECOND = 1_000_000
# Stands for a length that is not known.
UNKNOWN = np.iinfo(np.int64).min


@dataclass(frozen=True)
class Readings:
    """A row per cycle. Moments are microseconds or NEVER, lengths seconds or UNKNOWN, terms places or NONE."""

    owner: Ints
    cycle: Ints
    state: Ints
    started_at: Ints
    fulfilled_at: Ints
    ended_at: Ints
    deadline_at: Ints
    target_seconds: Ints
    elapsed: Bools
    spent_seconds: Ints
    remaining_seconds: Ints
    business_seconds: Ints
    elapsed_seconds: Ints
    paused_seconds: Ints
    breached_at: Ints
    breached_terms: Ints
    terms: Ints
    warned_percent: Ints
    next_warning_at: Ints
    retargets: Ints


def readings(metric: Metric, cycles: Cycles, grounds: Grounds) -> Readings:
    """What the clocks of one metric show at `as_of`: of a broken one, the deadline and terms that it broke."""
    look = np.minimum(cycles.over, grounds.as_of)
    paired = pairs(metric, cycles, grounds, look)
    deadlines = due(paired, grounds)
    in_force = np.append(paired.begins[1:], len(paired.cycle)) - 1
    broken = _first_breach(paired, deadlines, look, in_force)
    shown = np.where(broken >= 0, broken, in_force)
    terms = grounds.epochs.terms[paired.epoch]
    warned, next_warning = _warnings(paired, shown, terms[shown], grounds)
    deadline, target = deadlines.deadline[shown], paired.target[shown]
    state = _state(cycles, deadline, target, broken >= 0)
    is_known = terms[shown] != NONE
    seconds = paired.wall_spent[shown]
    return Readings(
        owner=cycles.owner,
        cycle=cycles.number,
        state=state,
        started_at=cycles.start,
        fulfilled_at=cycles.fulfilled,
        ended_at=cycles.ended,
        deadline_at=deadline,
        target_seconds=_seconds(target, target != NONE),
        elapsed=paired.elapsed[shown],
        spent_seconds=_seconds(paired.spent[shown], is_known),
        remaining_seconds=_seconds(deadlines.left[shown], target != NONE),
        business_seconds=_seconds(paired.business_spent[shown], is_known),
        elapsed_seconds=_seconds(seconds, seconds >= 0),
        paused_seconds=(look - cycles.start - seconds) // _SECOND,
        breached_at=np.where(broken >= 0, deadline, NEVER),
        breached_terms=np.where(broken >= 0, terms[shown], NONE),
        terms=terms[in_force],
        warned_percent=warned,
        next_warning_at=np.where(state == STATES.index("running"), next_warning, NEVER),
        retargets=np.bincount(paired.cycle[_changed(paired, grounds)], minlength=len(cycles.owner)),
    )


def _first_breach(paired: Pairs, deadlines: Due, look: Ints, in_force: Ints) -> Ints:
    """The row of the first epoch in which each cycle's deadline passed, or −1."""
    passed = (deadlines.deadline < look[paired.cycle]) & (deadlines.deadline < paired.until)
    rows = np.flatnonzero(passed)
    first = np.full(len(in_force), -1)
    # Backwards, so that the first one of a cycle stays.
    first[paired.cycle[rows[::-1]]] = rows[::-1]
    return first


def _state(cycles: Cycles, deadline: Ints, target: Ints, broken: Bools) -> Ints:
    cases: list[tuple[ClockState, Bools]] = [
        ("breached", broken),
        ("no_target", target == NONE),
        ("met", cycles.fulfilled < NEVER),
        ("ended", cycles.ended < NEVER),
        ("paused", deadline == NEVER),
    ]
    codes = [STATES.index(state) for state, _ in cases]
    return np.select([case for _, case in cases], codes, STATES.index("running"))


def _warnings(paired: Pairs, shown: Ints, terms: Ints, grounds: Grounds) -> tuple[Ints, Ints]:
    """The highest warning that was reached, and when the next one will be."""
    warned, following = np.zeros(len(shown), dtype=np.int64), np.full(len(shown), NEVER)
    promised = np.flatnonzero(paired.target[shown] != NONE)
    target, spent = paired.target[shown][promised], paired.spent[shown][promised]
    for percent in grounds.promises.warnings[terms[promised]].T[::-1]:
        amount = target * percent // 100
        is_reached = spent >= amount
        warned[promised] = np.maximum(warned[promised], np.where(is_reached, percent, 0))
        ahead = promised[~is_reached]
        if len(ahead):
            following[ahead] = _reached(paired, shown[ahead], amount[~is_reached])
    return warned, following


def _reached(paired: Pairs, rows: Ints, amount: Ints) -> Ints:
    result = np.empty(len(rows), dtype=np.int64)
    for stretch, elapsed in ((paired.business, False), (paired.wall, True)):
        some = np.flatnonzero(paired.elapsed[rows] == elapsed)
        result[some] = stretch.where(rows[some]).reached(amount[some])
    return result


def _changed(paired: Pairs, grounds: Grounds) -> Bools:
    """The rows whose epoch promises something else than the one before."""
    unit = np.where(paired.elapsed | (paired.target == NONE), NONE, paired.business.unit)
    same = np.ones(max(len(unit) - 1, 0), dtype=np.bool_)
    for column in (paired.target, paired.elapsed, paired.mask, unit):
        same &= column[1:] == column[:-1]
    return np.append(False, ~same)[: len(unit)] & (paired.number > 0)


def _seconds(micros: Ints, known: Bools) -> Ints:
    return np.where(known, micros // _SECOND, UNKNOWN)
