"""Computes all signals for all accounts at once; each family of signals knows its own expressions."""

from datetime import datetime

import narwhals as nw

from domain.conventions import SegmentBands
from rules.signals import renewal, repeated, sentiment, silence, survey, usage, value, volume
from rules.signals.clock import Clock
from rules.signals.facts import Frame, SignalFacts
from rules.signals.signal import Signal
from rules.signals.windows import SignalWindows

_FAMILIES = (value, renewal, volume, silence, repeated, sentiment, usage, survey)
SIGNALS: dict[str, Signal] = {signal.name: signal for family in _FAMILIES for signal in family.SIGNALS}

# Counts that are 0, not unknown, for an account without tickets.
_COUNTS = (
    "tickets_7d", "tickets_30d", "_since_baseline", "_since_prior", "_since_silence", "_since_habit",
    "repeated_issue_count", "escalated_30d",
)  # fmt: skip


def account_signals(
    facts: SignalFacts, as_of: datetime, windows: SignalWindows, bands: SegmentBands | None = None
) -> Frame:
    """One row per account, sorted by account_id: account_id, account_ref (its external id), account, every signal.

    Numbers and days are Int64 or Float64, money Int64 cents of `facts.currency`, text String, dates Date; null is
    unknown. Nothing later than `as_of` is looked at. `bands` place an account without a declared segment.

    Source: docs/signals.md.
    """
    clock = Clock(as_of)
    wide = _accounts(facts)
    for frame in _families(facts, clock, windows):
        wide = wide.join(frame, on="account_id", how="left")
    counted = wide.with_columns(nw.col(name).fill_null(0).cast(nw.Int64) for name in _COUNTS)
    complete = counted.with_columns(
        *value.columns(bands or SegmentBands(), facts.currency),
        *volume.columns(clock, windows),
        *silence.columns(clock),
    )
    return complete.select("account_id", "account_ref", "account", *SIGNALS).sort("account_id")


def _accounts(facts: SignalFacts) -> Frame:
    return facts.accounts.select(
        nw.col("id").alias("account_id"),
        nw.col("external_id").alias("account_ref"),
        nw.col("name").alias("account"),
        "segment",
        "signed_up_on",
    )


def _families(facts: SignalFacts, clock: Clock, windows: SignalWindows) -> list[Frame]:
    recent = facts.tickets if facts.recent_tickets is None else facts.recent_tickets
    return [
        value.declared_segments(facts.account_segments, clock),
        value.account_value(facts),
        renewal.renewals(facts.contracts, clock),
        _ticket_counts(facts.tickets, clock, windows),
        repeated.repeated_issues(recent, clock, windows),
        repeated.escalated(recent, clock, windows),
        sentiment.sentiment(facts, clock, windows),
        usage.usage(facts.usage_days, clock, windows),
        survey.satisfaction(facts.surveys, clock, windows),
    ]


def _ticket_counts(tickets: Frame, clock: Clock, windows: SignalWindows) -> Frame:
    """The one pass over the big frame: every conditional count and extreme that volume and silence need."""
    # Unlinked tickets become one group without an account, which no account joins.
    seen = tickets.select("account_id", "created_at").filter(clock.within("created_at", windows.ticket_history_days))
    return seen.group_by("account_id").agg(*volume.aggregates(clock, windows), *silence.aggregates(clock, windows))
