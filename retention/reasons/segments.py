"""Knows in which segment an account was when it lost something."""

from decimal import Decimal

import narwhals as nw

from domain.conventions import SegmentBands
from domain.money import decimal_amount
from retention.fx import RateTable
from retention.ledger import UNKNOWN, Frame, LedgerFrames, carries_revenue, in_force, monthly_amount
from retention.slices import segment_history
from retention.valuation import in_reporting_currency


def segments_of(losses: Frame, frames: LedgerFrames, rates: RateTable, bands: SegmentBands) -> dict[str, str]:
    """By outcome the declared segment of that moment, otherwise the band of what the account paid the day before.

    `losses` has outcome_id, account_id, happened_at.
    """
    return _banded(losses, frames.lines, rates, bands) | _declared(losses, frames)


def _declared(losses: Frame, frames: LedgerFrames) -> dict[str, str]:
    then, moment = segment_history(frames).join(losses, on="account_id", how="inner"), nw.col("happened_at")
    begun = nw.col("valid_from").is_null() | (nw.col("valid_from") <= moment)
    lasting = nw.col("valid_until").is_null() | (nw.col("valid_until") > moment)
    word = nw.col("slice").str.to_lowercase().str.strip_chars().str.replace_all(r"[\s\-]+", "_")
    known = then.filter(begun & lasting).select("outcome_id", word=word).filter(nw.col("word") != "").collect()
    return dict(known.iter_rows())


def _banded(losses: Frame, lines: Frame, rates: RateTable, bands: SegmentBands) -> dict[str, str]:
    before = losses.with_columns(day=nw.col("happened_at").dt.offset_by("-1d").dt.date())
    paid = lines.filter(carries_revenue()).with_columns(arr_cents=monthly_amount() * 12)
    paying = before.join(paid.drop("id"), on="account_id", how="inner").filter(in_force(nw.col("day")))
    sums = paying.group_by("outcome_id", "currency", "day").agg(nw.col("arr_cents").sum())
    worth: dict[str, Decimal] = {}
    for row in in_reporting_currency(sums, rates, "day", ["arr_cents"]).iter_rows(named=True):
        amount = decimal_amount(row["arr_cents"] or 0, rates.reporting_currency)
        worth[row["outcome_id"]] = worth.get(row["outcome_id"], Decimal(0)) + amount
    return {outcome_id: bands.segment(amount) if amount else UNKNOWN for outcome_id, amount in worth.items()}
