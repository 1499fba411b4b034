"""Knows how sure shares are whose cases come from the same accounts again and again."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from domain.records import Record
from rules.kpis.certainty import of_share
from rules.replay.grid import Flags, Numbers

_QUARTILES = (25, 50, 75)


class Share(Record):
    """`count` of `of`; `ratio` and its 95 % interval are None where there was nothing to count."""

    count: int
    of: int
    ratio: float | None = None
    low: float | None = None
    high: float | None = None


class Spread(Record):
    """The quartiles of some lengths in days; None where there is none."""

    count: int
    lower: float | None = None
    median: float | None = None
    upper: float | None = None


def share(hits: Flags, account: Numbers) -> Share:
    """How many cases are hits, by Wilson's interval for as many cases as the accounts make of them.

    Cases of one account are alike: ten false alarms about one customer teach less than ten about ten. So the interval
    is that of count ÷ design effect, the variance between accounts over that of independent cases, never below 1.
    """
    cases = len(hits)
    if not cases:
        return Share(count=0, of=0)
    ratio = float(hits.mean())
    of_account = np.bincount(np.unique(account, return_inverse=True)[1], weights=hits - ratio)
    accounts = len(of_account)
    alone = ratio * (1 - ratio) / cases
    together = float((of_account**2).sum()) / cases**2 * accounts / max(accounts - 1, 1)
    effect = max(1.0, together / alone if alone > 0 else cases / accounts)
    interval = of_share(ratio * cases / effect, cases / effect)
    return Share(count=int(hits.sum()), of=cases, ratio=ratio, low=interval.low, high=interval.high)


def share_of_money(part: Numbers, whole: Numbers, account: Numbers) -> Share:
    """How much of an amount is a part of it, both in minor units, by Wilson's interval for the accounts as they weigh.

    A few large accounts make a sum as unsure as a few cases: (Σ weight)² ÷ Σ weight² of them.
    """
    total = int(whole.sum())
    if total <= 0:
        return Share(count=int(part.sum()), of=total)
    weights = np.bincount(np.unique(account, return_inverse=True)[1], weights=whole)
    cases = float(weights.sum() ** 2 / (weights**2).sum())
    ratio = min(1.0, int(part.sum()) / total)
    interval = of_share(ratio * cases, cases)
    return Share(count=int(part.sum()), of=total, ratio=ratio, low=interval.low, high=interval.high)


def spread(days: NDArray[Any]) -> Spread:
    """The quartiles of lengths in days."""
    if not len(days):
        return Spread(count=0)
    lower, median, upper = (float(each) for each in np.percentile(days, _QUARTILES))
    return Spread(count=len(days), lower=lower, median=median, upper=upper)
