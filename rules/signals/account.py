"""Computes all signals for all accounts at once; each family of signals knows its own expressions."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

import narwhals as nw

from domain.conventions import SegmentBands
from rules.signals import (
    drift,
    effort,
    promises,
    renewal,
    repeated,
    sentiment,
    silence,
    spoken,
    survey,
    usage,
    value,
    volume,
)
from rules.signals.clock import Clock
from rules.signals.facts import Frame, SignalFacts
from rules.signals.signal import Signal
from rules.signals.windows import SignalWindows


@dataclass(frozen=True)
class _Scene:
    facts: SignalFacts
    clock: Clock
    windows: SignalWindows
    bands: SegmentBands


@dataclass(frozen=True)
class _Part:
    """Signals that are computed together: frames of account_id and columns, and what follows from these columns.

    `reads` are the facts that it looks at. `counts` are columns that are 0, not unknown, for an account without a row.
    """

    signals: tuple[Signal, ...]
    reads: tuple[str, ...]
    frames: Callable[[_Scene], list[Frame]]
    columns: Callable[[_Scene], list[nw.Expr]] = lambda _: []
    counts: tuple[str, ...] = ()

    def gives(self, names: Collection[str] | None) -> bool:
        return names is None or any(signal.name in names for signal in self.signals)


_PARTS = (
    _Part(
        value.SIGNALS,
        ("account_segments", "account_value"),
        lambda s: [value.declared_segments(s.facts.account_segments, s.clock), value.account_value(s.facts)],
        lambda s: value.columns(s.bands, s.facts.currency),
    ),
    _Part(renewal.SIGNALS, ("contracts",), lambda s: [renewal.renewals(s.facts.contracts, s.clock)]),
    _Part(
        (*volume.SIGNALS, *silence.SIGNALS),
        ("tickets",),
        lambda s: [_ticket_counts(s.facts.tickets, s.clock, s.windows)],
        lambda s: [*volume.columns(s.clock, s.windows), *silence.columns(s.clock)],
        ("tickets_7d", "tickets_30d", "_since_baseline", "_since_prior", "_since_silence", "_since_habit"),
    ),
    _Part(
        repeated.SIGNALS,
        ("recent_tickets", "placed_tickets"),
        lambda s: [
            repeated.repeated_issues(s.facts.newest_tickets, s.facts.placed_tickets, s.clock, s.windows),
            repeated.escalated(s.facts.newest_tickets, s.clock, s.windows),
        ],
        counts=("repeated_issue_count", "escalated_30d"),
    ),
    _Part(sentiment.SIGNALS, ("messages", "readings"), lambda s: sentiment.sentiment(s.facts, s.clock, s.windows)),
    _Part(
        drift.SIGNALS,
        ("messages", "readings", "tickets", "reopenings"),
        lambda s: [drift.drift(s.facts, s.clock, s.windows)],
    ),
    _Part(usage.SIGNALS, ("usage_days",), lambda s: [usage.usage(s.facts.usage_days, s.clock, s.windows)]),
    _Part(
        survey.SIGNALS,
        ("surveys", "predictions"),
        lambda s: [
            survey.satisfaction(s.facts, s.clock, s.windows),
            survey.foretold(s.facts, s.clock, s.windows),
        ],
    ),
    _Part(effort.SIGNALS, ("efforts",), lambda s: [effort.effort(s.facts, s.clock, s.windows)]),
    _Part(
        spoken.SIGNALS,
        ("evidence", "unheard", "messages"),
        lambda s: spoken.spoken(s.facts, s.clock, s.windows),
    ),
    _Part(promises.SIGNALS, ("sla_breaches", "sla_promised"), lambda s: [promises.broken(s.facts, s.clock, s.windows)]),
)
SIGNALS: dict[str, Signal] = {signal.name: signal for part in _PARTS for signal in part.signals}


def facts_read(only: Collection[str] | None = None) -> set[str]:
    """The fields of `SignalFacts` that all signals, or those of these names, look at beside the accounts."""
    return {name for part in _PARTS if part.gives(only) for name in part.reads}


def account_signals(
    facts: SignalFacts,
    as_of: datetime,
    windows: SignalWindows,
    bands: SegmentBands | None = None,
    only: Collection[str] | None = None,
) -> Frame:
    """One row per account, sorted by account_id: account_id, account_ref (its external id), account, every signal.

    Numbers and days are Int64 or Float64, money Int64 cents of `facts.currency`, text String, dates Date; null is
    unknown. Nothing later than `as_of` is looked at. `bands` place an account without a declared segment. With `only`
    the signals of these names are computed, and no facts are looked at that they do not need.

    Source: docs/signals.md.
    """
    scene = _Scene(facts, Clock(as_of), windows, bands or SegmentBands())
    parts = [part for part in _PARTS if part.gives(only)]
    wide = _accounts(facts)
    for frame in (frame for part in parts for frame in part.frames(scene)):
        wide = wide.join(frame, on="account_id", how="left")
    counted = wide.with_columns(nw.col(name).fill_null(0).cast(nw.Int64) for part in parts for name in part.counts)
    complete = counted.with_columns(column for part in parts for column in part.columns(scene))
    names = [name for name in SIGNALS if only is None or name in only]
    return complete.select("account_id", "account_ref", "account", *names).sort("account_id")


def _accounts(facts: SignalFacts) -> Frame:
    return facts.accounts.select(
        nw.col("id").alias("account_id"),
        nw.col("external_id").alias("account_ref"),
        nw.col("name").alias("account"),
        "segment",
        "signed_up_on",
    )


def _ticket_counts(tickets: Frame, clock: Clock, windows: SignalWindows) -> Frame:
    """The one pass over the big frame: every conditional count and extreme that volume and silence need."""
    # Unlinked tickets become one group without an account, which no account joins.
    seen = tickets.select("account_id", "created_at").filter(clock.within("created_at", windows.ticket_history_days))
    return seen.group_by("account_id").agg(*volume.aggregates(clock, windows), *silence.aggregates(clock, windows))
