"""Knows which touches came before each outcome, in their order, as arrays."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from retention.ledger import Frame

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
_DAY_US = 86_400_000_000
# A table of journeys × kinds may have so many cells for each of its rows; a larger one is sorted instead.
_CELLS_PER_ROW = 16
_LARGEST = 2**63 - 1


@dataclass(frozen=True)
class Groups:
    """The kinds of each journey, by journey: where those of a journey begin, and of each its rows.

    `first` is the earliest row of a group, `counts` how many it has, `of_row` each row's group, `begins` the first
    group of each journey.
    """

    journey: Ints
    kind: Ints
    first: Ints
    counts: Ints
    of_row: Ints
    begins: Ints


@dataclass(frozen=True)
class Trails:
    """Journeys: the outcomes that a touch came before. A row is an outcome × touch, journey by journey, in its order.

    `outcome` is each journey's place among the outcomes, `begins` its first row, `counts` its number of rows; `touch`
    is each row's place among the touches, `kind` its place in `kinds`, `at` its moment in microseconds.
    """

    kinds: tuple[str, ...]
    outcome: Ints
    begins: Ints
    counts: Ints
    touch: Ints
    kind: Ints
    at: Ints

    @cached_property
    def journey(self) -> Ints:
        """Each row's journey."""
        return np.repeat(np.arange(len(self.counts)), self.counts)

    @cached_property
    def step(self) -> Ints:
        """Each row's place in its journey, from 1."""
        return np.arange(1, len(self.touch) + 1) - self.begins[self.journey]

    @cached_property
    def steps(self) -> Ints:
        """How many rows each row's journey has."""
        return self.counts[self.journey]

    @cached_property
    def present(self) -> Ints:
        """The kinds that any row is of."""
        return np.flatnonzero(np.bincount(self.kind, minlength=len(self.kinds)))

    @cached_property
    def ends(self) -> Ints:
        """The last row of each journey."""
        return self.begins + self.counts - 1

    @cached_property
    def groups(self) -> Groups:
        """The rows by journey and kind."""
        rows, width = len(self.kind), max(len(self.kinds), 1)
        cell = self.journey * width + self.kind
        size = len(self.counts) * width
        if size <= _CELLS_PER_ROW * rows + 1:
            counted = np.bincount(cell, minlength=size)
            cells = np.flatnonzero(counted)
            place = np.zeros(size, np.int64)
            place[cells] = np.arange(len(cells))
            of_row, counts = place[cell], counted[cells]
        else:
            cells, of_row, counts = np.unique(cell, return_inverse=True, return_counts=True)
        first = np.zeros(len(cells), np.int64)
        # Of several rows the last that is written stays: so, from behind, the earliest.
        first[of_row[::-1]] = np.arange(rows)[::-1]
        journey = cells // width
        begins = np.searchsorted(journey, np.arange(len(self.counts)))
        return Groups(journey, cells % width, first, counts, of_row, begins)


class TouchBook:
    """All touches, sorted by account and time once, in which the trail of any outcome is one stretch.

    `touches` is `touches.all_touches`; `frame` has its columns, in the order in which they came.
    """

    def __init__(self, touches: Frame) -> None:
        known = touches.collect()
        if known["account_id"].null_count():
            known = known.filter(~nw.col("account_id").is_null())
        self.frame: nw.DataFrame[Any] = known
        self.kinds: tuple[str, ...] = tuple(sorted(self.frame["kind"].unique().to_list()))
        accounts, at = _whole(self.frame["account_id"]), _micros(self.frame["happened_at"])
        self._order = _sorted(accounts, at, _whole(self.frame["position"]))
        self._at = at[self._order]
        self._kind = _codes(self.frame["kind"], self.kinds)[self._order]
        accounts = accounts[self._order]
        self._starts = np.flatnonzero(np.diff(accounts, prepend=accounts[:1] - 1))
        self._accounts = accounts[self._starts]
        self._stops = np.append(self._starts[1:], len(accounts))

    def trails(self, outcomes: nw.DataFrame[Any], look_back_days: int, some: Flags | None = None) -> Trails:
        """The touches with `outcome - look-back <= touch < outcome`; of the outcomes that `some` names, if given.

        `outcomes` has account_id and happened_at; for an outcome without a moment all touches count.
        """
        lows, highs = self._stretches(outcomes, look_back_days * _DAY_US)
        counts = np.maximum(highs - lows, 0)
        if some is not None:
            counts = np.where(some, counts, 0)
        outcome = np.flatnonzero(counts)
        lows, counts = lows[outcome], counts[outcome]
        begins = np.cumsum(counts) - counts
        touch = np.arange(int(counts.sum())) + np.repeat(lows - begins, counts)
        return Trails(self.kinds, outcome, begins, counts, self._order[touch], self._kind[touch], self._at[touch])

    def _stretches(self, outcomes: nw.DataFrame[Any], look_back_us: int) -> tuple[Ints, Ints]:
        moments = outcomes["happened_at"]
        timeless = moments.is_null().to_numpy()
        account = _whole(outcomes["account_id"])
        place = np.searchsorted(self._accounts, account)
        place[place == len(self._accounts)] = 0
        if not len(self._accounts):
            return np.zeros(len(account), np.int64), np.zeros(len(account), np.int64)
        known = self._accounts[place] == account
        starts = np.where(known, self._starts[place], 0)
        stops = np.where(known, self._stops[place], 0)
        at = _micros(moments.fill_null(moments.min())) if not timeless.all() else np.zeros(len(account), np.int64)
        lows = np.where(timeless, starts, self._search(starts, stops, at - look_back_us))
        return lows, np.where(timeless, stops, self._search(starts, stops, at))

    def _search(self, starts: Ints, stops: Ints, moments: Ints) -> Ints:
        """For each stretch the first place whose touch is not before the moment: all stretches are halved at once."""
        low, high = starts.copy(), stops.copy()
        while (low < high).any():
            middle = (low + high) // 2
            is_before = (self._at[np.minimum(middle, len(self._at) - 1)] < moments) & (low < high)
            low, high = np.where(is_before, middle + 1, low), np.where(is_before, high, np.minimum(high, middle))
        return low


def _sorted(accounts: Ints, at: Ints, position: Ints) -> Ints:
    """The places of the touches by account, moment and position."""
    if not len(at):
        return np.zeros(0, np.int64)
    span = int(at.max()) - int(at.min()) + 1
    known = int(accounts.max()) - int(accounts.min()) + 1
    if known * span > _LARGEST or (np.diff(position) <= 0).any():
        return np.lexsort((position, at, accounts))
    # One number for both, and ties as they stand: several times faster.
    return np.argsort((accounts - accounts.min()) * span + (at - at.min()), kind="stable")


def _whole(numbers: "nw.Series[Any]") -> Ints:
    return numbers.to_numpy().astype(np.int64, copy=False)


def _micros(moments: "nw.Series[Any]") -> Ints:
    return _whole(moments.dt.timestamp("us"))


def _codes(words: "nw.Series[Any]", known: tuple[str, ...]) -> Ints:
    """The place of each word in `known`."""
    if not known:
        return np.zeros(0, np.int64)
    return _whole(words.replace_strict(list(known), list(range(len(known))), return_dtype=nw.Int64))
