"""Computes all signals of all tickets that are open at a moment, beside those of their accounts."""

from datetime import datetime

import narwhals as nw

from rules.signals.account import SIGNALS
from rules.signals.clock import Clock
from rules.signals.fields import field_signal
from rules.signals.ticket_catalogue import TICKET_SIGNALS
from rules.signals.ticket_facts import Rows, TicketFacts
from rules.signals.ticket_history import history
from rules.signals.ticket_issues import issues
from rules.signals.ticket_moods import moods
from rules.signals.ticket_promises import promises
from rules.signals.ticket_state import escalated_word, open_tickets
from rules.signals.ticket_talk import talk
from rules.signals.windows import SignalWindows
from rules.sla.clock import clocks

_NAMES = ("ticket_id", "ticket_ref", "account_id", "account_ref")


def ticket_signals(facts: TicketFacts, accounts: Rows, as_of: datetime, windows: SignalWindows) -> Rows:
    """One row per ticket that is open at `as_of`, sorted by ticket_id: neither solved, closed nor merged.

    ticket_id, ticket_ref (`source:id`), account_id, account_ref, every signal of a ticket, every signal of its account
    that `accounts` has, which is what `account_signals` gave for the same moment. Of a ticket that is not linked,
    account_id, account_ref and all signals of the account are null. Types as there; durations are Int64 seconds.
    Nothing later than `as_of` is looked at.

    Source: docs/signals.md, "Tickets".
    """
    return with_accounts(tickets_alone(facts, as_of, windows), accounts)


def with_accounts(tickets: Rows, accounts: Rows) -> Rows:
    """What `tickets_alone` told, with the signals of the tickets' accounts, sorted by ticket_id.

    Where `accounts` has as_of, the tickets have it too: these are the rows of many moments.
    """
    moment = [name for name in ("as_of",) if name in accounts.columns]
    seen = tickets.join(accounts, on=["account_id", *moment], how="left")
    known = [name for name in accounts.columns if name in SIGNALS or field_signal(name) is not None]
    return seen.select(*_NAMES, *moment, *TICKET_SIGNALS, *known).sort("ticket_id", *moment)


def tickets_alone(facts: TicketFacts, as_of: datetime, windows: SignalWindows) -> Rows:
    """A row per ticket that is open at `as_of`, as `ticket_signals` tells it, without what its account tells."""
    clock = Clock(as_of)
    tickets = open_tickets(facts, clock)
    ticking = clocks(facts.histories(tickets), facts.terms, clock.as_of)
    # Clocks are read on an engine of their own.
    ticking = nw.from_arrow(ticking, backend=tickets.implementation)
    wide = tickets.join(facts.accounts, on="account_id", how="left").with_columns(escalated_word())
    for frame in (
        *talk(facts, tickets, ticking, clock),
        history(facts, tickets, clock),
        *moods(facts, tickets, clock, windows),
        *promises(ticking, clock),
        issues(facts, tickets, clock, windows),
        _open_playbooks(facts, tickets, clock),
    ):
        wide = wide.join(frame, on="ticket_id", how="left")
    ticket_ref = nw.concat_str(nw.col("source"), nw.lit(":"), nw.col("external_id")).alias("ticket_ref")
    return wide.select("ticket_id", ticket_ref, "account_id", *(name for name in TICKET_SIGNALS if name != "account"))


def _open_playbooks(facts: TicketFacts, tickets: Rows, clock: Clock) -> Rows:
    """ticket_id, open_playbook: the playbooks with a live escalation for the ticket's account, as JSON text."""
    # What the look at this very moment opens or closes it does not see, so that a second look sees the same.
    live = facts.escalations.filter(
        nw.col("opened_at") < clock.as_of, nw.col("closed_at").is_null() | (nw.col("closed_at") >= clock.as_of)
    ).sort("account_id", "playbook")
    lists: dict[int, list[str]] = {}
    for account_id, playbook in live.select("account_id", "playbook").iter_rows():
        lists.setdefault(account_id, []).append(f'"{playbook}"')
    linked = tickets.filter(~nw.col("account_id").is_null()).select("ticket_id", "account_id")
    told = [f"[{', '.join(lists.get(account, []))}]" for account in linked["account_id"]]
    column = nw.new_series("open_playbook", told, nw.String, backend=linked.implementation)
    return linked.select("ticket_id").with_columns(column)
