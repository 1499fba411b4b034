"""Knows which lines the ledger counts, and how long, where the settings depart from what the lines say."""

from datetime import date
from typing import Any

import narwhals as nw

from domain.conventions import LedgerConventions

Frame = nw.LazyFrame[Any]
_FAR = date(9999, 12, 31)


def as_set(lines: Frame, carries: nw.Expr, conventions: LedgerConventions) -> Frame:
    """`lines` as the settings want them counted; `carries` tells those that carry revenue.

    Without usage lines where `usage_lines` is `excluded`; where an account pays nothing for no more than
    `bridged_gap_days`, what ended goes on until it pays again.
    """
    if conventions.usage_lines == "excluded":
        lines = lines.filter((nw.col("pricing") != "usage").fill_null(True))
    if conventions.bridged_gap_days == 0:
        return lines
    gaps = _gaps(lines.filter(carries), conventions.bridged_gap_days)
    joined = lines.join(gaps, on=["account_id", "ends_on"], how="left")
    bridged = nw.when(carries & ~nw.col("_again").is_null()).then("_again").otherwise("ends_on")
    return joined.with_columns(ends_on=bridged).drop("_again")


def _gaps(paid: Frame, days: int) -> Frame:
    """The short times without any payment: account_id, ends_on, the day they begin, and `_again`, that of payment."""
    until = nw.col("ends_on").fill_null(nw.lit(_FAR))
    spans = paid.select("account_id", "starts_on", until=until)
    reach = nw.col("until").cum_max().over("account_id", order_by=["starts_on", "until"])
    ordered = spans.with_columns(reach=reach)
    before = nw.col("reach").shift(1).over("account_id", order_by=["starts_on", "until"])
    gap = ordered.with_columns(before=before).filter(nw.col("starts_on") > nw.col("before"))
    short = gap.filter(nw.col("before").dt.offset_by(f"{days}d") >= nw.col("starts_on"))
    return short.select("account_id", ends_on="before", _again="starts_on").unique()
