"""Knows when a subscription line contradicts itself or the line beside it."""

import narwhals as nw

from retention.contradictions.kinds import Claims, Kind
from retention.contradictions.paid import paid_lines
from retention.fx import wide
from retention.ledger import Frame, monthly_amount


def zero_day_line(claims: Claims) -> Frame:
    """A row per line."""
    return claims.lines.filter(nw.col("ends_on") == nw.col("starts_on"))


def trial_with_amount(claims: Claims) -> Frame:
    """A row per line."""
    return claims.lines.filter(nw.col("trial") & (nw.col("amount_cents") > 0))


def paid_without_amount(claims: Claims) -> Frame:
    """A row per line."""
    return claims.lines.filter(~nw.col("trial") & (nw.col("amount_cents") == 0))


def flagged_churned_without_end(claims: Claims) -> Frame:
    """A row per line."""
    return claims.lines.filter(nw.col("reported_churned").fill_null(False) & nw.col("ends_on").is_null())


def ended_without_flag(claims: Claims) -> Frame:
    """A row per line that ended by the day of comparison."""
    return claims.lines.filter(~nw.col("reported_churned").fill_null(True) & (nw.col("ends_on") <= claims.today))


def arr_is_not_twelve_mrr(claims: Claims) -> Frame:
    """A row per line whose reported ARR is neither twelve rounded MRRs nor the exact yearly amount."""
    lines = claims.lines.with_columns(mrr_cents=monthly_amount())
    reported = wide(nw.col("reported_arr_cents"))
    rounded = reported != wide(nw.col("mrr_cents")) * 12
    exact = reported * wide(nw.col("interval_months")) != wide(nw.col("amount_cents")) * 12
    return lines.filter(~nw.col("reported_arr_cents").is_null() & rounded & exact)


def overlapping_lines(claims: Claims) -> Frame:
    """A row per paid line that begins while an earlier one of the same account and product still runs."""
    lines = paid_lines(claims)
    unit, order = ("account_id", "product"), ("starts_on", "id")
    covered = lines.with_columns(reach=nw.col("until").cum_max().over(*unit, order_by=order))
    before = covered.with_columns(reached=nw.col("reach").shift(1).over(*unit, order_by=order))
    return before.filter(nw.col("starts_on") < nw.col("reached"))


KINDS = (
    Kind(
        "zero_day_line",
        "A line ends on the day on which it starts.",
        "subscription_line",
        "{amount_cents} from {starts_on}",
        "ends on {ends_on}",
        "the line carries nothing",
        zero_day_line,
    ),
    Kind(
        "trial_with_amount",
        "A trial line has an amount.",
        "subscription_line",
        "a trial",
        "{amount_cents} every {interval_months} months",
        "a trial carries nothing",
        trial_with_amount,
    ),
    Kind(
        "paid_without_amount",
        "A line that is no trial has no amount.",
        "subscription_line",
        "no trial",
        "an amount of zero",
        "the line carries nothing",
        paid_without_amount,
    ),
    Kind(
        "flagged_churned_without_end",
        "A line is flagged churned but has no end.",
        "subscription_line",
        "flagged churned",
        "no end",
        "the line runs on",
        flagged_churned_without_end,
    ),
    Kind(
        "ended_without_flag",
        "A line has ended but is flagged not churned.",
        "subscription_line",
        "flagged not churned",
        "ended on {ends_on}",
        "the line ended",
        ended_without_flag,
    ),
    Kind(
        "arr_is_not_twelve_mrr",
        "A line's reported ARR is not twelve times its MRR.",
        "subscription_line",
        "ARR {reported_arr_cents}",
        "MRR {mrr_cents}",
        "the amount over its interval",
        arr_is_not_twelve_mrr,
    ),
    Kind(
        "overlapping_lines",
        "Two paid lines of one product run at the same time; both count.",
        "subscription_line",
        "{product} from {starts_on}",
        "an earlier line of {product} is in force then",
        "both lines",
        overlapping_lines,
        information=True,
    ),
)
