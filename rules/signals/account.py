"""Computes all signals for all accounts at once; each family of signals knows its own expressions."""

from collections.abc import Collection
from datetime import datetime

import narwhals as nw

from domain.conventions import SegmentBands
from rules.signals import (
    backlog,
    contacts,
    derived,
    drift,
    effort,
    expansion,
    fields,
    foretold_many,
    journey,
    notice,
    payments,
    promises,
    renewal,
    repeated,
    repeated_many,
    sentiment,
    sentiment_many,
    silence,
    speed,
    spoken,
    surprise,
    survey,
    usage,
    usage_of_all,
    value,
    volume,
)
from rules.signals.clock import Clock
from rules.signals.facts import Frame, SignalFacts
from rules.signals.measures import Events, Happening
from rules.signals.part import Part, Scene, completed, filled, parts_for
from rules.signals.signal import Signal
from rules.signals.windows import SignalWindows


def _tickets(facts: SignalFacts, windows: SignalWindows) -> list[Happening]:
    """The one pass over the big frame: every conditional count and extreme that volume and silence need."""
    # Unlinked tickets become one group without an account, which no account joins.
    times = facts.tickets.select("account_id", "created_at")
    takes = (*volume.takes(windows), *silence.takes(windows))
    return [Events(times, "created_at", takes, days=windows.ticket_history_days)]


PARTS = (
    Part(
        value.SIGNALS,
        ("account_segments", "account_value"),
        lambda s: [value.account_value(s.facts)],
        lambda s: value.columns(s.bands, s.facts.currency),
        happenings=value.happenings,
        many=lambda s, grid: [value.at_many_days(s.facts.account_value, grid)],
    ),
    Part(
        renewal.SIGNALS,
        ("contracts",),
        columns=lambda s: renewal.columns(s.standpoint),
        happenings=renewal.happenings,
    ),
    Part(
        (*volume.SIGNALS, *silence.SIGNALS),
        ("tickets",),
        columns=lambda s: [*volume.columns(s.windows), *silence.columns(s.standpoint)],
        happenings=_tickets,
        stages=lambda s: [volume.observed(s.standpoint, s.windows)],
    ),
    Part(
        repeated.ISSUES,
        ("recent_tickets", "placed_tickets"),
        lambda s: [repeated.repeated_issues(s.facts.newest_tickets, s.facts.placed_tickets, s.clock, s.windows)],
        counts=("repeated_issue_count",),
        many=lambda s, grid: [
            repeated_many.repeated_issues(s.facts, s.windows, grid, is_named=s.asks({"repeated_issue"}))
        ],
    ),
    Part(repeated.ESCALATED, ("recent_tickets",), happenings=repeated.happenings),
    Part(
        sentiment.SIGNALS,
        ("messages", "readings"),
        lambda s: sentiment.sentiment(s.facts, s.clock, s.windows),
        lambda s: sentiment.columns(s.windows),
        many=lambda s, grid: [
            sentiment_many.moods(
                s.facts,
                s.windows,
                grid,
                has_worst=s.asks({"worst_ticket_sentiment"}),
                has_before=s.asks({"sentiment_trend"}),
            )
        ],
    ),
    Part(
        drift.SIGNALS,
        ("messages", "readings", "tickets", "reopenings"),
        lambda s: [drift.drift(s.facts, s.clock, s.windows)],
    ),
    Part(usage.SIGNALS, ("usage_days",), columns=lambda _: usage.columns(), happenings=usage.happenings),
    Part(
        usage_of_all.SIGNALS,
        ("usage_days",),
        lambda s: [usage_of_all.drop_of_all(s.facts, s.clock, s.windows)],
        lambda _: usage_of_all.columns(),
        needs=usage_of_all.NEEDS,
        many=lambda s, grid: [usage_of_all.at_many_moments(s.facts, s.windows, grid)],
    ),
    Part(survey.ANSWERED, ("surveys",), columns=lambda _: survey.columns(), happenings=survey.happenings),
    Part(
        survey.FORETOLD,
        ("predictions",),
        lambda s: survey.foretold(s.facts, s.clock, s.windows),
        lambda s: survey.foretold_columns(s.facts, s.windows),
        many=lambda s, grid: foretold_many.foretold(s.facts, s.windows, grid),
    ),
    Part(effort.SIGNALS, ("efforts",), columns=lambda s: effort.columns(s.facts), happenings=effort.happenings),
    Part(
        spoken.SIGNALS,
        ("evidence", "unheard", "messages"),
        columns=lambda s: spoken.columns(s.facts, s.standpoint),
        happenings=spoken.happenings,
    ),
    Part(
        promises.SIGNALS,
        ("sla_breaches", "sla_promised"),
        columns=lambda s: promises.columns(s.facts),
        happenings=promises.happenings,
    ),
    Part(
        expansion.SIGNALS,
        ("evidence",),
        columns=lambda s: expansion.columns(s.facts),
        happenings=expansion.happenings,
        needs=expansion.NEEDS,
    ),
    Part(
        surprise.SIGNALS,
        ("tickets",),
        columns=lambda s: surprise.columns(s.windows),
        happenings=surprise.happenings,
        stages=lambda s: surprise.stages(s.standpoint, s.windows),
    ),
    Part(
        backlog.SIGNALS,
        ("open_stretches",),
        columns=lambda s: backlog.columns(s.facts, s.standpoint),
        happenings=backlog.happenings,
    ),
    Part(
        speed.SIGNALS,
        ("open_stretches", "first_replies"),
        columns=lambda s: speed.columns(s.facts, s.windows),
        happenings=speed.happenings,
    ),
    Part(
        journey.SIGNALS,
        ("contracts", "usage_days", "paid_lines", "onboarded"),
        columns=lambda s: journey.columns(s.facts, s.standpoint),
        happenings=journey.happenings,
    ),
    Part(
        notice.SIGNALS,
        ("contracts",),
        columns=lambda s: notice.columns(s.standpoint, s.windows),
        happenings=notice.happenings,
    ),
    Part(
        payments.SIGNALS,
        ("payments",),
        columns=lambda s: payments.columns(s.facts, s.standpoint),
        happenings=payments.happenings,
    ),
    Part(
        contacts.SIGNALS,
        ("touches",),
        columns=lambda s: contacts.columns(s.facts, s.standpoint),
        happenings=contacts.happenings,
    ),
    Part(
        (),
        ("account_fields",),
        columns=lambda s: fields.columns(s.facts, s.windows),
        happenings=fields.happenings,
        names=fields.is_field,
    ),
)
SIGNALS: dict[str, Signal] = {
    signal.name: signal for signal in (*(each for part in PARTS for each in part.signals), *derived.SIGNALS)
}


