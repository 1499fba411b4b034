"""Knows what contracts claim against the lines in force and against each other."""

from datetime import date, timedelta

import narwhals as nw

from retention.contradictions.kinds import Claims, Kind
from retention.contradictions.paid import paid_lines
from retention.fx import half_even, wide
from retention.ledger import Frame, in_force


def _standing(claims: Claims) -> Frame:
    return standing(claims.contracts, claims.today, claims.conventions.churn_report_tolerance_days)


def standing(contracts: Frame, day: date, tolerance_days: int) -> Frame:
    """The contracts that have begun, have not ended and were not replaced about their renewal by a newer one."""
    begun = contracts.filter(in_force(day))
    newest = begun.with_columns(newest_on=nw.col("starts_on").max().over("account_id"))
    tolerance = timedelta(days=tolerance_days)
    replaced = (nw.col("newest_on") > nw.col("starts_on")) & (nw.col("newest_on") >= nw.col("renews_on") - tolerance)
    return newest.filter(~replaced.fill_null(False))


def contract_arr_differs(claims: Claims) -> Frame:
    """A row per account × currency whose standing contracts and lines in force add up to different yearly amounts."""
    agreed = _standing(claims).group_by("account_id", "currency").agg(
        account_ref=nw.col("account_ref").min(), external_id=nw.col("external_id").min(),
        contract_arr_cents=nw.col("arr_cents").sum(),
    )  # fmt: skip
    yearly = half_even(wide(nw.col("amount_cents")) * 12, wide(nw.col("interval_months"))).cast(nw.Int64)
    lines = paid_lines(claims).filter(in_force(claims.today)).with_columns(yearly=yearly)
    paid = lines.group_by("account_id", "currency").agg(line_arr_cents=nw.col("yearly").sum())
    joined = agreed.join(paid, on=["account_id", "currency"], how="left")
    compared = joined.with_columns(line_arr_cents=nw.col("line_arr_cents").fill_null(0))
    return compared.filter(nw.col("contract_arr_cents") != nw.col("line_arr_cents"))


def renewal_passed(claims: Claims) -> Frame:
    """A row per contract."""
    stale = _standing(claims).filter(nw.col("renews_on") < claims.today)
    automatic = nw.when(nw.col("auto_renew").fill_null(False)).then(nw.lit(", automatically")).otherwise(nw.lit(""))
    return stale.with_columns(automatic=automatic)


KINDS = (
    Kind(
        "contract_arr_differs",
        "An account's standing contracts and its paid lines add up to different yearly amounts.",
        "contract",
        "contract ARR {contract_arr_cents}",
        "lines in force are worth {line_arr_cents} a year",
        "the lines",
        contract_arr_differs,
    ),
    Kind(
        "renewal_passed",
        "A contract's renewal date has passed, and there is neither an end nor a newer contract.",
        "contract",
        "renews on {renews_on}{automatic}",
        "no end and no newer contract",
        "the renewal date is unknown",
        renewal_passed,
    ),
)
