"""Takes the measures of many moments at once: what enters and leaves each window is added up along the moments."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, TypeAlias

import narwhals as nw
import numpy as np

from rules.signals.facts import Frame
from rules.signals.grid import DAY, NEVER, Cells, Chosen, Grid, Numbers, Stretch, microseconds
from rules.signals.measures import Count, Events, First, Happening, Latest, Measure, Newest, States, Sum

Column: TypeAlias = "tuple[Any, Chosen | None]"
"""Values of every cell, a NumPy array or a series, and which of them are known; None is all."""


_NAT = np.datetime64("NaT", "us")


class Source(Protocol):
    """Facts that were read once and give columns of a stretch of accounts."""

    def columns(self, stretch: Stretch) -> dict[str, Column]:
        """The columns by name: a value for each account of the stretch at each moment."""


def source_of(happening: Happening, grid: Grid, asks: Callable[[Collection[str]], bool]) -> Source:
    """The source of what a family takes; `asks` tells whether one of some signals is asked for."""
    if isinstance(happening, States):
        return _states(happening, grid)
    is_spared = [not isinstance(take, Sum) and bool(take.serves) and not asks(take.serves) for take in happening.takes]
    takes = list(zip(happening.takes, is_spared, strict=True))
    needed = tuple(take for take, spared in takes if not spared)
    return _events(replace(happening, takes=needed), grid, [take for take, spared in takes if spared])


@dataclass(frozen=True)
class _Rows:
    """Rows by account and moment: the account's place, the moment, and from which and until which one it is seen."""

    account: Numbers
    at: Numbers
    enter: Numbers
    end: Numbers | None

    def between(self, begin: int, end: int) -> slice:
        """The rows of the accounts from `begin` to before `end`."""
        low, high = np.searchsorted(self.account, [begin, end])
        return slice(int(low), int(high))


@dataclass(frozen=True)
class _EventSource:
    grid: Grid
    rows: _Rows
    events: Events
    chosen: dict[str, Chosen]
    sums: dict[str, Numbers]
    values: dict[str, "nw.Series[Any]"]
    spared: list[Measure]
    leaves: dict[int | None, Numbers] = field(default_factory=dict)

    def columns(self, stretch: Stretch) -> dict[str, Column]:
        cells, part = Cells(self.grid, stretch), self.rows.between(stretch.begin, stretch.end)
        columns = {take.name: self._column(take, cells, part) for take in self.events.takes}
        zero, none = (np.broadcast_to(of, len(stretch) * len(self.grid.moments)) for of in (np.int64(0), _NAT))
        moments: dict[str, Column] = {
            take.name: (none, None) for take in self.spared if isinstance(take, First | Latest)
        }
        return columns | moments | {take.name: (zero, None) for take in self.spared if isinstance(take, Count)}

    def leave(self, days: int | None) -> Numbers:
        """From which moment on each row is no longer seen."""
        if days not in self.leaves:
            never = np.full(len(self.rows.at), len(self.grid.moments), dtype=np.int64)
            leave = never if days is None else self.grid.enter(self.rows.at + days * DAY)
            self.leaves[days] = (
                leave if self.rows.end is None else np.maximum(np.minimum(leave, self.rows.end), self.rows.enter)
            )
        return self.leaves[days]

    def _column(self, take: Measure, cells: Cells, part: slice) -> Column:
        days = self.events.days if take.days is None else take.days
        of: Any = part if take.name not in self.chosen else part.start + np.flatnonzero(self.chosen[take.name][part])
        account, enter = self.rows.account[of], self.rows.enter[of]
        if isinstance(take, Count):
            return cells.count(account, enter, self.leave(days)[of]), None
        if isinstance(take, Sum):
            return cells.sum(account, enter, self.leave(days)[of], self.sums[take.name][of]), None
        at = self.rows.at[of]
        if isinstance(take, First):
            oldest = cells.first(account, self.leave(days)[of], at)
            return _moments(oldest, oldest <= cells.each(self.grid.moments))
        if isinstance(take, Latest):
            newest = cells.latest(account, enter, at, int(NEVER))
            return _moments(newest, _is_inside(newest, days, cells))
        return self._newest(take, cells, of, days)

    def _newest(self, take: Newest, cells: Cells, of: Any, days: int | None) -> Column:
        rows = np.arange(len(self.rows.at))[of]
        account, at = self.rows.account[of], self.rows.at
        newest = cells.latest(account, self.rows.enter[of], rows, -1)
        if take.from_ever and len(rows):
            begins = np.searchsorted(account, account)
            of_first = at[rows] == at[rows][begins]
            first = np.full(len(cells.stretch), -1, dtype=np.int64)
            first[account[of_first] - cells.stretch.begin] = rows[of_first]
            newest = np.where(newest < 0, np.repeat(first, len(self.grid.moments)), newest)
        elif days is not None and len(at):
            newest = np.where(_is_inside(at[newest], days, cells), newest, -1)
        # The last value is the null of who has none.
        return self.values[take.of][np.where(newest < 0, len(at), newest)], None


