"""Knows when an account writes more than it used to, measured against its own past."""

import narwhals as nw

from rules.signals.clock import Standpoint
from rules.signals.measures import Count, First, Measure
from rules.signals.signal import Shown, Signal
from rules.signals.windows import SignalWindows


def _spike(shown: Shown) -> str:
    tickets = shown.count("tickets_7d", "ticket")
    return f"{tickets} in {shown.windows.spike_days} days against {shown.number('ticket_baseline_7d', 1)} usual"


def _growth(shown: Shown) -> str:
    days = shown.windows.trend_days
    return (
        f"{shown.count('tickets_30d', 'ticket')} in {days} days against {shown.number('tickets_prior_30d')} "
        f"in the {days} before ({shown.percent('ticket_growth_30d', signed=True)})"
    )


SIGNALS = (
    Signal(
        name="tickets_7d", kind="number", unit="tickets", noun="tickets in {spike_days} days",
        meaning="Tickets of the last {spike_days} days.", unknown_when="never; no ticket is 0",
        phrase=lambda shown: f"{shown.count('tickets_7d', 'ticket')} in {shown.windows.spike_days} days",
    ),
    Signal(
        name="ticket_baseline_7d", kind="number", unit="tickets", noun="usual tickets in {spike_days} days",
        meaning="What is usual for the account: mean tickets per {spike_days} days over the {baseline_days} days "
        "before the last {spike_days}, or over as many of them as the account is known.",
        unknown_when="the account's signup or first ticket lies less than {baseline_min_days} days before the window",
        phrase=lambda s: f"{s.number('ticket_baseline_7d', 1)} tickets usual in {s.windows.spike_days} days",
    ),
    Signal(
        name="ticket_ratio_7d", kind="number", unit="times the usual",
        noun="tickets in {spike_days} days",
        meaning="tickets_7d ÷ ticket_baseline_7d.", unknown_when="the baseline is unknown or 0",
        phrase=_spike, shows=("tickets_7d", "ticket_baseline_7d"),
    ),
    Signal(
        name="tickets_30d", kind="number", unit="tickets", noun="tickets in {trend_days} days",
        meaning="Tickets of the last {trend_days} days.", unknown_when="never; no ticket is 0",
        phrase=lambda shown: f"{shown.count('tickets_30d', 'ticket')} in {shown.windows.trend_days} days",
    ),
    Signal(
        name="tickets_prior_30d", kind="number", unit="tickets", noun="tickets in the {trend_days} days before",
        meaning="Tickets of the {trend_days} days before the last {trend_days}.", unknown_when="never; no ticket is 0",
        phrase=lambda s: f"{s.count('tickets_prior_30d', 'ticket')} in the {s.windows.trend_days} days before",
    ),
    Signal(
        name="ticket_growth_30d", kind="number", unit="share", noun="ticket growth over {trend_days} days",
        meaning="tickets_30d ÷ tickets_prior_30d − 1; 0.5 is half as many again.",
        unknown_when="there was no ticket in the {trend_days} days before",
        phrase=_growth, shows=("tickets_30d", "tickets_prior_30d"),
    ),
)  # fmt: skip


_USUAL = ("ticket_baseline_7d", "ticket_ratio_7d")
_GROWTH = ("tickets_prior_30d", "ticket_growth_30d")


def takes(windows: SignalWindows) -> tuple[Measure, ...]:
    """What the volume needs of the tickets; counts nest, so that each asks one thing of a ticket."""
    return (
        Count("tickets_7d", windows.spike_days),
        Count("_since_baseline", windows.spike_days + windows.baseline_days, serves=_USUAL),
        Count("tickets_30d", windows.trend_days, serves=("tickets_30d", *_GROWTH)),
        Count("_since_prior", 2 * windows.trend_days, serves=_GROWTH),
        First("_first_ticket_at", serves=_USUAL),
    )


def columns(windows: SignalWindows) -> list[nw.Expr]:
    """The signals from what was taken (Int64, no nulls in the counts) and `observed`.

    Ratios divide integers once, so that exactly three times the usual is exactly 3.0.
    """
    baseline_count = nw.col("_since_baseline") - nw.col("tickets_7d")
    prior = nw.col("_since_prior") - nw.col("tickets_30d")
    observed = nw.col("_observed_days")
    known, some = observed >= windows.baseline_min_days, baseline_count > 0
    baseline = baseline_count * windows.spike_days / observed
    ratio = nw.col("tickets_7d") * observed / (baseline_count * windows.spike_days)
    growth = (nw.col("tickets_30d") - prior) / prior
    return [
        nw.when(known).then(baseline).alias("ticket_baseline_7d"),
        nw.when(known & some).then(ratio).alias("ticket_ratio_7d"),
        prior.alias("tickets_prior_30d"),
        nw.when(prior > 0).then(growth).alias("ticket_growth_30d"),
    ]


def observed(standpoint: Standpoint, windows: SignalWindows) -> list[nw.Expr]:
    """_observed_days: over how many days the usual is measured, from the first ticket or the signup on."""
    signup = -standpoint.days_until("signed_up_on") - windows.spike_days
    first_ticket = standpoint.days_since("_first_ticket_at", days_ago=windows.spike_days)
    longest = nw.max_horizontal(signup, first_ticket).clip(upper_bound=windows.baseline_days)
    return [longest.alias("_observed_days")]
