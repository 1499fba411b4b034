"""Counts which promises of a span were kept, from the clocks of its tickets and what is known of their accounts."""

from dataclasses import dataclass
from datetime import datetime

import narwhals as nw

from jobs.evaluate import look
from jobs.rulebook import Rulebook
from jobs.sla.watching import watch
from rules.sla.attainment import Attained, Cut, attainment
from storage.store import Store


@dataclass(frozen=True)
class Attainment:
    """What was kept in `[since, until)`, in slices; `without_terms` tickets were promised nothing that is on record."""

    since: datetime
    until: datetime
    by: Cut | None
    slices: list[Attained]
    whole: Attained
    without_terms: int


def attained(
    store: Store, rulebook: Rulebook, as_of: datetime, since: datetime, until: datetime, by: Cut | None = None
) -> Attainment:
    """The promises that came due in `[since, until)`, as is known at `as_of`; accounts are seen at `until`."""
    watched = watch(store, since, as_of)
    tickets = watched.tickets.select("ticket_id", "priority", "team", "account_id")
    if by == "segment":
        moment = min(until, as_of)
        signals, _ = look(store.facts(), rulebook, moment, moment, ["segment"]).signals(moment)
        tickets = tickets.join(signals.select("account_id", "segment"), on="account_id", how="left")
    policies = {name: terms.policy for name, terms in watched.terms.items()}
    clocks = watched.clocks
    [whole] = attainment(clocks, tickets, policies, since, until)
    promised = clocks.filter(~nw.col("terms").is_null())
    return Attainment(
        since=since,
        until=until,
        by=by,
        slices=attainment(clocks, tickets, policies, since, until, by) if by else [whole],
        whole=whole,
        without_terms=clocks["ticket_id"].n_unique() - promised["ticket_id"].n_unique(),
    )
