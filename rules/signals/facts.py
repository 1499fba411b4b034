"""Knows which facts the signals are computed from, and in which columns."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal, TypeAlias

import narwhals as nw

from rules.signals.derived import Derived

Frame: TypeAlias = nw.LazyFrame[Any]


@dataclass(frozen=True)
class SignalFacts:
    """Lazy frames; times are Datetime("us", "UTC"), ids Int64, cents Int64. Rows without an account are left out.

    * accounts: id, external_id, name, segment, signed_up_on
    * account_segments: account_id, segment, since
    * tickets: account_id, created_at; at least `SignalWindows.ticket_history_days` before `as_of`
    * recent_tickets: id, account_id, created_at, subject, tags (JSON text), escalated; None: `tickets` has them all
    * placed_tickets: ticket_id, issue_id, issue_label, placed_at of tickets that were grouped; None: none was
    * messages: id, account_id (the ticket's), ticket_id, author_kind, public, sent_at
    * readings: message_id, sentiment (−100..100 or null); of one reader, one row a message
    * contracts: account_id, starts_on, renews_on, notice_on, ends_on
    * account_value: account_id, acv_cents (in `currency`, or null); one row an account
    * usage_days: account_id, used_on, quantity
    * surveys: account_id, kind, score, scale_min, scale_max, answered_at; `easy_end` of a CES scale is little effort
    * efforts: ticket_id, account_id, solved_at, replies, asked_again, channel_switches; a row per solving
    * predictions: account_id, predicts, predicted_ratio, predicted_at, resolved_at, answered_at (of the ticket's own
      answer), trained_at and withdrawn_at (of the model); None: nothing is foretold
    * evidence: account_id, message_id, sent_at, kind, sentence; None: nothing was looked for
    * unheard: account_id, sent_at of customers' messages in languages that the rules of evidence do not speak
    * sla_breaches: account_id, breached_at; None: nothing is known of promises
    * sla_promised: account_id, since: from when on it has had a ticket with a target
    * reopenings: account_id, reopened_at: when a solved ticket was opened again; None: no history is known
    * open_stretches: ticket_id, account_id, created_at, since, until, priority, reopened, solved, told_at, as
      `rules.signals.open_stretches` tells them; None: no history is known
    * first_replies: account_id, created_at, first_replied_at of tickets that were answered; None: nothing is known
    * paid_lines: account_id, starts_on of subscription lines that ever count; None: nothing is known of revenue
    * onboarded: account_id, solved_at of tickets of `SignalWindows.onboarding_workflows`
    * payments: account_id, charge (any key), state, happened_at; None: nothing is known of payments
    * touches: account_id, kind, actor, note, happened_at
    * account_fields: account_id, name, value, recorded_at

    `usage_since` is the first day of any account's use on record; `onboarding_days` and `renewal_days` are the
    ledger's.
    `derived` says how signals follow from other signals.
    """

    currency: str
    accounts: Frame
    account_segments: Frame
    tickets: Frame
    messages: Frame
    readings: Frame
    contracts: Frame
    account_value: Frame
    usage_days: Frame
    surveys: Frame
    recent_tickets: Frame | None = None
    placed_tickets: Frame | None = None
    efforts: Frame | None = None
    predictions: Frame | None = None
    sla_breaches: Frame | None = None
    sla_promised: Frame | None = None
    reopenings: Frame | None = None
    evidence: Frame | None = None
    unheard: Frame | None = None
    open_stretches: Frame | None = None
    first_replies: Frame | None = None
    paid_lines: Frame | None = None
    onboarded: Frame | None = None
    payments: Frame | None = None
    touches: Frame | None = None
    account_fields: Frame | None = None
    usage_since: date | None = None
    onboarding_days: int = 90
    renewal_days: int = 90
    easy_end: Literal["high", "low"] = "high"
    derived: Derived = field(default_factory=Derived)

    @property
    def newest_tickets(self) -> Frame:
        """The tickets whose subjects, tags and flags are looked at."""
        return self.tickets if self.recent_tickets is None else self.recent_tickets
