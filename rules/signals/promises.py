"""Knows how often promises of an answer or a solution to an account were broken lately."""

import narwhals as nw

from rules.signals.clock import Clock
from rules.signals.facts import Frame, SignalFacts
from rules.signals.signal import Signal
from rules.signals.windows import SignalWindows

SIGNALS = (
    Signal(
        name="sla_breaches_30d", kind="number", unit="breaches", noun="SLA breaches in {trend_days} days",
        meaning="Targets of the account's tickets that were missed in the last {trend_days} days, as recorded.",
        unknown_when="no ticket of the account ever had a target",
        phrase=lambda s: f"{s.count('sla_breaches_30d', 'SLA breach', 'SLA breaches')} in {s.windows.trend_days} days",
    ),
)  # fmt: skip


def broken(facts: SignalFacts, clock: Clock, windows: SignalWindows) -> Frame:
    """account_id, sla_breaches_30d; no row for an account that nothing was promised to.

    Whom a breach is on record for was promised something, also where its ticket is gone.
    """
    if facts.sla_breaches is None or facts.sla_promised is None:
        return facts.accounts.select(
            nw.col("id").alias("account_id"), nw.lit(None, dtype=nw.Int64).alias("sla_breaches_30d")
        )
    promised = facts.sla_promised.filter(clock.known("since")).select("account_id", _breaches=nw.lit(0, nw.Int64))
    recent = clock.within("breached_at", windows.trend_days).cast(nw.Int64)
    breached = facts.sla_breaches.filter(clock.known("breached_at")).select("account_id", _breaches=recent)
    both = nw.concat([promised, breached]).filter(~nw.col("account_id").is_null())
    return both.group_by("account_id").agg(nw.col("_breaches").sum().alias("sla_breaches_30d"))
