"""Knows what an account is worth over its life, and when no such figure exists."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from domain.conventions import LedgerConventions
from retention.metrics import RetentionRow

_DIGITS = 12


@dataclass(frozen=True)
class LifetimeValue:
    """An amount in cents with the sentence that says how it was made, or None with the one that says why not."""

    cents: int | None
    because: str


def lifetime_value(row: RetentionRow, conventions: LedgerConventions) -> LifetimeValue:
    """LTV of the formula ARPA x gross margin / (churn rate - expansion rate), by the rates of a monthly row.

    Undefined where expansion reaches churn: the accounts then grow for ever and the quotient means nothing.

    Raises:
        ValueError: the row is not monthly; ARPA is an amount a month.
    """
    arpa, churn, expansion = _monthly_figures(row)
    if arpa is None or churn is None or expansion is None:
        return LifetimeValue(None, f"nobody was paying when {row.period} opened")
    if expansion >= churn:
        return LifetimeValue(None, f"expansion reached churn in {row.period}: the formula has no value")
    cents = round(arpa * Fraction(conventions.gross_margin) / (churn - expansion))
    return LifetimeValue(cents, f"ARPA x gross margin / (churn - expansion), by the rates of {row.period}")


def capped_lifetime_value(row: RetentionRow, conventions: LedgerConventions) -> LifetimeValue:
    """The gross margin of an average account over a capped horizon, discounted to today; defined for any rates.

    Month k pays ARPA x margin x (1 - churn + expansion)^k / (1 + yearly discount)^(k / 12), k from 0.

    Raises:
        ValueError: the row is not monthly.
    """
    arpa, churn, expansion = _monthly_figures(row)
    if arpa is None or churn is None or expansion is None:
        return LifetimeValue(None, f"nobody was paying when {row.period} opened")
    months = conventions.ltv_horizon_months
    # A twelfth root is no fraction; twelve digits of it are far finer than a cent of any horizon.
    yearly = 1 + conventions.ltv_annual_discount
    monthly = Fraction(round(yearly ** (Decimal(1) / 12), _DIGITS))
    step = (1 - churn + expansion) / monthly
    growth = Decimal(step.numerator) / Decimal(step.denominator)
    worth = sum((growth**month for month in range(1, months)), Decimal(1))
    cents = round(arpa * Fraction(conventions.gross_margin) * Fraction(worth))
    return LifetimeValue(
        cents,
        f"{months} months at the rates of {row.period}, discounted by {conventions.ltv_annual_discount:.0%} a year",
    )


def _monthly_figures(row: RetentionRow) -> tuple[Fraction | None, Fraction | None, Fraction | None]:
    if row.length != "month":
        raise ValueError(f"lifetime value needs a month's rates; {row.period} is a {row.length}")
    arpa = Fraction(row.opening_cents, row.accounts_open) if row.accounts_open else None
    expansion = Fraction(row.expansion_cents, row.opening_cents) if row.opening_cents else None
    return arpa, row.revenue_churn, expansion