def facts_read(only: Collection[str] | None = None) -> set[str]:
    """The fields of `SignalFacts` that all signals, or those of these names, look at beside the accounts."""
    parts = PARTS if only is None else parts_for(PARTS, only)
    return {name for part in parts for name in part.reads}


def names_of(windows: SignalWindows, only: Collection[str] | None = None) -> list[str]:
    """The signals, and the configured fields of one's own; those of the names `only`."""
    names = [*SIGNALS, *fields.field_signals(windows)]
    return names if only is None else [name for name in names if name in only]


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
    scene = Scene(facts, Clock(as_of), windows, bands or SegmentBands())
    names = names_of(windows, only)
    parts = parts_for(PARTS, facts.derived.rest_on(names))
    wide = accounts(facts)
    for frame in (frame for part in parts for frame in part.taken(scene)):
        wide = wide.join(frame, on="account_id", how="left")
    complete = facts.derived.added(
        completed(filled(wide, parts, scene), parts, scene), nw.lit(scene.clock.as_of), names
    )
    return complete.select("account_id", "account_ref", "account", *names).sort("account_id")


def accounts(facts: SignalFacts) -> Frame:
    """account_id, account_ref, account, and the account's own segment and signed_up_on."""
    return facts.accounts.select(
        nw.col("id").alias("account_id"),
        nw.col("external_id").alias("account_ref"),
        nw.col("name").alias("account"),
        value.as_word("segment").alias("segment"),
        "signed_up_on",
    )
