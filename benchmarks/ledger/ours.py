"""The ledger and its cuts as Keepline computes them; the columns that it adds to the others' are computed too."""

from pathlib import Path
from typing import Any

import narwhals as nw
import polars as pl

from benchmarks.contest import Answer, Stopwatch
from benchmarks.ledger import COLUMNS, CUTS, plain
from benchmarks.made_lines import AS_OF
from retention.ledger import LedgerFrames
from retention.metrics import RetentionRow
from retention.rows import retention_in_cuts

_NO_SEGMENTS = pl.Schema([("account_id", pl.Int64()), ("segment", pl.String()), ("since", pl.Datetime("us", "UTC"))])
_NO_RATES = pl.Schema({"base": pl.String, "quote": pl.String, "on": pl.Date, "rate": pl.String})


def contend(watch: Stopwatch, folder: str, size: int) -> Answer:
    """Months with all movements, rates and counts."""
    frames = _frames(folder)
    with watch.part("ledger"):
        rows = retention_in_cuts(frames, "month", AS_OF, [None])
    return Answer.of(_plain(rows))


def contend_in_cuts(watch: Stopwatch, folder: str, size: int) -> Answer:
    """The same and all cuts."""
    frames = _frames(folder)
    with watch.part("ledger and cuts"):
        rows = retention_in_cuts(frames, "month", AS_OF, [None, *CUTS])
    return Answer.of(_plain(rows))


def _frames(folder: str) -> LedgerFrames:
    """In memory: reading is not timed."""
    lines, accounts = (pl.read_parquet(Path(folder) / f"{name}.parquet") for name in ("lines", "accounts"))
    frames = (lines, accounts, pl.DataFrame(schema=_NO_SEGMENTS), pl.DataFrame(schema=_NO_RATES))
    return LedgerFrames(*(nw.from_native(frame.lazy()) for frame in frames))


def _plain(found: dict[Any, list[RetentionRow]]) -> list[list[Any]]:
    answer = []
    for by, rows in found.items():
        names = [name if name.startswith("accounts") else f"{name}_cents" for name in COLUMNS]
        figures = ((row.period, row.slice or "", *(getattr(row, name) for name in names)) for row in rows)
        answer += plain(by or "", figures)
    return answer
