"""Knows how an amount goes to the kinds of touch in a journey first, and from each kind to its touches."""

from collections.abc import Mapping

import numpy as np

from retention.apportioning import by_largest_remainders
from retention.trails import Ints, Trails

# The largest effect weighs this much, as a whole number; what is below half a unit of it weighs nothing.
_FULL_WEIGHT = 2**48


def equal_kinds(trails: Trails) -> Ints:
    """What each kind of each journey weighs, where all weigh the same."""
    return np.ones(len(trails.groups.kind), np.int64)


def kinds_by_effect(trails: Trails, effects: Mapping[str, float]) -> Ints:
    """A kind weighs its effect; where no kind of a journey has any, all weigh the same."""
    groups = trails.groups
    of_kind = dict(zip(effects, _weights(effects), strict=True))
    weight = np.array([of_kind.get(kind, 0) for kind in trails.kinds], np.int64)[groups.kind]
    if len(weight):
        weight[np.maximum.reduceat(weight, groups.begins)[groups.journey] == 0] = 1
    return weight


def shared_by_kind(trails: Trails, total: Ints, weight: Ints) -> tuple[Ints, Ints]:
    """The rows that have a share of their journey's `total`, and it: by kind first, by the `weight` of each group.

    Cents that do not divide between kinds go to the largest remainders, among equals to the kind that came first;
    within a kind all touches share alike, and what is left goes to its earliest. What weighs nothing has no row.
    """
    groups = trails.groups
    of_kind = by_largest_remainders(total, weight, groups.begins, groups.journey, groups.first)
    each = of_kind // groups.counts
    share = each[groups.of_row]
    share[groups.first] += of_kind - each * groups.counts
    rows = np.flatnonzero(weight[groups.of_row] > 0)
    return rows, share[rows]


def total_by_effect(total: int, effects: Mapping[str, float]) -> dict[str, int]:
    """Split `total` minor units over the kinds of `effects` in proportion; alike where there is no effect at all."""
    if not effects:
        return {}
    names = sorted(effects)
    weight = np.array(_weights({name: effects[name] for name in names}), np.int64)
    weight = weight if weight.any() else np.ones_like(weight)
    one, rank = np.zeros(len(names), np.int64), np.arange(len(names))
    split = by_largest_remainders(np.array([total], np.int64), weight, one[:1], one, rank)
    return dict(zip(names, split.tolist(), strict=True))


def _weights(effects: Mapping[str, float]) -> list[int]:
    largest = max(effects.values(), default=0.0) or 1.0
    return [round(effect / largest * _FULL_WEIGHT) for effect in effects.values()]
