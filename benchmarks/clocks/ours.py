"""The clocks as Keepline computes them: frames in, a frame out."""

from collections.abc import Iterable
from typing import Any

import narwhals as nw
import polars as pl

from benchmarks.clocks.made_histories import AS_OF, all_terms, histories
from benchmarks.contest import Answer, Stopwatch
from domain.sla import Metric
from rules.sla.clock import clocks
from rules.sla.promises import METRICS

# One of so many tickets is compared, and read by those who read one ticket after the other.
COMPARED = 64
SHOWN = ("ticket_id", "metric", "cycle", "state", "fulfilled_at", "deadline_at", "breached_at", "spent_seconds")


def contend(watch: Stopwatch, folder: str) -> Answer:
    """All metrics of all tickets."""
    return _answer(watch, folder, METRICS)


def contend_with_resolutions(watch: Stopwatch, folder: str) -> Answer:
    """The resolution of all tickets."""
    return _answer(watch, folder, ["resolution"])


def _answer(watch: Stopwatch, folder: str, metrics: Iterable[Metric]) -> Answer:
    terms = all_terms()
    with watch.part("clocks"):
        found = clocks(histories(folder), terms, AS_OF, list(metrics))
    return Answer.of(plain(found.filter(nw.col("ticket_id") % COMPARED == 0).to_native()))


def plain(found: pl.DataFrame) -> Iterable[list[Any]]:
    """The rows that are compared, named by ticket, metric and cycle."""
    for ticket, metric, cycle, *shown in found.select(SHOWN).iter_rows():
        yield [f"{ticket} {metric} {cycle}", *(f"{value}" for value in shown)]
