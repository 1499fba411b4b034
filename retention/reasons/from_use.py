"""Knows what use, silence and youth of an account tell."""

import narwhals as nw

from retention.ledger import Frame
from retention.reasons.paths import Paths, evidence, first_paid_on

# What usage is compared with: so many times the days that are looked at, before them.
_PRIOR_TIMES = 3
# Who wrote fewer tickets than this before had no habit of writing.
_HABIT = 3


def use_evidence(paths: Paths) -> list[Frame]:
    """Pieces of evidence of usage_drop, never_took_off, silence and young_account, for outcomes that lost something."""
    return [*_usage(paths), _silence(paths), _young(paths)]


def _usage(paths: Paths) -> list[Frame]:
    days, rules = paths.rules.usage_days, paths.rules
    losses = paths.losses.select(
        "outcome_id", "account_id", begins_on=nw.col("begins_at").dt.date(), ends_on=nw.col("ends_at").dt.date(),
        middle=nw.col("ends_at").dt.offset_by(f"-{days}d").dt.date(),
        since=nw.col("ends_at").dt.offset_by(f"-{days * (1 + _PRIOR_TIMES)}d").dt.date(),
    )  # fmt: skip
    used = paths.facts.usage_days.select("account_id", "used_on", "quantity")
    on_path = used.join(losses, on="account_id", how="inner").filter(nw.col("used_on") < nw.col("ends_on"))
    # By day first: a day with several features is one active day.
    on_path = on_path.group_by("outcome_id", "begins_on", "ends_on", "middle", "since", "used_on").agg(
        nw.col("quantity").sum()
    )
    late, prior = nw.col("used_on") >= nw.col("middle"), nw.col("used_on") >= nw.col("since")
    quantity, nothing = nw.col("quantity"), nw.lit(0, nw.Int64)
    sums = on_path.with_columns(
        _late=nw.when(late).then(quantity).otherwise(nothing),
        _prior=nw.when(prior & ~late).then(quantity).otherwise(nothing),
        _all=nw.when(nw.col("used_on") >= nw.col("begins_on")).then(quantity).otherwise(nothing),
        _active=(prior & ~late & (quantity > 0)).cast(nw.Int64),
    )
    known = sums.group_by("outcome_id", "ends_on").agg(
        nw.col("_late", "_prior", "_all", "_active").sum(), _first=nw.col("used_on").min()
    )
    known = known.with_columns(
        ref=nw.lit("usage"), ended_at=nw.col("ends_on").cast(nw.Datetime("us")).dt.replace_time_zone("UTC")
    )
    drop = 100 - nw.col("_late") * (100.0 * _PRIOR_TIMES) / nw.col("_prior")
    had_a_habit = (nw.col("_prior") > 0) & (nw.col("_active") >= days)
    fell = known.filter(had_a_habit).with_columns(amount=drop).filter(nw.col("amount") > 0)
    little = nw.col("_all").cast(nw.Float64) < float(rules.took_off_daily_uses) * rules.path_days
    long_known = (nw.col("ends_on") - nw.col("_first")).dt.total_minutes() >= rules.path_days * 1440
    flat = known.filter(little, long_known)
    return [evidence(fell, "usage_drop", "ended_at"), evidence(flat, "never_took_off", "ended_at")]


def _silence(paths: Paths) -> Frame:
    """Days since the last ticket of an account that used to write."""
    wrote = paths.tickets.filter(nw.col("lost_cents") > 0)
    last = wrote.group_by("outcome_id", "ends_at").agg(nw.col("created_at").max(), _count=nw.len())
    days = (nw.col("ends_at") - nw.col("created_at")).dt.total_minutes() / 1440
    quiet = last.filter(nw.col("_count") >= _HABIT).with_columns(amount=days, ref=nw.lit("tickets"))
    return evidence(quiet.filter(nw.col("amount") >= paths.rules.silence_days), "silence", "created_at")


def _young(paths: Paths) -> Frame:
    since = first_paid_on(paths.facts.lines)
    joined = paths.losses.join(since, on="account_id", how="inner")
    is_young = nw.col("first_paid_on") > nw.col("ends_at").dt.offset_by(f"-{paths.rules.young_days}d").dt.date()
    begun = nw.col("first_paid_on").cast(nw.Datetime("us")).dt.replace_time_zone("UTC")
    young = joined.filter(is_young).with_columns(ref=nw.lit("subscription"), begun_at=begun)
    return evidence(young, "young_account", "begun_at")
