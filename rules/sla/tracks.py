"""Knows how much time has counted for each ticket before any moment: by its calendars and on the wall's clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from rules.sla.open_time import OpenTime
from rules.sla.promises import NONE
from rules.sla.ragged import NEVER, Bools, expanded, first_reaching
from rules.sla.status_history import StatusHistory
from rules.sla.zones import Ints


class Tracks:
    """The status entries of each ticket, once for each way in which its time is counted.

    A track is a ticket with a unit: a place among `calendars`, or NONE for the wall's clock. The first tracks are the
    tickets on the wall's clock, in order; then come those of `owner`, `unit`. Every array has the entries of all
    tracks for the first mask of paused statuses, then for the next one.

    * opened: the unit's time before the entry
    * counted: the time before the entry that counted, from the track's beginning
    * active: whether the time after the entry counts
    """

    def __init__(
        self, history: StatusHistory, calendars: Sequence[OpenTime], masks: Ints, owner: Ints, unit: Ints
    ) -> None:
        self._calendars, self._history = calendars, history
        tickets = len(history.first) - 1
        counts = np.diff(history.first)
        owners = np.concatenate([np.arange(tickets), owner])
        self.unit = np.concatenate([np.full(tickets, NONE), unit])
        ends = np.cumsum(counts[owners])
        self._begins, self._size = ends - counts[owners], int(ends[-1]) if len(ends) else 0
        track, number = expanded(counts[owners])
        entry = history.first[owners[track]] + number
        opened = self.opened_at(history.at[entry], self.unit[track])
        pieces = [self._pieces(opened, history.status[entry], mask, track) for mask in masks]
        self.opened = np.tile(opened, len(masks))
        self.active: Bools = np.concatenate([active for active, _ in pieces])
        self.counted: Ints = np.concatenate([counted for _, counted in pieces])

    def opened_at(self, moments: Ints, unit: Ints) -> Ints:
        """The unit's time before each moment."""
        return self._by_unit(moments, unit, "open_until")

    def reached(self, opened: Ints, unit: Ints) -> Ints:
        """The earliest moment before which there is so much of the unit's time."""
        return self._by_unit(opened, unit, "reached")

    def places(self, track: Ints, pauses: Ints, owner: Ints, entry: Ints) -> Ints:
        """Where an entry of the status history stands on a track of its owner; `pauses`: the place of the mask."""
        result: Ints = pauses * self._size + self._begins[track] + entry - self._history.first[owner]
        return result

    def _pieces(self, opened: Ints, status: Ints, mask: int, track: Ints) -> tuple[Bools, Ints]:
        active = (mask >> status) & 1 == 0
        same = track[1:] == track[:-1]
        lengths = np.where(same & active[:-1], opened[1:] - opened[:-1], 0)
        # The sum over all tracks may run over; differences within one come out right all the same.
        counted = np.append(0, np.cumsum(lengths))[: len(track)]
        return active, counted - counted[self._begins[track]]

    def _by_unit(self, values: Ints, unit: Ints, search: str) -> Ints:
        result = values.copy()
        for place, calendar in enumerate(self._calendars):
            rows = np.flatnonzero(unit == place)
            if len(rows):
                result[rows] = getattr(calendar, search)(values[rows])
        return result


@dataclass(frozen=True)
class Stretch:
    """A row per stretch of time on a track, from `start` (in the entry at place `first`) to the entry at place `last`.

    The entry `last` is taken to go on for ever. `head` says whether the time from `start` to the next entry counts.
    """

    tracks: Tracks
    unit: Ints
    first: Ints
    last: Ints
    start: Ints
    start_opened: Ints
    head: Bools
    base: Ints

    @classmethod
    def of(
        cls, tracks: Tracks, unit: Ints, places: tuple[Ints, Ints], start: Ints, opened: Ints, running: Bools
    ) -> Self:
        """`opened`: the unit's time at the start; `running`: the status in which it starts does not stop the clock."""
        first, last = places
        head = tracks.active[first] | running
        follower = np.minimum(first + 1, len(tracks.opened) - 1)
        after_head = tracks.counted[follower] - (tracks.opened[follower] - opened)
        base = np.where(head, after_head, tracks.counted[first])
        return cls(tracks, unit, first, last, start, opened, head, base)

    def where(self, wanted: Bools | Ints) -> "Stretch":
        """Some of the rows."""
        return Stretch(
            self.tracks, self.unit[wanted], self.first[wanted], self.last[wanted], self.start[wanted],
            self.start_opened[wanted], self.head[wanted], self.base[wanted],
        )  # fmt: skip

    def spent(self, opened: Ints, place: Ints) -> Ints:
        """What has counted from the start to a moment in the entry at `place`, before which the unit had this time."""
        tracks = self.tracks
        in_entry = np.where(tracks.active[place], opened - tracks.opened[place], 0)
        later = tracks.counted[place] + in_entry - self.base
        return np.where(self.head & (place == self.first), opened - self.start_opened, later)

    def reached(self, amount: Ints) -> Ints:
        """The earliest moment at which so much has counted since the start; NEVER: the clock stands before that."""
        tracks = self.tracks
        wanted = self.base + amount
        place = first_reaching(tracks.counted, self.first + 1, self.last + 1, wanted) - 1
        in_head = self.head & (place == self.first)
        opened = np.where(in_head, self.start_opened + amount, tracks.opened[place] + wanted - tracks.counted[place])
        stands = (place == self.last) & ~tracks.active[place] & ~in_head
        result = np.where(amount <= 0, self.start, NEVER)
        some = np.flatnonzero((amount > 0) & ~stands)
        result[some] = tracks.reached(opened[some], self.unit[some])
        return result
