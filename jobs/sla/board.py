"""Lists the clocks that run, the next deadline first, with what is at stake and why they were set."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import narwhals as nw

from jobs.evaluate import look
from jobs.rulebook import Rulebook
from jobs.sla.scenes import Rows
from jobs.sla.watching import Watched, watch
from storage.histories import Histories
from storage.store import Store

_AT_STAKE = ("acv", "days_to_renewal", "renewal_on", "segment")


@dataclass(frozen=True)
class ClockEntry:
    """One clock of one ticket as it stands.

    * arr_cents: the account's, in `currency`; None where it is unknown
    * spent_seconds, remaining_seconds: in the target's `counting`; remaining is negative after the deadline
    * deadline_at: on the wall's clock; None while the clock stands
    * because: why these terms apply
    """

    source: str
    ticket: str
    subject: str
    account: str | None
    account_ref: str | None
    arr_cents: int | None
    currency: str
    renews_on: date | None
    priority: str | None
    team: str | None
    metric: str
    cycle: int
    state: str
    started_at: datetime
    deadline_at: datetime | None
    target_seconds: int | None
    counting: str | None
    spent_seconds: int | None
    remaining_seconds: int | None
    warned_percent: int
    next_warning_at: datetime | None
    retargets: int
    history: str
    policy: str | None
    terms: str | None
    because: str | None


def board(
    store: Store, rulebook: Rulebook, as_of: datetime, *, state: str | None = None, metric: str | None = None
) -> list[ClockEntry]:
    """The clocks of the tickets that are unresolved at `as_of`: those in `state`, otherwise all whose wait goes on.

    The next deadline stands first, the overdue ones before all; what stands has none and comes last.
    """
    watched = watch(store, as_of, as_of)
    found = watched.running if state is None else watched.clocks.filter(nw.col("state") == state)
    if metric is not None:
        found = found.filter(nw.col("metric") == metric)
    return entries(store, rulebook, watched, found)


def entries(store: Store, rulebook: Rulebook, watched: Watched, found: Rows) -> list[ClockEntry]:
    """The clocks in `found`, with what is known of their tickets and accounts."""
    signals, currency = look(store.facts(), rulebook, watched.as_of, watched.as_of, _AT_STAKE).signals(watched.as_of)
    reasons = Histories(store.engine, watched.as_of, watched.as_of).assignments("because").sort("since").collect()
    newest = reasons.unique("ticket_id", keep="last", maintain_order=True).select("ticket_id", "because")
    rows = (
        found.join(watched.tickets.drop("account_ref"), on="ticket_id")
        .join(signals, on="account_id", how="left")
        .join(newest, on="ticket_id", how="left")
        .with_columns(_last=nw.col("deadline_at").is_null())
        .sort("_last", "deadline_at", "source", "external_id", "metric", "cycle")
    )
    policies = {name: terms.policy for name, terms in watched.terms.items()}
    return [_entry(row, policies, currency) for row in rows.iter_rows(named=True)]


def _entry(row: Mapping[str, Any], policies: Mapping[str, str], currency: str) -> ClockEntry:
    terms = row["breached_terms"] or row["terms"]
    named = {name: row[name] for name in ClockEntry.__dataclass_fields__ if name in row}
    return ClockEntry(
        **named | {
            "ticket": row["external_id"], "arr_cents": row["acv"], "currency": currency,
            "renews_on": row["renewal_on"], "terms": terms, "policy": policies.get(terms or ""),
        }
    )  # fmt: skip
