"""Knows how an amount goes to the kinds of touch in a journey first, and from each kind to its touches."""

from collections.abc import Mapping

import narwhals as nw

from retention.ledger import Frame
from retention.shares import by_largest_remainder, with_rest_to_the_first

# The largest effect weighs this much, as a whole number; what is below half a unit of it weighs nothing.
_FULL_WEIGHT = 2**48


def equal_kinds(led: Frame) -> Frame:
    """Add `_kind_weight`: every kind of a journey weighs the same."""
    return led.with_columns(_kind_weight=nw.lit(1, nw.Int64))


def kinds_by_effect(led: Frame, effects: Mapping[str, float]) -> Frame:
    """Add `_kind_weight`: a kind weighs its effect; where no kind of a journey has any, all weigh the same."""
    weighed = led.join(_weights(effects, led.implementation), on="touch_kind", how="left")
    nobody_weighs = nw.col("_kind_weight").max().over("outcome_id") == 0
    return weighed.with_columns(_kind_weight=nw.when(nobody_weighs).then(nw.lit(1)).otherwise(nw.col("_kind_weight")))


def shared_by_kind(led: Frame, amount: str, into: str) -> Frame:
    """Add the column `into`: each touch's share of `amount`, by kind first.

    A row is a touch of a journey with `_kind_weight`; those that weigh nothing have no row in the result. Cents that
    do not divide between kinds go to the largest remainders, among equals to the kind that came first; within a kind
    all touches share alike, and what is left goes to its earliest.
    """
    some = led.filter(nw.col("_kind_weight") > 0)
    kinds = some.group_by("outcome_id", "touch_kind").agg(
        nw.col(amount, "_kind_weight").max(), _first=nw.col("step").min()
    )
    of_kind = by_largest_remainder(kinds, amount, "_kind_weight", ["outcome_id"], ["_first"], "_of_kind")
    told = some.join(
        of_kind.select("outcome_id", "touch_kind", "_of_kind", "_first"), on=["outcome_id", "touch_kind"], how="inner"
    ).with_columns(_one=nw.lit(1, nw.Int64))
    is_first = nw.col("step") == nw.col("_first")
    return with_rest_to_the_first(told, "_of_kind", "_one", ["outcome_id", "touch_kind"], is_first, into)


def total_by_effect(total: int, effects: Mapping[str, float], backend: nw.Implementation) -> dict[str, int]:
    """Split `total` minor units over the kinds of `effects` in proportion; alike where there is no effect at all."""
    kinds = _weights(effects, backend).with_columns(_total=nw.lit(total, nw.Int64), _all=nw.lit(0))
    split = by_largest_remainder(kinds, "_total", "_kind_weight", ["_all"], ["touch_kind"], "_cents")
    return dict(split.select("touch_kind", "_cents").sort("touch_kind").collect().iter_rows())


def _weights(effects: Mapping[str, float], backend: nw.Implementation) -> Frame:
    largest = max(effects.values(), default=0.0) or 1.0
    weights = [round(effect / largest * _FULL_WEIGHT) for effect in effects.values()]
    types = {"touch_kind": nw.String, "_kind_weight": nw.Int64}
    return nw.from_dict({"touch_kind": list(effects), "_kind_weight": weights}, types, backend=backend).lazy()  # type: ignore[arg-type]
