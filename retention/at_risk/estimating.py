"""Knows which columns of the accounts at risk the estimate is made of."""

import narwhals as nw

from domain.effect_conventions import IncrementalConventions
from domain.effects import Covariates
from retention.at_risk.following import EXCLUSIONS
from retention.incremental.result import IncrementalResult
from retention.uplift import incremental_effect
from retention.valuation import Results

PLACEBO = "tickets_prior_30d"
COVARIATES = (*(name for name in Covariates.model_fields if name != PLACEBO), "playbooks_fired")
# A covariate that is known of fewer episodes than this share is left out: its few values would pass for all.
_KNOWN_OF = 0.2
_READ = ["renewed", "treated", "account_id", "arr_cents", "kept_cents", PLACEBO, *COVARIATES]


def compared(followed: Results) -> Results:
    """The episodes that can be compared, with `playbooks_fired`: how many playbooks fired at the flag."""
    fired = nw.col("playbooks").str.replace_all(r'[^"]', "").str.len_chars() // 2
    return followed.filter(nw.col("excluded").is_null()).with_columns(playbooks_fired=fired.cast(nw.Int64))


def left_out(followed: Results) -> dict[str, int]:
    """How many episodes are not compared, by reason."""
    reasons = followed["excluded"].to_list()
    return {reason: reasons.count(reason) for reason in EXCLUSIONS if reason in reasons}


def _told_often(table: Results) -> list[str]:
    """The covariates that are known of enough episodes to tell them apart."""
    return [name for name in COVARIATES if table[name].null_count() <= (1 - _KNOWN_OF) * len(table)]


def estimated_effect(followed: Results, conventions: IncrementalConventions) -> IncrementalResult | None:
    """What help made of the accounts at risk; None where not one can be compared.

    `followed` is `following.followed_episodes`. Clusters are accounts, what was known at the flag the covariates, and
    the tickets 31 to 60 days before it the placebo. Source: docs/incremental.md.
    """
    table = compared(followed)
    if not len(table):
        return None
    found = incremental_effect(
        table.select(_READ), "renewed", "treated", _told_often(table),
        arr_cents="arr_cents", arr_kept_cents="kept_cents", currency=table["currency"].to_list()[0],
        cluster="account_id", placebo=PLACEBO, trim=conventions.trim, confidence=conventions.confidence,
        bootstrap_rounds=conventions.bootstrap_rounds, minimum_per_arm=conventions.minimum_per_arm,
    )  # fmt: skip
    excluded = left_out(followed) | found.sizes.excluded
    sizes = found.sizes.model_copy(update={"episodes": len(followed), "excluded": excluded})
    return found.model_copy(update={"sizes": sizes})
