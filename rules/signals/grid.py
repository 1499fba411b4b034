"""Knows the accounts and moments of a panel as numbers, and how sums over windows run along the moments.

A cell is an account at a moment; a row of facts is seen in the cells from its `enter` on and before its `leave`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

Numbers: TypeAlias = NDArray[np.int64]
Chosen: TypeAlias = NDArray[np.bool_]

DAY = 86_400_000_000
"""A day in microseconds."""
NEVER = np.iinfo(np.int64).min
"""The moment that is none: NumPy's NaT as a number."""
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_EVER = np.iinfo(np.int64).max
# Of account ids no farther apart than this a table tells the place, which is faster than searching.
_WIDEST_TABLE = 20_000_000


def microseconds(moments: "nw.Series[Any]") -> Numbers:
    """Datetimes, or the beginnings of dates, since 1970 in UTC; NEVER of a null."""
    return np.asarray(moments.dt.timestamp("us").fill_null(int(NEVER)).to_numpy(), dtype=np.int64)


@dataclass(frozen=True)
class Stretch:
    """Accounts from `begin` to before `end` that are computed together."""

    begin: int
    end: int

    def __len__(self) -> int:
        return self.end - self.begin


class Grid:
    """The accounts by id and the moments in order (microseconds)."""

    def __init__(self, account_ids: Numbers, moments: Sequence[datetime]) -> None:
        self.account_ids = account_ids
        exact = [(moment - _BEGINNING) // timedelta(microseconds=1) for moment in moments]
        self.moments: Numbers = np.array(exact, dtype=np.int64)
        self.days: Numbers = self.moments // DAY
        steps = np.unique(np.diff(self.moments))
        self._step = int(steps[0]) if len(steps) == 1 and steps[0] > 0 else None
        self._first = int(account_ids[0]) if len(account_ids) else 0
        width = int(account_ids[-1]) - self._first + 1 if len(account_ids) else 0
        self._places = np.full(width, -1, dtype=np.int64) if width <= _WIDEST_TABLE else None
        if self._places is not None:
            self._places[account_ids - self._first] = np.arange(len(account_ids))

    def stretches(self, most_cells: int) -> list[Stretch]:
        """The accounts in parts of at most about so many cells."""
        step = max(1, most_cells // max(1, len(self.moments)))
        return [Stretch(at, min(at + step, len(self.account_ids))) for at in range(0, len(self.account_ids), step)]

    def place(self, account_ids: Numbers) -> Numbers:
        """Where these accounts stand; −1 of one that is not among them."""
        if self._places is None or not len(self._places):
            found = np.searchsorted(self.account_ids, account_ids)
            near = np.minimum(found, len(self.account_ids) - 1)
            return np.where(self.account_ids[near] == account_ids, found, -1) if len(self.account_ids) else found - 1
        offset = account_ids - self._first
        inside = (offset >= 0) & (offset < len(self._places))
        return np.where(inside, self._places[np.where(inside, offset, 0)], -1)

    def enter(self, at: Numbers) -> Numbers:
        """The first moment that is not before `at`."""
        if self._step is None:
            return np.searchsorted(self.moments, at, side="left")
        # Moments at one distance need no search. NEVER would overflow: it is before the first of them.
        late = np.maximum(at, self.moments[0] - self._step) - self.moments[0]
        return np.asarray(np.clip(-(-late // self._step), 0, len(self.moments)))


class Cells:
    """The cells of one stretch, with a spare one behind each account's moments where rows go that are never seen."""

    def __init__(self, grid: Grid, stretch: Stretch) -> None:
        self.grid = grid
        self.stretch = stretch
        self._width = len(grid.moments) + 1

    def at(self, account: Numbers, moment: Numbers) -> Numbers:
        """The cell of the account (its place among all) and moment."""
        return (account - self.stretch.begin) * self._width + moment

    def count(self, account: Numbers, enter: Numbers, leave: Numbers) -> Numbers:
        """How many rows each cell sees."""
        size = len(self.stretch) * self._width
        change = np.bincount(self.at(account, enter), minlength=size)
        change -= np.bincount(self.at(account, leave), minlength=size)
        return self._along(change)

    def sum(self, account: Numbers, enter: Numbers, leave: Numbers, of: Numbers) -> Numbers:
        """The sum of what each cell sees, exact as integers are."""
        change = np.zeros(len(self.stretch) * self._width, dtype=np.int64)
        np.add.at(change, self.at(account, enter), of)
        np.subtract.at(change, self.at(account, leave), of)
        return self._along(change)

    def _along(self, change: Numbers) -> Numbers:
        return np.cumsum(self._shaped(change), axis=1).reshape(-1)

    def latest(self, account: Numbers, enter: Numbers, what: Numbers, none: int) -> Numbers:
        """Of each cell `what` of the last row that has entered; rows in ascending order by account and `what`."""
        cells = np.full(len(self.stretch) * self._width, none, dtype=np.int64)
        # Of rows in one cell the last one written stays.
        cells[self.at(account, enter)] = what
        return np.maximum.accumulate(self._shaped(cells), axis=1).reshape(-1)

    def first(self, account: Numbers, leave: Numbers, what: Numbers) -> Numbers:
        """Of each cell `what` of the first row that has not left yet, it may be one ahead; rows as for `latest`."""
        cells = np.full(len(self.stretch) * self._width, _EVER, dtype=np.int64)
        was_seen = leave > 0
        cells[self.at(account[was_seen], leave[was_seen] - 1)[::-1]] = what[was_seen][::-1]
        backwards = np.minimum.accumulate(self._shaped(cells)[:, ::-1], axis=1)
        return backwards[:, ::-1].reshape(-1)

    def painted(self, account: Numbers, enter: Numbers, leave: Numbers, what: Numbers, none: int) -> Numbers:
        """Of each cell `what` of the last of the rows that it sees, in the order given."""
        length = np.maximum(leave - enter, 0)
        begun = np.cumsum(length) - length
        offset = np.arange(int(length.sum())) - np.repeat(begun, length)
        cells = np.full(len(self.stretch) * self._width, none, dtype=np.int64)
        cells[np.repeat(self.at(account, enter), length) + offset] = np.repeat(what, length)
        return self._shaped(cells).reshape(-1)

    def along(self, cell: Numbers, change: Numbers) -> Numbers:
        """The sum of all changes up to each cell."""
        changes = np.zeros(len(self.stretch) * self._width, dtype=np.int64)
        np.add.at(changes, cell, change)
        return self._along(changes)

    def nothing(self) -> Numbers:
        """A zero in each cell, held once."""
        return np.broadcast_to(np.int64(0), len(self.stretch) * len(self.grid.moments))

    def gathered(self, cell: Numbers, of: Numbers) -> Numbers:
        """The sum of what lies in each cell itself."""
        summed = np.bincount(cell, weights=of, minlength=len(self.stretch) * self._width)
        return self._shaped(summed).astype(np.int64).reshape(-1)

    def least(self, cell: Numbers, of: NDArray[np.float64]) -> NDArray[np.float64]:
        """The smallest of what lies in each cell itself; infinite where nothing does."""
        smallest = np.full(len(self.stretch) * self._width, np.inf)
        np.minimum.at(smallest, cell, of)
        return smallest.reshape(len(self.stretch), self._width)[:, :-1].reshape(-1)

    def _shaped(self, cells: Numbers) -> Numbers:
        return cells.reshape(len(self.stretch), self._width)[:, :-1]

    def each(self, by_moment: Numbers) -> Numbers:
        """A value of every moment in every account's cells."""
        return np.tile(by_moment, len(self.stretch))
