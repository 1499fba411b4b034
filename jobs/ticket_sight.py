"""Reads what the signals of tickets need, and sees every open ticket at each moment of a span."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import narwhals as nw

from jobs.rulebook import Rulebook
from jobs.sla.scenes import Rows
from jobs.sla.watching import all_terms
from rules.signals import SignalWindows
from rules.signals.ticket_facts import TicketFacts
from rules.signals.ticket_frame import ticket_signals
from rules.text.impact import READER as IMPACT_READER
from rules.text.sentiment import READER
from storage.histories import TICKET_KINDS, Histories
from storage.store import Store

_UNDERSTOOD = ("en",)
_WORDS = ("csm", "region", "industry")


@dataclass(frozen=True)
class TicketSight:
    """The facts that every moment of a span looks at, read once; what is later than the moment is not seen."""

    facts: TicketFacts
    windows: SignalWindows

    def tickets(self, as_of: datetime, accounts: Rows) -> Rows:
        """The open tickets at `as_of`, as `ticket_signals` tells them; `accounts` are the signals of that moment."""
        return ticket_signals(self.facts, accounts, as_of, self.windows)


def look_at_tickets(store: Store, rulebook: Rulebook, first: datetime, last: datetime) -> TicketSight:
    """Read what the signals of tickets need at every moment in `[first, last]`."""
    told, facts, windows = Histories(store.engine, first, last), store.facts(), rulebook.windows
    evidence, heard_since = rulebook.evidence().reader, first - timedelta(days=windows.evidence_history_days)
    found = facts.evidence(evidence, heard_since, last)
    messages = told.messages(IMPACT_READER).collect()
    read = messages.select(message_id="id")
    return TicketSight(
        TicketFacts(
            tickets=told.tickets().rename({"id": "ticket_id", "tags": "tag"}).collect(),
            messages=messages,
            events=told.events(TICKET_KINDS).collect(),
            outreach=told.outreach().collect(),
            assignments=told.assignments().collect(),
            terms=all_terms(store),
            readings=facts.sentiments(READER).collect().join(read, on="message_id", how="semi"),
            evidence=None if found is None else found.collect().join(read, on="message_id", how="semi"),
            unheard=facts.unheard(evidence, _UNDERSTOOD, heard_since, last).collect(),
            placed=_placed(store, last),
            accounts=facts.accounts().select(nw.col("id").alias("account_id"), *_WORDS).collect(),
            escalations=facts.escalations().collect(),
            calendar=rulebook.sla.default_calendar,
        ),
        windows,
    )


def _placed(store: Store, until: datetime) -> Rows:
    facts = store.facts()
    tickets = facts.ticket_issues(until=until).select("account_id", "created_at", ticket_id="id")
    return facts.placed_tickets(until=until).join(tickets, on="ticket_id", how="inner").collect()
