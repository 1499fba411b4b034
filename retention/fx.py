"""Knows what one currency is worth in another on a day, as an exact fraction, and how a conversion is rounded."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any

import narwhals as nw

from domain.money import minor_digits

Quotes = Mapping[tuple[str, str], list[tuple[date, Fraction]]]
# A factor's terms stay below this, so that 10**15 minor units, in the ledger's parts, times a term fit into 128 bits.
_LONGEST_TERM = 10**17


def half_even(numerator: nw.Expr, denominator: nw.Expr) -> nw.Expr:
    """`numerator / denominator` of integers >= 0, rounded half-even, exact. Null where either is null."""
    doubled = numerator * 2 + denominator
    half_up = doubled // (denominator * 2)
    tie_to_odd = (doubled % (denominator * 2) == 0) & (half_up % 2 == 1)
    return half_up - tie_to_odd.cast(nw.Int64)


def wide(expression: nw.Expr) -> nw.Expr:
    """The same integers in 128 bits: products of cents and rates overflow 64."""
    return expression.cast(nw.Int128)


class RateTable:
    """The exchange rates into one reporting currency.

    The rate of a day is the last one known on or before it: quoted directly or the other way round (the later of the
    two, the direct one on the same day), else through a third currency that has both legs (the first by alphabet).
    One so small or so large that no amount can be counted with it is as good as unknown.
    """

    def __init__(self, quotes: Quotes, reporting_currency: str) -> None:
        self.reporting_currency = reporting_currency
        self._quotes = quotes
        self._pivots = sorted({currency for pair in quotes for currency in pair})
        self.factor = cache(self._factor)

    @classmethod
    def read(cls, fx_rates: nw.LazyFrame[Any], currencies: Iterable[str], reporting_currency: str) -> "RateTable":
        """Collect the rates that touch `currencies`. `fx_rates` has base, quote, on (Date) and rate (decimal digits).

        Of two rates of one pair and day the larger counts, whatever the order of the rows.
        """
        needed = sorted({*currencies, reporting_currency})
        if needed == [reporting_currency]:
            return cls({}, reporting_currency)
        relevant = fx_rates.filter(nw.col("base").is_in(needed) | nw.col("quote").is_in(needed))
        quotes: dict[tuple[str, str], list[tuple[date, Fraction]]] = {}
        for base, quote, on, rate in relevant.select("base", "quote", "on", "rate").collect().iter_rows():
            quotes.setdefault((base, quote), []).append((on, Fraction(Decimal(rate))))
        return cls({pair: sorted(known) for pair, known in quotes.items()}, reporting_currency)

    def _factor(self, currency: str, day: date) -> Fraction | None:
        """Reporting minor units for one minor unit of `currency` on `day`; None where no rate is known."""
        rate = self._rate(currency, day)
        if rate is None:
            return None
        exact = rate * Fraction(10) ** (minor_digits(self.reporting_currency) - minor_digits(currency))
        return _shortened(exact)

    def _rate(self, currency: str, day: date) -> Fraction | None:
        if currency == self.reporting_currency:
            return Fraction(1)
        direct = self._leg(currency, self.reporting_currency, day)
        if direct is not None:
            return direct
        for pivot in self._pivots:
            first, second = self._leg(currency, pivot, day), self._leg(pivot, self.reporting_currency, day)
            if first is not None and second is not None:
                return first * second
        return None

    def _leg(self, base: str, quote: str, day: date) -> Fraction | None:
        straight, turned = self._last(base, quote, day), self._last(quote, base, day)
        if straight is not None and (turned is None or straight[0] >= turned[0]):
            return straight[1]
        return 1 / turned[1] if turned is not None else None

    def _last(self, base: str, quote: str, day: date) -> tuple[date, Fraction] | None:
        known = self._quotes.get((base, quote), [])
        place = bisect_right(known, day, key=lambda quoted: quoted[0])
        return known[place - 1] if place else None


def _shortened(exact: Fraction) -> Fraction | None:
    """The nearest fraction whose terms fit; None where none is near."""
    if max(exact.numerator, exact.denominator) <= _LONGEST_TERM:
        return exact
    below_one = min(exact, 1 / exact).limit_denominator(_LONGEST_TERM)
    if below_one == 0:
        return None
    return below_one if exact < 1 else 1 / below_one