def _moments(moments: Numbers, is_known: Chosen) -> Column:
    return np.where(is_known, moments, NEVER).view("datetime64[us]"), None


def _is_inside(moments: Numbers, days: int | None, cells: Cells) -> Chosen:
    if days is None:
        return np.ones(len(moments), dtype=np.bool_)
    inside: Chosen = moments > cells.each(cells.grid.moments - days * DAY)
    return inside


def _events(events: Events, grid: Grid, spared: list[Measure]) -> _EventSource:
    if events.until is not None and any(isinstance(take, Latest | First | Newest) for take in events.takes):
        raise ValueError("rows that end can only be counted and summed up")
    frame = events.prepare(events.frame)
    wheres = {take.name: take.where.fill_null(False) for take in events.takes if take.where is not None}
    sums = {take.name: take.of.fill_null(0).cast(nw.Int64) for take in events.takes if isinstance(take, Sum)}
    values = dict.fromkeys(take.of for take in events.takes if isinstance(take, Newest))
    further = {"_until": nw.col(events.until)} if events.until else {}
    further |= {"_of": nw.col(events.newest_of)} if events.newest_of else {}
    conditions = {f"_where_{name}": where for name, where in wheres.items()}
    wanted = frame.filter(~nw.col(events.at).is_null(), ~nw.col("account_id").is_null()).select(
        "account_id", *values, _at=nw.col(events.at), **further, **conditions,
        **{f"_sum_{name}": of for name, of in sums.items()},
    )  # fmt: skip
    is_ordered = any(isinstance(take, Latest | First | Newest) for take in events.takes)
    table = _by_account(wanted, grid, list(values), is_ordered)
    at = microseconds(table["_at"]) + (DAY if events.dates else 0)
    account = table["_account"].to_numpy()
    end = _end(table, at, events, grid)
    return _EventSource(
        grid, _Rows(account, at, grid.enter(at), end), events,
        chosen={name: table[f"_where_{name}"].to_numpy() for name in wheres},
        sums={name: table[f"_sum_{name}"].to_numpy() for name in sums},
        values={name: with_null(table[name]) for name in values}, spared=spared,
    )  # fmt: skip


def _by_account(wanted: Frame, grid: Grid, ties: list[str], is_ordered: bool) -> "nw.DataFrame[Any]":
    """The rows of the grid's accounts by `_account`; ordered also by `_at`, and of several `ties` the smallest last.

    Nulls come before all else.
    """
    table = wanted.collect()
    place = grid.place(table["account_id"].cast(nw.Int64).to_numpy())
    placed = table.with_columns(nw.new_series("_account", place, backend=table.implementation))
    known = placed.filter(nw.col("_account") >= 0)
    if not is_ordered:
        return known.sort("_account")
    if not ties and len(known):
        return _in_order(known)
    descending = [False, False, *(True for _ in ties)]
    return known.sort("_account", "_at", *ties, descending=descending, nulls_last=False)


