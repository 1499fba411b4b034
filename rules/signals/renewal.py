"""Knows when an account's agreement comes up for renewal."""

import narwhals as nw

from rules.signals.clock import Standpoint
from rules.signals.facts import SignalFacts
from rules.signals.measures import Happening, States
from rules.signals.signal import Shown, Signal
from rules.signals.windows import SignalWindows

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


def happenings(facts: SignalFacts, _windows: SignalWindows) -> list[Happening]:
    """renewal_on: the first renewal of the contracts that run.

    A notice or an end that lies ahead has not happened yet: looking at it would be looking into the future. Contracts
    with `known_from` and `known_until` (moments; null is without bound) are versions, each known for so long.
    """
    versioned = "known_from" in facts.contracts.collect_schema().names()
    known_from, known_until = (("known_from",), ("known_until",)) if versioned else ((), ())
    # A renewal counts on its day, and not after it.
    renewing = facts.contracts.filter(~nw.col("renews_on").is_null())
    contracts = renewing.with_columns(_renewed_on=nw.col("renews_on").dt.offset_by("1d"))
    return [
        States(
            contracts, name="renewal_on", of="renews_on",
            since=("starts_on", *known_from), always=known_from,
            until=("_renewed_on", "ends_on", "notice_on", *known_until),
        )
    ]  # fmt: skip


def columns(standpoint: Standpoint) -> list[nw.Expr]:
    """The days from `renewal_on`."""
    return [standpoint.days_until("renewal_on").alias("days_to_renewal")]
