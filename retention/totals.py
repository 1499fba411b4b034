"""Knows the sums of each window and slice, over units that stood still as over those that moved."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

import narwhals as nw
import numpy as np

from domain.conventions import Cut
from retention.ledger import Frame, Ledger, LedgerFrames, cohorts, first_paid, numbered
from retention.movements import MOVEMENTS, run_movements, unconverted_column, unit_movements
from retention.slices import sliced, unit_of, varying
from retention.windows import Window

MONEY = ("opening_cents", "closing_cents", *(f"{name}_cents" for name in MOVEMENTS))
RATE_TERMS = ("base_parts", "kept_parts", "held_parts")
COUNTS = ("accounts_open", "accounts_closed", "accounts_churned")
# Windows that are in memory together where each line is looked at in each of them.
_AT_ONCE = 12
Record = Mapping[str, Any]


class Totals:
    """The sums over a ledger, whole and in its cuts; what the cuts of one unit share is counted once."""

    def __init__(self, ledger: Ledger, frames: LedgerFrames) -> None:
        self._ledger, self._frames = ledger, frames
        self._runs: dict[tuple[str, ...], Frame | None] = {}

    def records(self, shown: Sequence[Window], by: Cut | None, unconverted: Sequence[str]) -> Iterable[Record]:
        """A record a window and slice: `period`, `slice`, and the sums of all columns of the row.

        `unconverted` names currencies. A slice may stand there in windows in which nobody is in it, with zeros.
        """
        for _, alike in groupby(shown, key=lambda window: window.period):
            some = list(alike)
            runs = self._runs_of(some, by, unconverted)
            if runs is None:
                yield from self._line_by_line(some, by, unconverted)
            else:
                yield from self._run_by_run(runs, some, by, unconverted)

    def _runs_of(self, shown: Sequence[Window], by: Cut | None, unconverted: Sequence[str]) -> Frame | None:
        key = (*unit_of(by), *unconverted, *(window.label for window in shown))
        if key not in self._runs:
            self._runs[key] = run_movements(self._ledger, shown, unit_of(by), unconverted)
        return self._runs[key]

    def _line_by_line(self, shown: Sequence[Window], by: Cut | None, unconverted: Sequence[str]) -> Iterable[Record]:
        ledger, firsts = self._ledger, first_paid(self._ledger, unit_of(by))
        for begin in range(0, len(shown), _AT_ONCE):
            some = shown[begin : begin + _AT_ONCE]
            units = unit_movements(ledger, some, unit_of(by), firsts, unconverted)
            cut = sliced(units, ledger, self._frames, some, by)
            yield from _summed(cut, ["period", "slice"], unconverted).collect().rows(named=True)

    def _run_by_run(
        self, runs: Frame, shown: Sequence[Window], by: Cut | None, unconverted: Sequence[str]
    ) -> Iterable[Record]:
        """What a unit adds to the sums when its run begins goes when the run is over."""
        if by == "cohort":
            runs = runs.join(cohorts(self._ledger), on="first_paid", how="left")
        elif by is not None:
            runs = _apart(runs, self._ledger, self._frames, shown, by)
        cut = sliced(runs, self._ledger, self._frames, shown, by).collect().lazy()
        begun = _summed(cut, ["window", "slice"], unconverted).collect()
        over = _summed(cut.filter(nw.col("until") < len(shown)), ["until", "slice"], unconverted).collect()
        names, slices = _added(unconverted), sorted(set(begun["slice"].to_list()))
        place = {name: number for number, name in enumerate(slices)}
        changes = np.zeros((len(shown) + 1, len(slices), len(names)), np.int64)
        for sign, at, found in ((1, "window", begun), (-1, "until", over)):
            where = (found[at].to_numpy(), [place[name] for name in found["slice"].to_list()])
            changes[where] += sign * found.select(*names).to_numpy()
        for window, sums in zip(shown, np.cumsum(changes, axis=0).tolist(), strict=False):
            for name, row in zip(slices, sums, strict=True):
                yield {"period": window.label, "slice": name, **dict(zip(names, row, strict=True))}


def _apart(runs: Frame, ledger: Ledger, frames: LedgerFrames, shown: Sequence[Window], by: Cut) -> Frame:
    """The runs, those that the cut may put into several slices as single windows."""
    accounts = varying(frames, by)
    if accounts is None:
        return runs
    period = numbered(ledger, shown).select("window", "period")
    each, long = nw.col("_each"), nw.col("until") > nw.col("window") + 1
    changing = runs.filter(long).join(accounts, on="account_id", how="semi")
    places = numbered(ledger, shown).select(_each="window", _begins="begins")
    inside = (each >= nw.col("window")) & (each < nw.col("until"))
    single = (
        changing.join(places, how="cross").filter(inside).with_columns(window=each, until=each + 1, begins="_begins")
    )
    rest = runs.filter(long).join(accounts, on="account_id", how="anti")
    return nw.concat([runs.filter(~long), rest, single.drop("_each", "_begins")]).join(period, on="window", how="left")


def _added(unconverted: Sequence[str]) -> list[str]:
    return [*MONEY, *RATE_TERMS, *COUNTS, *map(unconverted_column, unconverted)]


def _summed(units: Frame, by: Sequence[str], unconverted: Sequence[str]) -> Frame:
    """One row per window and slice: the money columns and the numbers of accounts."""
    counted = units.with_columns(
        accounts_open=(nw.col("opening_cents") > 0).cast(nw.Int64),
        accounts_closed=(nw.col("closing_cents") > 0).cast(nw.Int64),
        accounts_churned=(nw.col("churn_cents") > 0).cast(nw.Int64),
    )
    return counted.group_by(*by).agg(nw.col(*_added(unconverted)).sum())
