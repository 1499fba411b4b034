"""Knows what all accounts lost in usage at the same time: at Christmas a loss is nobody's own."""

from dataclasses import dataclass
from typing import Any

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from rules.signals import usage
from rules.signals.clock import Clock
from rules.signals.facts import Frame, SignalFacts
from rules.signals.grid import Grid, Stretch
from rules.signals.many import Column, source_of
from rules.signals.signal import Shown, Signal
from rules.signals.taking import taken
from rules.signals.windows import SignalWindows

NEEDS = ("usage_drop_7d",)
# Drops are cut to parts of a power of two: so the mean of the middle two is exact in every engine.
_PARTS = float(2**20)
# Cells whose counts are held together.
_AT_ONCE = 500_000


def _all(shown: Shown) -> str:
    share = shown.percent("usage_drop_all_7d")
    if share == "unknown":
        return "all accounts: unknown"
    return f"all accounts: up {share.removeprefix('−')}" if share.startswith("−") else f"all accounts: down {share}"


SIGNALS = (
    Signal(
        name="usage_drop_all_7d", kind="number", unit="share",
        noun="usage that all accounts lost over {usage_days} days",
        meaning="The median usage_drop_7d of all accounts with {usage_all_min_uses} or more uses in the {usage_days} "
        "days before: what a holiday costs everybody.",
        unknown_when="fewer than {usage_all_min_accounts} accounts have so much usage",
        phrase=lambda shown: f"usage of {_all(shown)} in {shown.windows.usage_days} days",
    ),
    Signal(
        name="usage_drop_beyond_7d", kind="number", unit="share",
        noun="usage lost over {usage_days} days beyond what all accounts lost",
        meaning="usage_drop_7d less usage_drop_all_7d; where the latter is unknown, usage_drop_7d itself.",
        unknown_when="usage_drop_7d is unknown",
        phrase=lambda shown: f"{usage.said_drop(shown)}; {_all(shown)}",
        shows=("usage_drop_7d", "usage_7d", "usage_prior_7d", "usage_drop_all_7d"),
    ),
)  # fmt: skip

OF_ALL = tuple(signal.name for signal in SIGNALS)


def drop_of_all(facts: SignalFacts, clock: Clock, windows: SignalWindows) -> Frame:
    """account_id, _all_drop: the same for every account, null where too few tell it."""
    [happening] = usage.happenings(facts, windows)
    [seen] = taken(happening, clock)
    accounts = facts.accounts.select(account_id=nw.col("id"))
    uses = seen.join(accounts, on="account_id", how="inner").select(
        *(nw.col(name).fill_null(0).cast(nw.Int64) for name in ("_late", "_both"))
    )
    prior = nw.col("_both") - nw.col("_late")
    drops = uses.filter(prior >= windows.usage_all_min_uses).select(
        _drop=((prior - nw.col("_late")) / prior * _PARTS).floor()
    )
    median = drops.select(_median=nw.col("_drop").median(), _accounts=nw.col("_drop").count())
    known = nw.when(nw.col("_accounts") >= windows.usage_all_min_accounts).then(nw.col("_median") / _PARTS)
    return accounts.join(median.select(_all_drop=known), how="cross")


@dataclass(frozen=True)
class _OfAll:
    """The drop of all accounts at each moment; NaN is unknown."""

    grid: Grid
    drop: NDArray[np.float64]

    def columns(self, stretch: Stretch) -> dict[str, Column]:
        drop: Any = np.tile(self.drop, len(stretch))
        return {"_all_drop": (drop, ~np.isnan(drop))}


def at_many_moments(facts: SignalFacts, windows: SignalWindows, grid: Grid) -> _OfAll:
    """The source of _all_drop, which sees all accounts before it gives any its column."""
    [happening] = usage.happenings(facts, windows)
    source = source_of(happening, grid, lambda _: True)
    drops = [_drops(source.columns(stretch), windows, len(stretch)) for stretch in grid.stretches(_AT_ONCE)]
    by_moment = np.concatenate(drops).T if drops else np.empty((len(grid.moments), 0))
    return _OfAll(grid, np.array([_median(each, windows) for each in by_moment]))


def _drops(taken_columns: dict[str, Column], windows: SignalWindows, accounts: int) -> NDArray[np.float64]:
    """Accounts × moments: the parts lost; NaN of an account with too few uses."""
    late, both = (taken_columns[name][0] for name in ("_late", "_both"))
    prior = both - late
    is_enough = prior >= windows.usage_all_min_uses
    lost = np.floor((prior - late) / np.where(is_enough, prior, 1) * _PARTS)
    return np.where(is_enough, lost, np.nan).reshape(accounts, -1)


def _median(drops: NDArray[np.float64], windows: SignalWindows) -> float:
    known = drops[~np.isnan(drops)]
    return float(np.median(known)) / _PARTS if len(known) >= windows.usage_all_min_accounts else float("nan")


def columns() -> list[nw.Expr]:
    """The signals from `_all_drop` and the account's own drop."""
    of_all = nw.col("_all_drop")
    beyond = nw.col("usage_drop_7d") - nw.coalesce(of_all, nw.lit(0.0))
    return [of_all.alias("usage_drop_all_7d"), beyond.alias("usage_drop_beyond_7d")]
