"""Knows how accounts sounded at many moments: the messages that each moment sees, added up ticket by ticket."""

from dataclasses import dataclass
from typing import Any

import narwhals as nw
import numpy as np

from rules.signals.facts import SignalFacts
from rules.signals.grid import DAY, Cells, Grid, Numbers, Stretch, microseconds
from rules.signals.many import Column
from rules.signals.sentiment import FRESH, LEAST_IN_TICKET, whole_weight, with_readings
from rules.signals.windows import SignalWindows

_SECOND = 1_000_000


def moods(
    facts: SignalFacts, windows: SignalWindows, grid: Grid, *, has_worst: bool = True, has_before: bool = True
) -> "_Moods":
    """The source of what `rules.signals.sentiment.columns` needs; unknown is what is not asked for.

    The worst ticket is needed by `worst_ticket_sentiment` alone, the past by `sentiment_trend`.
    """
    read = with_readings(facts.messages, facts.readings).filter(~nw.col("account_id").is_null())
    table = read.filter(~nw.col("sent_at").is_null(), ~nw.col("ticket_id").is_null()).collect()
    place = nw.new_series("_account", grid.place(table["account_id"].to_numpy()), backend=table.implementation)
    known = table.with_columns(place).filter(nw.col("_account") >= 0).sort("_account", "ticket_id", "sent_at")
    return _Moods(
        grid, windows, known["_account"].to_numpy(), known["ticket_id"].to_numpy(), microseconds(known["sent_at"]),
        known["sentiment"].cast(nw.Int64).to_numpy(), known.implementation,
        has_worst, has_before,
    )  # fmt: skip


