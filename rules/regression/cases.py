"""Knows the cases that are learned from as arrays: what was known of each, what came, whose it is, and when."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from rules.regression.logistic import Floats, Ints

Bools = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True)
class Cases:
    """A place per case, in the order of `seen_at`. Unknown figures are NaN; moments are microseconds since 1970.

    `came` is 0 or 1, known from `known_at` on; `owners` numbers the accounts from 0; `lots` puts each account into one
    of many lots, the same ones wherever its name is the same.
    """

    figures: dict[str, Floats]
    came: Floats
    owners: Ints
    lots: Ints
    seen_at: Ints
    known_at: Ints

    def __len__(self) -> int:
        return len(self.came)

    def where(self, wanted: Bools | slice) -> Self:
        """Some of the cases."""
        figures = {name: values[wanted] for name, values in self.figures.items()}
        owners = np.unique(self.owners[wanted], return_inverse=True)[1].astype(np.int64)
        parts = (self.lots[wanted], self.seen_at[wanted], self.known_at[wanted])
        return type(self)(figures, self.came[wanted], owners, *parts)
