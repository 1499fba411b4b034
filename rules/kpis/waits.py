"""Knows how long customers waited and which promises were kept, as the clocks tell it."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from rules.kpis.cases import cases, not_before, stated, within
from rules.kpis.catalogue import Kpi
from rules.kpis.facts import Frame, Results
from rules.kpis.windows import Window
from rules.sla.attainment import decision
from rules.sla.calendar import Calendar
from rules.sla.open_time import open_time

_SECOND_US = 1_000_000


def measured(clocks: Results, calendars: Mapping[str, Calendar], default: Calendar) -> Results:
    """The clocks with the time from start to fulfilment, pauses included: `full_business`, `full_elapsed` (Int64).

    Both are whole seconds, null while nothing is fulfilled. Business time is that of the calendar of the terms in
    force, of `default` where the ticket has none.
    """
    lasted = (nw.col("fulfilled_at") - nw.col("started_at")).dt.total_seconds()
    numbered = clocks.with_row_index("_row").with_columns(full_elapsed=lasted)
    done = numbered.filter(~nw.col("fulfilled_at").is_null()).select("_row", "started_at", "fulfilled_at", "terms")
    parts = [_open_seconds(done.filter(rows), calendar) for rows, calendar in _by_calendar(done, calendars, default)]
    if not parts:
        return numbered.with_columns(full_business=nw.lit(None, dtype=nw.Int64())).drop("_row")
    return numbered.join(nw.concat(parts), on="_row", how="left").drop("_row")


def _by_calendar(
    done: Results, calendars: Mapping[str, Calendar], default: Calendar
) -> Iterator[tuple[nw.Expr, Calendar]]:
    """Which rows are measured with which calendar; equal calendars of many terms are one."""
    groups: dict[Calendar, list[str]] = {}
    for terms in done["terms"].unique().to_list():
        groups.setdefault(calendars.get(terms or "", default), []).append(terms or "")
    for calendar, names in groups.items():
        yield nw.col("terms").fill_null("").is_in(names), calendar


def _open_seconds(done: Results, calendar: Calendar) -> Results:
    started, fulfilled = _microseconds(done["started_at"]), _microseconds(done["fulfilled_at"])
    open_by = open_time(calendar, done["started_at"].min(), done["fulfilled_at"].max()).open_until
    spent = (open_by(fulfilled) - open_by(started)) // _SECOND_US
    values = nw.new_series("full_business", spent, nw.Int64(), backend=done.implementation)
    return done.select("_row").with_columns(values)


def _microseconds(moments: nw.Series[Any]) -> NDArray[np.int64]:
    return moments.dt.timestamp("us").to_numpy().astype(np.int64)


def waits(clocks: Frame, kpi: Kpi, window: Window) -> Frame:
    """What was answered or resolved in the window, and (pending) what still waited for it at its end."""
    own = clocks.filter(nw.col("metric") == kpi.metric)
    found = stated(own, counted=within("fulfilled_at", window.since, window.until), pending=_running(window.until))
    times = ("business_seconds", "elapsed_seconds") if kpi.active else ("full_business", "full_elapsed")
    business, elapsed = (_if_counted(name) for name in times)
    return cases(
        found, ticket_id="ticket_id", state="state", began_at="started_at", at=_if_counted("fulfilled_at"),
        business=business, elapsed=elapsed,
    )  # fmt: skip


def promises(clocks: Frame, kpi: Kpi, window: Window) -> Frame:
    """Clocks with a target that were decided in the window (score 1: kept), and (pending) those that still ran."""
    broken = ~nw.col("breached_at").is_null()
    own = clocks.filter(broken | ~nw.col("target_seconds").is_null())
    own = own if kpi.metric is None else own.filter(nw.col("metric") == kpi.metric)
    decided = own.with_columns(**decision()).with_columns(kept=nw.col("is_met").cast(nw.Int64()))
    pending = _running(window.until) & not_before("breached_at", window.until)
    found = stated(decided, counted=within("decided_at", window.since, window.until), pending=pending)
    spent = {name: _if_counted(f"{name}_seconds") for name in ("business", "elapsed")}
    return cases(
        found, ticket_id="ticket_id", state="state", began_at="started_at", at=_if_counted("decided_at"),
        score=_if_counted("kept"), **spent,
    )  # fmt: skip


def _running(until: datetime) -> nw.Expr:
    begun = nw.col("started_at") < until
    return begun & not_before("fulfilled_at", until) & not_before("ended_at", until)


def _if_counted(column: str) -> nw.Expr:
    return nw.when(nw.col("state") == "counted").then(nw.col(column))
