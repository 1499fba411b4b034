"""Knows how much of what renewed would have been lost without a kind of touch, in a chain of steps between kinds."""

from typing import Any

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from retention.ledger import Frame

Floats = NDArray[np.float64]


def removal_effects(led: Frame) -> dict[str, float]:
    """The share of all renewals that would be lost if a kind of touch led to *lost* instead; 0..1, by kind.

    `led` is `attribution.journeys` with the Boolean `renewed`. The chain is of first order: its states are start, the
    kinds, lost and renewed, its probabilities are the counted steps of all journeys, and a step from a kind to itself
    is no step. Everything is 0 where nothing renewed.

    Source: docs/attribution.md, "Markov".
    """
    columns = ("outcome_id", "touch_kind", "step", "steps", "renewed")
    steps = led.select(*columns).collect().sort("outcome_id", "step")
    steps = steps.with_columns(_before=nw.when(nw.col("step") > 1).then(_KIND.shift(1)))
    moves = steps.filter(nw.col("_before").is_null() | (nw.col("_before") != _KIND))
    counted = moves.group_by("_before", "touch_kind").agg(_count=nw.len())
    ends = steps.filter(nw.col("step") == nw.col("steps")).group_by("touch_kind", "renewed").agg(_count=nw.len())
    return _effects(list(counted.iter_rows()), list(ends.iter_rows()))


_KIND = nw.col("touch_kind")


def _effects(moves: list[tuple[Any, ...]], ends: list[tuple[Any, ...]]) -> dict[str, float]:
    """From counts (kind before or None, kind, count) and (last kind, renewed, count)."""
    kinds = sorted({kind for _, kind, _ in moves})
    if not any(renewed for _, renewed, _ in ends):
        return dict.fromkeys(kinds, 0.0)
    place = {kind: number for number, kind in enumerate(kinds)}
    size = len(kinds)
    started, renewed_, left = np.zeros(size), np.zeros(size), np.zeros(size)
    between = np.zeros((size, size))
    for before, kind, count in moves:
        if before is None:
            started[place[kind]] = count
        else:
            between[place[before], place[kind]] = count
    for kind, renewed, count in ends:
        left[place[kind]] += count
        renewed_[place[kind]] += count * renewed
    left += between.sum(axis=1)
    found = _lost_without(started / started.sum(), between / left[:, None], renewed_ / left)
    return dict(zip(kinds, found.tolist(), strict=True))


def _lost_without(started: Floats, between: Floats, renewed: Floats) -> Floats:
    """For each kind, the probability to pass it and then renew, over the probability to renew at all.

    Whoever passes a removed kind is lost, and nobody else is; so no second chain has to be solved for its removal.
    """
    visits = np.linalg.inv(np.eye(len(started)) - between)
    ever = (started @ visits) / np.diag(visits)
    afterwards = visits @ renewed
    effects: Floats = np.clip(ever * afterwards / (started @ afterwards), 0.0, 1.0)
    return effects
