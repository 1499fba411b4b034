"""The retention rows as Keepline computes them: frames out of `storage`, the ledger of `retention`."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import adbc_driver_sqlite.dbapi  # noqa: F401 - imports are not timed
import narwhals as nw

from benchmarks.contest import Answer, Stopwatch
from benchmarks.made_lines import AS_OF
from benchmarks.retention import COLUMNS, every
from jobs.ledger import ledger_frames
from retention.ledger import LedgerFrames
from retention.metrics import RetentionRow
from retention.rows import retention_rows
from storage.engine import open_engine
from storage.facts import Facts


def contend(watch: Stopwatch, database: str, size: int) -> Answer:
    """What `keepline retention` does for months; `size` is how many accounts there are."""
    with watch.part("read"):
        frames = _frames(database)
    with watch.part("compute"):
        rows = retention_rows(frames, "month", AS_OF)
    return Answer.of(_plain(rows))


def contend_on_a_sample(watch: Stopwatch, database: str, size: int) -> Answer:
    """The same of the accounts that the loop takes: what the loop's rows must equal."""
    frames = _frames(database)
    some = frames.lines.filter(nw.col("account_id") % every(size) == 0)
    with watch.part("compute"):
        rows = retention_rows(replace(frames, lines=some), "month", AS_OF)
    return Answer.of(_plain(rows), share=1 / every(size))


def _frames(database: str) -> LedgerFrames:
    engine = open_engine(f"sqlite:///{database}")
    frames = ledger_frames(Facts(engine))
    engine.dispose()
    return frames


def _plain(rows: Iterable[RetentionRow]) -> Iterable[list[Any]]:
    return ([row.period, *(getattr(row, name) for name in COLUMNS)] for row in rows)
