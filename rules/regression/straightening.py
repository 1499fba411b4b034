"""Knows how logits are brought to the shares that came: along a line, and with many answers a bent one."""

from dataclasses import dataclass

import numpy as np

from rules.regression.logistic import Floats, chance

# From so many answers on, the line is bent at so many groups of like size.
_BENT_FROM, _GROUPS = 1_000, 15
_STEPS, _CLOSE = 50, 1e-10


@dataclass(frozen=True)
class Straightened:
    """intercept + slope · logit; between `knots` (logit, straightened logit) as they say, beyond them in parallel.

    `doubt`: the variance of the intercept, its covariance with the slope, the variance of the slope.
    """

    intercept: float = 0.0
    slope: float = 1.0
    knots: tuple[tuple[float, float], ...] = ()
    doubt: tuple[float, float, float] = (0.0, 0.0, 0.0)

    def shares(self, logits: Floats) -> Floats:
        """The share that comes where the model says these logits; a higher one never means less."""
        line = self.intercept + self.slope * logits
        if not self.knots:
            return chance(line)
        places, told = np.asarray(self.knots).T
        bent = told - (self.intercept + self.slope * places)
        return chance(line + np.interp(logits, places, bent))

    def deviations(self, logits: Floats, deviations: Floats) -> Floats:
        """The standard errors of logits, widened by the doubt about the line; where it is flat it decides alone."""
        if self.slope <= 0:
            return np.zeros_like(deviations)
        first, both, second = self.doubt
        added = np.maximum(first + 2 * both * logits + second * logits**2, 0.0) / self.slope**2
        return np.asarray(np.sqrt(deviations**2 + added), dtype=np.float64)


def straightened(logits: Floats, good: Floats, *, bend: bool = True) -> Straightened:
    """What fits what came of cases that the model had not seen; without any, the logits as they are.

    Without `bend` it is a line however many they are.
    """
    if not len(good):
        return Straightened()
    intercept, slope, doubt = _line(logits, good)
    bent = bend and len(good) >= _BENT_FROM and slope > 0
    return Straightened(intercept, slope, _knots(logits, good) if bent else (), doubt)


def line(logits: Floats, good: Floats, weights: Floats | None = None, held: float = 1.0) -> Floats:
    """Intercept and slope that are likeliest, held at leaving the logits as they are as if by so many cases."""
    return _fitted_line(logits, good, np.ones(len(good)) if weights is None else weights, held)[0]


def _line(logits: Floats, good: Floats) -> tuple[float, float, tuple[float, float, float]]:
    """The likeliest line, held lightly at leaving the logits as they are, and the doubt about it."""
    found, curvature = _fitted_line(logits, good, np.ones(len(good)), 1.0)
    # What turned out the wrong way round is no knowledge: then it tells nothing, and all get what is usual.
    known = np.linalg.inv(curvature)
    doubt = (float(known[0, 0]), float(known[0, 1]), float(known[1, 1]))
    return (float(found[0]), float(found[1]), doubt) if found[1] > 0 else (_usual(good), 0.0, doubt)


def _fitted_line(logits: Floats, good: Floats, times: Floats, held: float) -> tuple[Floats, Floats]:
    found, curvature = np.array([0.0, 1.0]), np.eye(2)
    for _ in range(_STEPS):
        expected = chance(found[0] + found[1] * logits)
        weights = times * np.maximum(expected * (1 - expected), 1e-12)
        miss, cross = times * (expected - good), float(weights @ logits)
        gradient = np.array([miss.sum() + held * found[0], miss @ logits + held * (found[1] - 1)])
        curvature = np.array([[weights.sum() + held, cross], [cross, float(weights @ logits**2) + held]])
        step = np.linalg.solve(curvature, gradient)
        found = found - step
        if abs(gradient @ step) < _CLOSE:
            break
    return found, curvature


def _usual(good: Floats) -> float:
    share = (good.sum() + 0.5) / (len(good) + 1)
    return float(np.log(share / (1 - share)))


def _knots(logits: Floats, good: Floats) -> tuple[tuple[float, float], ...]:
    """Of groups of like size the mean logit and the share that came, neighbours together until none falls."""
    order = np.argsort(logits, kind="stable")
    groups = [
        (float(part.sum()), float(good_part.sum()), float(len(part)))
        for part, good_part in zip(
            np.array_split(logits[order], _GROUPS), np.array_split(good[order], _GROUPS), strict=True
        )
    ]
    level: list[tuple[float, float, float]] = []
    for group in groups:
        level.append(group)
        while len(level) > 1 and _share(level[-2]) >= _share(level[-1]):
            last, before = level.pop(), level.pop()
            level.append((last[0] + before[0], last[1] + before[1], last[2] + before[2]))
    return tuple((total / count, _logit((total, came, count))) for total, came, count in level)


def _share(group: tuple[float, float, float]) -> float:
    return (group[1] + 0.5) / (group[2] + 1)


def _logit(group: tuple[float, float, float]) -> float:
    share = _share(group)
    return float(np.log(share / (1 - share)))
