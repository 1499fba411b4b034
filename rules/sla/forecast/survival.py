"""Knows how many waits go on after how long, by what is known of them at a moment."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rules.sla.forecast.waits import NO_WORD, Bools, Floats, Ints, Waits

# The weight of the more general group's estimate, in waits.
_SHRINK = 20.0
_LONGEST = np.int64(2**33)
_TINY = 1e-9

# How many words, or seconds of a target, are told apart.
_ROOM = {"metric": 2**4, "priority": 2**6, "team": 2**16, "target": 2**27}

# From the most general group to the most specific one. A wait without a team has no group by team: a ticket often gets
# its team by being answered, so that those without one are the unanswered ones.
LEVELS: tuple[tuple[str, ...], ...] = (
    ("metric",),
    ("metric", "priority"),
    ("metric", "priority", "target"),
    ("metric", "priority", "target", "team"),
)


@dataclass(frozen=True)
class Known:
    """What was known of some waits at a moment: `rows` of them, how long each took, and whether it was over.

    What was going on is known to have gone on so long; at a past moment that is estimated by what part of the wall's
    time has counted in waits that were over by then, so that nothing later is looked at.
    """

    rows: Ints
    seconds: tuple[Ints, Ints]
    is_over: Bools
    counted_ratio: Floats

    @classmethod
    def at(cls, waits: Waits, moment: int, since: int, *, is_now: bool) -> "Known":
        """Of the waits that began in `[since, moment)`."""
        rows = np.flatnonzero((waits.started >= since) & (waits.started < moment))
        is_over = waits.over[rows] <= moment
        lengths = tuple(each[rows] for each in waits.lengths)
        walls = (np.minimum(waits.over[rows], moment) - waits.started[rows]) // 1_000_000
        ratio = _counted_ratio(waits, rows[is_over], walls[is_over])
        seconds = []
        for counting, length in enumerate(lengths):
            estimated = (walls * ratio[counting, waits.metric[rows]]).astype(np.int64)
            running = length if is_now else np.where(length < 0, -1, estimated)
            seconds.append(np.where(is_over, length, running))
        return cls(rows, (seconds[0], seconds[1]), is_over, ratio)


def _counted_ratio(waits: Waits, rows: Ints, walls: Ints) -> Floats:
    """By counting and metric: what part of the time between beginning and end has counted; 1 where none is known."""
    metrics, count = waits.metric[rows], max(len(waits.names["metric"]), 1)
    ratios = np.ones((2, count))
    for counting in (0, 1):
        length = waits.lengths[counting][rows]
        told = (length >= 0) & (walls > 0)
        wall = np.bincount(metrics[told], weights=walls[told], minlength=count)
        counted = np.bincount(metrics[told], weights=length[told], minlength=count)
        ratios[counting] = np.clip(np.divide(counted, wall, out=np.ones(count), where=wall > 0), 0.01, 1.0)
    return ratios


@dataclass(frozen=True)
class _Curves:
    """Product-limit curves of groups: `keys` are group and seconds in one number, `log_left` the curve after each."""

    keys: Ints
    log_left: Floats
    groups: Ints

    @classmethod
    def of(cls, groups: Ints, seconds: Ints, is_over: Bools) -> "_Curves":
        # Sorted as plain numbers, of equally long waits those that were over first: they are taken off while all wait.
        marked = np.sort(((groups * _LONGEST + np.minimum(seconds, _LONGEST - 1)) << 1) | ~is_over)
        keys, was_over = marked >> 1, (marked & 1) == 0
        groups = keys // _LONGEST
        waiting = np.searchsorted(groups, groups, side="right") - np.arange(len(groups))
        factor = np.where(was_over, np.log(np.maximum(1 - 1 / waiting, _TINY)), 0.0)
        return cls(keys, np.concatenate([[0.0], np.cumsum(factor)]), groups)

    def after(self, groups: Ints, spent: Ints, target: Ints) -> tuple[Floats, Ints]:
        """The share of those who wait longer than `spent` that wait longer than `target`, and how many there are."""
        at_spent = np.searchsorted(self.keys, groups * _LONGEST + np.minimum(spent, _LONGEST - 1), side="right")
        at_target = np.searchsorted(self.keys, groups * _LONGEST + np.minimum(target, _LONGEST - 1), side="right")
        waiting = np.searchsorted(self.groups, groups, side="right") - at_spent
        return np.exp(self.log_left[at_target] - self.log_left[at_spent]), waiting.astype(np.int64)


@dataclass(frozen=True)
class Estimate:
    """Of each wait: that it goes on beyond its target; in each level's group the share that did, and of how many."""

    probability: Floats
    shares: Floats
    waiting: Ints


class Survival:
    """The curves of all groups at one moment, by both countings."""

    def __init__(self, waits: Waits, known: Known) -> None:
        self._codes: list[Ints] = []
        self._curves: list[list[_Curves]] = []
        for level in LEVELS:
            codes, groups = np.unique(_code(waits, level, known.rows), return_inverse=True)
            self._codes.append(codes)
            self._curves.append([_curves(groups.astype(np.int64), known, counting) for counting in (0, 1)])

    def estimate(self, waits: Waits, rows: Ints, spent: Ints, target: Ints) -> Estimate:
        """That `rows` of `waits`, which have spent so much, go on beyond their targets.

        Each group's share is mixed with that of the more general group, the more the fewer waits it rests on.
        """
        shares, waiting = np.empty((len(LEVELS), len(rows))), np.empty((len(LEVELS), len(rows)), np.int64)
        probability, weight = np.full(len(rows), 0.5), 1.0
        for place, level in enumerate(LEVELS):
            code = np.where(_is_grouped(waits, level, rows), _code(waits, level, rows), -1)
            share, left = self._of_level(place, code, waits.counting[rows], spent, target)
            probability = (left * share + weight * probability) / (left + weight)
            shares[place], waiting[place], weight = np.where(left > 0, share, np.nan), left, _SHRINK
        return Estimate(probability, shares, waiting)

    def _of_level(self, place: int, code: Ints, counting: Ints, spent: Ints, target: Ints) -> tuple[Floats, Ints]:
        """The share that goes on in each wait's group, and of how many; 0 of 0 in a group without a past."""
        groups = np.searchsorted(self._codes[place], code)
        share, left = np.zeros(len(code)), np.zeros(len(code), np.int64)
        for each in (0, 1):
            mine = (counting == each) & np.isin(code, self._codes[place])
            share[mine], left[mine] = self._curves[place][each].after(groups[mine], spent[mine], target[mine])
        return share, left


def _curves(groups: Ints, known: Known, counting: int) -> _Curves:
    told = known.seconds[counting] >= 0
    return _Curves.of(groups[told], known.seconds[counting][told], known.is_over[told])


def _is_grouped(waits: Waits, level: Sequence[str], rows: Ints) -> Bools:
    words = waits.names["team"]
    without = words.index(NO_WORD) if NO_WORD in words else -1
    return (waits.team[rows] != without) if "team" in level else np.ones(len(rows), bool)


def _code(waits: Waits, level: Sequence[str], rows: Ints) -> Ints:
    """One number for the words of a level; 0 is left for unknown ones."""
    code = np.zeros(len(rows), np.int64)
    for name in level:
        code = code * _ROOM[name] + np.minimum(getattr(waits, name)[rows] + 1, _ROOM[name] - 1)
    return code
