"""Knows what each account was worth on days of the past, by no more than was known on each of these days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

import narwhals as nw
import numpy as np

from domain.conventions import LedgerConventions
from retention.book import NEVER, Flags, Numbers, days_of
from retention.counted_lines import as_set
from retention.known_rates import KnownFactors, KnownRates, converted
from retention.ledger import Frame, carries_revenue, monthly_amount
from retention.windows import utc_day

_AT_ONCE = 5_000
_MONTHS = 12
_KEY = ("source", "external_id")


def known_spans(versions: Frame, learned: nw.Expr | None = None) -> nw.DataFrame[Any]:
    """`versions` with `known_from` and `known_until`: when each was the newest that was known; null: it still is.

    `versions` has source, external_id, recorded_at; of two the one that was recorded later counts, as soon as it was
    `learned` (by default when it was recorded). What never was the newest is left out, and so is what is `gone`.
    """
    known = versions.with_columns(known_from=learned if learned is not None else nw.col("recorded_at")).collect()
    known = known.sort(*_KEY, "recorded_at", descending=[False, False, True])
    overtaken = nw.col("known_from").cum_min().over(*_KEY, order_by="_place")
    numbered = known.with_row_index("_place").with_columns(_soonest=overtaken)
    spans = numbered.with_columns(known_until=nw.col("_soonest").shift(1).over(*_KEY, order_by="_place"))
    lasting = spans.filter(nw.col("known_until").is_null() | (nw.col("known_until") > nw.col("known_from")))
    there = lasting.filter(~nw.col("gone")) if "gone" in lasting.columns else lasting
    return there.drop("_place", "_soonest")


@dataclass(frozen=True)
class Knowledge:
    """Everything that was ever said of what accounts pay, with the times at which it was known.

    `lines` and `contracts` are frames with `known_from` and `known_until` (`known_spans`), `rates` what was said of
    exchange rates, a row a version.
    """

    lines: nw.DataFrame[Any]
    contracts: nw.DataFrame[Any]
    rates: Frame

    @classmethod
    def of(cls, line_versions: Frame, contract_versions: Frame, rate_versions: Frame) -> "Knowledge":
        """From storage's frames of versions. Whose a line or contract is, is what is known of it now."""
        learned = nw.coalesce("learned_at", "recorded_at")
        whose = nw.col("account_id").last().over(*_KEY, order_by="recorded_at")
        return cls(
            known_spans(line_versions.with_columns(account_id=whose), learned),
            known_spans(contract_versions.with_columns(account_id=whose)),
            rate_versions,
        )


def known_values(
    knowledge: Knowledge, moments: Sequence[datetime], conventions: LedgerConventions, currency: str
) -> nw.DataFrame[Any]:
    """What `values_on` finds on each moment's UTC day in what was known at that moment: day, account_id, acv_cents.

    `moments` ascend, at most one a day. All of them are counted at once, from spans of time between what was learned.
    """
    grid = _Grid.of(moments)
    billed, agreed = _billed(knowledge.lines, grid, conventions), _agreed(knowledge.contracts, grid)
    accounts = np.unique(np.concatenate([billed.account, agreed.account]))
    foreign = sorted({*billed.names, *agreed.names} - {currency})
    rates = KnownRates.read(knowledge.rates, foreign, currency)
    factors = rates.factors(moments, foreign) if foreign else {}
    found = [
        _worth(billed.of(some), agreed.of(some), some, grid, factors)
        for some in (accounts[start : start + _AT_ONCE] for start in range(0, len(accounts), _AT_ONCE))
    ]
    return _framed(found, grid, knowledge.lines.implementation)


