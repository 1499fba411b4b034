"""Knows where what the standing contracts of an account say differs from what it pays, and why."""

import json
from collections.abc import Sequence
from typing import Any

import narwhals as nw

from retention.contradictions.contracts import standing
from retention.fx import half_even, wide
from retention.ledger import Frame, Ledger, in_force, valued
from retention.report.billed_lines import AGREES, MONTHS_A_YEAR
from retention.report.rates_at import factors_at, frame_of
from retention.windows import Window

UNEXPLAINED = "(unexplained)"
MEANS = {
    "no_contract": "it pays, and no contract stands",
    "no_paid_line": "a contract stands, and it pays nothing",
    "renewal_passed": "a contract's renewal has passed, with neither an end nor a newer contract",
    "product_not_in_contract": "it pays for products that its contracts do not name",
    "changed_since_signed": "it paid what the contract says when that began; the lines changed since",
    "rounding": "twelfths, rounded",
    UNEXPLAINED: "nothing that is known explains it",
}
_UNIT = ["window", "account_id"]


def against_contracts(ledger: Ledger, contracts: Frame, fx_rates: Frame, months: Sequence[Window]) -> Frame:
    """Every account that pays or has a standing contract when a month closes, by the ledger and by contract ARR / 12.

    A row: window, account_id, reason (of `MEANS`, or AGREES), ledger_cents, claimed_cents, in the reporting currency at
    the closing day's rates. Contracts without a rate are absent.
    """
    held = _standing(ledger, contracts, fx_rates, months)
    agreed = held.group_by(*_UNIT).agg(
        claimed_cents=nw.col("monthly_cents").sum(), contracts=nw.len(), signed_on=nw.col("starts_on").max(),
        passed=nw.col("passed").any(),
    )  # fmt: skip
    paid = _paid(ledger, held, months)
    at_signing = _at_signing(ledger, agreed, fx_rates, months)
    sides = nw.concat([agreed.select(*_UNIT), paid.select(*_UNIT)]).unique()
    joined = sides
    for side in (agreed, paid, at_signing):
        joined = joined.join(side, on=_UNIT, how="left")
    counted = ("claimed_cents", "contracts", "ledger_cents", "named_cents", "lines", "signing_cents")
    whole = joined.with_columns(
        *(nw.col(name).fill_null(0).cast(nw.Int64) for name in counted), passed=nw.col("passed").fill_null(False)
    )
    return whole.with_columns(reason=_reason()).select(*_UNIT, "reason", "ledger_cents", "claimed_cents")


def _standing(ledger: Ledger, contracts: Frame, fx_rates: Frame, months: Sequence[Window]) -> Frame:
    """The contracts that stand when each month closes, with their `monthly_cents`, and whether renewal has passed."""
    tolerance = ledger.conventions.churn_report_tolerance_days
    kept = contracts.select(
        "id", "account_id", "currency", "starts_on", "ends_on", "renews_on", "arr_cents", "product_lines"
    )
    kept = kept.collect().lazy(ledger.paid.implementation)
    each = [
        standing(kept, month.last_day, tolerance).with_columns(
            window=nw.lit(place, nw.Int64()), passed=(nw.col("renews_on") <= month.last_day).fill_null(False)
        )
        for place, month in enumerate(months)
    ]  # fmt: skip
    rated = nw.concat(each).join(factors_at(ledger, kept, fx_rates, months), on=["window", "currency"], how="inner")
    monthly = half_even(wide(nw.col("arr_cents")) * nw.col("_numerator"), nw.col("_denominator") * MONTHS_A_YEAR)
    return rated.with_columns(monthly_cents=monthly.cast(nw.Int64)).collect().lazy(ledger.paid.implementation)


def _paid(ledger: Ledger, held: Frame, months: Sequence[Window]) -> Frame:
    """What an account pays when a month closes: ledger_cents, lines, and `named_cents`, of products in contracts."""
    there = valued(ledger, months).filter(nw.col("closing_cents") > 0)
    products = there.group_by(*_UNIT, "product").agg(cents=nw.col("closing_cents").sum(), lines=nw.len())
    named = _named_products(ledger, held)
    silent = held.group_by(*_UNIT).agg(silent=(nw.col("product_lines").fill_null("[]") == "[]").any())
    known = products.join(named, on=[*_UNIT, "product"], how="left").join(silent, on=_UNIT, how="left")
    covered = nw.col("named").fill_null(False) | nw.col("silent").fill_null(True)
    inside = known.with_columns(inside=nw.when(covered).then("cents").otherwise(nw.lit(0)))
    return inside.group_by(*_UNIT).agg(
        ledger_cents=nw.col("cents").sum(), named_cents=nw.col("inside").sum(), lines=nw.col("lines").sum()
    )


def _named_products(ledger: Ledger, held: Frame) -> Frame:
    """The products that the standing contracts of an account name: window, account_id, product, named."""
    written = held.select("window", "account_id", "product_lines").unique().collect().rows()
    pairs = {(window, account, product) for window, account, text in written for product in json.loads(text or "[]")}
    columns: dict[str, list[Any]] = {
        "window": [window for window, _, _ in pairs],
        "account_id": [account for _, account, _ in pairs],
        "product": [product for _, _, product in pairs],
        "named": [True] * len(pairs),
    }
    return frame_of(
        ledger, columns, dict(zip(columns, (nw.Int64(), nw.Int64(), nw.String(), nw.Boolean()), strict=True))
    )


def _at_signing(ledger: Ledger, agreed: Frame, fx_rates: Frame, months: Sequence[Window]) -> Frame:
    """What the account paid on the day its newest contract began, at the rates of the month's end: `signing_cents`."""
    days = agreed.select(*_UNIT, "signed_on")
    there = ledger.paid.join(days, on="account_id", how="inner").filter(in_force(nw.col("signed_on")))
    rated = there.join(factors_at(ledger, ledger.paid, fx_rates, months), on=["window", "currency"], how="inner")
    worth = half_even(wide(nw.col("mrr_cents")) * nw.col("_numerator"), nw.col("_denominator")).cast(nw.Int64)
    return rated.with_columns(worth=worth).group_by(*_UNIT).agg(signing_cents=nw.col("worth").sum())


def _reason() -> nw.Expr:
    """The first that fits."""
    most = nw.col("lines") + nw.col("contracts")
    passed = nw.when(nw.col("passed")).then(nw.lit("renewal_passed"))
    last = passed.otherwise(nw.lit(UNEXPLAINED))
    changed = _near("signing_cents", most) & (nw.col("signing_cents") > 0)
    reason = nw.when(changed).then(nw.lit("changed_since_signed")).otherwise(last)
    reason = nw.when(_near("named_cents", most)).then(nw.lit("product_not_in_contract")).otherwise(reason)
    reason = nw.when(_near("ledger_cents", most)).then(nw.lit("rounding")).otherwise(reason)
    unpaid = passed.otherwise(nw.lit("no_paid_line"))
    reason = nw.when(nw.col("ledger_cents") == 0).then(unpaid).otherwise(reason)
    reason = nw.when(nw.col("contracts") == 0).then(nw.lit("no_contract")).otherwise(reason)
    return nw.when(nw.col("ledger_cents") == nw.col("claimed_cents")).then(nw.lit(AGREES)).otherwise(reason)


def _near(cents: str, most: nw.Expr) -> nw.Expr:
    return (nw.col(cents) - nw.col("claimed_cents")).abs() <= most
