"""Knows when a team's own history teaches who leaves, what it teaches, and whether that is worth anything."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from rules.health.features import LOGS, NAMES, OPEN_URGENT, TENURE
from rules.health.history import History
from rules.health.measures import Ranked, calibration, gained, lead_days, less_surprise, measured
from rules.health.settings import RiskSettings
from rules.regression.cases import Bools
from rules.regression.design import designed
from rules.regression.learned import Learned
from rules.regression.logistic import fit
from rules.regression.rolling import RIDGES, Tried, always_the_mean, best_ridge, tried
from rules.regression.rounding import eight_digits
from rules.regression.scores import LEVEL, reliability
from rules.regression.straightening import Straightened, straightened
from rules.signals.churn_risk import FORMAT

MODEL, MEAN, BY_TENURE, URGENT_FIRST = "all signals", "the base rate", "tenure only", "open urgent tickets"
# An account that leaves is seen leaving by several looks: fewer than so many are one or two accounts.
_LEAST = 20
# What a model has to beat; each is a regression on one figure, learned and tried in the same way.
RIVALS = {BY_TENURE: (TENURE,), URGENT_FIRST: (OPEN_URGENT,)}


def learn(history: History, settings: RiskSettings) -> Learned:
    """Learn from looks at the past who leaves within the horizon; abstain where that is worth nothing.

    Learned from is only what had come by an origin, tried on later looks at other accounts. It abstains with fewer
    than `min_churns` accounts that left, or where it does not surely rank better than each of `RIVALS` and foretell
    better than the base rate, all three with their whole 95 % interval.

    Source: docs/health.md, "Churn risk".
    """
    content: dict[str, Any] = {"format": FORMAT, "horizon_days": settings.horizon_days, **_counts(history)}
    if (missing := settings.min_churns - history.churns) > 0:
        short = f"{history.churns} accounts left in the time looked at, {missing} short of {settings.min_churns}"
        return Learned("churn", {**content, "abstains": short}, {})
    ways = {name: _tried(history, names) for name, names in {MODEL: NAMES, **RIVALS}.items()}
    ways[MEAN] = always_the_mean(history.cases, _LEAST)
    evaluation = _compared(history, ways, settings.capacity)
    if (worthless := _worthless(evaluation)) is not None:
        return Learned("churn", {**content, "abstains": worthless}, evaluation)
    model, line = _model(history, ways[MODEL])
    if line.slope <= 0:
        reversed_ = "what it foretold of later accounts turned out the wrong way round"
        return Learned("churn", {**content, "abstains": reversed_}, evaluation)
    return Learned("churn", {**content, **model}, evaluation)


def _tried(history: History, names: Sequence[str]) -> Tried:
    return tried(history.cases, names, LOGS, bend=False, least=_LEAST)


def _counts(history: History) -> dict[str, Any]:
    base = float(history.cases.came.mean()) if len(history) else 0.0
    return {
        "cases": len(history), "accounts": history.accounts, "churns": history.churns, "base_ratio": eight_digits(base),
        "looks": len(np.unique(history.looks)),
    }  # fmt: skip


def _compared(history: History, ways: dict[str, Tried], capacity: int) -> dict[str, Any]:
    """The ways on the cases that all of them foretold."""
    both = np.logical_and.reduce([way.places for way in ways.values()])
    if not both.any() or not history.cases.came[both].any():
        return {"cases": 0}
    ranks = {name: _ranked(history, way, both) for name, way in ways.items()}
    best = ranks[MODEL].trial
    told = {
        name: {
            **measured(ranked, capacity),
            **({} if name == MODEL else {"gain": gained(best, ranked.trial)}),
        }
        for name, ranked in ranks.items()
    }
    seen = history.where(both)
    return {
        "cases": len(seen), "accounts": seen.accounts, "churns": seen.churns, "level": LEVEL, "capacity": capacity,
        "base_ratio": eight_digits(float(best.good.mean())), "ways": told,
        "less_surprise": less_surprise(best, ranks[MEAN].trial), "calibration": calibration(best),
        "reliability": reliability(best), "lead_days": lead_days(ranks[MODEL], capacity),
    }  # fmt: skip


def _ranked(history: History, way: Tried, both: Bools) -> Ranked:
    seen = history.where(both)
    return Ranked(way.trial(history.cases, both), seen.arr, seen.left_in, seen.looks)


def _worthless(evaluation: dict[str, Any]) -> str | None:
    if not evaluation["cases"]:
        return "the looks lie too close together in time, or at too few accounts, to try it on later ones"
    for rival in RIVALS:
        gain = evaluation["ways"][rival]["gain"]
        if gain["low"] is None or gain["low"] <= 0:
            return f"on later looks at other accounts it does not surely rank better than {rival}: PR-AUC {_told(gain)}"
    gain = evaluation["less_surprise"]
    if gain["low"] is None or gain["low"] <= 0:
        return f"on later looks at other accounts it is not surely better than the base rate: log loss {_told(gain)}"
    return None


def _told(gain: dict[str, float | None]) -> str:
    value, low, high = (f"{each:+.4f}" if each is not None else "–" for each in gain.values())
    return f"{value} ({low} to {high})".replace("-", "−")


def _model(history: History, way: Tried) -> tuple[dict[str, Any], Straightened]:
    cases = history.cases
    ridge = RIDGES[best_ridge(way.logits[:, way.places], cases.came[way.places])]
    logits = way.logits[RIDGES.index(ridge), way.places]
    line = straightened(logits, cases.came[way.places], bend=False)
    design = designed(cases.figures, NAMES, LOGS)
    beta = fit(design.rows(cases.figures), cases.came, ridge)
    model = {
        "ridge": ridge, "columns": eight_digits(design.written()), "coefficients": eight_digits(beta.tolist()),
        "calibration": eight_digits({"intercept": line.intercept, "slope": line.slope}),
    }  # fmt: skip
    return model, line
