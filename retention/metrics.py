"""Knows the figures of one window: what opened, moved and closed, and the rates that follow exactly."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

from pydantic import Field

from domain.conventions import Cut, Period
from domain.money import decimal_amount
from domain.records import Currency, Name, Record

AMOUNTS = (
    "opening", "new", "expansion", "upsell", "cross_sell", "contraction", "churn", "reactivation", "fx", "closing",
)  # fmt: skip
SUMMED = ("new", "expansion", "contraction", "churn", "reactivation")


class RetentionRow(Record):
    """One window of the ledger, whole or one slice of it. Cents are minor units of `currency`.

    `opening + new + expansion + reactivation - contraction - churn + fx = closing`. GRR and NRR are `kept_parts` and
    `held_parts` over `base_parts`: the sums of min(opening, closing), of closing, and of opening over the accounts that
    opened above zero, at the opening day's exchange rates; in parts of a minor unit, so that no rate depends on how a
    yearly amount is rounded to a month. `accounts_*` count units: in a plan or product cut, accounts with it.
    `unconverted_cents` is closing MRR by currency that no known rate converts; it is in none of the other figures.
    `rates_from` names, by currency, who quoted the rate at which the window closes, where that is known. A rate is an
    exact fraction, None where its cohort is empty.
    """

    period: Name
    length: Period
    by: Cut | None
    slice: str | None
    currency: Currency
    complete: bool
    opening_cents: int
    new_cents: int
    expansion_cents: int
    upsell_cents: int
    cross_sell_cents: int
    contraction_cents: int
    churn_cents: int
    reactivation_cents: int
    fx_cents: int
    closing_cents: int
    base_parts: int
    kept_parts: int
    held_parts: int
    accounts_open: int
    accounts_closed: int
    accounts_churned: int
    unconverted_cents: dict[str, int]
    rates_from: dict[str, str] = Field(default_factory=dict)
    grr_rolling: Fraction | None = None
    nrr_rolling: Fraction | None = None
    grr_compounded: Fraction | None = None
    nrr_compounded: Fraction | None = None
    summed_monthly_cents: dict[str, int] | None = None

    @property
    def grr(self) -> Fraction | None:
        """Gross revenue retention: Σ min(open, close) / Σ open over the accounts that opened above zero."""
        return ratio(self.kept_parts, self.base_parts)

    @property
    def nrr(self) -> Fraction | None:
        """Net revenue retention: Σ close / Σ open over the accounts that opened above zero."""
        return ratio(self.held_parts, self.base_parts)

    @property
    def upsell_rate(self) -> Fraction | None:
        """More of the same product, over opening. NRR = GRR + upsell rate + cross-sell rate."""
        crossed = self.cross_sell_rate
        return None if self.nrr is None or self.grr is None or crossed is None else self.nrr - self.grr - crossed

    @property
    def cross_sell_rate(self) -> Fraction | None:
        """Another product, over opening: its share of the expansion in NRR - GRR."""
        if self.nrr is None or self.grr is None:
            return None
        return (self.nrr - self.grr) * (ratio(self.cross_sell_cents, self.expansion_cents) or 0)

    @property
    def logo_churn(self) -> Fraction | None:
        """Accounts that opened above zero and closed at zero, over accounts that opened above zero."""
        return ratio(self.accounts_churned, self.accounts_open)

    @property
    def revenue_churn(self) -> Fraction | None:
        """Churn and contraction over opening: 1 - GRR."""
        return None if self.grr is None else 1 - self.grr

    def as_json(self) -> dict[str, Any]:
        """The row as `retention --json` prints it: amounts as decimal strings, rates as numbers or null."""
        printed: dict[str, Any] = {"period": self.period}
        if self.by is not None:
            printed["slice"] = self.slice
        printed |= {name: self._printed(getattr(self, f"{name}_cents")) for name in AMOUNTS}
        rates = {"grr": self.grr, "nrr": self.nrr, "logo_churn": self.logo_churn, "revenue_churn": self.revenue_churn}
        rates |= {"grr_t3m": self.grr_rolling, "nrr_t3m": self.nrr_rolling}
        printed |= {name: number(rate) for name, rate in rates.items()}
        printed |= {name: getattr(self, name) for name in ("accounts_open", "accounts_closed", "accounts_churned")}
        printed |= {"currency": self.currency, "complete": self.complete}
        printed["unconverted"] = {
            currency: str(decimal_amount(cents, currency)) for currency, cents in sorted(self.unconverted_cents.items())
        }
        if self.rates_from:
            printed["rates_from"] = self.rates_from
        return printed | self._beside_long_windows()

    def _beside_long_windows(self) -> dict[str, Any]:
        if self.summed_monthly_cents is None:
            return {}
        return {
            "summed_monthly": {name: self._printed(cents) for name, cents in self.summed_monthly_cents.items()},
            "grr_compounded": number(self.grr_compounded),
            "nrr_compounded": number(self.nrr_compounded),
        }

    def _printed(self, cents: int) -> str:
        return str(self.amount(cents))

    def amount(self, cents: int) -> Decimal:
        """`cents` of this row as an exact amount of its currency."""
        return decimal_amount(cents, self.currency)


def ratio(part: int, whole: int) -> Fraction | None:
    """`part / whole`, exact; None over an empty whole: no figure rather than 0 or 1."""
    return Fraction(part, whole) if whole > 0 else None


def number(rate: Fraction | None) -> float | None:
    """The printed form of an exact rate: the nearest float."""
    return None if rate is None else float(rate)


def plain_mean(rates: list[Fraction | None]) -> Fraction | None:
    """The unweighted mean; None if there is no rate or one of them is None."""
    known = [rate for rate in rates if rate is not None]
    return sum(known, Fraction(0)) / len(known) if known and len(known) == len(rates) else None


def compounded(rates: list[Fraction | None]) -> Fraction | None:
    """The product; None if there is no rate or one of them is None."""
    product = Fraction(1)
    for rate in rates:
        if rate is None:
            return None
        product *= rate
    return product if rates else None
