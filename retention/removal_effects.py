"""Knows how much of what renewed would have been lost without a kind of touch, in a chain of steps between kinds."""

import numpy as np
from numpy.typing import NDArray

from retention.trails import Flags, Ints, Trails

Floats = NDArray[np.float64]


def removal_effects(trails: Trails, renewed: Flags) -> dict[str, float]:
    """The share of all renewals that would be lost if a kind of touch led to *lost* instead; 0..1, by kind.

    `renewed` says it of each journey. The chain is of first order: its states are start, the kinds, lost and renewed,
    its probabilities are the counted steps of all journeys, and a step from a kind to itself is no step. Everything is
    0 where nothing renewed; a kind that came before no outcome has no effect and is left out.

    Source: docs/attribution.md, "Markov".
    """
    present = trails.present
    names = [trails.kinds[kind] for kind in present]
    if not renewed.any():
        return dict.fromkeys(names, 0.0)
    place = np.searchsorted(present, trails.kind)
    size = len(present)
    started, left = _counted(place[trails.begins], size), _counted(place[trails.ends], size)
    renewing = _counted(place[trails.ends][renewed], size)
    goes_on = np.flatnonzero((trails.step[1:] > 1) & (place[1:] != place[:-1]))
    between = _counted(place[goes_on] * size + place[goes_on + 1], size * size).reshape(size, size)
    left += between.sum(axis=1)
    found = _lost_without(started / started.sum(), between / left[:, None], renewing / left)
    return dict(zip(names, found.tolist(), strict=True))


def _counted(places: Ints, size: int) -> Floats:
    return np.bincount(places, minlength=size).astype(np.float64)


def _lost_without(started: Floats, between: Floats, renewed: Floats) -> Floats:
    """For each kind, the probability to pass it and then renew, over the probability to renew at all.

    Whoever passes a removed kind is lost, and nobody else is; so no second chain has to be solved for its removal.
    """
    visits = np.linalg.inv(np.eye(len(started)) - between)
    ever = (started @ visits) / np.diag(visits)
    afterwards = visits @ renewed
    effects: Floats = np.clip(ever * afterwards / (started @ afterwards), 0.0, 1.0)
    return effects
