"""Knows how to fit a logistic regression that is held towards what is believed beforehand."""

import numpy as np

from rules.sla.forecast.waits import Floats

_STEPS = 30
_CLOSE = 1e-8
_FARTHEST = 6.0


def logit(probability: Floats) -> Floats:
    """The log odds, within those of a quarter of a percent and its opposite."""
    edge = 1 / (1 + np.exp(_FARTHEST))
    inside = np.clip(probability, edge, 1 - edge)
    return np.log(inside / (1 - inside))


def expit(odds: Floats) -> Floats:
    """The probability of log odds."""
    return 1 / (1 + np.exp(-np.clip(odds, -30.0, 30.0)))


def fit(features: Floats, happened: Floats, beforehand: Floats, strength: Floats) -> Floats:
    """The coefficients that say best what happened, by Newton's steps.

    `features` has a row per case; `strength` is by how many cases' worth each coefficient is held at its value in
    `beforehand`.
    """
    coefficients = beforehand.astype(float).copy()
    for _ in range(_STEPS):
        expected = expit(features @ coefficients)
        gradient = features.T @ (happened - expected) - strength * (coefficients - beforehand)
        weights = np.maximum(expected * (1 - expected), 1e-9)
        curvature = (features * weights[:, None]).T @ features + np.diag(strength)
        step = np.linalg.solve(curvature, gradient)
        coefficients += np.clip(step, -2.0, 2.0)
        if np.abs(step).max() < _CLOSE:
            break
    return coefficients
