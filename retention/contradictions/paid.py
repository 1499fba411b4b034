"""Knows when each account was paying: its paid lines, and the stretches of days that they cover together."""

from datetime import date

import narwhals as nw

from retention.contradictions.kinds import Claims
from retention.ledger import Frame, carries_revenue, in_force, monthly_amount

# Stands for "no end" where dates are compared; it is never shown.
OPEN_END = date(9999, 12, 31)


def paid_lines(claims: Claims) -> Frame:
    """The lines that carry revenue and have begun, with `mrr_cents` and `until` (OPEN_END if none)."""
    counted = claims.lines.filter(carries_revenue() & (nw.col("starts_on") <= claims.today))
    return counted.with_columns(mrr_cents=monthly_amount(), until=nw.col("ends_on").fill_null(OPEN_END))


def paying(claims: Claims) -> Frame:
    """One row per account × currency that pays on the day of comparison: account_id, currency, lines, mrr_cents."""
    now = paid_lines(claims).filter(in_force(claims.today))
    return now.group_by("account_id", "currency").agg(lines=nw.len(), mrr_cents=nw.col("mrr_cents").sum())


def paid_spans(claims: Claims) -> Frame:
    """When each account paid at all: account_id, first_paid_on, paid_until (OPEN_END while a line has no end)."""
    return (
        paid_lines(claims)
        .group_by("account_id")
        .agg(first_paid_on=nw.col("starts_on").min(), paid_until=nw.col("until").max())
    )


def stretches(claims: Claims) -> Frame:
    """The unbroken stretches in which an account paid.

    A row: account_id, stretch (its number), account_ref, came_on, left_on (OPEN_END if it has not).
    A line that begins on the day on which another ends leaves no gap.
    """
    lines = paid_lines(claims).select("id", "account_id", "account_ref", "starts_on", "until")
    covered = lines.with_columns(reach=nw.col("until").cum_max().over("account_id", order_by=("starts_on", "id")))
    before = covered.with_columns(reached=nw.col("reach").shift(1).over("account_id", order_by=("starts_on", "id")))
    gap = nw.col("reached").is_null() | (nw.col("starts_on") > nw.col("reached"))
    numbered = before.with_columns(begins=gap.cast(nw.Int64)).with_columns(
        stretch=nw.col("begins").cum_sum().over("account_id", order_by=("starts_on", "id"))
    )
    return numbered.group_by("account_id", "stretch").agg(
        account_ref=nw.col("account_ref").min(), came_on=nw.col("starts_on").min(), left_on=nw.col("until").max()
    )
