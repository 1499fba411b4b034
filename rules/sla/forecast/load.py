"""Knows how much work was open at a moment, against what is usual at that time of the week."""

from collections.abc import Sequence
from datetime import timedelta

import numpy as np

from rules.sla.forecast.waits import NEVER, Floats, Ints, Waits

_WEEKS = 6
_FEWEST_WEEKS = 2
_WEEK = timedelta(days=7) // timedelta(seconds=1)
_LATEST = np.int64(2**34)


class Load:
    """The waits of each metric, to be counted at any moment; one that is over then counts no more.

    Not by team: a wait gets its team on the way, so that today's unassigned ones have no like in the past.
    """

    def __init__(self, waits: Waits) -> None:
        self._begun, self._over = (np.sort(_key(waits.metric, each)) for each in (waits.started, waits.over))
        self._first = int(np.quantile(waits.started, 0.02)) // 1_000_000 if len(waits) else 0

    def against_usual(self, metric: Ints, at: Ints) -> Floats:
        """How many times the usual was open at each moment (µs): against the same time of the six weeks before.

        One is added to both sides, so that two against one is no doubling. NaN where fewer than two weeks are known.
        """
        seconds = at // 1_000_000
        usual, weeks = np.zeros(len(at)), np.zeros(len(at))
        for week in range(1, _WEEKS + 1):
            before = seconds - week * _WEEK
            is_known = before > self._first
            usual += np.where(is_known, self._open(metric, before), 0)
            weeks += is_known
        mean = np.divide(usual, weeks, out=np.full(len(at), np.nan), where=weeks >= _FEWEST_WEEKS)
        ratio: Floats = (self._open(metric, seconds) + 1) / (mean + 1)
        return ratio

    def _open(self, metric: Ints, seconds: Ints) -> Ints:
        key, base = metric * _LATEST + seconds, metric * _LATEST
        begun = np.searchsorted(self._begun, key, side="right") - np.searchsorted(self._begun, base)
        over = np.searchsorted(self._over, key, side="right") - np.searchsorted(self._over, base)
        return begun - over


def _key(metric: Ints, moments: Ints) -> Ints:
    return metric * _LATEST + np.where(moments == NEVER, _LATEST - 1, moments // 1_000_000)


def usual_words(ratios: Floats) -> Sequence[str]:
    """How each ratio is said; empty where it is unknown."""
    return ["" if np.isnan(each) else _words(float(each)) for each in ratios]


def _words(ratio: float) -> str:
    return "the usual open work" if 0.8 <= ratio <= 1.25 else f"{ratio:.1f} × the usual open work"
