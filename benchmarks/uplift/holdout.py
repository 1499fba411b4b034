"""Knows made-up holdouts that are looked at every week, and what each way of looking claims."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.report import say
from benchmarks.uplift.told import Told
from retention.holdout.counts import Counts
from retention.holdout.power import PRIOR_WEIGHT
from retention.holdout.sequential import Prior, Priors, difference, log_evidence_of_a_difference

SIZES, QUICK_SIZES = (20,), (20,)
YEARS, QUICK_YEARS = 5_000, 1_000
_WEEKS, _COVERED = 52, 60
_HEADS = (
    "truth", "as assigned: bias", "covers", "claims, every week", "usual test: claims", "let through: bias",
    "as treated: bias",
)  # fmt: skip


@dataclass(frozen=True)
class Year:
    """A holdout over a year: the share held out, the renewal rate with the playbook, and what the playbook adds.

    `let_through` of the held out accounts become critical and are helped after all; they renew `worse` less often.
    """

    share: float
    rate: float = 0.85
    effect: float = 0.0
    let_through: float = 0.0
    worse: float = 0.3


YEARS_OF = {
    "no effect, 10 % held out": Year(0.1),
    "no effect, half held out": Year(0.5),
    "no effect, few are lost": Year(0.3, rate=0.97),
    "10 points, 30 % held out": Year(0.3, effect=0.10),
    "25 points, 30 % held out": Year(0.3, effect=0.25),
    "10 points, a fifth let through": Year(0.3, effect=0.10, let_through=0.2),
}


def run(sizes: Sequence[int], most_runs: int) -> Told:
    """All kinds of years; a size is how many accounts' horizons end in a week."""
    years = QUICK_YEARS if most_runs == 1 else YEARS
    told = Told(f"Holdouts, looked at every week of a year: {years:,} made-up years each", ("holdout", *_HEADS))
    for size in sizes:
        for name, year in YEARS_OF.items():
            say(f"{name}, {size} accounts a week")
            told.rows.append([f"{name} ({size} a week)", *_row(year, size, years)])
    told.notes.append(
        "In points of the renewal rate. `covers`: four looks of a year, all of them. `claims`: in how many of a "
        "hundred years at least one week says that the arms differ, at 95 %; `usual test`: of two proportions, looked "
        "at as often. `let through` leaves out the held out accounts that were helped after all, `as treated` counts "
        "them as helped: both compare unlike accounts."
    )
    return told


def _row(year: Year, size: int, years: int) -> list[str]:
    dice = np.random.default_rng(17)
    drawn = dice.poisson(size, (years, _WEEKS))
    without = dice.binomial(drawn, year.share)
    helped = dice.binomial(without, year.let_through)
    critical = dice.binomial(drawn - without, year.let_through)
    base = year.rate - year.effect
    kept = {
        "treat": dice.binomial(drawn - without - critical, year.rate),
        "critical": dice.binomial(critical, year.rate - year.worse),
        "held": dice.binomial(without - helped, base),
        "helped": dice.binomial(helped, year.rate - year.worse),
    }
    treat = _sums(drawn - without, kept["treat"] + kept["critical"])
    holdout = _sums(without, kept["held"] + kept["helped"])
    held = _sums(without - helped, kept["held"])
    as_treated = _sums(drawn - without + helped, kept["treat"] + kept["critical"] + kept["helped"])
    # Being assigned changes nothing for those who are let through either way.
    truth = year.effect * (1 - year.let_through)
    priors = Priors(Prior(year.rate, PRIOR_WEIGHT), Prior(max(year.rate - 0.1, 0.0), PRIOR_WEIGHT))
    claims = (log_evidence_of_a_difference(treat, holdout, priors) > math.log(20)).any(axis=1)
    return [
        _points(truth),
        _points(_gap(treat, holdout) - truth),
        _percent(_covered(treat, holdout, priors, truth)),
        _percent(float(claims.mean())),
        _percent(float(_usual(treat, holdout).mean())),
        _points(_gap(treat, held) - truth),
        _points(_gap(as_treated, held) - truth),
    ]


def _sums(accounts: Any, renewed: Any) -> tuple[Any, Any]:
    return accounts.cumsum(axis=1), renewed.cumsum(axis=1)


def _gap(treat: tuple[Any, Any], holdout: tuple[Any, Any]) -> float:
    """The mean difference of the rates at the end of the year."""
    rates = [renewed[:, -1] / np.maximum(accounts[:, -1], 1) for accounts, renewed in (treat, holdout)]
    return float((rates[0] - rates[1]).mean())


def _covered(treat: tuple[Any, Any], holdout: tuple[Any, Any], priors: Priors, truth: float) -> float:
    """In how many years the intervals of four looks all hold the truth; of the first years, for time's sake."""
    held = 0
    for year in range(min(_COVERED, len(treat[0]))):
        looks = [
            difference(_counts(treat, year, week), _counts(holdout, year, week), priors) for week in (6, 12, 25, 51)
        ]
        held += all(look.low <= truth <= look.high for look in looks)
    return held / min(_COVERED, len(treat[0]))


def _counts(arm: tuple[Any, Any], year: int, week: int) -> Counts:
    return Counts(int(arm[0][year, week]), int(arm[1][year, week]))


def _usual(treat: tuple[Any, Any], holdout: tuple[Any, Any]) -> Any:
    counts = [np.maximum(arm[0], 1) for arm in (treat, holdout)]
    rates = [arm[1] / count for arm, count in zip((treat, holdout), counts, strict=True)]
    pooled = (treat[1] + holdout[1]) / (counts[0] + counts[1])
    spread = np.sqrt(np.maximum(pooled * (1 - pooled) * (1 / counts[0] + 1 / counts[1]), 1e-12))
    return ((np.abs(rates[0] - rates[1]) > 1.96 * spread) & (holdout[0] >= 5)).any(axis=1)


def _points(share: float) -> str:
    return f"{100 * share:+.1f}"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
