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
class Pairs:
    """A row per cycle and epoch in which it ran, in order; `begins` is the first row of each cycle.

    * since, until: when the cycle was in this epoch; the last one goes on for ever
    * target: microseconds, NONE for none; elapsed: counted on the wall's clock
    * business, wall: the stretch from the cycle's start by the calendar and on the wall's clock
    * business_spent, wall_spent: what has counted of each when the look is taken
    """

    cycle: Ints
    number: Ints
    begins: Ints
    epoch: Ints
    owner: Ints
    since: Ints
    until: Ints
    mask: Ints
    target: Ints
    elapsed: Bools
    business: Stretch
    wall: Stretch
    business_spent: Ints
    wall_spent: Ints

    @property
    def spent(self) -> Ints:
        """What has counted in the target's counting."""
        return np.where(self.elapsed, self.wall_spent, self.business_spent)


@dataclass(frozen=True)
class Due:
    """A row per cycle and epoch: the deadline in it, NEVER while the clock stands or without a target.

    `left` is what may still be counted until then; `graced` says that the change gave it some more time.
    """

    deadline: Ints
    left: Ints
    graced: Bools


def pairs(metric: Metric, cycles: Cycles, grounds: Grounds, look: Ints) -> Pairs:
    """The cycles in their epochs, each as it was at `look`; one that is over by then as it was just before."""
    epochs, promises = grounds.epochs, grounds.promises
    first, last = _range(epochs.begun_until, epochs.begun_before, cycles, look)
    counts = last - first + 1
    cycle, number = expanded(counts)
    epoch = first[cycle] + number
    owner, terms, priority = cycles.owner[cycle], epochs.terms[epoch], epochs.priority[epoch]
    mask = promises.mask[metric][terms]
    entries = _range(grounds.statuses.entered_until, grounds.statuses.entered_before, cycles, look)
    business = _stretch(cycles, grounds, grounds.track[epoch], mask, cycle, entries)
    wall = _stretch(cycles, grounds, owner, mask, cycle, entries)
    is_last = number == counts[cycle] - 1
    follower = np.minimum(epoch + 1, len(epochs.since) - 1)
    return Pairs(
        cycle, number, np.cumsum(counts) - counts, epoch, owner,
        np.where(number == 0, cycles.start[cycle], epochs.since[epoch]),
        np.where(is_last, NEVER, epochs.since[follower]),
        mask,
        promises.target[metric][terms, priority],
        promises.elapsed[metric][terms, priority],
        business,
        wall,
        business.spent(look[cycle], business.last),
        wall.spent(look[cycle], wall.last),
    )  # fmt: skip


def _range(
    until: Callable[[Ints, Ints], Ints], before: Callable[[Ints, Ints], Ints], cycles: Cycles, look: Ints
) -> tuple[Ints, Ints]:
    """Where each cycle starts and where it is at the look."""
    owner = cycles.owner
    first = until(owner, cycles.start)
    last = np.where(cycles.over <= look, before(owner, look), until(owner, look))
    return first, np.maximum(first, last)


def _stretch(
    cycles: Cycles, grounds: Grounds, track: Ints, mask: Ints, cycle: Ints, entries: tuple[Ints, Ints]
) -> Stretch:
    tracks, owner, start = grounds.tracks, cycles.owner[cycle], cycles.start[cycle]
    first, last = (tracks.places(track, mask, owner, entry[cycle]) for entry in entries)
    running = cycles.asked & (grounds.statuses.at[entries[0][cycle]] < start)
    return Stretch.of(tracks, tracks.unit[track], first, last, start, running)


def due(pairs: Pairs, grounds: Grounds) -> Due:
    """The deadlines, epoch by epoch."""
    deadline, graced = _by_target(pairs), np.zeros(len(pairs.cycle), dtype=np.bool_)
    left = np.where(pairs.target == NONE, 0, pairs.target - pairs.spent)
    for number in range(1, int(pairs.number.max(initial=0)) + 1):
        late = np.flatnonzero((pairs.number == number) & (deadline < pairs.since))
        if len(late):
            graced[late] = True
            moment, more = _grace(pairs, grounds, late)
            before = deadline[late - 1]
            deadline[late] = np.minimum(before, moment)
            left[late] = np.where(before < moment, left[late - 1], more)
    return Due(deadline, left, graced)


def _by_target(pairs: Pairs) -> Ints:
    deadline = np.full(len(pairs.cycle), NEVER)
    for stretch, elapsed in ((pairs.business, False), (pairs.wall, True)):
        rows = np.flatnonzero((pairs.target != NONE) & (pairs.elapsed == elapsed))
        deadline[rows] = stretch.where(rows).reached(pairs.target[rows])
    return deadline


def _grace(pairs: Pairs, grounds: Grounds, rows: Ints) -> tuple[Ints, Ints]:
    """The moment at which the grace after the change has been counted, and what is left of it."""
    statuses, terms = grounds.statuses, grounds.epochs.terms[pairs.epoch[rows]]
    since, owner = pairs.since[rows], pairs.owner[rows]
    later = statuses.entered_until(owner, since) - statuses.entered_until(owner, pairs.wall.start[rows])
    moment, left = np.full(len(rows), NEVER), np.zeros(len(rows), dtype=np.int64)
    for stretch, spent, by_wall in (
        (pairs.business, pairs.business_spent, False),
        (pairs.wall, pairs.wall_spent, True),
    ):
        some = np.flatnonzero(grounds.promises.grace_elapsed[terms] == by_wall)
        chosen = stretch.where(rows[some])
        amount = chosen.spent(since[some], chosen.first + later[some]) + grounds.promises.grace[terms[some]]
        moment[some], left[some] = chosen.reached(amount), amount - spent[rows[some]]
    return moment, left
