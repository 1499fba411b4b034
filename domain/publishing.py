"""Knows a figure as it was published; what later stands differently is a restatement and not a quiet change."""

from decimal import Decimal
from typing import Any

from domain.conventions import Period
from domain.records import Currency, Name, Record, UtcDatetime

MONEY = (
    "opening", "new", "expansion", "upsell", "cross_sell", "contraction", "churn", "reactivation", "fx", "closing",
)  # fmt: skip
# Settings of the ledger that judge figures, or decide others than those that are published.
JUDGING = frozenset({
    "gross_tiers", "net_tiers", "high_grr", "high_nrr", "weak_expansion_below", "grr_floors", "alert_drop",
    "alert_period", "alert_minimum_opening", "concentration_accounts", "durability_months", "gross_margin",
    "churn_report_tolerance_days", "ltv_horizon_months", "ltv_annual_discount",
})  # fmt: skip
_NEVER_TOLD = object()


class PublishedFigure(Record):
    """One row of the ledger as it was told at `published_at`; `slice` is empty for the whole, `by` too.

    `figures` is the row as `retention --json` prints it, `conventions` are the settings of the ledger that decide
    it, as they were. A later row of the same window and slice restates it; without `figures` the row is no more.
    """

    length: Period
    period: Name
    by: str
    slice: str
    currency: Currency
    figures: dict[str, Any]
    conventions: dict[str, Any]
    published_at: UtcDatetime

    def amount(self, name: str) -> Decimal:
        """One of `MONEY`; zero where the row is no more."""
        return Decimal(self.figures.get(name, 0))


class Restatement(Record):
    """A row that was told differently: `before`, and `after`, at whose moment it was restated."""

    before: PublishedFigure
    after: PublishedFigure

    @property
    def comparable(self) -> bool:
        """Whether both are in one currency, so that there is a difference."""
        return self.before.currency == self.after.currency

    def difference(self, name: str) -> Decimal:
        """How much more an amount of `MONEY` is told to be than before."""
        return self.after.amount(name) - self.before.amount(name)

    @property
    def changed(self) -> tuple[str, ...]:
        """The names of the figures that differ."""
        return differing(self.before.figures, self.after.figures)

    @property
    def settings(self) -> dict[str, tuple[Any, Any]]:
        """The settings that differ, each as it was and as it is."""
        before, after = self.before.conventions, self.after.conventions
        names = (name for name in differing(before, after) if name in before and name in after)
        return {name: (before[name], after[name]) for name in names if name not in JUDGING}


def differing(before: dict[str, Any], after: dict[str, Any]) -> tuple[str, ...]:
    """The names under which two rows say different things; what only one of them speaks of is no difference.

    So a figure that a newer release adds to all rows restates none of them. A row without any figure differs in all.
    """
    if not before or not after:
        return tuple(before or after)
    return tuple(name for name, value in before.items() if after.get(name, _NEVER_TOLD) not in (value, _NEVER_TOLD))
