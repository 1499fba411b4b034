"""Knows how an amount is split by integer weights so that the parts sum to it, to the minor unit."""

from collections.abc import Sequence

import narwhals as nw

from retention.fx import wide
from retention.ledger import Frame


def by_largest_remainder(
    parts: Frame, total: str, weight: str, within: Sequence[str], order_by: Sequence[str], into: str
) -> Frame:
    """Add the column `into`: each part's share of `total`; what is left goes one unit each to the largest remainders.

    A row is a part; rows that agree in `within` share their common `total` (minor units, >= 0) by `weight` (integers
    >= 0; all zero means equal shares). A share never exceeds its exact value rounded up. `order_by` settles ties.
    """
    floored = _floored(parts, total, weight, within)
    place = nw.col("_floor").cum_count().over(*within, order_by=["_short", *order_by])
    left = nw.col(total) - nw.col("_floor").sum().over(*within)
    share = nw.col("_floor") + (place.cast(nw.Int64) <= left).cast(nw.Int64)
    return floored.with_columns(share.alias(into)).drop("_weight", "_floor", "_short")


def _floored(parts: Frame, total: str, weight: str, within: Sequence[str]) -> Frame:
    """Adds `_weight`, `_floor` (the share rounded down) and `_short` (minus the remainder)."""
    nobody_weighs = nw.col(weight).sum().over(*within) == 0
    weighed = parts.with_columns(_weight=wide(nw.when(nobody_weighs).then(nw.lit(1)).otherwise(nw.col(weight))))
    product, whole = wide(nw.col(total)) * nw.col("_weight"), nw.col("_weight").sum().over(*within)
    divided = weighed.with_columns(_product=product, _whole=whole).with_columns(
        _floor=(nw.col("_product") // nw.col("_whole")).cast(nw.Int64)
    )
    return divided.with_columns(_short=wide(nw.col("_floor")) * nw.col("_whole") - nw.col("_product")).drop(
        "_product", "_whole"
    )
