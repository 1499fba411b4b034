"""Knows how well scores and chances agree with labels."""

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.floating]
Truths = NDArray[np.bool_]


def auc(ranked: Numbers, happened: Truths) -> float:
    """How often what happened ranks above what did not; ties count half."""
    _, place, ties = np.unique(ranked, return_inverse=True, return_counts=True)
    rank = (np.cumsum(ties) - (ties - 1) / 2)[place]
    came = happened.sum()
    return float((rank[happened].sum() - came * (came + 1) / 2) / (came * (len(happened) - came)))


def f1(said: Truths, true: Truths, share: float | None = None) -> float:
    """F1 of what is said; with `share`, as if so many were true."""
    weights = np.ones(len(true))
    if share is not None:
        weights = np.where(true, share / true.mean(), (1 - share) / (1 - true.mean()))
    return float(2 * weights[said & true].sum() / max(weights[said].sum() + weights[true].sum(), 1e-9))


def macro_f1(told: NDArray[np.integer], truth: NDArray[np.integer]) -> float:
    """The mean F1 of negative (0), neutral (1) and positive (2)."""
    return float(np.mean([f1(told == each, truth == each) for each in range(3)]))
