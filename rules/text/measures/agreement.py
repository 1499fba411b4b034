"""Knows the measures of agreement between scores and labels: ranks, classes, thresholds, correlation."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Flags = NDArray[np.bool_]


def auc(scores: Numbers, positive: Flags) -> float | None:
    """How often a positive case scores above another one (ties count half), 0..1; None where one side has no case.

    Source: the Mann-Whitney statistic.
    """
    many = int(positive.sum())
    others = len(positive) - many
    if not many or not others:
        return None
    return float((_ranks(scores)[positive].sum() - many * (many + 1) / 2) / (many * others))


def _ranks(values: Numbers) -> Numbers:
    """From 1 on; equal values share the mean of their ranks."""
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    means: Numbers = (last - (count - 1) / 2)[place]
    return means


def f1(flagged: Flags, true: Flags, prevalence: float | None = None) -> float | None:
    """The harmonic mean of precision and recall; None where no case is true.

    With `prevalence`, as if so large a share of the cases were true: both sides weigh as much as that says, which is
    what resampling would give in the mean, without its chance.
    """
    if not true.any() or (prevalence is not None and true.all()):
        return None
    weights = np.ones(len(true))
    if prevalence is not None:
        weights = np.where(true, prevalence / true.mean(), (1 - prevalence) / (1 - true.mean()))
    hit, false = weights[flagged & true].sum(), weights[flagged & ~true].sum()
    return float(2 * hit / (weights[true].sum() + hit + false))


def macro_f1(found: Sequence[str] | NDArray[Any], true: Sequence[str] | NDArray[Any]) -> float | None:
    """The mean F1 of the classes that occur among the true ones; None without any."""
    told, given = np.asarray(found), np.asarray(true)
    each = [f1(told == name, given == name) or 0.0 for name in np.unique(given)]
    return float(np.mean(each)) if each else None


def pearson(one: Numbers, other: Numbers) -> float | None:
    """The correlation, −1..1; None of fewer than two cases, or where one side never differs."""
    if len(one) < 2 or not np.ptp(one) or not np.ptp(other):
        return None
    return float(np.corrcoef(one, other)[0, 1])
