"""Knows how often promises of an answer or a solution to an account were broken lately."""

import narwhals as nw

from rules.signals.facts import SignalFacts
from rules.signals.measures import Count, Events, Happening
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


def happenings(facts: SignalFacts, windows: SignalWindows) -> list[Happening]:
    """_promised and _breached: whether ever; _breaches: of late."""
    if facts.sla_breaches is None or facts.sla_promised is None:
        return []
    breaches = (Count("_breached"), Count("_breaches", windows.trend_days))
    return [
        Events(facts.sla_promised, "since", (Count("_promised"),)),
        Events(facts.sla_breaches, "breached_at", breaches),
    ]


def columns(facts: SignalFacts) -> list[nw.Expr]:
    """sla_breaches_30d, unknown for an account that nothing was promised to.

    Whom a breach is on record for was promised something, also where its ticket is gone.
    """
    if facts.sla_breaches is None or facts.sla_promised is None:
        return [nw.lit(None, dtype=nw.Int64).alias("sla_breaches_30d")]
    was_promised = nw.col("_promised") + nw.col("_breached") > 0
    return [nw.when(was_promised).then(nw.col("_breaches")).alias("sla_breaches_30d")]
