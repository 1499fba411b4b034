"""Knows the model of a calibration: a multinomial logistic that stays at the base reader until answers pull it away.

The logits of negative, neutral and positive are a·log p + b + W·x: the base's log-probabilities times a temperature, a
shift for negative and for positive (what the team's class balance needs most), and a few features of the text. Each
parameter has a normal prior centred on "the base as it is" (a = 1, b = 0, W = 0); what is found is the most probable
one (MAP), by Newton's method, so that a few answers move the model a little and many move it far. An answer that leaves
two classes open counts as their sum.
"""

from dataclasses import dataclass

import numpy as np

from rules.text.calibration.seen import Numbers

# Prior spreads, as far as teams differ: the temperature by a fifth, the odds of a class by two fifths. Fifty answers
# tell these odds about as well as the prior does: they move the reader half of the way, two hundred most of it.
_TEMPERATURE_SPREAD, _SHIFT_SPREAD = 0.2, 0.35
_HELD = 1e6
_STEPS = 25
_ENOUGH = 1e-6


@dataclass(frozen=True)
class Weights:
    """`theta`: temperature, shift of negative and of positive, then W of negative and of positive.

    Features are brought to mean 0 and spread 1 by `means` and `spreads` of the answered texts.
    """

    theta: Numbers
    means: Numbers
    spreads: Numbers

    def probabilities(self, logs: Numbers, features: Numbers) -> Numbers:
        """Of n texts, n × 3."""
        if not len(logs):
            return np.zeros((0, 3))
        return _softmax(_design(logs, _standard(features, self.means, self.spreads)) @ self.theta)


AS_IT_IS = Weights(np.array([1.0, 0.0, 0.0]), np.zeros(0), np.ones(0))


def fit(logs: Numbers, features: Numbers, allowed: Numbers, ridge: float) -> Weights:
    """The most probable weights, of n × 3 log-probabilities, n × d features and n × 3 classes left open (0 or 1).

    `ridge` is the inverse variance of the features' prior; infinite: no features.
    """
    if not np.isfinite(ridge):
        features = features[:, :0]
    means = features.mean(axis=0) if features.size else np.zeros(features.shape[1])
    spreads = features.std(axis=0) if features.size else np.ones(features.shape[1])
    spreads = np.where(spreads > 1e-9, spreads, 1.0)
    design = _design(logs, _standard(features, means, spreads))
    width = design.shape[2]
    centre = np.zeros(width)
    centre[0] = 1.0
    prior = np.full(width, ridge if np.isfinite(ridge) else 1.0)
    prior[:3] = (_TEMPERATURE_SPREAD**-2, _SHIFT_SPREAD**-2, _SHIFT_SPREAD**-2)
    if not (allowed[:, 1] != allowed[:, 2]).any():
        # Nobody told neutral from positive: what falls to negative must not make the rest sound glad.
        prior[[2, *range(3 + len(means), width)]] = _HELD
    return Weights(_climbed(design, allowed, centre, prior), means, spreads)


def _climbed(design: Numbers, allowed: Numbers, centre: Numbers, prior: Numbers) -> Numbers:
    """Newton's method with halved steps; answers that leave classes open are bent as whole ones, which is more."""
    theta, lowest = centre.copy(), np.inf
    for _ in range(_STEPS):
        chances = _softmax(design @ theta)
        open_ = chances * allowed
        wanted = open_ / open_.sum(axis=1, keepdims=True)
        slope = np.einsum("nkp,nk->p", design, chances - wanted) + prior * (theta - centre)
        mean = np.einsum("nk,nkp->np", chances, design)
        bend = np.einsum("nk,nkp,nkq->pq", chances, design, design) - mean.T @ mean + np.diag(prior)
        step = np.linalg.solve(bend, slope)
        here, share = _loss(design, allowed, theta, centre, prior), 1.0
        while (below := _loss(design, allowed, theta - share * step, centre, prior)) > here and share > 1e-4:
            share /= 2
        if below < here:
            theta = theta - share * step
        if lowest - below < _ENOUGH:
            break
        lowest = below
    return theta


def _loss(design: Numbers, allowed: Numbers, theta: Numbers, centre: Numbers, prior: Numbers) -> float:
    given = (_softmax(design @ theta) * allowed).sum(axis=1)
    return float(-np.log(given + 1e-300).sum() + 0.5 * (prior * (theta - centre) ** 2).sum())


def _design(logs: Numbers, features: Numbers) -> Numbers:
    """Texts × 3 classes × parameters; neutral is the class that the others are held against."""
    count, width = features.shape
    design = np.zeros((count, 3, 3 + 2 * width))
    design[:, :, 0] = logs
    design[:, 0, 1] = design[:, 2, 2] = 1.0
    design[:, 0, 3 : 3 + width] = features
    design[:, 2, 3 + width :] = features
    return design


def _standard(features: Numbers, means: Numbers, spreads: Numbers) -> Numbers:
    """At most four spreads from the mean, so that a strange text is not read by extrapolation."""
    return np.clip((features[:, : len(means)] - means) / spreads, -4.0, 4.0)


def _softmax(logits: Numbers) -> Numbers:
    lifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    shares: Numbers = lifted / lifted.sum(axis=-1, keepdims=True)
    return shares
