"""The ledger in pandas: a table of units × months, cumulated from what begins and ends, and its differences."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from benchmarks.contest import Answer, Stopwatch
from benchmarks.ledger import CUTS, UNITS, plain
from benchmarks.made_lines import FIRST_DAY

_MONTHS = 36
_FIRST = np.datetime64(FIRST_DAY, "M")


def contend(watch: Stopwatch, folder: str, size: int) -> Answer:
    """Months with all movements."""
    return _answer(watch, "ledger", folder, ())


def contend_in_cuts(watch: Stopwatch, folder: str, size: int) -> Answer:
    """The same and all cuts."""
    return _answer(watch, "ledger and cuts", folder, CUTS)


def _answer(watch: Stopwatch, part: str, folder: str, cuts: tuple[str, ...]) -> Answer:
    import pandas as pd  # type: ignore[import-untyped]

    needed = ["account_id", "plan", "product", "starts_on", "ends_on", "monthly_cents"]
    read = {"lines": needed, "accounts": ["id", *CUTS[:4]]}
    # Reading is not timed; pandas cannot do it by itself.
    files = (pl.read_parquet(Path(folder) / f"{name}.parquet", columns=columns) for name, columns in read.items())
    lines, accounts = (pd.DataFrame({column.name: column.to_numpy() for column in each}) for each in files)
    answer = []
    with watch.part(part):
        tables = _movements(_closings(lines, ["account_id"]))
        answer += [("", row) for row in _rows({name: table.sum() for name, table in tables.items()})]
        records = accounts.set_index("id").reindex(tables["closing"].index)
        for cut in cuts:
            if cut in UNITS:
                own = _movements(_closings(lines, list(UNITS[cut])))
                keys = own["closing"].index.get_level_values(cut)
            else:
                own = tables
                keys = _cohorts(tables["closing"]) if cut == "cohort" else records[cut].to_numpy()
            sums = {name: table.groupby(keys).sum() for name, table in own.items()}
            for key in sums["closing"].index:
                slices = {name: table.loc[key] for name, table in sums.items()}
                answer += [(cut, row) for row in _rows(slices, key)]
    return Answer.of(cells for cut, row in answer for cells in plain(cut, [row]))


def _closings(lines: Any, unit: list[str]) -> Any:
    """A row a unit, a column a month: what it pays when the month closes."""
    import pandas as pd

    days = {name: lines[name].to_numpy().astype("datetime64[M]") for name in ("starts_on", "ends_on")}
    month = {name: (each - _FIRST).astype(float) for name, each in days.items()}
    keys = [lines[name] for name in unit]
    changes = []
    for name, sign in (("starts_on", 1), ("ends_on", -1)):
        there = ~lines[name].isna().to_numpy() & (month[name] < _MONTHS)
        frame = pd.DataFrame({key.name: key[there] for key in keys})
        changes.append(frame.assign(month=month[name][there].astype(int), cents=sign * lines["monthly_cents"][there]))
    summed = pd.concat(changes).groupby([*unit, "month"])["cents"].sum()
    table = summed.unstack(fill_value=0).reindex(columns=range(_MONTHS), fill_value=0)
    return table.cumsum(axis=1)


def _movements(closing: Any) -> dict[str, Any]:
    import pandas as pd

    opening = closing.shift(axis=1, fill_value=0)
    before, after = opening.to_numpy(), closing.to_numpy()
    paid_before = np.maximum.accumulate(before > 0, axis=1)
    came, change = (before == 0) & (after > 0), after - before
    found = {
        "opening": before,
        "new": np.where(came & ~paid_before, after, 0),
        "expansion": np.where((before > 0) & (change > 0), change, 0),
        "contraction": np.where((after > 0) & (change < 0), -change, 0),
        "churn": np.where((before > 0) & (after == 0), before, 0),
        "reactivation": np.where(came & paid_before, after, 0),
        "closing": after,
        "accounts_open": before > 0,
        "accounts_closed": after > 0,
        "accounts_churned": (before > 0) & (after == 0),
    }
    return {name: pd.DataFrame(values, index=closing.index) for name, values in found.items()}


def _cohorts(closing: Any) -> Any:
    paid = closing.to_numpy() > 0
    return np.where(paid.any(axis=1), _label(paid.argmax(axis=1)), "(unknown)")


def _label(month: Any) -> Any:
    return (_FIRST + month).astype(str)


def _rows(sums: dict[str, Any], name: str = "") -> Iterator[list[Any]]:
    for month in range(_MONTHS):
        yield [str(_label(month)), name, *(series.iloc[month] for series in sums.values())]
