"""Knows into which slice of a cut an account's money falls in a window."""

from collections.abc import Sequence
from datetime import UTC, datetime, time
from math import ceil, floor

import narwhals as nw

from domain.conventions import Cut
from domain.money import minor_digits
from retention.ledger import UNKNOWN, Frame, Ledger, LedgerFrames
from retention.windows import Window

_ATTRIBUTES = ("industry", "region", "csm")
_UNIT_CUTS = ("plan", "product")
WHOLE = ""


def unit_of(by: Cut | None) -> list[str]:
    """The columns that make one unit of a cut: the account, and in a plan or product cut that too."""
    return ["account_id", by] if by in _UNIT_CUTS else ["account_id"]


def sliced(units: Frame, ledger: Ledger, frames: LedgerFrames, shown: Sequence[Window], by: Cut | None) -> Frame:
    """`units` (rows of `unit_movements` of the windows `shown`) with a column `slice`.

    It is WHOLE without a cut, and UNKNOWN where nothing is known.
    """
    if by is None:
        return units.with_columns(slice=nw.lit(WHOLE))
    if by in _UNIT_CUTS:
        return units.with_columns(slice=nw.col(by).fill_null(UNKNOWN))
    if by == "cohort":
        return units.with_columns(slice=_month_label(nw.col("first_paid")))
    if by in _ATTRIBUTES:
        named = frames.accounts.select(account_id="id", slice=by)
        return units.join(named, on="account_id", how="left").with_columns(nw.col("slice").fill_null(UNKNOWN))
    segments = nw.concat([segment_at_start(frames, window) for window in shown])
    declared = units.join(segments, on=["period", "account_id"], how="left")
    return declared.with_columns(slice=nw.coalesce("slice", _band(ledger)))


def segment_at_start(frames: LedgerFrames, window: Window) -> Frame:
    """The declared segment of each account when `window` began: period, account_id, slice. The first counts before it.

    An account without a history counts with the segment of its record; one without either is absent.
    """
    start = datetime.combine(window.first_day, time(), UTC)
    history = frames.segments.with_columns(first=nw.col("since").min().over("account_id"))
    valid = history.filter((nw.col("since") <= start) | (nw.col("since") == nw.col("first")))
    latest = valid.filter(nw.col("since") == nw.col("since").max().over("account_id"))
    known = latest.select("account_id", declared="segment")
    current = frames.accounts.select("segment", account_id="id").join(known, on="account_id", how="left")
    slices = current.select("account_id", slice=nw.coalesce("declared", "segment"))
    return slices.with_columns(period=nw.lit(window.label))


def _band(ledger: Ledger) -> nw.Expr:
    """The ACV band of twelve opening MRRs, of twelve closing ones where the account opened at zero."""
    bands, scale = ledger.conventions.bands, 10 ** minor_digits(ledger.currency)
    mrr = nw.when(nw.col("opening_cents") > 0).then("opening_cents").otherwise(nw.col("closing_cents"))
    acv = mrr * 12
    small = nw.when(acv < ceil(bands.smb_below * scale)).then(nw.lit("smb")).otherwise(nw.lit("mid_market"))
    band = nw.when(acv > floor(bands.enterprise_above * scale)).then(nw.lit("enterprise")).otherwise(small)
    return nw.when(mrr > 0).then(band).otherwise(nw.lit(UNKNOWN))


def _month_label(number: nw.Expr) -> nw.Expr:
    year, month = (number // 12).cast(nw.String), (number % 12 + 1).cast(nw.String)
    two_digits = nw.when(number % 12 < 9).then(nw.concat_str(nw.lit("0"), month)).otherwise(month)
    return nw.concat_str(year, nw.lit("-"), two_digits).fill_null(UNKNOWN)
