"""Knows how groups are made and how a newcomer joins the one that it resembles most."""

import numpy as np
from numpy.typing import NDArray

from rules.text.issues.linkage import average_linkage
from rules.text.issues.sparse import Floats

# So many rows are compared each with each; later ones join the group that they resemble.
MOST_COMPARED = 3_000


class Groups:
    """Groups known by the sum of their members, so that a mean similarity is one product."""

    def __init__(self, directions: int, room: int) -> None:
        self._sums = np.zeros((max(room, 1), directions), dtype=np.float32)
        self._sizes = np.zeros(max(room, 1), dtype=np.float32)
        self.count = 0

    def add(self, group: int, row: Floats, size: int = 1) -> None:
        """Put the mean of so many members into a group; `count` is the number of a new one."""
        self._sums[group] += row * size
        self._sizes[group] += size
        self.count = max(self.count, group + 1)

    def nearest(self, row: Floats) -> tuple[int, float]:
        """The group with the highest mean similarity, and that; −1 where there is none."""
        if not self.count or not row.any():
            return -1, 0.0
        alike = self._sums[: self.count] @ row / self._sizes[: self.count]
        best = int(np.argmax(alike))
        return best, float(alike[best])


def groups_of(vectors: Floats, least: float, sizes: NDArray[np.int64] | None = None) -> list[int]:
    """Equal numbers for rows about the same; a row may be the mean of several.

    Beyond 3,000 rows each joins the group that it resembles most, or opens one.
    """
    counts = np.ones(len(vectors), dtype=np.int64) if sizes is None else sizes
    compared = average_linkage(vectors[:MOST_COMPARED], counts[:MOST_COMPARED], least)
    if len(vectors) == len(compared):
        return [int(label) for label in compared]
    names, places = np.unique(compared, return_inverse=True)
    groups = Groups(vectors.shape[1], len(names) + len(vectors) - len(compared))
    found = list[int]()
    for row, vector in enumerate(vectors):
        if row < len(compared):
            group = int(places[row])
        else:
            nearest, alike = groups.nearest(vector)
            group = nearest if nearest >= 0 and alike >= least else groups.count
        groups.add(group, vector, int(counts[row]))
        found.append(group)
    return found
