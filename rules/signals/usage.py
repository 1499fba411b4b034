"""Knows when an account uses the product less than the week before."""

import narwhals as nw

from rules.signals.facts import Frame, SignalFacts
from rules.signals.measures import Count, Events, Happening, Sum
from rules.signals.signal import Shown, Signal
from rules.signals.windows import SignalWindows


def said_drop(shown: Shown) -> str:
    """What was lost, and of what: `usage down 62 % in 7 days (40 to 15)`."""
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
        phrase=said_drop, shows=("usage_7d", "usage_prior_7d"),
    ),
)  # fmt: skip


def happenings(facts: SignalFacts, windows: SignalWindows) -> list[Happening]:
    """_late and _both: uses of the last period of whole days and of the last two; and the days with any use."""
    days = windows.usage_days
    quantity = nw.col("quantity")
    return [
        Events(
            facts.usage_days, at="used_on", dates=True, days=2 * days, prepare=_by_day,
            takes=(
                Count("_days"),
                Sum("_late", quantity, days),
                Sum("_both", quantity),
                Count("_active_late", days, where=quantity > 0),
                Count("_active_both", where=quantity > 0),
            ),
        )
    ]  # fmt: skip


def _by_day(usage_days: Frame) -> Frame:
    # A day with several features is one active day.
    return usage_days.group_by("account_id", "used_on").agg(nw.col("quantity").sum())


def columns() -> list[nw.Expr]:
    """The signals from what was taken."""
    late, prior, known = nw.col("_late"), nw.col("_both") - nw.col("_late"), nw.col("_days") > 0
    active = nw.col("_active_both") - nw.col("_active_late")
    return [
        nw.when(known).then(late).alias("usage_7d"),
        nw.when(known).then(prior).alias("usage_prior_7d"),
        nw.when(known).then(active).alias("active_days_prior_7d"),
        nw.when(known & (prior > 0)).then((prior - late) / prior).alias("usage_drop_7d"),
    ]
