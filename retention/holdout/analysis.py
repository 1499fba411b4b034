"""Compares the arms of a holdout as they were drawn, whatever became of the draw later, and says what that shows."""

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import narwhals as nw
import numpy as np

from retention.holdout import words
from retention.holdout.counts import FEWEST_OVER, Counts
from retention.holdout.power import PRIOR_WEIGHT
from retention.holdout.result import ArmTold, Gap, HoldoutResult
from retention.holdout.sequential import (
    Floats,
    Prior,
    Priors,
    difference,
    log_evidence,
    mean_difference,
    p_value,
)
from retention.incremental.result import Verdict
from retention.valuation import Results

# What the intervals of amounts are sharpest at where a plan could not tell how many accounts it needs.
USUAL_SIZE = 500
_DRAWN_WRONG = math.log(1_000)
NO_GAP = Gap(estimate=None, low=None, high=None)


@dataclass(frozen=True)
class Planned:
    """What the plan said before its first draw: shares and effect of one, `base_rate` None where it was unknown."""

    plan_hash: str
    playbook: str
    share: float
    effect_hoped: float
    horizon_days: int
    confidence: float = 0.95
    base_rate: float | None = None
    accounts_needed: int | None = None

    @property
    def priors(self) -> Priors:
        """What the plan expected of both arms."""
        if self.base_rate is None:
            return Priors()
        without = max(self.base_rate - self.effect_hoped, 0.0)
        return Priors(Prior(self.base_rate, PRIOR_WEIGHT), Prior(without, PRIOR_WEIGHT))


def as_assigned(draws: Results, planned: Planned, currency: str | None, *, finished: bool = False) -> HoldoutResult:
    """The comparison of a plan's draws.

    `draws` has a row per account with arm ("treat" or "holdout"), over, renewed, arr_cents, kept_cents (null: unknown)
    and let_through_at, as `following.followed_draws` gives it. `finished`: nobody is drawn any more and all are over.
    """
    arms = {name: draws.filter(nw.col("arm") == name) for name in ("treat", "holdout")}
    treat, holdout = (_told(arms[name]) for name in ("treat", "holdout"))
    counts = Counts(treat.over, treat.renewed), Counts(holdout.over, holdout.renewed)
    gap, once = NO_GAP, NO_GAP
    if min(treat.over, holdout.over) > 0:
        held = difference(*counts, planned.priors, planned.confidence)
        seen = counts[0].rate - counts[1].rate
        gap = Gap(estimate=seen, low=held.low, high=held.high)
        once = _score_gap(*counts, planned.confidence)
    per_account = _mean_gap(arms["treat"], arms["holdout"], planned)
    verdict = _verdict(gap, once, min(treat.over, holdout.over), finished=finished)
    told = HoldoutResult(
        plan_hash=planned.plan_hash, playbook=planned.playbook, horizon_days=planned.horizon_days,
        confidence=planned.confidence, currency=currency, treat=treat, holdout=holdout, difference=gap,
        p_value=p_value(*counts, planned.priors) if gap.estimate is not None else None, once=once,
        per_account=per_account, saved=_times(per_account, treat.over), effect_hoped=planned.effect_hoped,
        accounts_planned=planned.accounts_needed, finished=finished, verdict=verdict,
        published=None if verdict == "not enough evidence" else gap.estimate, in_words="", reasons=(),
    )  # fmt: skip
    reasons = words.reasons(told, fits_share(treat.drawn, holdout.drawn, planned.share))
    return told.model_copy(update={"in_words": words.verdict(told), "reasons": reasons})


def fits_share(treat: int, holdout: int, share: float) -> bool:
    """Whether a fair draw can give so many of each; it errs for one plan in a thousand, however often it is asked."""
    return float(log_evidence(treat + holdout, holdout, share, Prior())) < _DRAWN_WRONG


def _told(arm: Results) -> ArmTold:
    over = arm.filter(nw.col("over"))
    known = over.filter(~nw.col("kept_cents").is_null())
    renewed = int(over["renewed"].sum() or 0)
    return ArmTold(
        drawn=len(arm), over=len(over), renewed=renewed, rate=renewed / len(over) if len(over) else None,
        arr_cents=int(known["arr_cents"].sum() or 0), kept_cents=int(known["kept_cents"].sum() or 0),
        let_through=len(arm.filter(~nw.col("let_through_at").is_null())),
    )  # fmt: skip


def _mean_gap(treat: Results, holdout: Results, planned: Planned) -> Gap:
    with_it, without = _kept(treat), _kept(holdout)
    held = mean_difference(with_it, without, planned.accounts_needed or USUAL_SIZE, planned.confidence)
    if held is None:
        return NO_GAP
    return Gap(estimate=float(with_it.mean() - without.mean()), low=held.low, high=held.high)


def _kept(arm: Results) -> Floats:
    known = arm.filter(nw.col("over"), ~nw.col("kept_cents").is_null())
    found: Any = known["kept_cents"].to_numpy()
    return np.asarray(found, float)


def _times(gap: Gap, accounts: int) -> Gap:
    if gap.estimate is None or gap.low is None or gap.high is None:
        return NO_GAP
    return Gap(estimate=gap.estimate * accounts, low=gap.low * accounts, high=gap.high * accounts)


def _score_gap(treat: Counts, holdout: Counts, confidence: float) -> Gap:
    """For one look. Source: R. Newcombe, "Interval estimation for the difference between independent proportions",
    Stat. Med. 17 (1998), method 10, of E. Wilson's score intervals.
    """
    wide = NormalDist().inv_cdf(0.5 + confidence / 2)
    (low, high), (low0, high0) = _score(treat, wide), _score(holdout, wide)
    seen = treat.rate - holdout.rate
    down = math.hypot(treat.rate - low, high0 - holdout.rate)
    up = math.hypot(high - treat.rate, holdout.rate - low0)
    return Gap(estimate=seen, low=seen - down, high=seen + up)


def _score(arm: Counts, wide: float) -> tuple[float, float]:
    n = arm.accounts
    centre = (arm.rate + wide**2 / (2 * n)) / (1 + wide**2 / n)
    half = wide / (1 + wide**2 / n) * math.sqrt(arm.rate * (1 - arm.rate) / n + wide**2 / (4 * n**2))
    return centre - half, centre + half


def _verdict(gap: Gap, once: Gap, smaller: int, *, finished: bool) -> Verdict:
    """Credible where the interval that holds at every look leaves out zero.

    One look at the end of the plan was agreed beforehand too: what only that shows is suggestive.
    """
    if smaller < FEWEST_OVER:
        return "not enough evidence"
    if _excludes_zero(gap):
        return "credible"
    return "suggestive" if finished and _excludes_zero(once) else "not enough evidence"


def _excludes_zero(gap: Gap) -> bool:
    return gap.low is not None and gap.high is not None and (gap.low > 0 or gap.high < 0)
