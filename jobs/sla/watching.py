"""Watches: reads the clocks of tickets from what happened to them, and puts every broken promise on record."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

import narwhals as nw

from domain.sla import Metric, SlaBreach
from jobs.sla.scenes import Rows
from rules.sla.clock import clocks
from rules.sla.histories import TicketHistories
from rules.sla.promises import METRICS
from rules.sla.terms import Terms
from rules.text.impact import READER
from storage.histories import Histories
from storage.sla import SlaBook
from storage.store import Store

_READERS = 2


@dataclass(frozen=True)
class Watched:
    """Clocks at a moment, of the tickets that were not solved before another one.

    * tickets: ticket_id and what `Histories.tickets` has beside it
    * clocks: as `rules.sla.clock.clocks` gives them
    * terms: all that were ever promised, by their hash
    """

    as_of: datetime
    tickets: Rows
    clocks: Rows
    terms: Mapping[str, Terms]

    @property
    def running(self) -> Rows:
        """The clocks whose wait is not over and that had or have a target: running, paused or breached."""
        goes_on = nw.col("fulfilled_at").is_null() & nw.col("ended_at").is_null()
        return self.clocks.filter(goes_on & nw.col("state").is_in(["running", "paused", "breached"]))


def watch(store: Store, since: datetime, as_of: datetime, metrics: Sequence[Metric] = METRICS) -> Watched:
    """The clocks at `as_of` of the tickets that were not solved before `since`."""
    histories, terms = ticket_histories(store, since, as_of), all_terms(store)
    tickets = histories.tickets.rename({"id": "ticket_id"}).collect()
    return Watched(as_of, tickets, clocks(histories, terms, as_of, metrics), terms)


def all_terms(store: Store) -> dict[str, Terms]:
    """All terms that were ever promised, by their hash."""
    return {name: Terms.model_validate(each.content) for name, each in SlaBook(store.engine).terms().items()}


def ticket_histories(store: Store, since: datetime, as_of: datetime) -> TicketHistories:
    """What clocks are read from, for the tickets that were not solved before `since`."""
    told = Histories(store.engine, since, as_of)
    # Rows leave a database outside of Python's lock: what is read side by side takes as long as the largest.
    with ThreadPoolExecutor(_READERS) as readers:
        messages, events = readers.submit(told.messages, READER), readers.submit(told.events)
        tickets, outreach = readers.submit(told.tickets), readers.submit(told.outreach)
        assignments = readers.submit(told.assignments)
        return TicketHistories(
            tickets.result(), messages.result(), events.result(), outreach.result(), assignments.result()
        )


def record_breaches(store: Store, watched: Watched) -> int:
    """Put the broken promises on record that are not there yet. Returns how many were new."""
    broken = watched.clocks.filter(~nw.col("breached_at").is_null())
    if broken.is_empty():
        return 0
    named = store.facts().accounts().select(account_id="id", account_ref="external_id").collect()
    tickets = watched.tickets.select("ticket_id", "source", "account_id", ticket_ref="external_id")
    policies = nw.from_dict(
        {"terms_hash": list(watched.terms), "policy": [each.policy for each in watched.terms.values()]},
        backend=broken.implementation,
    )
    rows = (
        broken.rename({"breached_terms": "terms_hash"})
        .join(tickets, on="ticket_id")
        .join(named, on="account_id", how="left")
        .join(policies, on="terms_hash")
        .with_columns(recorded_at=nw.lit(watched.as_of).cast(nw.Datetime("us", "UTC")))
    )
    return SlaBook(store.engine).record_breaches(rows.select(*SlaBreach.model_fields))
