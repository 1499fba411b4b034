"""Knows logistic and linear regression with a ridge, the penalty chosen by how well unseen episodes would be told."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_MOST_STEPS = 30
# Newton's steps square the error: after one this small, what is left does not matter.
_CLOSE = 1e-3
# Probabilities are kept off 0 and 1, so that no weight vanishes.
_EDGE = 1e-4
_SMALL_PRODUCT = 200_000


@dataclass(frozen=True)
class Fitted:
    """Coefficients (the first is the intercept), and Akaike's criterion of the fit: less is better."""

    coefficients: Floats
    criterion: float


def probabilities(matrix: Floats, coefficients: Floats) -> Floats:
    """What a logistic regression says of the rows of `matrix`, each within (0, 1)."""
    index = np.clip(coefficients[0] + matrix @ coefficients[1:], -30, 30)
    told: Floats = np.clip(1 / (1 + np.exp(-index)), _EDGE, 1 - _EDGE)
    return told


def logistic(matrix: Floats, happened: Floats, penalties: Floats, start: Floats | None = None) -> Fitted:
    """Fit P(happened) by Newton's steps; `penalties` are one per column, on the sum of squares, halved.

    `happened` is 0..1. The intercept bears no penalty. `start` are coefficients to begin with.
    """
    full = np.column_stack([np.ones(len(matrix)), matrix])
    ridge = np.concatenate([[1e-6], penalties])
    found = np.zeros(full.shape[1]) if start is None else start.copy()
    curvature = np.eye(full.shape[1])
    for _ in range(_MOST_STEPS):
        told = 1 / (1 + np.exp(-np.clip(full @ found, -30, 30)))
        weight = np.maximum(told * (1 - told), 1e-6)
        curvature = _squared(full, weight)
        step = np.linalg.solve(curvature + np.diag(ridge), full.T @ (happened - told) - ridge * found)
        # A long step is cut: far from the answer Newton's may run away.
        step *= min(1.0, 4 / max(float(np.abs(step).max()), 1e-12))
        found += step
        if np.abs(step).max() < _CLOSE:
            break
    freedom = float(np.trace(np.linalg.solve(curvature + np.diag(ridge), curvature)))
    told = probabilities(matrix, found)
    likely = float(happened @ np.log(told) + (1 - happened) @ np.log1p(-told))
    return Fitted(found, -2 * likely + 2 * freedom)


def linear(matrix: Floats, measured: Floats, penalties: Floats) -> Fitted:
    """Fit the mean of `measured`; `penalties` as in `logistic`, in units of the residual variance."""
    full = np.column_stack([np.ones(len(matrix)), matrix])
    ridge = np.diag(np.concatenate([[1e-6], penalties]))
    square = _squared(full, np.ones(len(full)))
    found = np.asarray(np.linalg.solve(square + ridge, full.T @ measured), np.float64)
    freedom = float(np.trace(np.linalg.solve(square + ridge, square)))
    spread = max(float(np.mean((measured - full @ found) ** 2)), 1e-12)
    return Fitted(found, len(measured) * np.log(spread) + 2 * freedom)


def _squared(full: Floats, weight: Floats) -> Floats:
    """The weighted sum of squares and products of the columns.

    Taken in slices so small that BLAS starts no threads: for matrices of this size threads wait for each other far
    longer than they work, above all on a busy machine.
    """
    rows, columns = full.shape
    weighted = full * np.sqrt(weight)[:, None]
    length = max(_SMALL_PRODUCT // (columns * columns), 1)
    whole = rows - rows % length
    sliced, rest = weighted[:whole].reshape(-1, length, columns), weighted[whole:]
    found: Floats = (sliced.transpose(0, 2, 1) @ sliced).sum(axis=0) + rest.T @ rest
    return found


def best(fits: Sequence[Fitted]) -> int:
    """The place of the fit with the least criterion; the first among equals."""
    return int(np.argmin([fit.criterion for fit in fits]))
