"""Knows what became of the accounts of a holdout, each counted from its own draw."""

from datetime import datetime, timedelta

import narwhals as nw

from retention.fx import RateTable
from retention.ledger import Frame
from retention.valuation import Results, in_reporting_currency

_KEY = ["account_id", "assigned_at"]


def followed_draws(draws: Frame, outcomes: Frame, rates: RateTable, as_of: datetime, horizon: timedelta) -> Results:
    """A row per draw of one plan made by `as_of`, with what became of the account within `horizon` of it.

    `draws` has account_id, arm, assigned_at, arr_cents, currency and let_through_at; `outcomes` is
    `outcomes.outcomes`. Added are

    * over: the horizon has passed; who was lost early is not counted before those who go on
    * renewed: nothing was lost within the horizon
    * arr_cents and kept_cents in the reporting currency at the rate of the draw's day; null where there is none
    """
    drawn = draws.filter(nw.col("assigned_at") <= as_of).with_columns(
        draw_day=nw.col("assigned_at").dt.date(),
        over=nw.col("assigned_at") <= nw.lit(as_of - horizon),
    )
    lost = _lost(drawn, outcomes, rates, as_of, horizon)
    known = drawn.with_columns(arr_cents=nw.col("arr_cents").cast(nw.Int64))
    worth = in_reporting_currency(known, rates, "draw_day", ["arr_cents"])
    told = worth.join(lost, on=_KEY, how="left")
    fell = nw.when(nw.col("lost").is_null()).then(nw.lit(0)).otherwise(nw.col("lost_cents"))
    kept = nw.max_horizontal(nw.col("arr_cents") - fell, nw.lit(0))
    is_known = ~nw.col("arr_cents").is_null() & (nw.col("lost").is_null() | ~nw.col("lost_cents").is_null())
    return told.with_columns(
        renewed=nw.col("lost").is_null(), kept_cents=nw.when(is_known).then(kept)
    ).sort("assigned_at", "account_id")  # fmt: skip


def _lost(drawn: Frame, outcomes: Frame, rates: RateTable, as_of: datetime, horizon: timedelta) -> Results:
    """account_id, assigned_at, lost (true), lost_cents of the draws after which something was lost in time."""
    losses = outcomes.filter(nw.col("lost_cents") > 0, nw.col("happened_at") <= as_of)
    losses = losses.select("account_id", "happened_at", "currency", "lost_cents")
    theirs = drawn.select(*_KEY, "draw_day").join(losses, on="account_id", how="inner")
    since = nw.col("happened_at") - nw.col("assigned_at")
    in_time = theirs.filter(nw.col("happened_at") > nw.col("assigned_at"), since <= nw.lit(horizon))
    worth = in_reporting_currency(in_time, rates, "draw_day", ["lost_cents"])
    sums = worth.group_by(_KEY).agg(
        unknown=nw.col("lost_cents").is_null().any(), lost_cents=nw.col("lost_cents").sum()
    )  # fmt: skip
    cents = nw.when(~nw.col("unknown")).then("lost_cents")
    return sums.with_columns(lost=nw.lit(True), lost_cents=cents).drop("unknown")
