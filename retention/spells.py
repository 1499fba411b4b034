"""Knows the runs of windows in which a unit's balances stay the same, without looking at each line in each window."""

from collections.abc import Sequence

import narwhals as nw
import numpy as np

from retention.book import SAFE, Book, Factors, Flags, Numbers, Results, factors, fits, read_book, scaled
from retention.ledger import Ledger
from retention.windows import Window, month_number

_AT_OPENING = ("opening_cents", "closing_at_opening_rate_cents")


def spells(ledger: Ledger, shown: Sequence[Window], unit: Sequence[str], unconverted: Sequence[str]) -> Results | None:
    """The balances of `movements.unit_movements`, with a unit's windows that are alike in one row.

    `shown` are windows of one length, oldest first. A row is a unit in the windows from `window` on, before `until`
    (places in `shown`), the first of which begins in the month `begins`: the columns of `unit`, `BALANCES`,
    `cross_sell_cents`, `first_paid` (null where it never paid), `unconverted_…`. Where it has more than one window,
    nothing has moved in them. None where a figure might not fit into 64 bits.
    """
    book = read_book(ledger, unit)
    if book is None:
        return None
    opens, closes = (factors(ledger, shown, day) for day in ("opens_on", "last_day"))
    if opens is None or closes is None or not fits(book, opens, closes):
        return None
    return _Counting(ledger, shown, book, opens, closes).rows(unit, unconverted)


