"""Knows the runs of windows in which a unit's balances stay the same, without looking at each line in each window."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from retention.ledger import PARTS, Ledger
from retention.windows import Window

Results = nw.DataFrame[Any]
Numbers = NDArray[np.int64]
Flags = NDArray[np.bool_]
# Neither a product nor a sum comes near the end of 64 bits; larger books are counted in 128, line by line and window.
_SAFE = 2.0**61
_NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Book:
    """The paid lines in memory, sorted by unit and product, none of whose figures leaves 64 bits.

    A line's `unit` and `product` are running numbers, `currency` its place in the ledger's currencies; `days` are
    counted from 1970. `first_lines` has each unit's first line and, at the end, the number of lines.
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

    @property
    def units(self) -> int:
        """How many units there are."""
        return len(self.first_lines) - 1


@dataclass(frozen=True)
class Factors:
    """What one minor unit of a currency is worth: numerators, denominators and whether known, currency × day."""

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
    if float(lines["amount_cents"].cast(nw.Float64).sum() or 0) * PARTS > _SAFE:
        return None
    amount, interval = (lines[name].to_numpy().astype(np.int64) for name in ("amount_cents", "interval_months"))
    ends = np.where(lines["ends_on"].is_null().to_numpy(), _NEVER, _days(lines, "ends_on"))
    currency = np.zeros(len(amount), np.int64)
    for number, name in enumerate(ledger.currencies):
        if number:
            currency[(lines["currency"] == name).to_numpy()] = number
    begins_unit = _changes(lines, unit)
    begins_product = begins_unit | _changes(lines, ["product"])
    return Book(
        lines=lines,
        cents=half_even_of(amount, interval),
        parts=half_even_of(amount * PARTS, interval),
        starts=_days(lines, "starts_on"),
        ends=ends,
        currency=currency,
        unit=np.cumsum(begins_unit) - 1,
        product=np.cumsum(begins_product) - 1,
        first_lines=np.append(np.flatnonzero(begins_unit), len(amount)),
    )


def half_even_of(numerator: Numbers, denominator: Numbers) -> Numbers:
    """`numerator / denominator` of integers >= 0, rounded half-even, exact."""
    whole = numerator // denominator
    twice = 2 * (numerator - whole * denominator)
    up = (twice > denominator) | ((twice == denominator) & (whole % 2 == 1))
    rounded: Numbers = whole + up
    return rounded


def scaled(amount: Numbers, numerator: Numbers, denominator: Numbers) -> Numbers:
    """`amount * numerator / denominator` rounded half-even, where only numerator × denominator and the result fit."""
    whole = amount // denominator
    certain, rest = whole * numerator, (amount - whole * denominator) * numerator
    more = rest // denominator
    found = certain + more
    twice = 2 * (rest - more * denominator)
    up = (twice > denominator) | ((twice == denominator) & (found % 2 == 1))
    rounded: Numbers = found + up
    return rounded


def spells(ledger: Ledger, shown: Sequence[Window], unit: Sequence[str], unconverted: Sequence[str]) -> Results | None:
    """The balances of `movements.unit_movements`, with a unit's windows that are alike in one row.

    `shown` are windows of one length, oldest first. A row is a unit in the windows from `window` on, before `until`
    (places in `shown`): the columns of `unit`, `BALANCES`, `grown_cents`, `added_cents` and `unconverted_…`. Where it
    has more than one window, nothing has moved in them. None where a figure might not fit into 64 bits.
    """
    book = read_book(ledger, unit)
    if book is None:
        return None
    opens, closes = (_factors(ledger, shown, day) for day in ("opens_on", "last_day"))
    if opens is None or closes is None or not _fits(book, opens, closes):
        return None
    return _Counting(ledger, shown, unit, unconverted, book, opens, closes).rows()


