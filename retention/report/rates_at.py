"""Knows what each currency is worth when each of many windows closes, as a frame to join."""

from collections.abc import Sequence
from typing import Any

import narwhals as nw

from retention.fx import RateTable
from retention.ledger import Frame, Ledger
from retention.windows import Window


def factors_at(ledger: Ledger, amounts: Frame, fx_rates: Frame, shown: Sequence[Window]) -> Frame:
    """`window` (the place in `shown`), `currency`, `_numerator`, `_denominator`: reporting minor units for one.

    The currencies are those of `amounts`; a pair without a rate on the window's last day is absent.
    """
    currencies = sorted(amounts.select("currency").unique().collect()["currency"].to_list())
    rates = RateTable.read(fx_rates, currencies, ledger.currency)
    known = [
        (place, currency, factor.numerator, factor.denominator)
        for place, window in enumerate(shown)
        for currency in currencies
        if (factor := rates.factor(currency, window.last_day)) is not None
    ]
    kinds = {"window": nw.Int64(), "currency": nw.String(), "_numerator": nw.Int128(), "_denominator": nw.Int128()}
    columns: dict[str, list[Any]] = {name: [row[at] for row in known] for at, name in enumerate(kinds)}
    return frame_of(ledger, columns, kinds)


def frame_of(ledger: Ledger, columns: dict[str, list[Any]], schema: dict[str, Any]) -> Frame:
    """A frame of these columns on the engine of the ledger."""
    # Whatever engine collected a frame can make one; the type allows for engines that only read.
    made = nw.from_dict(columns, schema, backend=ledger.backend)  # type: ignore[arg-type]
    return made.lazy(ledger.paid.implementation)
