"""Lists the broken promises that are on record: by how much, since mended or not, and whether later facts deny them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import narwhals as nw

from domain.sla import SlaBreach
from jobs.sla.watching import watch
from storage.sla import SlaBook
from storage.store import Store

Standing = Literal["recorded", "contradicted", "ticket deleted"]


@dataclass(frozen=True)
class BrokenPromise:
    """A breach as it was recorded, with what the facts say now.

    * standing: `contradicted` where the facts by now say that the promise was kept, or never made; it stays on record
    * over_at: when the wait was over all the same; None: it goes on, or nobody knows any more
    * late_seconds: by how much, in the target's counting, up to then or to now; None where nobody knows any more
    """

    breach: SlaBreach
    account: str | None
    standing: Standing
    over_at: datetime | None
    late_seconds: int | None


def broken_promises(store: Store, as_of: datetime, since: datetime) -> list[BrokenPromise]:
    """The breaches that happened in `[since, as_of]`, the newest first."""
    book = SlaBook(store.engine)
    breaches = book.breaches(since, as_of)
    if not breaches:
        return []
    first = min(breach.started_at for breach in breaches)
    watched, names = watch(store, first, as_of), store.account_names()
    tickets = watched.tickets.select("ticket_id", "source", ticket_ref="external_id")
    told = watched.clocks.filter(nw.col("state") == "breached").join(tickets, on="ticket_id")
    now = {_key(row): row for row in told.iter_rows(named=True)}
    gone = book.deleted_tickets(since, as_of)
    return [
        _promise(breach, names.get(breach.account_ref or ""), now.get(_key(breach.model_dump())), gone)
        for breach in reversed(breaches)
    ]


def _key(row: dict[str, Any]) -> tuple[Any, ...]:
    return row["source"], row["ticket_ref"], row["metric"], row["started_at"]


def _promise(
    breach: SlaBreach, account: str | None, clock: dict[str, Any] | None, gone: set[tuple[str, str]]
) -> BrokenPromise:
    if (breach.source, breach.ticket_ref) in gone:
        return BrokenPromise(breach, account, "ticket deleted", None, None)
    if clock is None:
        return BrokenPromise(breach, account, "contradicted", None, None)
    over_at = clock["fulfilled_at"] or clock["ended_at"]
    return BrokenPromise(breach, account, "recorded", over_at, -clock["remaining_seconds"])
