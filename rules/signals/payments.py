"""Knows when an account has trouble paying: charges that failed, and charges that are overdue.

A charge has a row for each state that it came into. It is overdue from the first such row after its last payment on,
until it is paid; one that failed and is not overdue yet is not.
"""

import narwhals as nw

from rules.signals.clock import Standpoint
from rules.signals.facts import Frame, SignalFacts
from rules.signals.measures import Count, Events, Happening, States, Sum
from rules.signals.signal import Signal
from rules.signals.windows import SignalWindows

_UNKNOWN = "no charge of the account is on record yet"

SIGNALS = (
    Signal(
        name="failed_payments_30d", kind="number", unit="payments", noun="failed payments in {payment_days} days",
        meaning="Payments that failed in the last {payment_days} days, each attempt that is on record.",
        unknown_when=_UNKNOWN,
        phrase=lambda s: f"{s.count('failed_payments_30d', 'failed payment')} in {s.windows.payment_days} days",
    ),
    Signal(
        name="overdue_payments", kind="number", unit="charges", noun="overdue charges",
        meaning="Charges that are overdue at that moment.", unknown_when=_UNKNOWN,
        phrase=lambda s: s.count("overdue_payments", "overdue charge"),
    ),
    Signal(
        name="overdue_days", kind="days", unit="days", noun="days overdue",
        meaning="Whole days since the charge that is overdue for longest became so; 0 where none is, or since today.",
        unknown_when=_UNKNOWN, phrase=lambda s: f"a charge overdue for {s.count('overdue_days', 'day')}",
    ),
)  # fmt: skip


def happenings(facts: SignalFacts, windows: SignalWindows) -> list[Happening]:
    """Whether any charge is on record, what failed, what is overdue and since when."""
    if facts.payments is None:
        return []
    known = facts.payments.filter(~nw.col("account_id").is_null())
    overdue = _overdue(known)
    failed = Count("_failed_payments", windows.payment_days, where=nw.col("state") == "failed")
    return [
        Events(known, "happened_at", (Count("_charges"), failed)),
        Events(_steps(overdue), "at", (Sum("_overdue", nw.col("step")),)),
        States(overdue, name="_overdue_since", of="since", since=("since",), until=("paid_at",)),
    ]


def _overdue(payments: Frame) -> Frame:
    """account_id, since, paid_at (null: still): the stretches in which charges were overdue."""
    paid = nw.when(nw.col("state") == "paid").then("happened_at")
    later = paid.fill_null(strategy="backward").over("charge", order_by="happened_at")
    overdue = payments.with_columns(paid_at=later).filter(nw.col("state") == "overdue")
    # Between two payments of a charge, the first word of its being overdue counts.
    first = nw.col("happened_at").min().alias("since")
    return overdue.group_by("account_id", "charge", "paid_at").agg(first).select("account_id", "since", "paid_at")


def _steps(overdue: Frame) -> Frame:
    begun = overdue.select("account_id", at="since", step=nw.lit(1, dtype=nw.Int64))
    over = overdue.filter(~nw.col("paid_at").is_null())
    return nw.concat([begun, over.select("account_id", at="paid_at", step=nw.lit(-1, dtype=nw.Int64))])


def columns(facts: SignalFacts, standpoint: Standpoint) -> list[nw.Expr]:
    """Every signal of this module (Int64), unknown for an account without a charge on record."""
    if facts.payments is None:
        return [nw.lit(None, dtype=nw.Int64).alias(signal.name) for signal in SIGNALS]
    values = {
        "failed_payments_30d": nw.col("_failed_payments"),
        "overdue_payments": nw.col("_overdue"),
        "overdue_days": standpoint.days_since("_overdue_since").fill_null(0),
    }
    return [nw.when(nw.col("_charges") > 0).then(value).alias(name) for name, value in values.items()]
