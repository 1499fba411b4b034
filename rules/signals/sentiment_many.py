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


def moods(facts: SignalFacts, windows: SignalWindows, grid: Grid) -> "_Moods":
    """The source of what `rules.signals.sentiment.columns` needs."""
    read = with_readings(facts.messages, facts.readings).filter(~nw.col("account_id").is_null())
    table = read.filter(~nw.col("sent_at").is_null(), ~nw.col("ticket_id").is_null()).collect()
    place = nw.new_series("_account", grid.place(table["account_id"].to_numpy()), backend=table.implementation)
    known = table.with_columns(place).filter(nw.col("_account") >= 0).sort("_account", "ticket_id", "sent_at")
    return _Moods(
        grid, windows, known["_account"].to_numpy(), known["ticket_id"].to_numpy(), microseconds(known["sent_at"]),
        known["sentiment"].cast(nw.Int64).to_numpy(), known.implementation,
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

    def columns(self, stretch: Stretch) -> dict[str, Column]:
        low, high = (int(at) for at in np.searchsorted(self.account, [stretch.begin, stretch.end]))
        part, cells = slice(low, high), Cells(self.grid, stretch)
        recent, span = self.windows.sentiment_days, self.windows.sentiment_earlier_days
        now = self._pairs(part, 0, recent)
        before = self._pairs(part, recent, recent + span)
        return {
            **self._summed(now, self._faded(part, now), cells, part, "now"),
            **self._summed(before, np.full(len(before.message), FRESH), cells, part, "before"),
        }

    def _pairs(self, part: slice, from_days: int, to_days: int) -> "_Pairs":
        enter, leave = (self.grid.enter(self.sent_at[part] + days * DAY) for days in (from_days, to_days))
        return _Pairs.of(self.account[part], self.ticket[part], enter, leave)

    def _faded(self, part: slice, pairs: "_Pairs") -> Numbers:
        age = (self.grid.moments[pairs.moment] - self.sent_at[part][pairs.message]) // _SECOND
        seconds = nw.new_series("age", age, backend=self.backend).to_frame()
        weight = seconds.select(whole_weight(nw.col("age"), self.windows.sentiment_half_life_days))
        return np.asarray(weight["age"].to_numpy(), dtype=np.int64)

    def _summed(self, pairs: "_Pairs", weight: Numbers, cells: Cells, part: slice, name: str) -> dict[str, Column]:
        """Every ticket at every moment that sees a message of it, and these by account."""
        weights = pairs.by_ticket(weight)
        products = pairs.by_ticket(weight * self.sentiment[part][pairs.message])
        read = np.bincount(pairs.cell, minlength=pairs.cells)
        seen = np.flatnonzero(read)
        weights, products, read = weights[seen], products[seen], read[seen]
        capped = np.minimum(weights, self.windows.sentiment_ticket_most * FRESH)
        level = products / weights
        at = cells.at(pairs.account_of_cell[seen], pairs.moment_of_cell[seen])
        columns: dict[str, Column] = {
            f"_{name}_product": (cells.gathered(at, np.floor(capped * level).astype(np.int64)), None),
            f"_{name}_weight": (cells.gathered(at, capped), None),
            f"_{name}_read": (cells.gathered(at, read), None),
        }
        if name == "now":
            is_worth = read >= LEAST_IN_TICKET
            worst = cells.least(at[is_worth], level[is_worth])
            columns["_worst"] = (worst, np.isfinite(worst))
        return columns


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
        summed = np.zeros(self.cells, dtype=np.int64)
        np.add.at(summed, self.cell, of)
        return summed


def _spread(begin: Numbers, end: Numbers) -> tuple[Numbers, Numbers]:
    """Which stretch, and which number in it, for all numbers from `begin` to before `end` of each."""
    length = end - begin
    which = np.repeat(np.arange(len(length)), length)
    return which, np.arange(len(which)) - np.repeat(np.cumsum(length) - length - begin, length)
