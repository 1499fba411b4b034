"""Knows the looks at the past that are learned from, as arrays: an account on a day, and whether it then left."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zlib import crc32

import narwhals as nw
import numpy as np

from rules.health.features import NAMES, OPEN_URGENT
from rules.regression.cases import Bools, Cases
from rules.regression.logistic import Floats, Ints

_DAY = 86_400 * 1_000_000


@dataclass(frozen=True)
class History:
    """Cases by day and account; `came` is whether the account left within the horizon.

    `arr` is its ARR then (minor units), `left_in` the days until it left (NaN: it did not within the horizon), `looks`
    numbers the days from 0.
    """

    cases: Cases
    arr: Floats
    left_in: Floats
    looks: Ints

    def __len__(self) -> int:
        return len(self.cases)

    def where(self, wanted: Bools) -> "History":
        """Some of the cases."""
        return History(self.cases.where(wanted), self.arr[wanted], self.left_in[wanted], self.looks[wanted])

    @property
    def accounts(self) -> int:
        """How many accounts were looked at."""
        return len(np.unique(self.cases.owners))

    @property
    def churns(self) -> int:
        """How many accounts left."""
        return len(np.unique(self.cases.owners[self.cases.came > 0]))


def history(rows: nw.DataFrame[Any], horizon_days: int, most: int | None = None) -> History:
    """The rows as cases: account_ref, as_of, acv, open_urgent_tickets, left_in and every feature; null is unknown.

    `left_in` are the days from as_of's day to the day on which the account left, of those within the horizon, else
    null. Of more cases than `most` whole accounts are left out, always the same ones.
    """
    ordered = rows.sort("as_of", "account_ref")
    names, owners = np.unique(np.asarray(ordered["account_ref"].to_list(), dtype=str), return_inverse=True)
    lots = np.asarray([crc32(str(name).encode()) for name in names], dtype=np.int64)
    seen_at = _microseconds(ordered["as_of"].to_list())
    left_in = _floats(ordered, "left_in")
    figures = {name: _floats(ordered, name) for name in (*NAMES, OPEN_URGENT)}
    cases = Cases(
        figures, (~np.isnan(left_in)).astype(np.float64), owners.astype(np.int64),
        lots[owners] if len(names) else owners.astype(np.int64), seen_at, seen_at + horizon_days * _DAY,
    )  # fmt: skip
    looks = np.unique(seen_at, return_inverse=True)[1].astype(np.int64)
    whole = History(cases, np.nan_to_num(_floats(ordered, "acv")), left_in, looks)
    if most is None or len(whole) <= most:
        return whole
    kept = np.argsort(lots, kind="stable")[: max(1, len(names) * most // len(whole))]
    return whole.where(np.isin(cases.owners, kept))


def _floats(rows: nw.DataFrame[Any], name: str) -> Floats:
    return rows[name].cast(nw.Float64).fill_null(float("nan")).to_numpy().astype(np.float64)


def _microseconds(moments: list[datetime]) -> Ints:
    return np.asarray([round(moment.timestamp() * 1_000_000) for moment in moments], dtype=np.int64)
