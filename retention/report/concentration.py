"""Knows on how few accounts a window's expansion rests, and what retention was without them."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import narwhals as nw

from retention.metrics import ratio

_ADDED = ("expansion_cents", "base_parts", "kept_parts", "held_parts")


@dataclass(frozen=True)
class Concentration:
    """The accounts that expanded most, their share of all expansion, and the rates of all others.

    `accounts` is how many were asked for; `names` are fewer where fewer expanded. A rate is None where nobody is left.
    """

    accounts: int
    names: tuple[str, ...]
    share: Fraction | None
    grr_without: Fraction | None
    nrr_without: Fraction | None


def concentrations(units: nw.DataFrame[Any], sizes: Sequence[int]) -> list[Concentration]:
    """One for each of `sizes`, from the units of one window (rows of `unit_movements` of accounts, with `name`)."""
    total = _sums(units)
    ordered = units.filter(nw.col("expansion_cents") > 0).sort(
        "expansion_cents", "account_id", descending=[True, False]
    )
    return [_of(ordered.head(size), total, size) for size in sizes]


def _of(top: nw.DataFrame[Any], total: dict[str, int], size: int) -> Concentration:
    own = _sums(top)
    rest = {name: total[name] - own[name] for name in _ADDED}
    return Concentration(
        accounts=size,
        names=tuple(top["name"].to_list()),
        share=ratio(own["expansion_cents"], total["expansion_cents"]),
        grr_without=ratio(rest["kept_parts"], rest["base_parts"]),
        nrr_without=ratio(rest["held_parts"], rest["base_parts"]),
    )


def _sums(units: nw.DataFrame[Any]) -> dict[str, int]:
    return {name: int(units[name].sum() or 0) for name in _ADDED}