class _Counting:
    """One counting of a book; a `line` is its place in the book, a `run` its place among the runs."""

    def __init__(self, ledger: Ledger, shown: Sequence[Window], book: Book, opens: Factors, closes: Factors) -> None:
        self.ledger, self.book, self.opens, self.closes = ledger, book, opens, closes
        self.windows, self.converts = len(shown), any(name != ledger.currency for name in ledger.currencies)
        self.begins = np.array([month_number(window.first_day) for window in shown], np.int64)
        opened, closed = ([getattr(window, day) for window in shown] for day in ("opens_on", "last_day"))
        # The windows in which a line is in force when they open, and when they close: [from, until).
        self.open_from, self.open_until = (_places(opened, days) for days in (book.starts, book.ends))
        self.close_from, self.close_until = (_places(closed, days) for days in (book.starts, book.ends))

    def rows(self, unit: Sequence[str], unconverted: Sequence[str]) -> Results | None:
        """The runs with a balance, as `spells` describes them."""
        units, window, until = self._runs()
        run, number = _expanded(np.arange(len(units)), np.diff(self.book.first_lines)[units])
        line = self.book.first_lines[units][run] + number
        place = window[run]
        was = (self.open_from[line] <= place) & (place < self.open_until[line])
        still = (self.close_from[line] <= place) & (place < self.close_until[line])
        counts = np.flatnonzero(was | still)
        line, run, place, was, still = line[counts], run[counts], place[counts], was[counts], still[counts]
        worth, lost = self._worth(line, place, was, still)
        begins = np.flatnonzero(np.diff(run, prepend=-1))
        rows = run[begins]
        found = {name: _sums(each, begins) for name, each in worth.items()}
        crossed = self._cross_sell(line, begins, worth, found)
        if crossed is None:
            return None
        for name in unconverted:
            own = lost & (self.book.currency[line] == self.ledger.currencies.index(name))
            found[f"unconverted_{name}"] = _sums(np.where(own, self.book.cents[line], 0), begins)
        found |= {"window": window[rows], "until": until[rows], "cross_sell_cents": crossed}
        found |= {"begins": self.begins[window[rows]], "first_paid": self.book.first_paid[units[rows]]}
        made = nw.from_dict(found, backend=self.ledger.backend)  # type: ignore[arg-type]
        named = self.book.lines.select(*unit)[self.book.first_lines[units[rows]]]
        known = nw.when(nw.col("first_paid") >= 0).then("first_paid")
        return nw.concat([named, made], how="horizontal").with_columns(first_paid=known)

    def _runs(self) -> tuple[Numbers, Numbers, Numbers]:
        """Each unit's runs in order: the unit, its first window, the window after its last.

        A unit moves in the windows at one of whose ends only it has a line. Where rates change what its lines are
        worth, each window counts as such.
        """
        # A unit's windows and, after them, the end of time are numbered on from those of the unit before.
        units, width = self.book.units, self.windows + 1
        restless = self._restless()
        lively = restless[self.book.unit]
        moved = _distinct(
            [
                self._cells(self.close_from, np.minimum(self.open_from, self.close_until), ~lively),
                self._cells(np.maximum(self.open_from, self.close_until), self.open_until, ~lively),
                self._cells(self.close_from, self.open_until, lively),
            ],
            units * width,
        )
        unit = moved // width
        next_one = np.minimum(np.append(moved[1:], units * width), (unit + 1) * width - 1)
        stands = (moved + 1 < next_one) & ~restless[unit]
        # What a unit does before it first moves; where it never does, until the end.
        first_moved = np.arange(units) * width + self.windows
        first_of = np.flatnonzero(np.diff(unit, prepend=-1))
        first_moved[unit[first_of]] = moved[first_of]
        early = np.flatnonzero((first_moved % width > 0) & ~restless)
        begin = np.concatenate([moved, moved[stands] + 1, early * width])
        end = np.concatenate([moved + 1, next_one[stands], first_moved[early]])
        order = np.argsort(begin)
        begin, end = begin[order], end[order]
        unit = begin // width
        return unit, begin - unit * width, end - unit * width

    def _restless(self) -> Flags:
        """Whether a unit has a line in a currency other than the reporting one."""
        foreign = np.array([name != self.ledger.currency for name in self.ledger.currencies] or [False])
        return np.bincount(self.book.unit[foreign[self.book.currency]], minlength=self.book.units) > 0

    def _cells(self, begin: Numbers, end: Numbers, lines: Flags) -> Numbers:
        """The numbers of the windows `[begin, end)` of some lines' units."""
        some = np.flatnonzero(lines & (begin < end))
        line, number = _expanded(some, (end - begin)[some])
        cells: Numbers = self.book.unit[line] * (self.windows + 1) + begin[line] + number
        return cells

    def _worth(self, line: Numbers, place: Numbers, was: Flags, still: Flags) -> tuple[dict[str, Numbers], Flags]:
        """The balances of each line in a window, and whether its closing is lost for want of a rate."""
        cents, parts, currency = (each[line] for each in (self.book.cents, self.book.parts, self.book.currency))
        if not self.converts:
            opening, closing = np.where(was, cents, 0), np.where(still, cents, 0)
            worth = {"opening_cents": opening, "closing_at_opening_rate_cents": closing, "closing_cents": closing}
            worth |= {"opening_parts": np.where(was, parts, 0)}
            worth |= {"closing_at_opening_rate_parts": np.where(still, parts, 0)}
            return worth, np.zeros(len(line), np.bool_)
        later = ~was & ~self.opens.known[currency, place]
        worth = {}
        for name, own in (("cents", cents), ("parts", parts)):
            before, after = (each.worth(own, currency, place) for each in (self.opens, self.closes))
            worth[f"opening_{name}"] = np.where(was, before, 0)
            worth[f"closing_at_opening_rate_{name}"] = np.where(still, np.where(later, after, before), 0)
            worth[f"closing_{name}"] = np.where(still, after, 0)
        del worth["closing_parts"]
        return worth, still & ~self.closes.known[currency, place]

    def _cross_sell(
        self, line: Numbers, begins: Numbers, worth: dict[str, Numbers], found: dict[str, Numbers]
    ) -> Numbers | None:
        """The share of products that opened at zero in each run's expansion; None where it might not fit."""
        opening, closing = (found[name] for name in _AT_OPENING)
        grew = np.flatnonzero((opening > 0) & (closing > opening))
        item, number = _expanded(np.arange(len(grew)), np.diff(np.append(begins, len(line)))[grew])
        pair = begins[grew][item] + number
        product = self.book.product[line[pair]]
        parts = np.flatnonzero(np.diff(item, prepend=-1) | np.diff(product, prepend=-1))
        before, after = (_sums(worth[name][pair], parts) for name in _AT_OPENING)
        gained = np.maximum(after - before, 0)
        of_run = np.flatnonzero(np.diff(item[parts], prepend=-1))
        grown, added = _sums(gained, of_run), _sums(np.where(before == 0, gained, 0), of_run)
        if float(grown.max(initial=0)) ** 2 > SAFE:
            return None
        crossed = np.zeros(len(begins), np.int64)
        crossed[grew] = scaled((closing - opening)[grew], added, grown)
        return crossed


def _places(days: Sequence[object], moments: Numbers) -> Numbers:
    """How many of the ordered `days` lie before each moment."""
    return np.searchsorted(np.array(days, "datetime64[D]").astype(np.int64), moments)


def _expanded(items: Numbers, counts: Numbers) -> tuple[Numbers, Numbers]:
    """Each item as often as it counts, and a running number from 0 within it."""
    before = np.cumsum(counts) - counts
    return np.repeat(items, counts), np.arange(int(counts.sum())) - np.repeat(before, counts)


def _distinct(numbers: Sequence[Numbers], below: int) -> Numbers:
    """The distinct numbers, sorted; all are >= 0 and less than `below`."""
    present = np.zeros(below, np.bool_)
    for each in numbers:
        present[each] = True
    return np.flatnonzero(present)


def _sums(values: Numbers, begins: Numbers) -> Numbers:
    return np.add.reduceat(values, begins) if len(begins) else np.zeros(0, np.int64)