@dataclass(frozen=True)
class _Moods:
    """Read messages by account, ticket and moment."""

    grid: Grid
    windows: SignalWindows
    account: Numbers
    ticket: Numbers
    sent_at: Numbers
    sentiment: Numbers
    backend: Any
    has_worst: bool
    has_before: bool

    def columns(self, stretch: Stretch) -> dict[str, Column]:
        low, high = (int(at) for at in np.searchsorted(self.account, [stretch.begin, stretch.end]))
        part, cells = slice(low, high), Cells(self.grid, stretch)
        recent, span = self.windows.sentiment_days, self.windows.sentiment_earlier_days
        sent_at = self.sent_at[part]
        enter, gone, forgotten = (self.grid.enter(sent_at + days * DAY) for days in (0, recent, recent + span))
        now = _Pairs.of(self.account[part], self.ticket[part], enter, gone)
        return self._now(now, cells, part) | self._before(cells, part, gone, forgotten)

    def _before(self, cells: Cells, part: slice, enter: Numbers, leave: Numbers) -> dict[str, Column]:
        """Messages of the past weigh alike: a ticket changes only where one comes or goes."""
        if not self.has_before:
            nothing: Column = (cells.nothing(), None)
            return dict.fromkeys(("_before_product", "_before_weight", "_before_read"), nothing)
        steps = _Steps.of(self.account[part], self.ticket[part], self.sentiment[part], enter, leave)
        capped = np.minimum(steps.read, self.windows.sentiment_ticket_most) * FRESH
        level = np.divide(steps.sentiment * FRESH, steps.read * FRESH, where=steps.read > 0, out=np.zeros(len(capped)))
        taken = {"product": np.floor(capped * level).astype(np.int64), "weight": capped, "read": steps.read}
        at = cells.at(steps.account, steps.moment)
        return {f"_before_{name}": (cells.along(at, steps.change(of)), None) for name, of in taken.items()}

    def _faded(self, part: slice, pairs: "_Pairs") -> Numbers:
        age = self._ages(part, pairs)
        seconds = nw.new_series("age", age, backend=self.backend).to_frame()
        weight = seconds.select(whole_weight(nw.col("age"), self.windows.sentiment_half_life_days))
        return np.asarray(weight["age"].to_numpy(), dtype=np.int64)

    def _ages(self, part: slice, pairs: "_Pairs") -> Numbers:
        """Whole seconds, rounded down."""
        moments, sent_at = self.grid.moments, self.sent_at[part]
        fraction = moments[0] % _SECOND
        if np.any(moments % _SECOND != fraction):
            return np.asarray((moments[pairs.moment] - sent_at[pairs.message]) // _SECOND)
        # Moments of the same fraction of a second: what a message has more than them is a second less for each.
        begun = -((fraction - sent_at) // _SECOND)
        return np.asarray((moments // _SECOND)[pairs.moment] - begun[pairs.message])

    def _now(self, pairs: "_Pairs", cells: Cells, part: slice) -> dict[str, Column]:
        """Every ticket at every moment that sees a message of it, and these by account."""
        weight = self._faded(part, pairs)
        weights = pairs.by_ticket(weight)
        products = pairs.by_ticket(weight * self.sentiment[part][pairs.message])
        read = np.bincount(pairs.cell, minlength=pairs.cells)
        seen = np.flatnonzero(read)
        weights, products, read = weights[seen], products[seen], read[seen]
        capped = np.minimum(weights, self.windows.sentiment_ticket_most * FRESH)
        level = products / weights
        at = cells.at(pairs.account_of_cell[seen], pairs.moment_of_cell[seen])
        is_worth = (read >= LEAST_IN_TICKET) & self.has_worst
        worst = cells.least(at[is_worth], level[is_worth])
        return {
            "_now_product": (cells.gathered(at, np.floor(capped * level).astype(np.int64)), None),
            "_now_weight": (cells.gathered(at, capped), None),
            "_now_read": (cells.gathered(at, read), None),
            "_worst": (worst, np.isfinite(worst)),
        }


@dataclass(frozen=True)
class _Steps:
    """Where a message enters a ticket's window or leaves it, and what the ticket's messages are from then on."""

    account: Numbers
    ticket: Numbers
    moment: Numbers
    sentiment: Numbers
    read: Numbers

    @classmethod
    def of(cls, account: Numbers, ticket: Numbers, sentiment: Numbers, enter: Numbers, leave: Numbers) -> "_Steps":
        """The steps of messages that are in order of account and ticket, by these and moment."""
        moment, change = np.concatenate([enter, leave]), np.repeat([1, -1], len(enter))
        order = np.lexsort((moment, np.tile(ticket, 2), np.tile(account, 2)))
        sums = np.cumsum(np.tile(sentiment, 2)[order] * change[order]), np.cumsum(change[order])
        # As much leaves a ticket as enters it, so that each sum begins anew with the next.
        return cls(np.tile(account, 2)[order], np.tile(ticket, 2)[order], moment[order], *sums)

    def change(self, of: Numbers) -> Numbers:
        """By how much each step changes what is made of the messages: of each ticket the first begins from nothing."""
        return np.diff(of, prepend=0)


@dataclass(frozen=True)
class _Pairs:
    """Each message at each moment that sees it, and the cells of its ticket: the moments between first and last."""

    message: Numbers
    moment: Numbers
    cell: Numbers
    cells: int
    account_of_cell: Numbers
    moment_of_cell: Numbers

    @classmethod
    def of(cls, account: Numbers, ticket: Numbers, enter: Numbers, leave: Numbers) -> "_Pairs":
        """Messages in order of account and ticket, seen from the moment `enter` on and before `leave`."""
        is_new = np.ones(len(ticket), dtype=np.bool_)
        is_new[1:] = (ticket[1:] != ticket[:-1]) | (account[1:] != account[:-1])
        number, starts = np.cumsum(is_new) - 1, np.flatnonzero(is_new)
        first = np.minimum.reduceat(enter, starts) if len(starts) else enter
        last = np.maximum.reduceat(leave, starts) if len(starts) else leave
        begun = np.cumsum(last - first) - (last - first)
        message, moment = _spread(enter, leave)
        ticket_of, moment_of = _spread(first, last)
        cell = (begun - first)[number[message]] + moment
        return cls(message, moment, cell, len(ticket_of), account[starts][ticket_of], moment_of)

    def by_ticket(self, of: Numbers) -> Numbers:
        """The sum of every cell's messages."""
        # A float holds these whole numbers exactly.
        return np.bincount(self.cell, weights=of, minlength=self.cells).astype(np.int64)


def _spread(begin: Numbers, end: Numbers) -> tuple[Numbers, Numbers]:
    """Which stretch, and which number in it, for all numbers from `begin` to before `end` of each."""
    length = end - begin
    which = np.repeat(np.arange(len(length)), length)
    return which, np.arange(len(which)) - np.repeat(np.cumsum(length) - length - begin, length)
