"""Knows what one currency is worth in another on a day, as an exact fraction, and how a conversion is rounded."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache
from math import prod
from typing import Any

import narwhals as nw

from domain.money import minor_digits

# What comes with the software, and answers only where nothing else does.
BUNDLED = ("ecb",)
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


@dataclass(frozen=True)
class _Leg:
    """One quoted rate on the way from a currency to another, and where it was found."""

    rate: Fraction
    pair: tuple[str, str]
    on: date


class RateTable:
    """The exchange rates into one reporting currency.

    The rate of a day is the last one known on or before it: quoted directly or the other way round (the later of the
    two, the direct one on the same day), else through a third currency that has both legs (the first by alphabet).
    `bundled` quotes answer only where the others have no rate for the day. One so small or so large that no amount can
    be counted with it is as good as unknown. `sources` says who quoted a pair on a day, where that is known.
    """

    def __init__(
        self,
        quotes: Quotes,
        reporting_currency: str,
        bundled: Quotes | None = None,
        sources: Mapping[tuple[tuple[str, str], date], str] | None = None,
    ) -> None:
        self.reporting_currency = reporting_currency
        self._tables, self._sources = [quotes, *([bundled] if bundled else [])], sources or {}
        self.factor = cache(self._factor)

    @classmethod
    def read(cls, fx_rates: nw.LazyFrame[Any], currencies: Iterable[str], reporting_currency: str) -> "RateTable":
        """Collect the rates that touch `currencies`. `fx_rates` has base, quote, on (Date) and rate (decimal digits).

        Of two rates of one pair and day the larger counts, whatever the order of the rows. Where it has `source`, rates
        of a source in `BUNDLED` stand behind all others.
        """
        needed = sorted({*currencies, reporting_currency})
        if needed == [reporting_currency]:
            return cls({}, reporting_currency)
        known = fx_rates.with_columns(source=nw.lit("")) if "source" not in fx_rates.collect_schema() else fx_rates
        relevant = known.filter(nw.col("base").is_in(needed) | nw.col("quote").is_in(needed))
        tables: tuple[dict[tuple[str, str], list[tuple[date, Fraction]]], ...] = ({}, {})
        sources: dict[tuple[tuple[str, str], date], str] = {}
        rows = relevant.select("base", "quote", "on", "rate", "source").collect()
        for base, quote, on, rate, source in rows.iter_rows():
            tables[source in BUNDLED].setdefault((base, quote), []).append((on, Fraction(Decimal(rate))))
            if source and sources.get(((base, quote), on), source) in (source, *BUNDLED):
                sources[(base, quote), on] = source
        ordered = [{pair: sorted(quoted) for pair, quoted in table.items()} for table in tables]
        return cls(ordered[0], reporting_currency, ordered[1], sources)

    def origin(self, currency: str, day: date) -> str | None:
        """Who quoted the rate of a day and when, as `ecb of 2024-03-28`; None without one, or where nobody is named."""
        legs = self._path(currency, day) or []
        named = {(self._sources[leg.pair, leg.on], leg.on) for leg in legs if (leg.pair, leg.on) in self._sources}
        return ", ".join(f"{source} of {on}" for source, on in sorted(named)) or None

    def _factor(self, currency: str, day: date) -> Fraction | None:
        """Reporting minor units for one minor unit of `currency` on `day`; None where no rate is known."""
        legs = self._path(currency, day)
        if legs is None:
            return None
        rate = prod((leg.rate for leg in legs), start=Fraction(1))
        return _shortened(rate * Fraction(10) ** (minor_digits(self.reporting_currency) - minor_digits(currency)))

    def _path(self, currency: str, day: date) -> list[_Leg] | None:
        """The quoted rates that lead from `currency` to the reporting one, by the first table that has them."""
        if currency == self.reporting_currency:
            return []
        for quotes in self._tables:
            direct = _leg(quotes, currency, self.reporting_currency, day)
            if direct is not None:
                return [direct]
            for pivot in sorted({name for pair in quotes for name in pair}):
                first, second = _leg(quotes, currency, pivot, day), _leg(quotes, pivot, self.reporting_currency, day)
                if first is not None and second is not None:
                    return [first, second]
        return None


def _leg(quotes: Quotes, base: str, quote: str, day: date) -> _Leg | None:
    straight, turned = _last(quotes, (base, quote), day), _last(quotes, (quote, base), day)
    if straight is not None and (turned is None or straight[0] >= turned[0]):
        return _Leg(straight[1], (base, quote), straight[0])
    return _Leg(1 / turned[1], (quote, base), turned[0]) if turned is not None else None


def _last(quotes: Quotes, pair: tuple[str, str], day: date) -> tuple[date, Fraction] | None:
    known = quotes.get(pair, [])
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
