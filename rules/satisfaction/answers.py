"""Knows the answered cases as arrays: what is known of each, how it was answered, whose it is, and when."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zlib import crc32

import narwhals as nw
import numpy as np

from rules.regression.cases import Cases
from rules.regression.logistic import Floats, Ints
from rules.satisfaction.features import NAMES


class Answers(Cases):
    """Answered cases: `came` says whether the customer was satisfied, `known_at` is the moment of the answer."""

    @property
    def dissatisfied(self) -> int:
        """How many were not satisfied."""
        return int(len(self) - self.came.sum())


def answers(rows: nw.DataFrame[Any], newest: int | None = None) -> Answers:
    """The rows of `features` over `answered_cases`, by case; of more than `newest` the last ones."""
    known = rows.sort("case").tail(newest) if newest else rows.sort("case")
    accounts = known["account"].to_list()
    names, owners = np.unique(np.asarray(accounts, dtype=str), return_inverse=True)
    lots = np.asarray([crc32(str(name).encode()) for name in names], dtype=np.int64)
    return Answers(
        figures(known),
        known["satisfied"].to_numpy().astype(np.float64),
        owners.astype(np.int64),
        lots[owners] if len(names) else owners.astype(np.int64),
        _microseconds(known["seen_at"].to_list()),
        _microseconds(known["answered_at"].to_list()),
    )


def figures(rows: nw.DataFrame[Any]) -> dict[str, Floats]:
    """The features by name; NaN where they are unknown."""
    return {name: rows[name].cast(nw.Float64).fill_null(float("nan")).to_numpy().astype(np.float64) for name in NAMES}


def _microseconds(moments: Sequence[datetime]) -> Ints:
    return np.asarray([round(moment.timestamp() * 1_000_000) for moment in moments], dtype=np.int64)