class _Counting:
    """One counting of a book; what is said of a line holds for the place of the line in the book."""

    def __init__(
        self, ledger: Ledger, shown: Sequence[Window], unit: Sequence[str], unconverted: Sequence[str], book: Book,
        opens: Factors, closes: Factors,
    ) -> None:  # fmt: skip
        self.ledger, self.unit, self.unconverted, self.book = ledger, unit, unconverted, book
        self.opens, self.closes, self.windows = opens, closes, len(shown)
        opened, closed = (_ordinals(getattr(window, day) for window in shown) for day in ("opens_on", "last_day"))
        # The windows in which a line is in force when they open, and when they close: [from, until).
        self.open_from, self.open_until = (np.searchsorted(opened, day) for day in (book.starts, book.ends))
        self.close_from, self.close_until = (np.searchsorted(closed, day) for day in (book.starts, book.ends))

    def rows(self) -> Results:
        unit, window, until = self._runs()
        line, run = self._pairs(unit)
        place = window[run]
        was = (self.open_from[line] <= place) & (place < self.open_until[line])
        still = (self.close_from[line] <= place) & (place < self.close_until[line])
        counts = was | still
        line, run, place = (each[counts] for each in (line, run, place))
        was, still = was[counts], still[counts]
        begins = np.flatnonzero(np.diff(run, prepend=-1))
        rows = run[begins]
        columns = {"window": window[rows], "until": until[rows]}
        columns |= self._balances(line, place, was, still, begins)
        made = nw.from_dict(columns, backend=self.ledger.backend)  # type: ignore[arg-type]
        named = self.book.lines.select(*self.unit)[self.book.first_lines[unit[rows]]]
        return nw.concat([named, made], how="horizontal")

    def _runs(self) -> tuple[Numbers, Numbers, Numbers]:
        """Each unit's runs in order: the unit, its first window, the window after its last."""
        units, windows = self.book.units, self.windows
        restless = self._restless()
        of_line = restless[self.book.unit]
        came = (self.close_from, np.minimum(self.open_from, self.close_until))
        went = (np.maximum(self.open_from, self.close_until), self.open_until)
        always = (self.close_from, self.open_until)
        cells = [
            self._cells(*came, ~of_line), self._cells(*went, ~of_line), self._cells(*always, of_line),
        ]  # fmt: skip
        moved = _distinct(np.concatenate(cells), units * (windows + 1))
        # After a window in which a unit moves, and at the beginning, it stands until it moves again.
        after = moved + 1
        ends = np.append(moved[1:], units * (windows + 1))
        unit_of = moved // (windows + 1)
        ends = np.minimum(ends, (unit_of + 1) * (windows + 1) - 1)
        stands = (after < ends) & ~restless[unit_of]
        begins = np.setdiff1d(np.flatnonzero(~restless), unit_of, assume_unique=False)
        first = np.flatnonzero(np.diff(unit_of, prepend=-1))
        early = first[(moved[first] % (windows + 1) > 0) & ~restless[unit_of[first]]]
        froms = np.concatenate([moved, after[stands], unit_of[early] * (windows + 1), begins * (windows + 1)])
        untils = np.concatenate(
            [moved + 1, ends[stands], moved[early], begins * (windows + 1) + windows]
        )  # fmt: skip
        order = np.argsort(froms, kind="stable")
        froms, untils = froms[order], untils[order]
        unit = froms // (windows + 1)
        return unit, froms - unit * (windows + 1), untils - unit * (windows + 1)

    def _restless(self) -> Flags:
        """Whether a unit has a line in a currency whose worth changes from day to day."""
        changing = np.zeros(len(self.ledger.currencies) or 1, np.bool_)
        for number, name in enumerate(self.ledger.currencies):
            changing[number] = name != self.ledger.currency
        lines = changing[self.book.currency]
        return np.bincount(self.book.unit[lines], minlength=self.book.units) > 0

    def _cells(self, begin: Numbers, end: Numbers, lines: Flags) -> Numbers:
        """Unit × (windows + 1) + window for the windows `[begin, end)` of some lines."""
        some = lines & (begin < end)
        line, number = _expanded(np.flatnonzero(some), (end - begin)[some])
        return self.book.unit[line] * (self.windows + 1) + begin[line] + number

    def _pairs(self, unit: Numbers) -> tuple[Numbers, Numbers]:
        """Each run with each line of its unit: places of lines and of runs."""
        first = self.book.first_lines[unit]
        run, number = _expanded(np.arange(len(unit)), self.book.first_lines[unit + 1] - first)
        return first[run] + number, run

    def _balances(self, line: Numbers, place: Numbers, was: Flags, still: Flags, begins: Numbers) -> dict[str, Numbers]:
        """What the lines add up to, run by run, which begin at `begins`."""
        book = self.book
        amounts, lost = self._worth(line, place, was, still)
        found = {name: _sums(each, begins) for name, each in amounts.items()}
        for name in self.unconverted:
            own = lost & (book.currency[line] == self.ledger.currencies.index(name))
            found[f"unconverted_{name}"] = _sums(np.where(own, book.cents[line], 0), begins)
        product = book.product[line]
        new_run = np.zeros(len(line), np.bool_)
        new_run[begins] = True
        parts = np.flatnonzero(new_run | (np.diff(product, prepend=-1) != 0))
        opening, constant = (_sums(amounts[name], parts) for name in ("opening_cents", "closing_at_opening_rate_cents"))
        grown = np.maximum(constant - opening, 0)
        of_run = np.searchsorted(parts, begins)
        found["grown_cents"] = _sums(grown, of_run)
        found["added_cents"] = _sums(np.where(opening == 0, grown, 0), of_run)
        return found

    def _worth(self, line: Numbers, place: Numbers, was: Flags, still: Flags) -> tuple[dict[str, Numbers], Flags]:
        """The balances of each line, and whether its closing is lost for want of a rate."""
        book, currency = self.book, self.book.currency[line]
        cents, parts = book.cents[line], book.parts[line]
        if len(self.ledger.currencies) < 2 and self.opens.known.all() and not self._converts():
            amounts = {
                "opening_cents": np.where(was, cents, 0), "closing_at_opening_rate_cents": np.where(still, cents, 0),
                "opening_parts": np.where(was, parts, 0), "closing_at_opening_rate_parts": np.where(still, parts, 0),
            }  # fmt: skip
            return amounts | {"closing_cents": amounts["closing_at_opening_rate_cents"]}, np.zeros(len(line), np.bool_)
        later = ~was & ~self.opens.known[currency, place]
        found: dict[str, Numbers] = {}
        for name, own in (("cents", cents), ("parts", parts)):
            before, after = (each.worth(own, currency, place) for each in (self.opens, self.closes))
            found[f"opening_{name}"] = np.where(was, before, 0)
            found[f"closing_at_opening_rate_{name}"] = np.where(still, np.where(later, after, before), 0)
            found[f"closing_{name}"] = np.where(still, after, 0)
        del found["closing_parts"]
        return found, still & ~self.closes.known[currency, place]

    def _converts(self) -> bool:
        return any(name != self.ledger.currency for name in self.ledger.currencies)


