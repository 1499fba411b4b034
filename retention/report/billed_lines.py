"""Knows where the yearly amount that billing itself reports of a line differs from the line's MRR, and why."""

from collections.abc import Sequence
from typing import Any

import narwhals as nw

from retention.fx import half_even, wide
from retention.ledger import Frame, Ledger, in_force, monthly_amount, numbered, valued
from retention.report.rates_at import factors_at
from retention.windows import Window

MONTHS_A_YEAR = 12
AGREES = "agrees"
MEANS = {
    "not_reported": "the source reports no ARR of the line",
    "trial_with_amount": "a trial that the source counts, and the ledger does not",
    "paid_without_amount": "no amount, yet the source reports ARR",
    "flagged_churned_without_end": "the source flags it churned and reports nothing, yet it has no end",
    "by_setting": "a setting of the ledger leaves the line out, or counts it on over a gap",
    "rounding": "a twelfth of the ARR, rounded",
    "arr_is_not_twelve_mrr": "the reported ARR is not twelve times the MRR",
}
_UNIT = ["window", "id"]


def against_reports(ledger: Ledger, lines: Frame, fx_rates: Frame, months: Sequence[Window]) -> Frame:
    """Every line in force when a month closes, by the ledger and by its reported ARR / 12.

    A row: window, account_id, reason (of `MEANS`, or AGREES), ledger_cents, claimed_cents, in the reporting currency at
    the closing day's rates; the sums of `ledger_cents` are the ledger's closing MRR. Lines without a rate are absent.
    """
    counted = valued(ledger, months).filter(nw.col("closing_cents") > 0)
    own = counted.select(*_UNIT, ledger_cents="closing_cents", claimed_cents=nw.lit(0, nw.Int64()))
    both = nw.concat([own, _reported(ledger, lines, fx_rates, months)]).group_by(*_UNIT).agg(
        nw.col("ledger_cents", "claimed_cents").sum()
    )  # fmt: skip
    told = lines.select(
        "id", "account_id", "trial", "amount_cents", "reported_arr_cents", "interval_months", "reported_churned",
        mrr_cents=monthly_amount(),
    )  # fmt: skip
    accounts = ledger.paid.select("id", paying_id="account_id")
    joined = both.join(told, on="id", how="left").join(accounts, on="id", how="left")
    return joined.with_columns(
        account_id=nw.coalesce("paying_id", "account_id"), reason=_reason()
    ).select("window", "account_id", "reason", "ledger_cents", "claimed_cents")  # fmt: skip


def _reported(ledger: Ledger, lines: Frame, fx_rates: Frame, months: Sequence[Window]) -> Frame:
    days = numbered(ledger, months).select("window", "last_day")
    known = lines.filter(~nw.col("reported_arr_cents").is_null(), nw.col("reported_arr_cents") >= 0)
    there = known.join(days, how="cross").filter(in_force(nw.col("last_day")))
    rated = there.join(factors_at(ledger, known, fx_rates, months), on=["window", "currency"], how="inner")
    monthly = half_even(
        wide(nw.col("reported_arr_cents")) * nw.col("_numerator"), nw.col("_denominator") * MONTHS_A_YEAR
    ).cast(nw.Int64)
    return rated.select(*_UNIT, ledger_cents=nw.lit(0, nw.Int64()), claimed_cents=monthly)


def _reason() -> nw.Expr:
    """The first that fits."""
    reported = wide(nw.col("reported_arr_cents"))
    twelve = reported == wide(nw.col("mrr_cents")) * MONTHS_A_YEAR
    exact = reported * wide(nw.col("interval_months")) == wide(nw.col("amount_cents")) * MONTHS_A_YEAR
    gone = nw.col("reported_churned").fill_null(False) & (nw.col("claimed_cents") == 0)
    last = nw.when(gone).then(nw.lit("flagged_churned_without_end")).otherwise(nw.lit("arr_is_not_twelve_mrr"))
    reason = nw.when(twelve | exact).then(nw.lit("rounding")).otherwise(last)
    left_out = (nw.col("ledger_cents") == 0) & (nw.col("mrr_cents") > 0)
    goes_on = (nw.col("claimed_cents") == 0) & (reported > 0)
    reason = nw.when(left_out | goes_on).then(nw.lit("by_setting")).otherwise(reason)
    reason = nw.when(nw.col("amount_cents") == 0).then(nw.lit("paid_without_amount")).otherwise(reason)
    reason = nw.when(nw.col("trial")).then(nw.lit("trial_with_amount")).otherwise(reason)
    reason = nw.when(nw.col("ledger_cents") == nw.col("claimed_cents")).then(nw.lit(AGREES)).otherwise(reason)
    return nw.when(nw.col("reported_arr_cents").is_null()).then(nw.lit("not_reported")).otherwise(reason)


def reports_anything(lines: Frame) -> bool:
    """Whether any line carries a reported ARR."""
    found: Any = lines.select(nw.col("reported_arr_cents").count()).collect()["reported_arr_cents"].to_list()
    return bool(found[0])
