"""Foresees: which running clocks will probably be breached, and how well that would have been foreseen in the past."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import narwhals as nw

from jobs.rulebook import Rulebook
from jobs.sla.board import ClockEntry, entries
from jobs.sla.promising import horizon
from jobs.sla.watching import watch
from rules.sla.forecast import Check, Forecast
from storage.store import Store


@dataclass(frozen=True)
class Foreseen:
    """A clock with the probability that it will be breached (None: unknown), why, and what that rests on."""

    clock: ClockEntry
    probability: float | None
    reason: str
    basis: str


@dataclass(frozen=True)
class Outlook:
    """The running and paused clocks with a target, the most probable breach first, and how far it is to be believed."""

    clocks: Sequence[Foreseen]
    checks: Sequence[Check]


def foresee(store: Store, rulebook: Rulebook, as_of: datetime, metric: str | None = None) -> Outlook:
    """The outlook at a moment, by the clocks of all tickets within `backfill_days`."""
    watched = watch(store, horizon(rulebook, as_of), as_of)
    history = watched.clocks.join(watched.tickets.select("ticket_id", "team", "priority"), on="ticket_id")
    forecast = Forecast(history, as_of)
    wanted = history if metric is None else history.filter(nw.col("metric") == metric)
    told = forecast.of(wanted).join(watched.tickets.select("ticket_id", "source", "external_id"), on="ticket_id")
    by_clock = {
        (row["source"], row["external_id"], row["metric"], row["cycle"]): row for row in told.iter_rows(named=True)
    }
    clocks = watched.clocks.join(told.select("ticket_id", "metric", "cycle"), on=["ticket_id", "metric", "cycle"])
    found = []
    for entry in entries(store, rulebook, watched, clocks):
        row = by_clock[entry.source, entry.ticket, entry.metric, entry.cycle]
        found.append(Foreseen(entry, row["probability"], row["reason"], row["basis"]))
    checks = [each for each in forecast.checks if metric in {None, each.metric}]
    return Outlook(sorted(found, key=lambda each: -1 if each.probability is None else -2 - each.probability), checks)
