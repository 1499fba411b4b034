"""Knows what all terms promise, as tables in which whole arrays look their targets up."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import get_args

import numpy as np

from domain.sla import Metric
from domain.tickets import TicketStatus
from rules.durations import Length
from rules.sla.calendar import Calendar
from rules.sla.ragged import Bools
from rules.sla.terms import PRIORITIES, Terms, default_pauses
from rules.sla.zones import Ints

METRICS: tuple[Metric, ...] = tuple(sorted(get_args(Metric)))
NONE = -1
_STATUSES: tuple[str, ...] = get_args(TicketStatus)
_ALWAYS: tuple[TicketStatus, ...] = ("solved", "closed")


class Promises:
    """Tables whose first index is the place of the terms among the sorted hashes; the last row is that of no terms.

    * target[metric]: microseconds by priority, NONE for none
    * elapsed[metric]: whether the target is counted on the wall's clock, by priority
    * pauses[metric]: in which statuses the clock stands, a place among `masks`, which have a bit for each status
    * grace, grace_elapsed; restarts: a reopened ticket begins a new resolution; unit: which of `calendars`, or NONE
    * warnings: percentages, rising, filled up with 0 in front
    """

    def __init__(self, terms: Mapping[str, Terms]) -> None:
        self.hashes = sorted(terms)
        ordered = [terms[name] for name in self.hashes]
        self.calendars: list[Calendar] = list(dict.fromkeys(one.calendar for one in ordered))
        self.unit = _column([*(self.calendars.index(one.calendar) for one in ordered), NONE])
        self.target = {metric: _by_priority(ordered, metric, _micros, NONE) for metric in METRICS}
        self.elapsed = {metric: _by_priority(ordered, metric, _is_elapsed, 0) > 0 for metric in METRICS}
        masks = {metric: _masks(ordered, metric) for metric in METRICS}
        self.masks: Ints = np.unique(np.concatenate(list(masks.values())))
        self.pauses = {metric: np.searchsorted(self.masks, mask) for metric, mask in masks.items()}
        self.grace = _column([*(_micros(one.grace) for one in ordered), 0])
        self.grace_elapsed: Bools = _column([*(_is_elapsed(one.grace) for one in ordered), 0]) > 0
        self.restarts: Bools = np.array([*(one.reopened == "restart" for one in ordered), False])
        self.warnings = _padded([sorted(one.warnings) for one in ordered])


def _column(numbers: list[int]) -> Ints:
    return np.array(numbers, dtype=np.int64)


def _micros(length: Length) -> int:
    return length.time // timedelta(microseconds=1)


def _is_elapsed(length: Length) -> int:
    return int(length.counting == "elapsed")


def _by_priority(ordered: list[Terms], metric: Metric, read: Callable[[Length], int], none: int) -> Ints:
    table = np.full((len(ordered) + 1, len(PRIORITIES)), none, dtype=np.int64)
    for row, one in enumerate(ordered):
        for priority, target in one.targets.get(metric, {}).items():
            table[row, PRIORITIES.index(priority)] = read(target)
    return table


def _masks(ordered: list[Terms], metric: Metric) -> Ints:
    pauses = [*(one.paused_in(metric) for one in ordered), default_pauses(metric)]
    return _column([sum(1 << _STATUSES.index(status) for status in {*paused, *_ALWAYS}) for paused in pauses])


def _padded(rows: list[list[int]]) -> Ints:
    table = np.zeros((len(rows) + 1, max(map(len, rows), default=0)), dtype=np.int64)
    for place, row in enumerate(rows):
        table[place, table.shape[1] - len(row) :] = row
    return table
