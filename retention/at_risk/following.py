"""Knows what became of the accounts at risk: who was helped in time, who renewed, and which cannot be compared."""

from datetime import datetime
from typing import Any

import narwhals as nw

from domain.conventions import CreditConventions
from domain.effect_conventions import IncrementalConventions
from retention.fx import RateTable
from retention.ledger import Frame
from retention.valuation import Results, in_reporting_currency
from retention.windows import utc_day

NOTICE_BEFORE = "notice had been given before the flag"
NO_REVENUE = "no recurring revenue known at the flag"
TOO_SOON = "notice or outcome within the landmark"
TOO_FAR = "renewal beyond the horizon"
NOT_OVER = "outcome not known yet"
EXCLUSIONS = (NOTICE_BEFORE, NO_REVENUE, TOO_SOON, TOO_FAR, NOT_OVER)
_OURS = ["episode_id", "account_id", "flagged_at"]


def followed_episodes(
    episodes: Frame,
    outcomes: Frame,
    touches: Frame,
    contracts: Frame,
    rates: RateTable,
    as_of: datetime,
    conventions: IncrementalConventions | None = None,
    credit: CreditConventions | None = None,
) -> Results:
    """A row per episode flagged by `as_of`, the oldest first: the columns of `episodes` and what became of it.

    * episodes: storage's frame; one that was flagged while an earlier one lived is no episode of its own and left out
    * outcomes: `outcomes.outcomes`; touches: `touches.all_touches`; contracts: storage's frame

    Added are `treated_at` (the first intervention completed after the flag, within the landmark and before notice and
    outcome), `late_at` (the first one after that, before notice and outcome: such an episode counts as not helped),
    `notice_at`, `outcome_at` and `outcome` (the next after the flag inside the horizon: renewed, contracted, churned),
    `arr_cents` and `kept_cents` in the reporting currency at the rate of the flag's day (kept is the ARR at the flag
    less what the outcome lost), `treated`, `renewed` and `excluded`: why it is not compared, null where it is.

    Whether an episode is over is settled beforehand: by its renewal as it was known at the flag, or by the horizon.
    So one that was lost early does not come in before those that go on. `renewed` is true where the next outcome kept
    everything, or where nothing was lost in the whole horizon. Source: docs/attribution.md.
    """
    kept = conventions or IncrementalConventions()
    seen = episodes.filter(nw.col("flagged_at") <= as_of).with_columns(
        flag_day=nw.col("flagged_at").dt.date(),
        horizon_ends_at=nw.col("flagged_at").dt.offset_by(f"{kept.horizon_days}d"),
        landmark_at=nw.col("flagged_at").dt.offset_by(f"{kept.landmark_days}d"),
    )
    told = _decided(seen, outcomes, rates, as_of).collect()
    told = _without_overlaps(told.sort("account_id", "flagged_at", "episode_id"))
    known = _noticed(told.lazy(), contracts, as_of)
    known = known.with_columns(decided_at=nw.min_horizontal("notice_at", "outcome_at"))
    helped = _helped(known, touches, (credit or CreditConventions()).interventions).collect()
    worth = in_reporting_currency(helped.lazy(), rates, "flag_day", ["arr_cents"])
    return _judged(worth, as_of, kept, rates.reporting_currency).sort("flagged_at", "episode_id")


def _decided(seen: Frame, outcomes: Frame, rates: RateTable, as_of: datetime) -> Frame:
    """With `outcome_at`, `outcome` and `lost_cents` of the next outcome inside the horizon; null without one."""
    theirs = seen.select(*_OURS, "horizon_ends_at", "flag_day").join(
        outcomes.filter(nw.col("happened_at") <= as_of).select(
            "account_id", "happened_at", "kind", "currency", "lost_cents"
        ),
        on="account_id",
        how="inner",
    )
    after = theirs.filter(
        nw.col("happened_at") > nw.col("flagged_at"), nw.col("happened_at") <= nw.col("horizon_ends_at")
    )
    first = after.group_by("episode_id").agg(outcome_at=nw.col("happened_at").min())
    at_once = after.join(first, on="episode_id", how="inner").filter(nw.col("happened_at") == nw.col("outcome_at"))
    lost = in_reporting_currency(at_once, rates, "flag_day", ["lost_cents"]).lazy()
    is_worst = (nw.col("kind") == "churned").any()
    is_whole = (nw.col("kind") == "renewed").all()
    sums = lost.group_by("episode_id", "outcome_at").agg(
        churned=is_worst,
        whole=is_whole,
        unknown=nw.col("lost_cents").is_null().any(),
        lost_cents=nw.col("lost_cents").sum(),
    )
    outcome = (
        nw.when(nw.col("whole"))
        .then(nw.lit("renewed"))
        .otherwise(nw.when(nw.col("churned")).then(nw.lit("churned")).otherwise(nw.lit("contracted")))
    )
    told = sums.select(
        "episode_id", "outcome_at", outcome=outcome, lost_cents=nw.when(~nw.col("unknown")).then("lost_cents")
    )
    return seen.join(told, on="episode_id", how="left")