def _factors(ledger: Ledger, shown: Sequence[Window], day: str) -> Factors | None:
    """The rates of each currency on that day of each window; None where a term is too long for 64 bits."""
    rows = [[ledger.rates.factor(name, getattr(window, day)) for window in shown] for name in ledger.currencies]
    known = np.array([[factor is not None for factor in row] for row in rows], np.bool_)
    numerator = [[factor.numerator if factor else 0 for factor in row] for row in rows]
    denominator = [[factor.denominator if factor else 1 for factor in row] for row in rows]
    longest = max((max(row, default=0) for row in numerator), default=0)
    if float(longest) * max((max(row, default=1) for row in denominator), default=1) > _SAFE:
        return None
    return Factors(np.array(numerator, np.int64), np.array(denominator, np.int64), known)


def _fits(book: Book, *factors: Factors) -> bool:
    """Whether all lines together are worth less than 64 bits hold, in parts, on the dearest of the days."""
    total, most = float(book.parts.astype(np.float64).sum()), 1.0
    for each in factors:
        most = max(most, float((each.numerator / each.denominator).max(initial=0.0)))
    return total * most < _SAFE


def _days(lines: Results, column: str) -> Numbers:
    return lines[column].to_numpy().astype("datetime64[D]").astype(np.int64)


def _ordinals(days: Any) -> Numbers:
    return np.array([np.datetime64(day, "D") for day in days], "datetime64[D]").astype(np.int64)


def _changes(lines: Results, columns: Sequence[str]) -> Flags:
    """Whether a row differs from the one before it."""
    changed = np.zeros(len(lines), np.bool_)
    for name in columns:
        column = lines[name]
        changed |= (column != column.shift(1)).fill_null(True).to_numpy()
    return changed


def _expanded(items: Numbers, counts: Numbers) -> tuple[Numbers, Numbers]:
    """Each item as often as it counts, and a running number from 0 within it."""
    total = int(counts.sum())
    before = np.cumsum(counts) - counts
    return np.repeat(items, counts), np.arange(total) - np.repeat(before, counts)


def _distinct(numbers: Numbers, below: int) -> Numbers:
    """The distinct numbers, sorted; all are >= 0 and less than `below`."""
    if below > 64 * len(numbers) + 1_000_000:
        return np.unique(numbers)
    present = np.zeros(below, np.bool_)
    present[numbers] = True
    return np.flatnonzero(present)


def _sums(values: Numbers, begins: Numbers) -> Numbers:
    return np.add.reduceat(values, begins) if len(begins) else np.zeros(0, np.int64)
