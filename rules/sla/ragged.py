"""Knows rows that belong to owners: where the rows of each lie, and how those of all are searched at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from rules.sla.zones import Ints

Bools: TypeAlias = NDArray[np.bool_]

# Later than every moment; two of them still add up to an int64.
NEVER = 2**60


@dataclass(frozen=True)
class Happened:
    """What happened to tickets, sorted by owner (the ticket's place) and time; `values` has an array per column."""

    owner: Ints
    at: Ints
    values: Mapping[str, NDArray[Any]]

    def __getitem__(self, name: str) -> NDArray[Any]:
        """A column."""
        return self.values[name]

    def __len__(self) -> int:
        """How many rows there are."""
        return len(self.owner)

    def where(self, wanted: Bools | Ints | slice) -> "Happened":
        """Some of the rows."""
        return Happened(
            self.owner[wanted], self.at[wanted], {name: column[wanted] for name, column in self.values.items()}
        )

    def of_owners(self, first: int, end: int) -> "Happened":
        """The rows of the owners `first` to `end`, which are counted from 0 then."""
        low, high = np.searchsorted(self.owner, [first, end])
        found = self.where(slice(low, high))
        return Happened(found.owner - first, found.at, found.values)

    def clamped(self, earliest: Ints, before: Ints) -> "Happened":
        """Without what is not `before` its owner's moment; what is earlier than `earliest` counts as then."""
        moved = Happened(self.owner, np.maximum(self.at, earliest[self.owner]), self.values)
        return moved.where(moved.at < before[self.owner])


def bounds(owner: Ints, owners: int) -> Ints:
    """Where the rows of each owner begin, and where those of the last one end: `owners + 1` places."""
    return np.append(0, np.cumsum(np.bincount(owner, minlength=owners)))


def expanded(counts: Ints) -> tuple[Ints, Ints]:
    """For `counts[i]` rows of each owner i: the owner of each row, and its number among its owner's rows, from 0."""
    owner = np.repeat(np.arange(len(counts)), counts)
    begins = np.cumsum(counts) - counts
    return owner, np.arange(len(owner)) - begins[owner]


def first_reaching(values: Ints, low: Ints, high: Ints, wanted: Ints) -> Ints:
    """For each row the first place in `[low, high)` where the rising values reach `wanted`, otherwise `high`."""
    result = low.copy()
    rows = np.flatnonzero(low < high)
    # Most searches end at one of the ends: at a ticket's creation, or with all that is known of it.
    rows = rows[values[low[rows]] < wanted[rows]]
    beyond = values[high[rows] - 1] < wanted[rows]
    result[rows[beyond]] = high[rows[beyond]]
    rows = rows[~beyond]
    low, high, wanted = low[rows] + 1, high[rows] - 1, wanted[rows]
    done = low >= high
    result[rows[done]] = low[done]
    rows, low, high, wanted = rows[~done], low[~done], high[~done], wanted[~done]
    while len(rows):
        middle = (low + high) >> 1
        short = values[middle] < wanted
        low, high = np.where(short, middle + 1, low), np.where(short, high, middle)
        open_ = low < high
        result[rows[~open_]] = low[~open_]
        rows, low, high, wanted = rows[open_], low[open_], high[open_], wanted[open_]
    return result


def following(wanted: Bools) -> Ints:
    """For each row the place of the next wanted row after it, otherwise the number of rows."""
    size = len(wanted)
    places = np.where(wanted, np.arange(size), size)
    at_or_after = np.minimum.accumulate(places[::-1])[::-1]
    return np.append(at_or_after[1:], size)[:size]
