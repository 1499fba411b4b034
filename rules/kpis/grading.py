"""Knows when a KPI is excellent or good, and which figures of others stand beside it."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from domain.sla import Counting
from rules.durations import Length
from rules.kpis.catalogue import Kpi
from rules.kpis.figures import Grade
from rules.kpis.settings import ANY_CHANNEL, LESS_IS_BETTER, KpiSettings, ShareTier, TimeTier
from rules.kpis.spread import Values, statistic


def time_grade(kpi: Kpi, ascending: Mapping[Counting, Values], settings: KpiSettings) -> Grade | None:
    """The tier of times, ascending seconds by how they are counted; None without a target or without cases.

    Exactly `excellent_below` is good, exactly `good_to` is good.
    """
    tiers: Mapping[str, TimeTier] = settings.times.get(kpi.tier_name, {})  # type: ignore[call-overload]
    tier = tiers.get(kpi.channel or ANY_CHANNEL)
    values = None if tier is None else ascending[tier.excellent_below.counting]
    if tier is None or values is None or not len(values):
        return None
    target = f"{tier.of} {tier.excellent_below.counting}: excellent below {_hours(tier.excellent_below)}"
    target += f", good to {_hours(tier.good_to)}"
    if len(values) < settings.minimum:
        return Grade(tier="too few", target=target)
    exact = statistic(values, tier.of)
    good = exact <= tier.good_to.seconds
    return Grade(
        tier="excellent" if exact < tier.excellent_below.seconds else "good" if good else "below", target=target
    )


def points_grade(kpi: Kpi, points: Fraction | None, count: int, settings: KpiSettings) -> Grade | None:
    """The tier of a share in percent, or of points; exactly on a bound belongs to the better tier."""
    tier: ShareTier | None = settings.shares.get(kpi.tier_name)  # type: ignore[call-overload]
    if tier is None or points is None:
        return None
    less, unit = kpi.name in LESS_IS_BETTER, "" if kpi.kind == "points" else " %"
    way = "to" if less else "from"
    target = f"excellent {way} {_plain(tier.excellent_from)}{unit}, good {way} {_plain(tier.good_from)}{unit}"
    if count < settings.minimum:
        return Grade(tier="too few", target=target)
    reached = [
        points <= bound if less else points >= bound for bound in map(Fraction, (tier.excellent_from, tier.good_from))
    ]
    return Grade(tier="excellent" if reached[0] else "good" if reached[1] else "below", target=target)


def references(kpi: Kpi, settings: KpiSettings, segment: str | None = None) -> tuple[str, ...]:
    """What others have published: `average B2B SaaS 11.4 h (mean, elapsed)`; for a segment also what is of it alone."""
    if kpi.channel is not None:
        return ()
    published = settings.references.get(kpi.name, ())  # type: ignore[call-overload]
    return tuple(
        f"{each.label} {_hours(each.mean)} (mean, {each.mean.counting})"
        for each in published
        if segment is None or each.segment in {None, segment}
    )


def _hours(bound: Length) -> str:
    return f"{_plain(Decimal(bound.seconds) / 3600)} h"


def _plain(number: Decimal) -> str:
    text = f"{number:.2f}"
    return text.rstrip("0").rstrip(".")
