"""Reads what the signals of tickets need, and sees every open ticket at each moment of a span."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property

import narwhals as nw

from jobs.evaluate import SeeTickets
from jobs.playbooks_in_force import InForce
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
    """The facts that every moment of a span looks at, read once; what is later than the moment is not seen.

    Escalations are read anew each time, because the moments before open some.
    """

    facts: TicketFacts
    windows: SignalWindows
    escalations: Callable[[], Rows]

    def tickets(self, as_of: datetime, accounts: Rows) -> Rows:
        """The open tickets at `as_of`, as `ticket_signals` tells them; `accounts` are the signals of that moment."""
        return ticket_signals(replace(self.facts, escalations=self.escalations()), accounts, as_of, self.windows)


class TicketWatch:
    """The open tickets at the moments of a run; nothing is read where no playbook is about tickets."""

    def __init__(self, store: Store, rulebook: Rulebook, moments: Sequence[datetime]) -> None:
        self._store, self._rulebook, self._moments = store, rulebook, moments

    def at(self, as_of: datetime, force: InForce) -> SeeTickets | None:
        """What sees the open tickets at one of the moments; None where no playbook in force asks for them."""
        if not any(book.about_tickets for book in (*force.active, *force.shadow)):
            return None
        return lambda accounts: self._sight.tickets(as_of, accounts)

    @cached_property
    def _sight(self) -> TicketSight:
        return look_at_tickets(self._store, self._rulebook, min(self._moments), max(self._moments))


def ticket_panels(sight: TicketSight, panels: Iterable[Rows]) -> Iterator[Rows]:
    """The open tickets at every moment of some panels, as `ticket_signals` tells them, with as_of; a frame a moment.

    Each of `panels` has all accounts of a moment, or several moments, with as_of, as `signal_panels` gives them.
    """
    for panel in panels:
        for as_of in sorted(panel["as_of"].unique().to_list()):
            accounts = panel.filter(nw.col("as_of") == as_of).drop("as_of")
            found = sight.tickets(as_of, accounts)
            yield found.with_columns(nw.lit(as_of).cast(nw.Datetime("us", "UTC")).alias("as_of"))


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
        lambda: facts.escalations().collect(),
    )


def _placed(store: Store, until: datetime) -> Rows:
    facts = store.facts()
    tickets = facts.ticket_issues(until=until).select("account_id", "created_at", ticket_id="id")
    return facts.placed_tickets(until=until).join(tickets, on="ticket_id", how="inner").collect()
