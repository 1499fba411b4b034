"""Knows what an account is worth a year and which segment it belongs to."""

from dataclasses import dataclass
from decimal import Decimal

import narwhals as nw
import numpy as np

from domain.conventions import SegmentBands
from domain.money import minor_digits
from rules.signals.facts import Frame, SignalFacts
from rules.signals.grid import DAY, NEVER, Grid, Numbers, Stretch, microseconds
from rules.signals.many import Column
from rules.signals.measures import Events, Happening, Newest
from rules.signals.signal import Signal
from rules.signals.windows import SignalWindows

SIGNALS = (
    Signal(
        name="segment", kind="text", unit="", noun="segment",
        meaning="The segment declared at that moment (`Mid-Market` is read as mid_market), otherwise the ACV band's: "
        "enterprise, mid_market or smb.",
        unknown_when="no segment is declared and the ACV is unknown",
        phrase=lambda shown: f"segment {shown.values.get('segment') or 'unknown'}",
    ),
    Signal(
        name="acv", kind="money", unit="reporting currency a year", noun="ACV",
        meaning="Annual contract value by the ledger, in the reporting currency.",
        unknown_when="the ledger has no value for the account",
        phrase=lambda shown: f"ACV {shown.money('acv')}",
    ),
    Signal(
        name="acv_band", kind="text", unit="", noun="ACV band",
        meaning="enterprise, mid_market or smb by the ACV alone, whatever segment is declared; the bounds are the "
        "ledger's `bands`.",
        unknown_when="the ACV is unknown",
        phrase=lambda shown: f"ACV {shown.money('acv')} ({shown.values.get('acv_band')})", shows=("acv",),
        words=("enterprise", "mid_market", "smb"),
    ),
)  # fmt: skip


def happenings(facts: SignalFacts, _windows: SignalWindows) -> list[Happening]:
    """_declared: the newest segment known at `as_of`; the first one counts for all time before it."""
    history = facts.account_segments.select("account_id", "since", segment=as_word("segment"))
    return [Events(history, "since", (Newest("_declared", "segment", from_ever=True),))]


def as_word(column: str) -> nw.Expr:
    """A segment as rules write it: `Mid-Market` is mid_market."""
    return nw.col(column).str.to_lowercase().str.strip_chars().str.replace_all(r"[\s\-]+", "_")


def account_value(facts: SignalFacts) -> Frame:
    """account_id, acv (Int64 cents)."""
    return facts.account_value.select("account_id", nw.col("acv_cents").alias("acv"))


# Values of a day and account that are looked at together, so that little is held twice.
_AT_ONCE = 1_000_000


@dataclass(frozen=True)
class _Worth:
    """The cents of each account (by place) on each day that a moment lies on; null is NEVER."""

    grid: Grid
    cents: Numbers
    day_of_moment: Numbers

    def columns(self, stretch: Stretch) -> dict[str, Column]:
        cents = self.cents[stretch.begin : stretch.end, self.day_of_moment].reshape(-1)
        return {"acv": (cents, cents != NEVER)}


def at_many_days(values: Frame, grid: Grid) -> _Worth:
    """The source of acv from day, account_id, acv_cents."""
    days, day_of_moment = np.unique(grid.days, return_inverse=True)
    table = values.filter(~nw.col("account_id").is_null(), ~nw.col("acv_cents").is_null()).collect()
    cents = np.full((len(grid.account_ids), len(days)), NEVER, dtype=np.int64)
    for begin in range(0, len(table), _AT_ONCE):
        part = table[begin : begin + _AT_ONCE]
        account, day = grid.place(part["account_id"].to_numpy()), microseconds(part["day"]) // DAY
        column = np.minimum(np.searchsorted(days, day), len(days) - 1)
        is_asked = (account >= 0) & (days[column] == day)
        cents[account[is_asked], column[is_asked]] = part["acv_cents"].to_numpy()[is_asked]
    return _Worth(grid, cents, day_of_moment)


def columns(bands: SegmentBands, currency: str) -> list[nw.Expr]:
    """Segment and acv_band from `_declared`, the account's own `segment`, both as words, and `acv`."""
    word = nw.coalesce(nw.col("_declared"), nw.col("segment"))
    band = _band(bands, currency)
    return [nw.when(word != "").then(word).otherwise(band).alias("segment"), band.alias("acv_band")]


def _band(bands: SegmentBands, currency: str) -> nw.Expr:
    acv = nw.col("acv")
    lower = nw.when(acv < _cents(bands.smb_below, currency)).then(nw.lit("smb")).otherwise(nw.lit("mid_market"))
    upper = nw.when(acv > _cents(bands.enterprise_above, currency)).then(nw.lit("enterprise")).otherwise(lower)
    return nw.when(~acv.is_null()).then(upper)


def _cents(amount: Decimal, currency: str) -> int:
    return int(amount.scaleb(minor_digits(currency)))
