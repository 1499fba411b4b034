"""Knows what churn reports claim against the days on which accounts really stopped paying."""

import narwhals as nw

from retention.contradictions.kinds import Claims, Kind
from retention.contradictions.paid import OPEN_END, paid_lines, paid_spans, stretches
from retention.ledger import Frame


def report_before_any_payment(claims: Claims) -> Frame:
    """A row per report."""
    joined = claims.churn_reports.join(paid_spans(claims), on="account_id", how="left")
    never = nw.col("first_paid_on").is_null()
    early = joined.filter(never | (nw.col("churned_on") < nw.col("first_paid_on")))
    return early.with_columns(
        paid=nw.when(nw.col("first_paid_on").is_null())
        .then(nw.lit("nothing was ever paid"))
        .otherwise(nw.concat_str(nw.lit("first paid on "), nw.col("first_paid_on").dt.to_string("%Y-%m-%d")))
    )


def report_without_ended_line(claims: Claims) -> Frame:
    """A row per report by which the account had paid, with no paid line's end within the tolerance."""
    started = claims.churn_reports.join(paid_spans(claims), on="account_id", how="inner")
    started = started.filter(nw.col("churned_on") >= nw.col("first_paid_on"))
    ends = paid_lines(claims).select("account_id", "ends_on").drop_nulls()
    near = _pairs(claims, ends).filter(_near(claims, nw.col("ends_on"))).select("id").unique()
    return started.join(near, on="id", how="anti").with_columns(days=nw.lit(_tolerance(claims)))


def report_but_paying_goes_on(claims: Claims) -> Frame:
    """A row per report during which a paid line runs that outlasts the tolerance."""
    runs = paid_lines(claims).select("account_id", "starts_on", "until", line="external_id")
    after = _days(nw.col("churned_on"), nw.col("until")) > _tolerance(claims)
    lasting = _pairs(claims, runs).filter((nw.col("starts_on") <= nw.col("churned_on")) & after)
    count = lasting.group_by("id").agg(lines=nw.len(), line=nw.col("line").min())
    return claims.churn_reports.join(count, on="id", how="inner").with_columns(days=nw.lit(_tolerance(claims)))


def ending_without_report(claims: Claims) -> Frame:
    """A row per day on which an account stopped paying for everything, with no report within the tolerance.

    Where no system reports churn at all, its silence contradicts nothing.
    """
    ended = stretches(claims).filter(nw.col("left_on") <= claims.today)
    reports = claims.churn_reports.select("account_id", "churned_on")
    near = ended.join(reports, on="account_id", how="inner").filter(_near(claims, nw.col("left_on")))
    any_report = claims.churn_reports.select(reporting=nw.len() > 0)
    silent = (
        ended.join(near, on=["account_id", "stretch"], how="anti").join(any_report, how="cross").filter("reporting")
    )
    return silent.with_columns(external_id=nw.col("account_ref"), days=nw.lit(_tolerance(claims)))


def repeated_report(claims: Claims) -> Frame:
    """A row per report that follows another one while the account had not come back in between."""
    came = stretches(claims).select("account_id", "came_on")
    arrived = _pairs(claims, came).filter(nw.col("came_on") <= nw.col("churned_on"))
    latest = arrived.group_by("id").agg(came_on=nw.col("came_on").max())
    reports = claims.churn_reports.join(latest, on="id", how="inner")
    order = ("churned_on", "id")
    earlier = nw.col("churned_on").shift(1).over("account_id", "came_on", order_by=order)
    return reports.with_columns(earlier_on=earlier).filter(~nw.col("earlier_on").is_null())


def reactivation_without_churn(claims: Claims) -> Frame:
    """A row per report that is marked a reactivation, with no earlier report and no earlier end of all payment."""
    marked = claims.churn_reports.filter(nw.col("reactivation").fill_null(False))
    left = stretches(claims).filter(nw.col("left_on") < OPEN_END).select("account_id", gone_on="left_on")
    reported = claims.churn_reports.select("account_id", gone_on="churned_on")
    gone = nw.concat([left, reported]).group_by("account_id").agg(gone_on=nw.col("gone_on").min())
    joined = marked.join(gone, on="account_id", how="left")
    return joined.filter(nw.col("gone_on").is_null() | (nw.col("gone_on") >= nw.col("churned_on")))


def _pairs(claims: Claims, other: Frame) -> Frame:
    """Each report beside each row of `other` of its account."""
    return claims.churn_reports.select("id", "account_id", "churned_on").join(other, on="account_id", how="inner")


def _days(begin: nw.Expr, end: nw.Expr) -> nw.Expr:
    return (end - begin).dt.total_minutes() // (24 * 60)


def _near(claims: Claims, day: nw.Expr) -> nw.Expr:
    return _days(nw.col("churned_on"), day).abs() <= _tolerance(claims)


def _tolerance(claims: Claims) -> int:
    return claims.conventions.churn_report_tolerance_days


KINDS = (
    Kind(
        "report_before_any_payment",
        "A churn report names a day before the account paid anything.",
        "churn_report",
        "churned on {churned_on}",
        "{paid}",
        "no revenue was lost then",
        report_before_any_payment,
    ),
    Kind(
        "report_without_ended_line",
        "A churn report has no paid line that ended about then.",
        "churn_report",
        "churned on {churned_on}",
        "no paid line ended within {days} days",
        "no revenue was lost then",
        report_without_ended_line,
    ),
    Kind(
        "report_but_paying_goes_on",
        "A churn report names a day after which a paid line runs on.",
        "churn_report",
        "churned on {churned_on}",
        "paid lines that ran on for more than {days} days: {lines}, {line} among them",
        "the account went on paying",
        report_but_paying_goes_on,
    ),
    Kind(
        "ending_without_report",
        "An account stopped paying altogether, and no churn report says so.",
        "account",
        "no churn report within {days} days",
        "the last paid line ended on {left_on}",
        "churned on {left_on}",
        ending_without_report,
    ),
    Kind(
        "repeated_report",
        "A second churn report, though the account had not come back since the first.",
        "churn_report",
        "churned on {churned_on}",
        "already reported on {earlier_on}; the account last came on {came_on}",
        "the endings of the lines",
        repeated_report,
    ),
    Kind(
        "reactivation_without_churn",
        "A churn report marked as one after a return, with no earlier loss.",
        "churn_report",
        "churned again on {churned_on}",
        "neither an earlier report nor an earlier end of payment",
        "the account had not left before",
        reactivation_without_churn,
    ),
)
