"""Knows which falls of gross retention the leadership of support is told of: as soon as a window with one is over."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from domain.conventions import Cut, LedgerConventions, Period
from retention.families import as_counted
from retention.grading import GrrAlert, below_floor, grr_drops
from retention.ledger import LedgerFrames
from retention.metrics import RetentionRow
from retention.rows import retention_in_cuts

CUTS: tuple[Cut | None, ...] = (None, "segment")
Rows = Mapping[Cut | None, Sequence[RetentionRow]]


def grr_alerts(frames: LedgerFrames, as_of: datetime, conventions: LedgerConventions) -> list[GrrAlert]:
    """The alerts that stand at a moment, the drops first; none where the ledger is too young.

    A drop is between the last two whole windows of `alert_period`, of the whole and of each segment; a floor is held
    against the last trailing year, or the last year in a ledger too young for one.
    """
    frames = as_counted(frames, conventions)
    lengths: tuple[Period, ...] = (conventions.alert_period, "t12m", "year")
    cuts = {
        length: retention_in_cuts(frames, length, as_of, CUTS, conventions, newest=2)
        for length in dict.fromkeys(lengths)
    }
    return alerts_of(cuts[conventions.alert_period], segments_of_last_year(cuts), conventions)


def segments_of_last_year(cuts: Mapping[Period, Rows]) -> list[RetentionRow]:
    """The segments of the last trailing year, or of the last year where there is none."""
    annual = cuts["t12m"][None][-1:] or cuts["year"][None][-1:]
    return [row for row in cuts[annual[0].length]["segment"] if row.period == annual[0].period] if annual else []


def alerts_of(cuts: Rows, segments: Sequence[RetentionRow], conventions: LedgerConventions) -> list[GrrAlert]:
    """What fell in the last whole window, whole and by segment, and which segment of a year is below its floor."""
    whole = cuts[None]
    last = whole[-1].period if whole else None
    drops = grr_drops([*whole, *cuts["segment"]], conventions)
    floors = (below_floor(row, conventions) for row in segments)
    return [*(drop for drop in drops if drop.row.period == last), *(alert for alert in floors if alert is not None)]