def _in_order(known: "nw.DataFrame[Any]") -> "nw.DataFrame[Any]":
    """By `_account` and `_at`: as one number where that fits, which sorts faster than two."""
    at, account = microseconds(known["_at"]), known["_account"].to_numpy()
    begun, span = int(at.min()), int(at.max()) - int(at.min()) + 1
    if (int(account.max()) + 1) * span > np.iinfo(np.int64).max:
        return known.sort("_account", "_at")
    return known[np.argsort(account * span + (at - begun), kind="stable")]


def _end(table: "nw.DataFrame[Any]", at: Numbers, events: Events, grid: Grid) -> Numbers | None:
    end = None
    if events.until is not None:
        until = microseconds(table["_until"])
        end = np.where(until == NEVER, len(grid.moments), grid.enter(until))
    if events.newest_of is not None:
        superseded = grid.enter(_next(table["_of"].to_numpy(), at))
        end = superseded if end is None else np.minimum(end, superseded)
    return end


def _next(key: Any, at: Numbers) -> Numbers:
    """The next later moment of the same key; the greatest of all numbers where there is none."""
    order = np.lexsort((at, key))
    keys, moments = key[order], at[order]
    later = np.full(len(at), np.iinfo(np.int64).max, dtype=np.int64)
    # Where the next other moment of the sorted rows begins: rows of the same moment share it.
    is_new = np.append((keys[1:] != keys[:-1]) | (moments[1:] != moments[:-1]), True)[: len(at)]
    following = np.flatnonzero(is_new)[np.cumsum(is_new) - is_new] + 1
    exists = following < len(at)
    exists[exists] = keys[following[exists]] == keys[exists]
    found = np.full(len(at), np.iinfo(np.int64).max, dtype=np.int64)
    found[exists] = moments[following[exists]]
    later[order] = found
    return later


def with_null(values: "nw.Series[Any]") -> "nw.Series[Any]":
    """The values and behind them a null: what is gathered for who has none."""
    nothing = nw.new_series("nothing", [None], dtype=values.dtype, backend=values.implementation)
    return nw.concat([values.to_frame(), nothing.alias(values.name).to_frame()])[values.name]


@dataclass(frozen=True)
class _StateSource:
    grid: Grid
    name: str
    account: Numbers
    enter: Numbers
    leave: Numbers
    values: "nw.Series[Any]"

    def columns(self, stretch: Stretch) -> dict[str, Column]:
        low, high = (int(at) for at in np.searchsorted(self.account, [stretch.begin, stretch.end]))
        rows = np.arange(low, high)
        cells = Cells(self.grid, stretch)
        seen = cells.painted(self.account[rows], self.enter[rows], self.leave[rows], rows, len(self.account))
        return {self.name: (self.values[seen], None)}


def _states(states: States, grid: Grid) -> _StateSource:
    bounds = list(dict.fromkeys((*states.since, *states.until)))
    wanted = states.frame.filter(~nw.col("account_id").is_null(), ~nw.col(states.of).is_null()).select(
        "account_id",
        _at=nw.col(states.of),
        _of=nw.col(states.of),
        **{f"_bound_{name}": nw.col(name) for name in bounds},
    )
    # The smallest value is painted last.
    table = _by_account(wanted.with_columns(_at=nw.lit(0)), grid, ["_of"], is_ordered=True)
    last = len(grid.moments)
    enter = np.zeros(len(table), dtype=np.int64)
    leave = np.full(len(table), last, dtype=np.int64)
    for name in states.since:
        at = microseconds(table[f"_bound_{name}"])
        begins = np.where(at == NEVER, 0 if name in states.always else last, grid.enter(at))
        enter = np.maximum(enter, begins)
    for name in states.until:
        at = microseconds(table[f"_bound_{name}"])
        leave = np.minimum(leave, np.where(at == NEVER, last, grid.enter(at)))
    return _StateSource(grid, states.name, table["_account"].to_numpy(), enter, leave, with_null(table["_of"]))
