"""Knows when an account's agreement comes up for renewal."""

import narwhals as nw

from rules.signals.clock import Clock
from rules.signals.facts import Frame
from rules.signals.signal import Shown, Signal

_UNKNOWN = "the account has no running contract with a renewal date ahead, or notice was given"


def _renews(shown: Shown) -> str:
    today = shown.values.get("days_to_renewal") == 0
    return "renews today" if today else f"renews in {shown.count('days_to_renewal', 'day')}"


SIGNALS = (
    Signal(
        name="days_to_renewal", kind="days", unit="days", noun="days to renewal",
        meaning="Calendar days (UTC) to the next renewal of a running contract without notice; 0 is today.",
        unknown_when=_UNKNOWN, phrase=_renews,
    ),
    Signal(
        name="renewal_on", kind="date", unit="date", noun="the renewal date",
        meaning="The date of that next renewal.", unknown_when=_UNKNOWN,
        phrase=lambda shown: f"renews on {shown.number('renewal_on')}",
    ),
)  # fmt: skip


def renewals(contracts: Frame, clock: Clock) -> Frame:
    """account_id, renewal_on, days_to_renewal from contracts that run on `as_of`'s date.

    A notice or an end that lies ahead has not happened yet: looking at it would be looking into the future.
    """
    today = clock.today
    running = contracts.filter(
        nw.col("renews_on") >= today,
        nw.col("starts_on") <= today,
        nw.col("ends_on").is_null() | (nw.col("ends_on") > today),
        nw.col("notice_on").is_null() | (nw.col("notice_on") > today),
    )
    first = running.group_by("account_id").agg(nw.col("renews_on").min().alias("renewal_on"))
    return first.with_columns(clock.days_until("renewal_on").alias("days_to_renewal"))
