"""Knows the deadline of every cycle in every epoch, which of them was broken, and what has been counted."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from domain.sla import Metric
from rules.sla.epochs import Timeline
from rules.sla.open_time import OpenTime
from rules.sla.promises import NONE, Promises
from rules.sla.ragged import NEVER, Bools, expanded
from rules.sla.status_history import StatusHistory
from rules.sla.tracks import Stretch, Tracks
from rules.sla.waits import Cycles
from rules.sla.zones import Ints


@dataclass(frozen=True)
class Grounds:
    """What deadlines of a block's tickets are computed from."""

    as_of: int
    statuses: StatusHistory
    epochs: Timeline
    promises: Promises
    tracks: Tracks
    track: Ints

    @classmethod
    def of(
        cls, as_of: int, statuses: StatusHistory, epochs: Timeline, promises: Promises, calendars: Sequence[OpenTime]
    ) -> "Grounds":
        """`track` is the one on which business time counts in each epoch; the wall's where there are no terms."""
        unit = promises.unit[epochs.terms]
        width = len(promises.calendars) + 1
        used, place = np.unique((epochs.owner * width + unit)[unit != NONE], return_inverse=True)
        track = epochs.owner.copy()
        track[unit != NONE] = len(statuses.first) - 1 + place
        tracks = Tracks(statuses, calendars, promises.masks, used // width, used % width)
        return cls(as_of, statuses, epochs, promises, tracks, track)


@dataclass(frozen=True)
class Course:
    """Cycles through their epochs, up to a look: a row per cycle and epoch, in order.

    * begins: the first row of each cycle; number: which of its cycle's rows each is, from 0
    * since, until: when the cycle was in this epoch; the last one goes on for ever
    * entries: the status entries in which the cycle starts and in which it is at the look
    * running: the status in which it starts does not stop its clock
    * opened: business time at the start and at the look
    """

    begins: Ints
    cycle: Ints
    number: Ints
    epoch: Ints
    owner: Ints
    since: Ints
    until: Ints
    start: Ints
    look: Ints
    entries: tuple[Ints, Ints]
    running: Bools
    opened: tuple[Ints, Ints]


@dataclass(frozen=True)
class Counted:
    """The stretch of each row of a course by the calendar and on the wall's clock, and what it came to at the look."""

    business: Stretch
    wall: Stretch
    business_spent: Ints
    wall_spent: Ints


@dataclass(frozen=True)
class Pairs:
    """A row per cycle and epoch in which it ran.

    * target: microseconds, NONE for none; elapsed: counted on the wall's clock
    * pauses: the statuses in which the clock stands, a place among all masks
    """

    course: Course
    counted: Counted
    pauses: Ints
    target: Ints
    elapsed: Bools

    @property
    def spent(self) -> Ints:
        """What has counted in the target's counting."""
        return np.where(self.elapsed, self.counted.wall_spent, self.counted.business_spent)


@dataclass(frozen=True)
class Due:
    """A row per cycle and epoch: the deadline in it, NEVER while the clock stands or without a target.

    `left` is what may still be counted until then; `graced` says that the change gave it some more time.
    """

    deadline: Ints
    left: Ints
    graced: Bools


def course(cycles: Cycles, grounds: Grounds, look: Ints) -> Course:
    """The cycles in their epochs, each as it was at its look; one that is over by then as it was just before."""
    epochs, statuses = grounds.epochs, grounds.statuses
    first, last = _range(epochs.begun_until, cycles, look)
    counts = last - first + 1
    cycle, number = expanded(counts)
    epoch = first[cycle] + number
    start, owner, at_look = cycles.start[cycle], cycles.owner[cycle], look[cycle]
    first_entry, last_entry = _range(statuses.entered_until, cycles, look)
    entries = (first_entry[cycle], last_entry[cycle])
    unit = grounds.tracks.unit[grounds.track[epoch]]
    follower = np.minimum(epoch + 1, len(epochs.since) - 1)
    return Course(
        np.cumsum(counts) - counts, cycle, number, epoch, owner,
        np.where(number == 0, start, epochs.since[epoch]),
        np.where(number == counts[cycle] - 1, NEVER, epochs.since[follower]),
        start, at_look, entries,
        cycles.asked & (statuses.at[entries[0]] < start),
        (grounds.tracks.opened_at(start, unit), grounds.tracks.opened_at(at_look, unit)),
    )  # fmt: skip


def _range(in_force: Callable[[Ints, Ints], Ints], cycles: Cycles, look: Ints) -> tuple[Ints, Ints]:
    """Where each cycle starts and where it is at the look."""
    owner = cycles.owner
    first = in_force(owner, cycles.start)
    # What happens at the moment at which a cycle is over comes after it.
    last = in_force(owner, look - (cycles.over <= look))
    return first, np.maximum(first, last)


def counted(course: Course, grounds: Grounds, pauses: Ints) -> Counted:
    """What counts on a course where the clock stands in these statuses."""
    tracks, found = grounds.tracks, []
    for track, (start_opened, look_opened) in (
        (grounds.track[course.epoch], course.opened),
        (course.owner, (course.start, course.look)),
    ):
        first, last = (tracks.places(track, pauses, course.owner, entry) for entry in course.entries)
        unit = tracks.unit[track]
        stretch = Stretch.of(tracks, unit, (first, last), course.start, start_opened, course.running)
        found.append((stretch, stretch.spent(look_opened, last)))
    (business, business_spent), (wall, wall_spent) = found
    return Counted(business, wall, business_spent, wall_spent)


def pairs(metric: Metric, course: Course, counted: Counted, grounds: Grounds) -> Pairs:
    """What was promised for a metric on a course."""
    promises = grounds.promises
    terms, priority = grounds.epochs.terms[course.epoch], grounds.epochs.priority[course.epoch]
    return Pairs(
        course, counted, promises.pauses[metric][terms],
        promises.target[metric][terms, priority], promises.elapsed[metric][terms, priority],
    )  # fmt: skip


def retargeted(pairs: Pairs) -> Bools:
    """The rows whose epoch promises something else than the one before."""
    unit = np.where(pairs.elapsed | (pairs.target == NONE), NONE, pairs.counted.business.unit)
    same = np.ones(max(len(unit) - 1, 0), dtype=np.bool_)
    for column in (pairs.target, pairs.elapsed, pairs.pauses, unit):
        same &= column[1:] == column[:-1]
    return np.append(False, ~same)[: len(unit)] & (pairs.course.number > 0)


def due(pairs: Pairs, grounds: Grounds) -> Due:
    """The deadlines, epoch by epoch."""
    number, since = pairs.course.number, pairs.course.since
    deadline, graced = reached(pairs, np.flatnonzero(pairs.target != NONE)), np.zeros(len(number), dtype=np.bool_)
    left = np.where(pairs.target == NONE, 0, pairs.target - pairs.spent)
    for later in range(1, int(number.max(initial=0)) + 1):
        late = np.flatnonzero((number == later) & (deadline < since))
        if len(late):
            graced[late] = True
            moment, more = _grace(pairs, grounds, late)
            before = deadline[late - 1]
            deadline[late] = np.minimum(before, moment)
            left[late] = np.where(before < moment, left[late - 1], more)
    return Due(deadline, left, graced)


def reached(pairs: Pairs, rows: Ints, percent: int = 100) -> Ints:
    """When so much of the targets of some rows is reached; NEVER in all other rows."""
    result = np.full(len(pairs.target), NEVER)
    for stretch, elapsed in ((pairs.counted.business, False), (pairs.counted.wall, True)):
        some = rows[pairs.elapsed[rows] == elapsed]
        result[some] = stretch.where(some).reached(pairs.target[some] * percent // 100)
    return result


def _grace(pairs: Pairs, grounds: Grounds, rows: Ints) -> tuple[Ints, Ints]:
    """The moment at which the grace after the change has been counted, and what is left of it."""
    course, counted, promises = pairs.course, pairs.counted, grounds.promises
    terms, since = grounds.epochs.terms[course.epoch[rows]], course.since[rows]
    later = grounds.statuses.entered_until(course.owner[rows], since) - course.entries[0][rows]
    moment, left = np.full(len(rows), NEVER), np.zeros(len(rows), dtype=np.int64)
    for stretch, spent, by_wall in (
        (counted.business, counted.business_spent, False),
        (counted.wall, counted.wall_spent, True),
    ):
        some = np.flatnonzero(promises.grace_elapsed[terms] == by_wall)
        chosen = stretch.where(rows[some])
        opened = grounds.tracks.opened_at(since[some], chosen.unit)
        amount = chosen.spent(opened, chosen.first + later[some]) + promises.grace[terms[some]]
        # With no grace at all the same time may have been counted long before the change.
        moment[some], left[some] = np.maximum(chosen.reached(amount), since[some]), amount - spent[rows[some]]
    return moment, left
