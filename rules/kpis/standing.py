"""Knows which segment an account had, and how far its renewal was, at the moment of a ticket or an answer."""

from dataclasses import dataclass

import narwhals as nw

from domain.conventions import SegmentBands
from rules.kpis.facts import Frame
from rules.signals.value import columns

_DAY_SECONDS = 86_400
_KEY = ("account_id", "_at")


@dataclass(frozen=True)
class AccountHistory:
    """What is known of accounts over time, in the columns of the tables.

    * accounts: id, segment
    * account_segments: account_id, segment, since; the first one counts for all time before
    * contracts: account_id, starts_on, renews_on, notice_on, ends_on
    * values: account_id, day, acv_cents (in `currency`, or null) for the days that are asked for; others are unknown
    """

    accounts: Frame
    account_segments: Frame
    contracts: Frame
    values: Frame
    bands: SegmentBands
    currency: str


def with_standing(rows: Frame, at: str, history: AccountHistory) -> Frame:
    """`rows` (account_id, the moment `at`) with `segment` and `days_to_renewal`, as the signals know them on that day.

    Null where the account, or the figure, is not known.
    """
    asked = rows.select("account_id", _at=nw.col(at)).filter(~nw.col("account_id").is_null()).unique()
    days = asked.with_columns(day=nw.col("_at").dt.date())
    known = (
        days.join(history.values.select("account_id", "day", acv="acv_cents"), on=["account_id", "day"], how="left")
        .join(history.accounts.select("segment", account_id="id"), on="account_id", how="left")
        .join(_declared(asked, history), on=list(_KEY), how="left")
        .join(_renewals(days, history), on=list(_KEY), how="left")
    )
    segment, _ = columns(history.bands, history.currency)
    standing = known.with_columns(segment).select(*_KEY, "segment", "days_to_renewal")
    joined = rows.join(standing, left_on=["account_id", at], right_on=list(_KEY), how="left")
    return joined.select(*rows.collect_schema().names(), "segment", "days_to_renewal")


def _declared(asked: Frame, history: AccountHistory) -> Frame:
    """The newest segment known at the moment; the first one counts before it too."""
    first = nw.col("since").min().over("account_id")
    told = asked.join(history.account_segments.with_columns(_first=first), on="account_id", how="inner")
    counts = told.filter((nw.col("since") <= nw.col("_at")) | (nw.col("since") == nw.col("_first")))
    newest = counts.filter(nw.col("since") == nw.col("since").max().over(*_KEY))
    return newest.group_by(*_KEY).agg(nw.col("segment").min().alias("_declared"))


def _renewals(days: Frame, history: AccountHistory) -> Frame:
    """Days to the next renewal of a contract that ran that day, and of which no notice was given by then."""
    terms = history.contracts.select("account_id", "starts_on", "renews_on", "notice_on", "ends_on")
    day = nw.col("day")
    running = days.join(terms, on="account_id", how="inner").filter(
        nw.col("renews_on") >= day,
        nw.col("starts_on") <= day,
        nw.col("ends_on").is_null() | (nw.col("ends_on") > day),
        nw.col("notice_on").is_null() | (nw.col("notice_on") > day),
    )
    next_one = running.group_by(*_KEY, "day").agg(nw.col("renews_on").min())
    moments = [nw.col(name).cast(nw.Datetime("us")) for name in ("renews_on", "day")]
    left = (moments[0] - moments[1]).dt.total_seconds() // _DAY_SECONDS
    return next_one.select(*_KEY, days_to_renewal=left)
