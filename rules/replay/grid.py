"""Knows the moments and the accounts of a replay as places in two lists, and times as numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

Numbers: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]
NEVER = int(np.iinfo(np.int64).max)
DAY = 86_400_000_000
_MICROSECOND = timedelta(microseconds=1)
_START = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Grid:
    """The moments at which rules are asked, ascending, and the accounts that they are asked of, by ascending id.

    `at` are the moments in microseconds since 1970, `day` their UTC dates in days since then; before `known_from` (the
    same microseconds) nothing was known of an account, and no rule is asked of it.
    """

    moments: tuple[datetime, ...]
    accounts: Numbers
    at: Numbers
    day: Numbers
    known_from: Numbers

    @classmethod
    def of(cls, moments: Sequence[datetime], accounts: Mapping[int, datetime]) -> "Grid":
        """`accounts` says from when on each is known."""
        at = np.array([microseconds(moment) for moment in moments], np.int64)
        ids = np.array(sorted(accounts), np.int64)
        known_from = np.array([microseconds(accounts[each]) for each in ids.tolist()], np.int64)
        return cls(tuple(moments), ids, at, at // DAY, known_from)

    @property
    def width(self) -> int:
        """How many moments there are."""
        return len(self.at)

    def place_of(self, accounts: Numbers) -> Numbers:
        """The places of accounts; −1 for one that is not asked of."""
        if not len(self.accounts):
            return np.full(len(accounts), -1)
        place = np.minimum(np.searchsorted(self.accounts, accounts), len(self.accounts) - 1)
        return np.where(self.accounts[place] == accounts, place, -1)


def microseconds(moment: datetime) -> int:
    """Since 1970, UTC."""
    return (moment - _START) // _MICROSECOND


def length(span: timedelta) -> int:
    """A length in microseconds."""
    return span // _MICROSECOND


def moment_of(at: int) -> datetime:
    """The moment of so many microseconds since 1970."""
    return _START + timedelta(microseconds=int(at))


def times(column: nw.Series[Any]) -> Numbers:
    """A column of moments or dates in microseconds since 1970; `NEVER` where there is none."""
    numbers = column.to_numpy().astype("datetime64[us]").astype(np.int64)
    return np.where(column.is_null().to_numpy(), NEVER, numbers)


def days(column: nw.Series[Any]) -> Numbers:
    """A column of dates, without a gap, in days since 1970."""
    return column.to_numpy().astype("datetime64[D]").astype(np.int64)


def whole(column: nw.Series[Any], missing: int = -1) -> Numbers:
    """A column of whole numbers, with `missing` where there is none."""
    return column.fill_null(missing).to_numpy().astype(np.int64, copy=False)
