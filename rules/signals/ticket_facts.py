"""Knows which facts the signals of tickets are read from, and in which columns."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import narwhals as nw

from rules.sla.calendar import Calendar
from rules.sla.histories import TicketHistories
from rules.sla.terms import Terms

Rows: TypeAlias = nw.DataFrame[Any]


@dataclass(frozen=True)
class TicketFacts:
    """Frames of the tickets that were not solved before some moment, and of what happened to them.

    Times are Datetime("us", "UTC"), ids Int64. What is later than the moment that is asked for is not looked at.

    * tickets: ticket_id, source, external_id, account_id (null: not linked), status, priority, channel, workflow,
      tag (JSON text), team, assignee, escalated, created_at, first_replied_at, resolved_at
    * messages: id, ticket_id, author_kind, public, impactful (null: not read), sent_at
    * events: id, ticket_id, kind, from_value, to_value, happened_at
    * outreach: ticket_id, happened_at
    * assignments: ticket_id, since, terms: what was promised; terms: by their hash
    * readings: message_id, sentiment
    * evidence: message_id, kind, sentence; None: nothing was looked for. unheard: ticket_id, sent_at of customers'
      messages in languages that the rules of evidence do not speak
    * placed: ticket_id, account_id, created_at, issue_id, issue_label, placed_at of grouped tickets, solved ones too
    * accounts: account_id, csm, region, industry
    * escalations: account_id, playbook, opened_at, closed_at
    * calendar: in whose open hours business time is counted
    """

    tickets: Rows
    messages: Rows
    events: Rows
    outreach: Rows
    assignments: Rows
    readings: Rows
    placed: Rows
    accounts: Rows
    escalations: Rows
    calendar: Calendar
    terms: Mapping[str, Terms]
    evidence: Rows | None = None
    unheard: Rows | None = None

    def histories(self, tickets: Rows) -> TicketHistories:
        """What the clocks of some of the tickets are read from."""
        chosen = tickets.select("ticket_id")

        def of_them(rows: Rows) -> nw.LazyFrame[Any]:
            return rows.join(chosen, on="ticket_id", how="semi").lazy()

        return TicketHistories(
            of_them(self.tickets).rename({"ticket_id": "id"}),
            of_them(self.messages),
            of_them(self.events),
            of_them(self.outreach),
            of_them(self.assignments),
        )
