"""Knows what a ticket is about, and who else has the same trouble."""

import narwhals as nw

from rules.signals.clock import Clock
from rules.signals.signal import Signal
from rules.signals.ticket_facts import Rows, TicketFacts
from rules.signals.windows import SignalWindows

_NOT_GROUPED = "the ticket was not grouped"

SIGNALS = (
    Signal(
        name="ticket_issue", kind="text", unit="", noun="the ticket's issue",
        meaning="The group of tickets that its text was placed in, by the group's label.", unknown_when=_NOT_GROUPED,
        phrase=lambda shown: f"about “{shown.values.get('ticket_issue')}”",
    ),
    Signal(
        name="ticket_issue_repeats", kind="number", unit="tickets",
        noun="the account's tickets about the ticket's issue in {issue_days} days",
        meaning="Tickets of the account, created in the last {issue_days} days, about the same issue as this one.",
        unknown_when=_NOT_GROUPED, shows=("ticket_issue",),
        phrase=lambda s: f"{s.count('ticket_issue_repeats', 'ticket')} of the account about "
        f"“{s.values.get('ticket_issue')}” in {s.windows.issue_days} days",
    ),
    Signal(
        name="ticket_issue_accounts", kind="number", unit="accounts",
        noun="accounts with the ticket's issue in {issue_days} days",
        meaning="Accounts with a ticket about the same issue, created in the last {issue_days} days.",
        unknown_when=_NOT_GROUPED, shows=("ticket_issue",),
        phrase=lambda s: f"{s.count('ticket_issue_accounts', 'account')} with “{s.values.get('ticket_issue')}” in "
        f"{s.windows.issue_days} days",
    ),
)  # fmt: skip


def issues(facts: TicketFacts, tickets: Rows, clock: Clock, windows: SignalWindows) -> Rows:
    """ticket_id and the signals of this module; no row for a ticket that was not grouped by then."""
    placed = facts.placed.filter(clock.known("placed_at"))
    recent = placed.filter(clock.within("created_at", windows.issue_days))
    by_account = recent.group_by("issue_id", "account_id").agg(
        nw.col("ticket_id").n_unique().cast(nw.Int64).alias("ticket_issue_repeats")
    )
    by_issue = recent.group_by("issue_id").agg(
        nw.col("account_id").n_unique().cast(nw.Int64).alias("ticket_issue_accounts")
    )
    own = placed.join(tickets, on="ticket_id", how="semi").select(
        "ticket_id", "account_id", "issue_id", ticket_issue="issue_label"
    )
    wide = own.join(by_account, on=["issue_id", "account_id"], how="left").join(by_issue, on="issue_id", how="left")
    counts = [nw.col(name).fill_null(0) for name in ("ticket_issue_repeats", "ticket_issue_accounts")]
    return wide.select("ticket_id", "ticket_issue", *counts)
