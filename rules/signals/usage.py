"""Knows when an account uses the product less than the week before."""

from datetime import timedelta

import narwhals as nw

from rules.signals.clock import Clock
from rules.signals.facts import Frame
from rules.signals.signal import Shown, Signal
from rules.signals.windows import SignalWindows


def _drop(shown: Shown) -> str:
    share = shown.percent("usage_drop_7d")
    direction = f"up {share.removeprefix('−')}" if share.startswith("−") else f"down {share}"
    uses = f"{shown.number('usage_prior_7d')} to {shown.number('usage_7d')}"
    return f"usage {direction} in {shown.windows.usage_days} days ({uses})"


SIGNALS = (
    Signal(
        name="usage_7d", kind="number", unit="uses", noun="uses in {usage_days} days",
        meaning="Logins or uses on the last {usage_days} whole days; the running day is left out.",
        unknown_when="the account has no usage in these days nor in the {usage_days} before",
        phrase=lambda shown: f"{shown.count('usage_7d', 'use')} in {shown.windows.usage_days} days",
    ),
    Signal(
        name="usage_prior_7d", kind="number", unit="uses", noun="uses in the {usage_days} days before",
        meaning="Logins or uses on the {usage_days} whole days before those.",
        unknown_when="the account has no usage in these days nor in the {usage_days} after",
        phrase=lambda shown: f"{shown.count('usage_prior_7d', 'use')} in the {shown.windows.usage_days} days before",
    ),
    Signal(
        name="active_days_prior_7d", kind="number", unit="days", noun="active days in the {usage_days} days before",
        meaning="Days with any use among the days of usage_prior_7d.",
        unknown_when="as usage_prior_7d",
        phrase=lambda s: f"{s.count('active_days_prior_7d', 'active day')} in the {s.windows.usage_days} days before",
    ),
    Signal(
        name="usage_drop_7d", kind="number", unit="share", noun="usage lost over {usage_days} days",
        meaning="Share of the usage lost: (usage_prior_7d − usage_7d) ÷ usage_prior_7d; below 0 it grew.",
        unknown_when="there was no usage in the {usage_days} days before",
        phrase=_drop, shows=("usage_7d", "usage_prior_7d"),
    ),
)  # fmt: skip


def usage(usage_days: Frame, clock: Clock, windows: SignalWindows) -> Frame:
    """account_id and the usage signals from account_id, used_on, quantity of the last two periods of whole days."""
    middle = clock.today - timedelta(days=windows.usage_days)
    start = clock.today - timedelta(days=2 * windows.usage_days)
    used_on, quantity = nw.col("used_on"), nw.col("quantity")
    compared = usage_days.filter(used_on >= start, used_on < clock.today)
    # By day first: a day with several features is one active day.
    by_day = compared.group_by("account_id", "used_on").agg(quantity.sum())
    late = (used_on >= middle).cast(nw.Int64)
    active = ((used_on < middle) & (quantity > 0)).cast(nw.Int64)
    sums = (
        by_day.with_columns((quantity * late).alias("_late"), active.alias("_active"))
        .group_by("account_id")
        .agg(
            nw.col("_late").sum().alias("usage_7d"),
            quantity.sum().alias("_both"),
            nw.col("_active").sum().alias("active_days_prior_7d"),
        )
    )
    prior = nw.col("_both") - nw.col("usage_7d")
    drop = (prior - nw.col("usage_7d")) / prior
    return sums.select(
        "account_id", "usage_7d", "active_days_prior_7d",
        prior.alias("usage_prior_7d"), nw.when(prior > 0).then(drop).alias("usage_drop_7d"),
    )  # fmt: skip
