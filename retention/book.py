"""Knows the paid lines as arrays of 64-bit integers, by unit, where all their figures fit."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from retention.ledger import PARTS, Ledger, months_worth_something
from retention.windows import Window, utc_day

Results = nw.DataFrame[Any]
Numbers = NDArray[np.int64]
Flags = NDArray[np.bool_]
# Neither a product nor a sum comes near the end of 64 bits; larger books are counted in 128, line by line and window.
SAFE = 2.0**61
NEVER = np.iinfo(np.int64).max
_MONTHS_BEFORE_1970 = 1970 * 12


@dataclass(frozen=True)
class Book:
    """The paid lines in memory, sorted by unit and product.

    A line's `unit` and `product` are running numbers, `currency` its place in the ledger's currencies; days are counted
    from 1970. `first_lines` has each unit's first line and, at the end, the number of lines; `first_paid` each unit's
    first month that closed above 0, as `Ledger.first_paid` numbers it, -1 without one.
    """

    lines: Results
    cents: Numbers
    parts: Numbers
    starts: Numbers
    ends: Numbers
    currency: Numbers
    unit: Numbers
    product: Numbers
    first_lines: Numbers
    first_paid: Numbers

    @property
    def units(self) -> int:
        """How many units there are."""
        return len(self.first_lines) - 1


@dataclass(frozen=True)
class Factors:
    """What one minor unit of a currency is worth: numerators, denominators and whether known, currency × window."""

    numerator: Numbers
    denominator: Numbers
    known: Flags

    def worth(self, amount: Numbers, currency: Numbers, place: Numbers) -> Numbers:
        """`amount` at the rates of `place`, rounded half-even, 0 where no rate is known."""
        worth = scaled(amount, self.numerator[currency, place], self.denominator[currency, place])
        return np.where(self.known[currency, place], worth, 0)


def read_book(ledger: Ledger, unit: Sequence[str]) -> Book | None:
    """The lines of `ledger` by `unit` (columns of `Ledger.paid`); None where a figure might not fit into 64 bits."""
    order = list(dict.fromkeys([*unit, "product"]))
    columns = dict.fromkeys([*order, "currency", "starts_on", "ends_on", "amount_cents", "interval_months"])
    lines = ledger.paid.select(*columns).sort(*order).collect()
    amount, interval = (lines[name].to_numpy().astype(np.int64) for name in ("amount_cents", "interval_months"))
    if amount.sum(dtype=np.float64) * PARTS > SAFE:
        return None
    currency = np.zeros(len(amount), np.int64)
    for number, name in enumerate(ledger.currencies[1:], start=1):
        currency[(lines["currency"] == name).to_numpy()] = number
    begins_unit = _changes(lines, unit)
    first_lines = np.flatnonzero(begins_unit)
    cents, starts = half_even_of(amount, interval), days_of(lines["starts_on"])
    ends = np.where(lines["ends_on"].is_null().to_numpy(), NEVER, days_of(lines["ends_on"]))
    return Book(
        lines=lines,
        cents=cents,
        parts=half_even_of(amount * PARTS, interval),
        starts=starts,
        ends=ends,
        currency=currency,
        unit=np.cumsum(begins_unit) - 1,
        product=np.cumsum(begins_unit | _changes(lines, ["product"])) - 1,
        first_lines=np.append(first_lines, len(amount)),
        first_paid=_first_paid(ledger, cents, starts, ends, currency, first_lines),
    )


def factors(ledger: Ledger, shown: Sequence[Window], day: str) -> Factors | None:
    """The rates of each currency on that day of each window; None where the terms are too long for 64 bits."""
    rows = [[ledger.rates.factor(name, getattr(window, day)) for window in shown] for name in ledger.currencies]
    terms = [[factor.as_integer_ratio() if factor else (0, 1) for factor in row] for row in rows]
    longest = [max((term[part] for row in terms for term in row), default=1) for part in (0, 1)]
    if float(longest[0]) * longest[1] > SAFE:
        return None
    shape = (len(ledger.currencies), len(shown))
    numerator, denominator = (
        np.array([[term[part] for term in row] for row in terms], np.int64).reshape(shape) for part in (0, 1)
    )
    known = np.array([[factor is not None for factor in row] for row in rows], np.bool_).reshape(shape)
    return Factors(numerator, denominator, known)


def fits(book: Book, *rates: Factors) -> bool:
    """Whether all lines together are worth less than 64 bits hold, in parts, on the dearest of the days."""
    most = max(float((each.numerator / each.denominator).max(initial=1.0)) for each in rates)
    return float(book.parts.sum(dtype=np.float64)) * most < SAFE


def half_even_of(numerator: Numbers, denominator: Numbers) -> Numbers:
    """`numerator / denominator` of integers >= 0, rounded half-even, exact."""
    whole = numerator // denominator
    return _rounded(whole, numerator - whole * denominator, denominator)


def scaled(amount: Numbers, numerator: Numbers, denominator: Numbers) -> Numbers:
    """`amount * numerator / denominator` rounded half-even, where only numerator × denominator and the result fit."""
    whole = amount // denominator
    rest = (amount - whole * denominator) * numerator
    more = rest // denominator
    return _rounded(whole * numerator + more, rest - more * denominator, denominator)


def _rounded(whole: Numbers, rest: Numbers, denominator: Numbers) -> Numbers:
    twice = 2 * rest
    rounded: Numbers = whole + ((twice > denominator) | ((twice == denominator) & (whole % 2 == 1)))
    return rounded


def days_of(column: nw.Series[Any]) -> Numbers:
    """Days since 1970; something where there is none."""
    return column.to_numpy().astype("datetime64[D]").astype(np.int64)


def _changes(lines: Results, columns: Sequence[str]) -> Flags:
    """Whether a row differs from the one before it."""
    changed = np.zeros(len(lines), np.bool_)
    for name in columns:
        column = lines[name]
        changed |= (column != column.shift(1)).fill_null(True).to_numpy()
    return changed


def _first_paid(
    ledger: Ledger, cents: Numbers, starts: Numbers, ends: Numbers, currency: Numbers, first_lines: Numbers
) -> Numbers:
    """As `Ledger.first_paid`: a line counts in the first month that closes with it in force and worth anything."""
    today = np.datetime64(utc_day(ledger.as_of), "D").astype(np.int64)
    begin, over = _months(starts), np.where(ends <= today, _months(np.minimum(ends, today)), NEVER)
    found = np.full(len(cents), NEVER)
    for number, name in enumerate(ledger.currencies):
        own = np.flatnonzero(currency == number)
        for since, until, least in months_worth_something(ledger, name):
            first = np.maximum(begin[own], since)
            counts = (cents[own] >= least) & (first < np.minimum(over[own], until))
            found[own[counts]] = np.minimum(found[own[counts]], first[counts])
    if not len(first_lines):
        return found
    earliest = np.minimum.reduceat(found, first_lines)
    return np.where(earliest == NEVER, -1, earliest)


def _months(days: Numbers) -> Numbers:
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) + _MONTHS_BEFORE_1970
