"""Knows how a regularised logistic regression is fitted, and how sure its coefficients are."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
_STEPS, _CLOSE, _HALVINGS = 50, 1e-9, 30
FURTHEST_LOGIT = 35.0


def chance(logit: Floats) -> Floats:
    """The probability of a logit, without overflow."""
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(logit, -FURTHEST_LOGIT, FURTHEST_LOGIT))), dtype=np.float64)


@dataclass(frozen=True)
class Fitted:
    """Coefficients, the constant first; `covariance` of them all."""

    coefficients: Floats
    covariance: Floats

    def logits(self, rows: Floats) -> Floats:
        """One a row."""
        return np.asarray(self.coefficients[0] + rows @ self.coefficients[1:], dtype=np.float64)

    def deviations(self, rows: Floats) -> Floats:
        """The standard error of each row's logit."""
        whole = with_constant(rows)
        variances = np.einsum("ij,jk,ik->i", whole, self.covariance, whole, optimize=True)
        return np.asarray(np.sqrt(np.maximum(variances, 0.0)), dtype=np.float64)


def with_constant(rows: Floats) -> Floats:
    """The rows with a leading column of ones."""
    return np.column_stack([np.ones(len(rows)), rows])


def fit(rows: Floats, good: Floats, ridge: float, start: Floats | None = None) -> Floats:
    """The coefficients, the constant first, that are likeliest under a normal prior of variance 1 ÷ ridge.

    `rows` are standardised, `good` is 0 or 1. The constant is free. Newton's steps, halved where they overshoot, from
    `start`.
    """
    whole = with_constant(rows)
    held = np.append(0.0, np.full(rows.shape[1], ridge))
    beta = _beginning(good, rows.shape[1]) if start is None else start.copy()
    loss = _loss(whole, good, held, beta)
    for _ in range(_STEPS):
        gradient, curvature = _slopes(whole, good, held, beta)
        step = np.asarray(np.linalg.solve(curvature, gradient), dtype=np.float64)
        decrease = float(gradient @ step)
        beta, loss = _descended(whole, good, held, beta, step, loss)
        if decrease < _CLOSE:
            break
    return beta


def certainty(rows: Floats, good: Floats, ridge: float, beta: Floats, owners: Ints) -> Fitted:
    """The coefficients with their covariance, which is nowhere narrower than either of two.

    One is Laplace's, from the curvature; the other allows for answers of one owner that resemble each other. `owners`
    are 0, 1, 2 … by case.
    """
    whole = with_constant(rows)
    held = np.append(0.0, np.full(rows.shape[1], ridge))
    _, curvature = _slopes(whole, good, held, beta)
    laplace = np.linalg.inv(curvature)
    scores = whole * (good - chance(whole @ beta))[:, None]
    by_owner = np.zeros((int(owners.max(initial=-1)) + 1, whole.shape[1]))
    np.add.at(by_owner, owners, scores)
    between = laplace @ (by_owner.T @ by_owner) @ laplace
    # Only where owners say that less is known than the curvature does.
    values, vectors = np.linalg.eigh((between - laplace + (between - laplace).T) / 2)
    added = (vectors * np.maximum(values, 0.0)) @ vectors.T
    return Fitted(beta, laplace + added)


def _beginning(good: Floats, columns: int) -> Floats:
    share = (good.sum() + 0.5) / (len(good) + 1.0)
    return np.append(np.log(share / (1 - share)), np.zeros(columns))


def _loss(whole: Floats, good: Floats, held: Floats, beta: Floats) -> float:
    logits = whole @ beta
    return float(np.sum(np.logaddexp(0.0, logits) - good * logits) + 0.5 * np.sum(held * beta**2))


def _slopes(whole: Floats, good: Floats, held: Floats, beta: Floats) -> tuple[Floats, Floats]:
    expected = chance(whole @ beta)
    weights = np.maximum(expected * (1 - expected), 1e-12)
    gradient = np.asarray(whole.T @ (expected - good) + held * beta, dtype=np.float64)
    return gradient, np.asarray((whole * weights[:, None]).T @ whole + np.diag(held), dtype=np.float64)


def _descended(
    whole: Floats, good: Floats, held: Floats, beta: Floats, step: Floats, loss: float
) -> tuple[Floats, float]:
    share = 1.0
    for _ in range(_HALVINGS):
        moved = beta - share * step
        found = _loss(whole, good, held, moved)
        if found <= loss:
            return moved, found
        share /= 2
    return beta, loss
