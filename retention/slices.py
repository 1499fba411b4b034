"""Knows into which slice of a cut an account's money falls in a window."""

from collections.abc import Sequence
from math import ceil, floor

import narwhals as nw

from domain.conventions import Cut
from domain.money import minor_digits
from retention.ledger import UNKNOWN, Frame, Ledger, LedgerFrames
from retention.stages import by_journey_stage, by_workflow
from retention.windows import Window

_ATTRIBUTES = ("industry", "region", "csm")
_UNIT_CUTS = ("plan", "product")
SEGMENTS = ("smb", "mid_market", "enterprise")
WHOLE = ""


def unit_of(by: Cut | None) -> list[str]:
    """The columns that make one unit of a cut: the account, and in a plan or product cut that too."""
    return ["account_id", by] if by in _UNIT_CUTS else ["account_id"]


def sliced(units: Frame, ledger: Ledger, frames: LedgerFrames, shown: Sequence[Window], by: Cut | None) -> Frame:
    """`units` (rows of `unit_movements` of the windows `shown`) with a column `slice`.

    It is WHOLE without a cut, and UNKNOWN where nothing is known. A declared `Mid-Market` is written mid_market, as the
    band would be.
    """
    if by in _ATTRIBUTES:
        named = frames.accounts.select(account_id="id", slice=by)
        return units.join(named, on="account_id", how="left").with_columns(nw.col("slice").fill_null(UNKNOWN))
    if by == "journey_stage":
        return by_journey_stage(units, ledger, frames.contracts, shown)
    if by == "workflow":
        return by_workflow(units, ledger, frames.tickets, shown)
    if by == "segment":
        return _by_segment(units, ledger, frames)
    return units.with_columns(slice=_of_unit(ledger, by).fill_null(UNKNOWN))


def _of_unit(ledger: Ledger, by: Cut | None) -> nw.Expr:
    """The slice that a unit's own columns name; null where they do not say."""
    if by is None:
        return nw.lit(WHOLE)
    if by == "acv_band":
        return _band(ledger, acv_bands(ledger))
    return quarter_of(nw.col("first_paid")) if by == "cohort_quarter" else nw.col(by)


def acv_bands(ledger: Ledger) -> tuple[str, str, str]:
    """The names of the bands of annual contract value, the smallest first, in the reporting currency."""
    small, large = (
        f"{bound:,f}" for bound in (ledger.conventions.bands.smb_below, ledger.conventions.bands.enterprise_above)
    )
    return f"under {small}", f"{small} to {large}", f"over {large}"


def in_order(name: str, ledger: Ledger, by: Cut | None) -> tuple[int, str]:
    """Where a slice stands among those of its window: by name, bands by their size."""
    bands = acv_bands(ledger) if by == "acv_band" else ()
    return (bands.index(name) if name in bands else len(bands), name)


def quarter_of(month: nw.Expr) -> nw.Expr:
    """`2024-Q1` for month numbers, null for null."""
    quarter = (month % 12 // 3 + 1).cast(nw.String)
    return nw.concat_str((month // 12).cast(nw.String), nw.lit("-Q"), quarter)


def _by_segment(units: Frame, ledger: Ledger, frames: LedgerFrames) -> Frame:
    history = segment_history(frames).select(
        "account_id", "slice", _from=_first_month("valid_from"), _until=_first_month("valid_until")
    )
    begun = nw.col("_from").is_null() | (nw.col("_from") <= nw.col("begins"))
    lasting = nw.col("_until").is_null() | (nw.col("_until") > nw.col("begins"))
    declared = units.join(history, on="account_id", how="left").filter(begun & lasting).drop("_from", "_until")
    word = nw.col("slice").str.to_lowercase().str.strip_chars().str.replace_all(r"[\s\-]+", "_")
    # The band answers where nothing is declared, or nothing but blanks.
    return declared.with_columns(slice=nw.when(word != "").then(word).otherwise(_band(ledger, SEGMENTS)))


def _first_month(moment: str) -> nw.Expr:
    """The number of the first month that begins, at 00:00 UTC, at the moment or later."""
    before = nw.col(moment).dt.offset_by("-1us")
    return before.dt.year().cast(nw.Int64) * 12 + before.dt.month().cast(nw.Int64)


def varying(frames: LedgerFrames, by: Cut) -> Frame | None:
    """The accounts that may be in another slice in another window, as their money stays the same; None: nobody."""
    if by in ("journey_stage", "workflow"):
        return frames.accounts.select(account_id="id")
    if by == "segment":
        return segment_history(frames).filter(~nw.col("valid_from").is_null()).select("account_id").unique()
    return None


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


def _band(ledger: Ledger, names: tuple[str, str, str]) -> nw.Expr:
    """The name of the ACV band of twelve opening MRRs, of twelve closing ones where the account opened at zero."""
    bands, scale = ledger.conventions.bands, 10 ** minor_digits(ledger.currency)
    mrr = nw.when(nw.col("opening_cents") > 0).then("opening_cents").otherwise(nw.col("closing_cents"))
    acv, (small, middle, large) = mrr * 12, map(nw.lit, names)
    lower = nw.when(acv < ceil(bands.smb_below * scale)).then(small).otherwise(middle)
    band = nw.when(acv > floor(bands.enterprise_above * scale)).then(large).otherwise(lower)
    return nw.when(mrr > 0).then(band).otherwise(nw.lit(UNKNOWN))