@dataclass(frozen=True)
class _Grid:
    """The moments as microseconds and as days, both since 1970."""

    moments: Sequence[datetime]
    at: Numbers
    day: Numbers

    @classmethod
    def of(cls, moments: Sequence[datetime]) -> "_Grid":
        at = np.array([np.datetime64(moment.replace(tzinfo=None), "us") for moment in moments], "datetime64[us]")
        days = np.array([utc_day(moment) for moment in moments], "datetime64[D]")
        return cls(moments, at.astype(np.int64), days.astype(np.int64))

    def span(self, frame: nw.DataFrame[Any]) -> tuple[Numbers, Numbers]:
        """Between which places the rows are known and in force: first, end."""
        first = np.maximum(
            np.searchsorted(self.at, _microseconds(frame["known_from"])),
            np.searchsorted(self.day, days_of(frame["starts_on"])),
        )
        ends = np.where(frame["ends_on"].is_null().to_numpy(), NEVER, days_of(frame["ends_on"]))
        until = np.where(frame["known_until"].is_null().to_numpy(), NEVER, _microseconds(frame["known_until"]))
        return first, np.minimum(np.searchsorted(self.at, until), np.searchsorted(self.day, ends))


def _microseconds(column: nw.Series[Any]) -> Numbers:
    """Since 1970, UTC; something where there is none."""
    return column.to_numpy().astype("datetime64[us]").astype(np.int64)


@dataclass(frozen=True)
class _Amounts:
    """Amounts of accounts in a currency (its place in `names`), each at the moments of `[first, end)`."""

    names: tuple[str, ...]
    account: Numbers
    currency: Numbers
    cents: Numbers
    first: Numbers
    end: Numbers

    def of(self, accounts: Numbers) -> "_Amounts":
        """Those of some accounts, whose numbers ascend; `account` is the place among them."""
        place = np.minimum(np.searchsorted(accounts, self.account), len(accounts) - 1)
        own = accounts[place] == self.account
        return _Amounts(self.names, place[own], self.currency[own], self.cents[own], self.first[own], self.end[own])


def _amounts(frame: nw.DataFrame[Any], cents: str, first: Numbers, end: Numbers) -> _Amounts:
    names = tuple(sorted(set(frame["currency"].to_list())))
    currency = np.zeros(len(frame), np.int64)
    for place, name in enumerate(names):
        currency[(frame["currency"] == name).to_numpy()] = place
    account, amount = (frame[name].to_numpy().astype(np.int64) for name in ("account_id", cents))
    seen = first < end
    return _Amounts(names, account[seen], currency[seen], amount[seen], first[seen], end[seen])


def _billed(lines: nw.DataFrame[Any], grid: _Grid, conventions: LedgerConventions) -> _Amounts:
    """Monthly amounts of the lines that carry revenue."""
    if conventions.bridged_gap_days:
        return _bridged(lines, grid, conventions)
    counted = as_set(lines.lazy(), carries_revenue(), conventions).filter(carries_revenue())
    paid = counted.with_columns(mrr_cents=monthly_amount()).collect()
    return _amounts(paid, "mrr_cents", *grid.span(paid))


def _bridged(lines: nw.DataFrame[Any], grid: _Grid, conventions: LedgerConventions) -> _Amounts:
    """The same where short gaps are bridged: by what was known from one moment of learning to the next."""
    changes = np.searchsorted(grid.at, np.concatenate([_microseconds(lines["known_from"]), _ends_known(lines)]))
    bounds = np.unique(np.concatenate([[0, len(grid.at)], changes[changes < len(grid.at)]]))
    parts = []
    for begin, end in pairwise(bounds):
        at = nw.lit(grid.moments[begin])
        known = lines.filter(nw.col("known_from") <= at, nw.col("known_until").is_null() | (nw.col("known_until") > at))
        counted = as_set(known.lazy(), carries_revenue(), conventions).filter(carries_revenue())
        paid = counted.with_columns(mrr_cents=monthly_amount()).collect()
        first, last = grid.span(paid)
        parts.append(_amounts(paid, "mrr_cents", np.maximum(first, begin), np.minimum(last, end)))
    return _joined(parts)


def _ends_known(lines: nw.DataFrame[Any]) -> Numbers:
    until = lines["known_until"].drop_nulls()
    return _microseconds(until) if len(until) else np.zeros(0, np.int64)


