"""Knows what a report of the whole tells: the last year, trailing year and quarter, segments, alerts, lifetime."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from domain.benchmarks import Benchmark
from domain.conventions import LedgerConventions, Period
from domain.money import decimal_amount
from retention.families import as_counted
from retention.grading import GrrAlert
from retention.grr_alerts import CUTS, alerts_of, segments_of_last_year
from retention.ledger import LedgerFrames, open_ledger
from retention.lifetime import LifetimeValue, capped_lifetime_value, lifetime_value
from retention.metrics import RetentionRow
from retention.opened import explain
from retention.report.concentration import concentrations
from retention.report.durability import Durability, durability
from retention.report.figures import Compared, Figures, compared, durability_as_json
from retention.rows import retention_in_cuts, retention_rows

SHOWN: tuple[Period, ...] = ("year", "t12m", "quarter")
LifetimeName = Literal["formula", "capped"]


@dataclass(frozen=True)
class FiguresReport:
    """The figures of the whole. `windows` are the last whole ones of each length, the longest first.

    `segments` are those of the last trailing year, or of the last year in a ledger too young for one. `lifetime` is by
    the rates of the last whole month.
    """

    as_of: datetime
    currency: str
    windows: tuple[Figures, ...]
    segments: tuple[Figures, ...]
    benchmarks: tuple[Compared, ...]
    alerts: tuple[GrrAlert, ...]
    durability: tuple[Durability, ...]
    lifetime: dict[LifetimeName, LifetimeValue]
    conventions: LedgerConventions

    def as_json(self) -> dict[str, Any]:
        """The report with amounts as decimals and rates as numbers."""
        tiers = {name: tiers.model_dump() for name, tiers in self._tiers().items()}
        return {
            "as_of": self.as_of,
            "currency": self.currency,
            "windows": [each.as_json() for each in self.windows],
            "segments": [each.as_json() for each in self.segments],
            "tiers": tiers,
            "benchmarks": [each.as_json() for each in self.benchmarks],
            "alerts": [
                {"period": each.row.period, "slice": each.row.slice, "because": each.because} for each in self.alerts
            ],
            "durability": durability_as_json(self.durability, self.currency),
            "lifetime": {name: self._worth(value) for name, value in self.lifetime.items()},
        }

    def _tiers(self) -> dict[str, Any]:
        return {"grr": self.conventions.gross_tiers, "nrr": self.conventions.net_tiers}

    def _worth(self, value: LifetimeValue) -> dict[str, Any]:
        amount = None if value.cents is None else decimal_amount(value.cents, self.currency)
        return {"amount": amount, "because": value.because}


def build_report(
    frames: LedgerFrames, as_of: datetime, conventions: LedgerConventions, benchmarks: Sequence[Benchmark] = ()
) -> FiguresReport:
    """The report at a moment; empty parts where the ledger is too young for them."""
    frames = as_counted(frames, conventions)
    ledger = open_ledger(frames.lines, frames.fx_rates, as_of, conventions)
    lengths = dict.fromkeys((*SHOWN, conventions.alert_period))
    cuts = {length: retention_in_cuts(frames, length, as_of, CUTS, conventions, newest=2) for length in lengths}
    rows = {length: found[None] for length, found in cuts.items()}
    annual, segments = rows["t12m"][-1:] or rows["year"][-1:], segments_of_last_year(cuts)
    return FiguresReport(
        as_of=as_of,
        currency=ledger.currency,
        windows=tuple(_figures(frames, rows[length][-1], as_of, conventions) for length in SHOWN if rows[length]),
        segments=tuple(Figures.of(row, conventions) for row in segments),
        benchmarks=tuple(compared(annual[0] if annual else None, segments, benchmarks)),
        alerts=tuple(alerts_of(cuts[conventions.alert_period], segments, conventions)),
        durability=tuple(durability(ledger, frames.lines, conventions.durability_months)),
        lifetime=_lifetime(retention_rows(frames, "month", as_of, None, conventions, newest=1), conventions),
        conventions=conventions,
    )


def _figures(frames: LedgerFrames, row: RetentionRow, as_of: datetime, conventions: LedgerConventions) -> Figures:
    units = explain(frames, row.length, row.period, as_of, None, conventions, rate_terms=True).collect()
    return Figures.of(row, conventions, concentrations(units, conventions.concentration_accounts))


def _lifetime(months: Sequence[RetentionRow], conventions: LedgerConventions) -> dict[LifetimeName, LifetimeValue]:
    if not months:
        return {}
    return {
        "formula": lifetime_value(months[-1], conventions),
        "capped": capped_lifetime_value(months[-1], conventions),
    }
