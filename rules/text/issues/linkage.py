"""Knows how near things come to be one group: by the mean similarity of all their pairs (average linkage)."""

import numpy as np
from numpy.typing import NDArray

from rules.text.issues.sparse import Floats


def average_linkage(vectors: Floats, weights: NDArray[np.int64], least: float) -> NDArray[np.int64]:
    """Equal numbers for rows of one group; groups join while the mean similarity of their pairs is `least` or more.

    `weights` say how often each row counts. A row of zeros stays alone. Time and memory grow with the square of rows.

    Source: Murtagh (1983), nearest-neighbour chains; Lance and Williams (1967) for the mean.
    """
    alike = vectors @ vectors.T
    np.fill_diagonal(alike, -np.inf)
    sizes, member = weights.astype(np.float64), np.arange(len(vectors))
    alive = np.abs(vectors).sum(axis=1) > 0
    alike[~alive, :] = alike[:, ~alive] = -np.inf
    chain = list[int]()
    while True:
        if not chain:
            left = np.flatnonzero(alive)
            if not len(left):
                return _roots(member)
            chain.append(int(left[0]))
        last = chain[-1]
        nearest = int(np.argmax(alike[last]))
        if alike[last, nearest] < least:
            # Nothing can come nearer to it later: means of what is farther stay farther.
            alive[last] = False
            alike[last, :] = alike[:, last] = -np.inf
            chain.pop()
        elif len(chain) > 1 and alike[last, nearest] <= alike[last, chain[-2]]:
            _join(alike, sizes, alive, member, last, chain[-2])
            chain = chain[:-2]
        else:
            chain.append(nearest)


def _join(
    alike: Floats, sizes: NDArray[np.float64], alive: NDArray[np.bool_], member: NDArray[np.int64], one: int, other: int
) -> None:
    """Put the later of two groups into the earlier."""
    kept, gone = min(one, other), max(one, other)
    share = sizes[gone] / (sizes[kept] + sizes[gone])
    alike[kept, :] = alike[:, kept] = (1 - share) * alike[kept] + share * alike[gone]
    alike[kept, kept] = -np.inf
    alike[gone, :] = alike[:, gone] = -np.inf
    sizes[kept] += sizes[gone]
    alive[gone] = False
    member[gone] = kept


def _roots(member: NDArray[np.int64]) -> NDArray[np.int64]:
    while True:
        above = member[member]
        if np.array_equal(above, member):
            return member
        member = above
