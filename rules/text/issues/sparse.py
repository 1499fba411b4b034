"""Knows rows of few pieces among many: their weights, and their product with a narrow matrix."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
# So many rows are written out at once: 20 MB of ten thousand pieces.
_AT_ONCE = 500


@dataclass(frozen=True)
class Rows:
    """A matrix by rows: `weights[begins[i]:begins[i + 1]]` stand in the `columns` of row i."""

    begins: NDArray[np.int64]
    columns: NDArray[np.int64]
    weights: Floats
    width: int

    @property
    def height(self) -> int:
        return len(self.begins) - 1

    def times(self, narrow: Floats) -> Floats:
        """The product with a matrix of `width` rows."""
        return np.concatenate([block @ narrow for _, block in self._blocks()] or [narrow[:0]])

    def turned_times(self, narrow: Floats) -> Floats:
        """The product of rows and columns exchanged with a matrix of `height` rows."""
        product = np.zeros((self.width, narrow.shape[1]), dtype=np.float32)
        for rows, block in self._blocks():
            product += block.T @ narrow[rows]
        return product

    def _blocks(self) -> Iterator[tuple[slice, Floats]]:
        """Some rows at a time, written out with their zeros."""
        for first in range(0, self.height, _AT_ONCE):
            last = min(first + _AT_ONCE, self.height)
            entries = slice(int(self.begins[first]), int(self.begins[last]))
            block = np.zeros((last - first, self.width), dtype=np.float32)
            rows = np.repeat(np.arange(last - first), np.diff(self.begins[first : last + 1]))
            block[rows, self.columns[entries]] = self.weights[entries]
            yield slice(first, last), block

    def of_length_one(self) -> "Rows":
        """Each row divided by its Euclidean length."""
        lengths = np.diff(self.begins)
        rows = np.repeat(np.arange(self.height), lengths)
        squares = np.bincount(rows, weights=self.weights.astype(np.float64) ** 2, minlength=self.height)
        scale = 1 / np.sqrt(np.where(squares > 0, squares, 1))
        return replace(self, weights=(self.weights * scale[rows]).astype(np.float32))


def weighed(pieces: Sequence[Sequence[str]], known: Mapping[str, int], rarity: Floats) -> Rows:
    """A row per text: of each known piece its rarity, a little more where it is repeated; rows have length one."""
    placed = [[known[piece] for piece in each if piece in known] for each in pieces]
    rows = np.repeat(np.arange(len(placed)), [len(each) for each in placed])
    columns = np.fromiter(chain.from_iterable(placed), dtype=np.int64, count=len(rows))
    width = max(len(rarity), 1)
    cells, counts = np.unique(rows * width + columns, return_counts=True)
    rows, columns = cells // width, cells % width
    begins = np.searchsorted(rows, np.arange(len(placed) + 1))
    # A second mention says half as much again, a tenth says nothing more.
    weights = 1.5 * counts / (counts + 0.5) * (rarity[columns] if len(columns) else 1.0)
    return Rows(begins.astype(np.int64), columns, weights.astype(np.float32), len(rarity)).of_length_one()
