"""Knows what amounts in many currencies and of many days are worth in the one that reports are in."""

from collections.abc import Sequence
from typing import Any

import narwhals as nw

from retention.fx import RateTable, half_even, wide
from retention.ledger import Frame

Results = nw.DataFrame[Any]


def in_reporting_currency(amounts: Frame, rates: RateTable, on: str, cents: Sequence[str]) -> Results:
    """Collect `amounts` (currency, the date `on`, the columns `cents` >= 0) with `cents` in reporting minor units.

    Each amount is rounded half-even by itself, at the rate of its own day, so sums of the result agree in every cut.
    An amount without a rate becomes null. What it was stays in `own_<column>`.
    """
    found = amounts.collect()
    kept = found.with_columns(*(nw.col(name).alias(f"own_{name}") for name in cents))
    pairs = found.select("currency", on).unique().sort("currency", on)
    factors = [rates.factor(currency, day) for currency, day in pairs.iter_rows()]
    terms = {
        "currency": pairs["currency"].to_list(),
        on: pairs[on].to_list(),
        "_numerator": [factor and factor.numerator for factor in factors],
        "_denominator": [factor and factor.denominator for factor in factors],
    }
    schema = {**pairs.schema, "_numerator": nw.Int128(), "_denominator": nw.Int128()}
    known = nw.from_dict(terms, schema, backend=found.implementation)
    worth = (half_even(wide(nw.col(name)) * nw.col("_numerator"), nw.col("_denominator")) for name in cents)
    return (
        kept.join(known, on=["currency", on], how="left")
        .with_columns(*(amount.cast(nw.Int64).alias(name) for amount, name in zip(worth, cents, strict=True)))
        .drop("_numerator", "_denominator")
    )


def total(frame: Results, column: str) -> int:
    """The sum of a column of minor units; 0 for an empty frame."""
    return int(frame[column].sum() or 0)
