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

    It is WHOLE without a cut, and UNKNOWN where nothing is known. A declared `Mid-Market` is written mid_market, as the
    band would be.
    """
    if by is None:
        return units.with_columns(slice=nw.lit(WHOLE))
    if by in _UNIT_CUTS:
        return units.with_columns(slice=nw.col(by).fill_null(UNKNOWN))
    if by == "cohort":
        return units.with_columns(slice=nw.col("cohort").fill_null(UNKNOWN))
    if by in _ATTRIBUTES:
        named = frames.accounts.select(account_id="id", slice=by)
        return units.join(named, on="account_id", how="left").with_columns(nw.col("slice").fill_null(UNKNOWN))
    history = segment_history(frames)
    declared = nw.concat([_at_start(history, window) for window in shown])
    joined = units.join(declared, on=["period", "account_id"], how="left")
    word = nw.col("slice").str.to_lowercase().str.strip_chars().str.replace_all(r"[\s\-]+", "_")
    # The band answers where nothing is declared, or nothing but blanks.
    return joined.with_columns(slice=nw.when(word != "").then(word).otherwise(_band(ledger)))


def segment_history(frames: LedgerFrames) -> Frame:
    """Each declared segment with the moments `[valid_from, valid_until)` of its validity: account_id, slice.

    A null is a bound that does not exist: the first known segment counts for all time before. An account without a
    history counts with the segment of its record; one without either is absent.
    """
    later = nw.col("since").shift(-1).over("account_id", order_by="since")
    known = frames.segments.with_columns(valid_until=later, first=nw.col("since").min().over("account_id"))
    changes = known.select(
        "account_id",
        "valid_until",
        slice="segment",
        valid_from=nw.when(nw.col("since") != nw.col("first")).then("since"),
    )
    unchanged = frames.accounts.select(account_id="id", slice="segment").join(known, on="account_id", how="anti")
    always = nw.lit(None, dtype=nw.Datetime("us", "UTC"))
    constant = unchanged.with_columns(valid_from=always, valid_until=always)
    order = ("account_id", "slice", "valid_from", "valid_until")
    return nw.concat([changes.select(*order), constant.select(*order)])


def _at_start(history: Frame, window: Window) -> Frame:
    """The segment of each account when `window` began: period, account_id, slice."""
    start = datetime.combine(window.first_day, time(), UTC)
    begun = nw.col("valid_from").is_null() | (nw.col("valid_from") <= start)
    lasting = nw.col("valid_until").is_null() | (nw.col("valid_until") > start)
    return history.filter(begun & lasting).select("account_id", "slice", period=nw.lit(window.label))


def _band(ledger: Ledger) -> nw.Expr:
    """The ACV band of twelve opening MRRs, of twelve closing ones where the account opened at zero."""
    bands, scale = ledger.conventions.bands, 10 ** minor_digits(ledger.currency)
    mrr = nw.when(nw.col("opening_cents") > 0).then("opening_cents").otherwise(nw.col("closing_cents"))
    acv = mrr * 12
    small = nw.when(acv < ceil(bands.smb_below * scale)).then(nw.lit("smb")).otherwise(nw.lit("mid_market"))
    band = nw.when(acv > floor(bands.enterprise_above * scale)).then(nw.lit("enterprise")).otherwise(small)
    return nw.when(mrr > 0).then(band).otherwise(nw.lit(UNKNOWN))
