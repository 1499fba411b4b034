"""Knows the sums of each window and slice, over units that stood still as over those that moved."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

import narwhals as nw
import numpy as np

from domain.conventions import Cut
from retention.ledger import Frame, Ledger, LedgerFrames, numbered
from retention.movements import MOVEMENTS, run_movements, unconverted_column, unit_movements
from retention.slices import sliced, unit_of, varying
from retention.windows import Window

MONEY = ("opening_cents", "closing_cents", *(f"{name}_cents" for name in MOVEMENTS))
RATE_TERMS = ("base_parts", "kept_parts", "held_parts")
COUNTS = ("accounts_open", "accounts_closed", "accounts_churned")
# Windows that are in memory together where each line is looked at in each of them.
_AT_ONCE = 12
Record = Mapping[str, Any]


def records(
    ledger: Ledger, frames: LedgerFrames, shown: Sequence[Window], by: Cut | None, firsts: Frame,
    unconverted: Sequence[str],
) -> Iterable[Record]:  # fmt: skip
    """A record a window and slice that any unit is in: `period`, `slice`, and the sums of all columns of the row.

    `firsts` is `ledger.first_paid` of the cut's units; `unconverted` names currencies.
    """
    for _, alike in groupby(shown, key=lambda window: window.period):
        some = list(alike)
        runs = run_movements(ledger, some, unit_of(by), firsts, unconverted)
        if runs is None:
            yield from _line_by_line(ledger, frames, some, by, firsts, unconverted)
        else:
            yield from _run_by_run(runs, ledger, frames, some, by, unconverted)


def _line_by_line(
    ledger: Ledger, frames: LedgerFrames, shown: Sequence[Window], by: Cut | None, firsts: Frame,
    unconverted: Sequence[str],
) -> Iterable[Record]:  # fmt: skip
    for begin in range(0, len(shown), _AT_ONCE):
        some = shown[begin : begin + _AT_ONCE]
        units = sliced(unit_movements(ledger, some, unit_of(by), firsts, unconverted), ledger, frames, some, by)
        yield from _summed(units, ["period", "slice"], unconverted).collect().rows(named=True)


def _run_by_run(
    runs: Frame, ledger: Ledger, frames: LedgerFrames, shown: Sequence[Window], by: Cut | None,
    unconverted: Sequence[str],
) -> Iterable[Record]:  # fmt: skip
    if by is not None:
        runs = _apart(runs, ledger, frames, shown, by)
    cut = sliced(runs, ledger, frames, shown, by).collect().lazy(ledger.paid.implementation)
    begun = _summed(cut, ["window", "slice"], unconverted).collect()
    over = _summed(cut.filter(nw.col("until") < len(shown)), ["until", "slice"], unconverted).collect()
    names = _added(unconverted)
    slices = sorted(set(begun["slice"].to_list()))
    place = {name: number for number, name in enumerate(slices)}
    sums = np.zeros((len(shown) + 1, len(slices), len(names)), np.int64)
    for sign, at, found in ((1, "window", begun), (-1, "until", over)):
        where = (found[at].to_numpy(), [place[name] for name in found["slice"].to_list()])
        sums[where] += sign * found.select(*names).to_numpy()
    totals = np.cumsum(sums, axis=0)
    for number, window in enumerate(shown):
        for name, row in zip(slices, totals[number].tolist(), strict=True):
            yield {"period": window.label, "slice": name, **dict(zip(names, row, strict=True))}


def _apart(runs: Frame, ledger: Ledger, frames: LedgerFrames, shown: Sequence[Window], by: Cut) -> Frame:
    """The runs, those that the cut may put into several slices as single windows."""
    accounts = varying(frames, by)
    if accounts is None:
        return runs
    long = nw.col("until") > nw.col("window") + 1
    changing, rest = (runs.filter(long).join(accounts, on="account_id", how=how) for how in ("semi", "anti"))
    each = nw.col("_each")
    inside = (each >= nw.col("window")) & (each < nw.col("until"))
    places = numbered(ledger, shown).select(_each="window", _period="period", _begins="begins")
    single = changing.join(places, how="cross").filter(inside)
    single = single.with_columns(window=each, until=each + 1, period="_period", begins="_begins")
    return nw.concat([runs.filter(~long), rest, single.drop("_each", "_period", "_begins")])


def _added(unconverted: Sequence[str]) -> list[str]:
    return [*MONEY, *RATE_TERMS, *COUNTS, *map(unconverted_column, unconverted)]


def _summed(units: Frame, by: Sequence[str], unconverted: Sequence[str]) -> Frame:
    """One row per window and slice: the money columns and the numbers of accounts."""
    counted = units.with_columns(
        accounts_open=(nw.col("opening_cents") > 0).cast(nw.Int64),
        accounts_closed=(nw.col("closing_cents") > 0).cast(nw.Int64),
        accounts_churned=(nw.col("category") == "churn").cast(nw.Int64),
    )
    return counted.group_by(*by).agg(nw.col(*_added(unconverted)).sum())
