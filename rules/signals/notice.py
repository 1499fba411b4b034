"""Knows until when an account can give notice before its agreement renews."""

from dataclasses import replace

import narwhals as nw

from rules.signals.clock import Standpoint
from rules.signals.facts import SignalFacts
from rules.signals.measures import Happening, States
from rules.signals.renewal import happenings as renewals
from rules.signals.signal import Shown, Signal
from rules.signals.windows import SignalWindows

_UNKNOWN = "as days_to_renewal, or `notice_period_days` of signals.yaml is null"


def _deadline(shown: Shown) -> str:
    days = shown.values.get("days_to_notice_deadline")
    if isinstance(days, int) and days < 0:
        return f"the last day for notice was {-days:,} {'day' if days == -1 else 'days'} ago"
    return (
        "today is the last day for notice"
        if days == 0
        else (f"{shown.count('days_to_notice_deadline', 'day')} to the last day for notice")
    )


SIGNALS = (
    Signal(
        name="days_to_notice_deadline", kind="days", unit="days", noun="days to the last day for notice",
        meaning="Calendar days (UTC) to the last day on which notice can be given before the next renewal: "
        "{notice_period_days} days before it. 0 is today; below 0 the day has passed and the renewal is still ahead. "
        "Sources do not tell notice periods; the length is yours to configure.",
        unknown_when=_UNKNOWN, phrase=_deadline,
    ),
)  # fmt: skip


def happenings(facts: SignalFacts, windows: SignalWindows) -> list[Happening]:
    """_notice_renewal_on: the renewal that days_to_renewal counts to."""
    return [replace(each, name="_notice_renewal_on") for each in renewals(facts, windows) if isinstance(each, States)]


def columns(standpoint: Standpoint, windows: SignalWindows) -> list[nw.Expr]:
    """days_to_notice_deadline (Int64)."""
    period = windows.notice_period_days
    left = standpoint.days_until("_notice_renewal_on") - (period or 0)
    return [(nw.lit(None, dtype=nw.Int64) if period is None else left).alias("days_to_notice_deadline")]
