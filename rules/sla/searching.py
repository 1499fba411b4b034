"""Knows how many of sorted numbers are not above each of many others, by a ruler instead of by halving."""

import numpy as np

from rules.sla.zones import Ints

# So many marks a number make most stretches hold one number at most.
_MARKS = 4
# From so many numbers in one stretch on, halving is faster.
_MOST_STEPS = 6


class Ranks:
    """Sorted int64 numbers with marks at even distances, and how many numbers lie below each mark.

    A lookup costs a shift and a comparison or two, whatever the count of numbers; where they stand in heaps, they are
    halved after all.
    """

    def __init__(self, numbers: Ints) -> None:
        self._numbers = numbers
        self._low = int(numbers[0]) - 1 if len(numbers) else 0
        span = int(numbers[-1]) - self._low if len(numbers) else 0
        self._shift = (span // max(_MARKS * len(numbers), 1)).bit_length()
        marks = self._low + (np.arange((span >> self._shift) + 2, dtype=np.int64) << self._shift)
        self._below = np.searchsorted(numbers, marks, side="right")
        self._steps = int(np.diff(self._below).max())
        # Beyond the last number nothing is counted any more.
        self._padded = np.append(numbers, np.iinfo(np.int64).max)

    def not_above(self, values: Ints) -> Ints:
        """How many numbers are less than or equal to each value."""
        if self._steps > _MOST_STEPS:
            return np.searchsorted(self._numbers, values, side="right")
        stretches = (values - self._low) >> self._shift
        np.clip(stretches, 0, len(self._below) - 2, out=stretches)
        counts: Ints = self._below[stretches]
        for _ in range(self._steps):
            counts += self._padded[counts] <= values
        return counts

    def below(self, values: Ints) -> Ints:
        """How many numbers are less than each value."""
        return self.not_above(values - 1)
