"""Knows how much of an account's is still open, since when, and how often solved tickets came back."""

from datetime import UTC, datetime

import narwhals as nw

from rules.signals.clock import Standpoint
from rules.signals.facts import Frame, SignalFacts
from rules.signals.measures import Count, Events, Happening, States, Sum
from rules.signals.signal import Signal
from rules.signals.windows import SignalWindows

_DAY_SECONDS = 86_400
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NONE_OPEN = "no ticket of the account was open"

SIGNALS = (
    Signal(
        name="open_tickets", kind="number", unit="tickets", noun="open tickets",
        meaning="Tickets that are not solved at that moment, by the history of their status.",
        unknown_when="never; no ticket is 0", phrase=lambda s: s.count("open_tickets", "open ticket"),
    ),
    Signal(
        name="open_urgent_tickets", kind="number", unit="tickets", noun="open tickets of severity 1",
        meaning="Open tickets that have one of the priorities `severity_1` of signals.yaml at that moment.",
        unknown_when="never; no ticket is 0",
        phrase=lambda s: s.count("open_urgent_tickets", "open ticket of severity 1", "open tickets of severity 1"),
    ),
    Signal(
        name="oldest_open_days", kind="days", unit="days", noun="age of the oldest open ticket in days",
        meaning="Whole days since the oldest open ticket was created.", unknown_when=_NONE_OPEN,
        phrase=lambda s: f"the oldest open ticket is {s.count('oldest_open_days', 'day')} old",
    ),
    Signal(
        name="mean_open_days", kind="number", unit="days", noun="mean age of the open tickets in days",
        meaning="Mean time in days since the open tickets were created.", unknown_when=_NONE_OPEN,
        phrase=lambda s: f"open tickets are {s.number('mean_open_days', 1)} days old on average",
    ),
    Signal(
        name="reopenings_30d", kind="number", unit="reopenings", noun="reopenings in {trend_days} days",
        meaning="How often a solved ticket was opened again in the last {trend_days} days.",
        unknown_when="no change of a ticket's status is on record for the account in the last {speed_usual_days} days",
        phrase=lambda s: f"{s.count('reopenings_30d', 'reopening')} in {s.windows.trend_days} days",
    ),
)  # fmt: skip


def happenings(facts: SignalFacts, windows: SignalWindows) -> list[Happening]:
    """What is open by what came and went, the oldest of it, and how often tickets came back."""
    if facts.open_stretches is None:
        return []
    open_now = facts.open_stretches.filter(~nw.col("account_id").is_null())
    told = open_now.filter(~nw.col("told_at").is_null()).with_columns(at=nw.max_horizontal("since", "told_at"))
    urgent = nw.col("step") * nw.col("priority").is_in(list(windows.severity_1)).fill_null(False).cast(nw.Int64)
    standing = (
        Sum("_open", nw.col("step")),
        Sum("_open_urgent", urgent),
        Sum("_open_since", nw.col("step") * _seconds("created_at")),
    )
    back = Count("_reopenings", windows.trend_days, where=nw.col("reopened"))
    return [
        Events(_steps(open_now), "at", standing),
        States(open_now, name="_oldest_open_at", of="created_at", since=("since",), until=("until",)),
        Events(open_now, "since", (back,), days=windows.trend_days),
        Events(told, "at", (Count("_status_told"),), days=windows.speed_usual_days),
    ]


def _steps(stretches: Frame) -> Frame:
    """A row where a stretch begins (step 1) and one where it ends (step −1)."""
    columns = ("account_id", "created_at", "priority")
    begun = stretches.select(*columns, at="since", step=nw.lit(1, dtype=nw.Int64))
    over = stretches.filter(~nw.col("until").is_null())
    return nw.concat([begun, over.select(*columns, at="until", step=nw.lit(-1, dtype=nw.Int64))])


def _seconds(column: str) -> nw.Expr:
    return (nw.col(column) - nw.lit(_EPOCH)).dt.total_seconds()


def columns(facts: SignalFacts, standpoint: Standpoint) -> list[nw.Expr]:
    """Every signal of this module: counts and days Int64, the mean Float64."""
    if facts.open_stretches is None:
        types = {"mean_open_days": nw.Float64}
        return [nw.lit(None, types.get(signal.name, nw.Int64)).alias(signal.name) for signal in SIGNALS]
    is_open = nw.col("_open") > 0
    now = (standpoint.now() - nw.lit(_EPOCH)).dt.total_seconds()
    mean = (now * nw.col("_open") - nw.col("_open_since")) / (nw.col("_open") * _DAY_SECONDS)
    return [
        nw.col("_open").alias("open_tickets"),
        nw.col("_open_urgent").alias("open_urgent_tickets"),
        standpoint.days_since("_oldest_open_at").alias("oldest_open_days"),
        nw.when(is_open).then(mean).alias("mean_open_days"),
        nw.when(nw.col("_status_told") > 0).then(nw.col("_reopenings")).alias("reopenings_30d"),
    ]
