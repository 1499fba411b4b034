"""Knows the shares of each model over the journeys of outcomes: whole minor units that sum to what is shared."""

from collections.abc import Callable, Mapping
from math import log

import numpy as np

from domain.conventions import CreditConventions, CreditModel
from retention.apportioning import rest_to_the_first
from retention.kind_shares import equal_kinds, kinds_by_effect, shared_by_kind
from retention.trails import Ints, Trails

_DAY_US = 86_400_000_000
# The youngest touch of a journey weighs this much under time decay; the others less, as whole numbers.
_FULL_WEIGHT = 2.0**40


def model_shares(
    model: CreditModel,
    trails: Trails,
    cents: Ints,
    conventions: CreditConventions,
    effects: Mapping[str, float],
) -> tuple[Ints, Ints]:
    """The rows that the model gives a share to, and each one's part of its journey's `cents`.

    `effects` are Markov's removal effects by kind; other models do not look at them.
    """
    if model == "first":
        return trails.begins, cents
    if model == "last":
        return trails.ends, cents
    if model == "markov":
        return shared_by_kind(trails, cents, kinds_by_effect(trails, effects))
    if model == "shapley":
        return shared_by_kind(trails, cents, equal_kinds(trails))
    weight = _WEIGHTS[model](trails, conventions)
    return np.arange(len(weight)), rest_to_the_first(cents, weight, trails.begins, trails.journey)


def _linear(trails: Trails, _: CreditConventions) -> Ints:
    return np.ones(len(trails.touch), np.int64)


def _u_shaped(trails: Trails, _: CreditConventions) -> Ints:
    """0.4 first, 0.4 last, 0.2 shared by the middle: times 5 × middle, in whole numbers."""
    middle = trails.counts - 2
    key = np.where(middle > 0, 2 * middle, 1)
    weight = np.ones(len(trails.touch), np.int64)
    weight[trails.begins] = weight[trails.ends] = key
    return weight


def _w_shaped(trails: Trails, conventions: CreditConventions) -> Ints:
    """First, milestone and last 0.3 each, 0.1 shared by the others: times 10 × others. Otherwise U-shaped."""
    weight = _u_shaped(trails, conventions)
    if conventions.milestone not in trails.kinds or not len(weight):
        return weight
    rows = np.arange(len(weight))
    is_milestone = trails.kind == trails.kinds.index(conventions.milestone)
    milestone = np.minimum.reduceat(np.where(is_milestone, rows, len(weight)), trails.begins)
    between = (milestone > trails.begins) & (milestone < trails.ends)
    others = trails.counts - 3
    key = np.where(others > 0, 3 * others, 1)[between]
    weight[between[trails.journey]] = 1
    for place in (trails.begins, milestone, trails.ends):
        weight[place[between]] = key
    return weight


def _time_decay(trails: Trails, conventions: CreditConventions) -> Ints:
    """2^(-age / half-life), measured against the youngest touch, so that nothing underflows; at least 2^-40 of it."""
    older_us = (trails.at[trails.ends][trails.journey] - trails.at).astype(np.float64)
    decayed = np.exp(older_us * (-log(2) / (conventions.half_life_days * _DAY_US))) * _FULL_WEIGHT
    return np.maximum(np.rint(decayed).astype(np.int64), 1)


_WEIGHTS: dict[CreditModel, Callable[[Trails, CreditConventions], Ints]] = {
    "linear": _linear,
    "u_shaped": _u_shaped,
    "w_shaped": _w_shaped,
    "time_decay": _time_decay,
}
