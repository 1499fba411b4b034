"""Knows at which exchange rates an amount would have been counted at moments of the past."""

from bisect import insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

import narwhals as nw
import numpy as np

from retention.book import SAFE, Numbers, scaled
from retention.fx import BUNDLED, RateTable
from retention.ledger import Frame
from retention.windows import utc_day

Terms = tuple[int, int]
# By currency: runs of moments, from one place and before another, with one factor; None where no rate is known.
KnownFactors = dict[str, list[tuple[int, int, Terms | None]]]
_Pair = tuple[str, str]
_Quotes = dict[_Pair, list[tuple[date, Fraction]]]


@dataclass(frozen=True)
class _Said:
    """That a rate was said to be so, or to be gone, and when that was learned."""

    key: tuple[str, str]
    learned_at: datetime
    gone: bool
    pair: _Pair
    quote: tuple[date, Fraction]

    @property
    def is_bundled(self) -> bool:
        return self.key[0] in BUNDLED


@dataclass
class KnownRates:
    """The exchange rates into one currency, as one after the other was learned."""

    currency: str
    said: Sequence[_Said]
    _heard: int = 0
    _current: dict[tuple[str, str], _Said] = field(default_factory=dict)
    _tables: tuple[_Quotes, _Quotes] = field(default_factory=lambda: ({}, {}))

    @classmethod
    def read(cls, versions: Frame, currencies: Iterable[str], currency: str) -> "KnownRates":
        """Those that touch `currencies`. `versions` is storage's frame of what was ever said of exchange rates."""
        needed = sorted({*currencies, currency})
        if needed == [currency]:
            return cls(currency, [])
        touching = versions.filter(nw.col("base").is_in(needed) | nw.col("quote").is_in(needed))
        columns = ("source", "external_id", "recorded_at", "gone", "base", "quote", "on", "rate")
        rows = touching.select(*columns).collect().sort("recorded_at", "source", "external_id").iter_rows()
        return cls(
            currency,
            [
                _Said((source, name), at, bool(gone), (base, quote), (on, Fraction(Decimal(rate))))
                for source, name, at, gone, base, quote, on, rate in rows
            ],
        )

    def factors(self, moments: Sequence[datetime], currencies: Sequence[str]) -> KnownFactors:
        """The factor of each currency on each moment's day, by the rates that were known at the moment."""
        found: KnownFactors = {name: [] for name in currencies}
        table = self._table()
        for place, moment in enumerate(moments):
            table = self._table() if self._hear(moment) else table
            for name, runs in found.items():
                factor = table.factor(name, utc_day(moment))
                terms = None if factor is None else factor.as_integer_ratio()
                if runs and runs[-1][2] == terms:
                    runs[-1] = (runs[-1][0], place + 1, terms)
                else:
                    runs.append((place, place + 1, terms))
        return found

    def _table(self) -> RateTable:
        return RateTable(self._tables[0], self.currency, self._tables[1])

    def _hear(self, moment: datetime) -> bool:
        """Take in what was learned by a moment; whether that was anything."""
        before = self._heard
        while self._heard < len(self.said) and self.said[self._heard].learned_at <= moment:
            said = self.said[self._heard]
            self._forget(self._current.pop(said.key, None))
            if not said.gone:
                self._current[said.key] = said
                insort(self._tables[said.is_bundled].setdefault(said.pair, []), said.quote)
            self._heard += 1
        return self._heard > before

    def _forget(self, former: _Said | None) -> None:
        if former is None:
            return
        quotes = self._tables[former.is_bundled]
        quotes[former.pair].remove(former.quote)
        if not quotes[former.pair]:
            del quotes[former.pair]


def converted(cents: Numbers, factor: Terms) -> Numbers:
    """`cents` at a factor, each rounded half-even by itself."""
    numerator, denominator = factor
    if factor == (1, 1):
        return cents
    most = float(cents.max(initial=1)) * max(1.0, numerator / denominator)
    if float(numerator) * denominator < SAFE and most < SAFE:
        return scaled(cents, np.int64(numerator), np.int64(denominator))  # type: ignore[arg-type]
    amounts, place = np.unique(cents, return_inverse=True)
    # `round` of a fraction is half-even, and as long as it must be.
    worth = [round(Fraction(int(amount) * numerator, denominator)) for amount in amounts]
    counted: Numbers = np.array(worth, np.int64)[place]
    return counted
