"""Knows what a clock shows: its state, deadline, breach, warnings, and what has been counted."""

from dataclasses import dataclass
from typing import get_args

import numpy as np

from domain.sla import ClockState
from rules.sla.columns import seconds
from rules.sla.due import Course, Due, Grounds, Pairs, due, reached, retargeted
from rules.sla.promises import NONE
from rules.sla.ragged import NEVER, Bools
from rules.sla.waits import Cycles
from rules.sla.zones import Ints

STATES: tuple[ClockState, ...] = get_args(ClockState)
_SECOND = 1_000_000


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


def readings(cycles: Cycles, paired: Pairs, grounds: Grounds) -> Readings:
    """What the clocks of one metric show at the look: of a broken one, the deadline and terms that it broke."""
    course, counted = paired.course, paired.counted
    deadlines = due(paired, grounds)
    in_force = np.append(course.begins, len(course.cycle))[1:] - 1
    broken = _first_breach(course, deadlines, in_force)
    shown = np.where(broken >= 0, broken, in_force)
    terms = grounds.epochs.terms[course.epoch]
    deadline, target = deadlines.deadline[shown], paired.target[shown]
    state = _state(cycles, deadline, target, broken >= 0)
    warned, next_warning = _warnings(paired, shown, state, terms[shown], grounds)
    is_known = terms[shown] != NONE
    active = counted.wall_spent[shown]
    return Readings(
        owner=cycles.owner,
        cycle=cycles.number,
        state=state,
        started_at=cycles.start,
        fulfilled_at=cycles.fulfilled,
        ended_at=cycles.ended,
        deadline_at=deadline,
        target_seconds=seconds(target, target != NONE),
        elapsed=paired.elapsed[shown],
        spent_seconds=seconds(paired.spent[shown], is_known),
        remaining_seconds=seconds(deadlines.left[shown], target != NONE),
        business_seconds=seconds(counted.business_spent[shown], is_known),
        elapsed_seconds=active // _SECOND,
        paused_seconds=(course.look[shown] - cycles.start - active) // _SECOND,
        breached_at=np.where(broken >= 0, deadline, NEVER),
        breached_terms=np.where(broken >= 0, terms[shown], NONE),
        terms=terms[in_force],
        warned_percent=warned,
        next_warning_at=next_warning,
        retargets=np.bincount(course.cycle[retargeted(paired)], minlength=len(cycles.owner)),
    )


def _first_breach(course: Course, deadlines: Due, in_force: Ints) -> Ints:
    """The row of the first epoch in which each cycle's deadline passed, or −1."""
    rows = np.flatnonzero((deadlines.deadline < course.look) & (deadlines.deadline < course.until))
    first = np.full(len(in_force), -1)
    # Backwards, so that the first one of a cycle stays.
    first[course.cycle[rows[::-1]]] = rows[::-1]
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


def _warnings(paired: Pairs, shown: Ints, state: Ints, terms: Ints, grounds: Grounds) -> tuple[Ints, Ints]:
    """The highest warning that was reached, and when the next one of a running clock will be."""
    warned, following = np.zeros(len(shown), dtype=np.int64), np.full(len(shown), NEVER)
    target, spent = paired.target[shown], paired.spent[shown]
    running = np.flatnonzero(state == STATES.index("running"))
    # Falling, so that the nearest one ahead stays.
    for percents in grounds.promises.warnings.T[::-1]:
        percent = percents[terms]
        is_reached = spent >= target * percent // 100
        warned = np.maximum(warned, np.where(is_reached & (target != NONE), percent, 0))
        ahead = running[~is_reached[running]]
        for each in np.unique(percent[ahead]):
            some = ahead[percent[ahead] == each]
            following[some] = reached(paired, shown[some], int(each))[shown[some]]
    return warned, following
