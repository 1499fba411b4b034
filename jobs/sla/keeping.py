"""Does all that a run does for service levels: promise, watch the clocks, put on record what was broken."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import narwhals as nw

from jobs.rulebook import Rulebook
from jobs.sla.promising import Report, horizon, promise
from jobs.sla.watching import record_breaches, watch
from storage.sla import SlaBook
from storage.store import Store

_STEP = "Watching clocks"


@dataclass(frozen=True)
class SlaReport:
    """How the clocks stand at the end of a run, and what was new.

    `running` clocks wait and have time left, `paused` ones wait for somebody else; `breached` ones still wait.
    `summarised` tickets come from sources that tell no history of statuses: their clocks know no pauses.
    """

    running: int
    paused: int
    breached: int
    new_breaches: int
    promised: int
    retargeted: int
    summarised: int


def keep_promises(
    store: Store, rulebook: Rulebook, moments: Sequence[datetime], last: datetime | None, report: Report
) -> SlaReport:
    """Promise at each of `moments`, the last run having been at `last`, and watch the clocks up to the last of them.

    The clocks of all tickets within `backfill_days` are read, not only those that still run: what a source tells late
    may show that a promise was broken.
    """
    as_of = max(moments)
    promised = promise(store, rulebook, moments, last, report)
    report(_STEP, 0, 1)
    watched = watch(store, horizon(rulebook, as_of), as_of)
    new = record_breaches(store, watched)
    report(_STEP, 1, 1)
    states = watched.running["state"]
    counts = {state: int((states == state).sum()) for state in ("running", "paused", "breached")}
    silent = SlaBook(store.engine).sources_without_history()
    return SlaReport(
        **counts,
        new_breaches=new,
        promised=promised.first,
        retargeted=promised.retargeted,
        summarised=len(watched.tickets.filter(nw.col("source").is_in(silent))),
    )