def _without_overlaps(told: Results) -> Results:
    """Leave out what was flagged while an earlier episode of the account lived; `told` is sorted by account and flag.

    They come into being where a catch-up reaches further back than the runs before it.
    """
    ends_at = nw.min_horizontal("outcome_at", "horizon_ends_at").shift(1).over("account_id")
    while True:
        overlaps = told.with_columns(inside=(nw.col("flagged_at") < ends_at).fill_null(False))
        if not overlaps["inside"].any():
            return told
        # Only the first of an account for sure: what follows it may begin after all, once it is gone.
        nth = nw.col("inside").cast(nw.Int64).cum_sum().over("account_id")
        told = overlaps.filter(~nw.col("inside") | (nth > 1)).drop("inside")


def _noticed(told: Frame, contracts: Frame, as_of: datetime) -> Frame:
    """With `notice_at`, the first notice after the flag, and `had_notice`: one was given by then."""
    given = contracts.filter(nw.col("notice_on") <= utc_day(as_of)).select(
        "account_id", "starts_on", "ends_on", "notice_on"
    )
    running = told.select("episode_id", "account_id", "flag_day").join(given, on="account_id", how="inner")
    running = running.filter(
        nw.col("starts_on") <= nw.col("flag_day"),
        nw.col("ends_on").is_null() | (nw.col("ends_on") > nw.col("flag_day")),
    )
    before = nw.col("notice_on") <= nw.col("flag_day")
    notices = running.group_by("episode_id").agg(
        had_notice=before.any(), first_on=nw.when(~before).then(nw.col("notice_on")).min()
    )
    notice_at = nw.col("first_on").cast(nw.Datetime("us")).dt.replace_time_zone("UTC")
    return (
        told.join(notices, on="episode_id", how="left")
        .with_columns(had_notice=nw.col("had_notice").fill_null(False), notice_at=notice_at)
        .drop("first_on")
    )


def _helped(told: Frame, touches: Frame, interventions: tuple[str, ...]) -> Frame:
    """With `treated_at` and `late_at`."""
    work = touches.filter(nw.col("kind").is_in(interventions)).select("account_id", done_at="happened_at")
    after = told.select(*_OURS, "landmark_at", "horizon_ends_at", "decided_at").join(work, on="account_id", how="inner")
    after = after.filter(
        nw.col("done_at") > nw.col("flagged_at"),
        nw.col("done_at") <= nw.col("horizon_ends_at"),
        nw.col("decided_at").is_null() | (nw.col("done_at") < nw.col("decided_at")),
    )
    in_time = nw.col("done_at") <= nw.col("landmark_at")
    first = after.group_by("episode_id").agg(
        treated_at=nw.when(in_time).then(nw.col("done_at")).min(),
        late_at=nw.when(~in_time).then(nw.col("done_at")).min(),
    )
    return told.join(first, on="episode_id", how="left")


def _judged(told: Results, as_of: datetime, conventions: IncrementalConventions, currency: str) -> Results:
    """With `treated`, `renewed`, `kept_cents` and `excluded`."""
    horizon = conventions.horizon_days
    renews_at = nw.col("flag_day").cast(nw.Datetime("us")).dt.replace_time_zone("UTC") + _days("days_to_renewal")
    over_at = nw.min_horizontal(renews_at, "horizon_ends_at")
    over = (over_at <= as_of) & (~nw.col("outcome_at").is_null() | (nw.col("horizon_ends_at") <= as_of))
    why: list[tuple[nw.Expr, str]] = [
        (nw.col("had_notice"), NOTICE_BEFORE),
        (nw.col("arr_cents").fill_null(0) <= 0, NO_REVENUE),
        ((nw.col("decided_at") <= nw.col("landmark_at")).fill_null(False), TOO_SOON),
        ((nw.col("days_to_renewal") > horizon).fill_null(False), TOO_FAR),
        (~over, NOT_OVER),
    ]
    excluded: Any = nw.lit(None, nw.String)
    for condition, reason in reversed(why):
        excluded = nw.when(condition).then(nw.lit(reason)).otherwise(excluded)
    kept = nw.max_horizontal(nw.col("arr_cents") - nw.col("lost_cents"), nw.lit(0))
    unlost = nw.col("outcome_at").is_null()
    return told.with_columns(
        treated=~nw.col("treated_at").is_null(),
        renewed=(nw.col("outcome") == "renewed").fill_null(True),
        kept_cents=nw.when(unlost).then("arr_cents").otherwise(kept),
        currency=nw.lit(currency),
        excluded=excluded,
    ).drop("own_arr_cents", "had_notice", "horizon_ends_at", "landmark_at", "flag_day", "lost_cents")


def _days(column: str) -> nw.Expr:
    return nw.col(column).cast(nw.Duration("us")) * 86_400_000_000