def _joined(parts: Sequence[_Amounts]) -> _Amounts:
    names = tuple(sorted({name for part in parts for name in part.names}))
    renamed = [np.array([names.index(name) for name in part.names], np.int64)[part.currency] for part in parts]
    rest = ("account", "cents", "first", "end")
    columns = {name: np.concatenate([getattr(part, name) for part in parts]) for name in rest}
    return _Amounts(names=names, currency=np.concatenate(renamed), **columns)


def _agreed(contracts: nw.DataFrame[Any], grid: _Grid) -> _Amounts:
    return _amounts(contracts, "arr_cents", *grid.span(contracts))


@dataclass(frozen=True)
class _Sums:
    """Account × moment: what the amounts come to, whether there is one, and whether one has no rate."""

    cents: Numbers
    there: Flags
    unknown: Flags


def _worth(
    billed: _Amounts, agreed: _Amounts, accounts: Numbers, grid: _Grid, factors: KnownFactors
) -> tuple[Numbers, Numbers, Numbers, Flags]:
    """Places of moments, accounts, what these are worth, and where that is not known."""
    shape = (len(accounts), len(grid.at))
    paid, promised = _sums(billed, shape, factors), _sums(agreed, shape, factors)
    is_paid = (paid.cents > 0) | paid.unknown
    worth = np.where(is_paid, paid.cents * _MONTHS, promised.cents)
    unknown = np.where(is_paid, paid.unknown, promised.unknown)
    account, place = np.nonzero(is_paid | promised.there)
    return place, accounts[account], worth[account, place], unknown[account, place]


def _sums(amounts: _Amounts, shape: tuple[int, int], factors: KnownFactors) -> _Sums:
    cents = np.zeros((shape[0], shape[1] + 1), np.int64)
    there, unknown = np.zeros_like(cents, np.int32), np.zeros_like(cents, np.int32)
    _spread(there, amounts.account, amounts.first, amounts.end, 1)
    for number, name in enumerate(amounts.names):
        own = np.flatnonzero(amounts.currency == number)
        account, first, end = amounts.account[own], amounts.first[own], amounts.end[own]
        for begin, until, factor in factors.get(name, [(0, shape[1], (1, 1))]):
            seen = np.flatnonzero((first < until) & (end > begin))
            where = account[seen], np.maximum(first[seen], begin), np.minimum(end[seen], until)
            if factor is None:
                _spread(unknown, *where, 1)
            else:
                _spread(cents, *where, converted(amounts.cents[own[seen]], factor))
    for cells in (cents, there, unknown):
        np.cumsum(cells, axis=1, out=cells)
    return _Sums(cents[:, :-1], there[:, :-1] > 0, unknown[:, :-1] > 0)


def _spread(cells: Any, account: Numbers, first: Numbers, end: Numbers, amount: Numbers | int) -> None:
    """Add amounts where they begin and take them away where they end."""
    np.add.at(cells, (account, first), amount)
    np.add.at(cells, (account, end), -amount)


def _framed(
    found: Sequence[tuple[Numbers, Numbers, Numbers, Flags]], grid: _Grid, backend: nw.Implementation
) -> nw.DataFrame[Any]:
    empty = (np.zeros(0, np.int64),) * 3 + (np.zeros(0, np.bool_),)
    place, account, worth, unknown = (np.concatenate(parts) for parts in zip(*(found or [empty]), strict=True))
    columns = {
        "day": grid.day[place].astype("datetime64[D]"), "account_id": account, "acv_cents": worth, "_unknown": unknown,
    }  # fmt: skip
    made = nw.from_dict(columns, backend=backend)  # type: ignore[arg-type]
    known = nw.when(~nw.col("_unknown")).then(nw.col("acv_cents"))
    return made.with_columns(day=nw.col("day").cast(nw.Date), acv_cents=known).drop("_unknown")
