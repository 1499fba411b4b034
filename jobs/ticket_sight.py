"""Reads what the signals of tickets need, and sees every open ticket at each moment of a span."""

from collections.abc import Callable, Sequence
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
from rules.signals.ticket_frame import tickets_alone, with_accounts
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
        return with_accounts(self.tickets_alone(as_of), accounts)

    def tickets_alone(self, as_of: datetime) -> Rows:
        """The same without what their accounts tell."""
        return tickets_alone(replace(self.facts, escalations=self.escalations()), as_of, self.windows)


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


class TicketPanels:
    """The open tickets at many moments, rising, which are looked at when the first are asked for."""

    def __init__(
        self, store: Store, rulebook: Rulebook, moments: Sequence[datetime], report: Callable[[str, int, int], None]
    ) -> None:
        self._store, self._rulebook, self._moments, self._report = store, rulebook, moments, report

    def __call__(self, panel: Rows) -> Rows:
        """The tickets at all of the moments as `ticket_signals` tells them, with as_of; `panel` is of `signal_panels`.

        Of tickets whose account is not in the panel the account is unknown.
        """
        return with_accounts(self._tickets, panel)

    @cached_property
    def _tickets(self) -> Rows:
        sight = look_at_tickets(self._store, self._rulebook, self._moments[0], self._moments[-1])
        return nw.concat([self._at(sight, place) for place in range(len(self._moments))])

    def _at(self, sight: TicketSight, place: int) -> Rows:
        as_of = self._moments[place]
        found = sight.tickets_alone(as_of).with_columns(as_of=nw.lit(as_of).cast(nw.Datetime("us", "UTC")))
        self._report("Looking at open tickets", place + 1, len(self._moments))
        return found


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
