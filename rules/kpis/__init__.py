"""Knows support's key figures: times, resolution at the first contact, backlog, ratings, and their targets."""

from rules.kpis.catalogue import CUTS, Cut, Kpi, kpis
from rules.kpis.facts import KpiFacts
from rules.kpis.figures import Figure, Times
from rules.kpis.report import kpi_report, rows_behind
from rules.kpis.settings import KpiSettings
from rules.kpis.windows import Window

__all__ = [
    "CUTS", "Cut", "Figure", "Kpi", "KpiFacts", "KpiSettings", "Times", "Window", "kpi_report",
    "kpis", "rows_behind",
]  # fmt: skip
