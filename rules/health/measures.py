"""Knows how a ranking of accounts by risk is held against who left: all of it, at the team's capacity, and in time.

Every interval is made by drawing accounts anew, so that no account with many looks decides.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from rules.regression.logistic import Floats, Ints
from rules.regression.scores import LEVEL, Trial, interval, losses, short
from rules.regression.straightening import line

_SURE = 1e-6
_DRAWS_OF_LINES = 100
Measure = Callable[[Floats], float]


@dataclass(frozen=True)
class Ranked:
    """Accounts on the days they were looked at, with the risk foretold out of time, who left, and what they paid."""

    trial: Trial
    arr: Floats
    left_in: Floats
    looks: Ints

    def flagged(self, capacity: int) -> Floats:
        """1 for the `capacity` accounts with the highest risk of each look, of equal ones those that pay most."""
        order = np.lexsort((-self.arr, -self.trial.foretold, self.looks))
        places = np.arange(len(order)) - np.searchsorted(self.looks[order], self.looks[order], side="left")
        flags = np.zeros(len(order))
        flags[order[places < capacity]] = 1.0
        return flags


def average_precision(trial: Trial) -> Measure:
    """The area under precision over recall by the weights of the cases, ties together; no number where nobody left."""
    risks, place = np.unique(-trial.foretold, return_inverse=True)
    count = len(risks)

    def area(weights: Floats) -> float:
        caught = np.bincount(place, weights * trial.good, count)
        seen, total = np.cumsum(np.bincount(place, weights, count)), caught.sum()
        # The very first may weigh nothing when accounts are drawn anew.
        precision = np.divide(np.cumsum(caught), seen, out=np.zeros(count), where=seen > 0)
        return float((caught * precision).sum() / total) if total else float("nan")

    return area


def measured(ranked: Ranked, capacity: int) -> dict[str, Any]:
    """Every measure of a way to foretell, each as `{value, low, high}`."""
    flags, good, draws = ranked.flagged(capacity), ranked.trial.good, ranked.trial.draws()
    paid = good * ranked.arr
    measures: dict[str, Measure] = {
        "pr_auc": average_precision(ranked.trial),
        "log_loss": _mean(_surprise(ranked.trial)),
        "brier": _mean(losses(ranked.trial)),
        "precision_at_capacity": lambda weights: _share(weights * flags * good, weights * flags),
        "recall_at_capacity": lambda weights: _share(weights * flags * good, weights * good),
        "arr_recall_at_capacity": lambda weights: _share(weights * flags * paid, weights * paid),
    }
    return {name: _with_interval(measure, len(good), draws) for name, measure in measures.items()}


def gained(better: Trial, worse: Trial) -> dict[str, float | None]:
    """By how much the area under precision over recall is larger, the same accounts drawn for both."""
    ours, theirs = average_precision(better), average_precision(worse)
    return _with_interval(lambda weights: ours(weights) - theirs(weights), len(better.good), better.draws())


def less_surprise(better: Trial, worse: Trial) -> dict[str, float | None]:
    """By how much the log loss is smaller, case by case."""
    gain = _surprise(worse) - _surprise(better)
    return _with_interval(_mean(gain), len(gain), better.draws())


def calibration(trial: Trial) -> dict[str, Any]:
    """Slope and intercept of what came over the foretold log odds: 1 and 0 where so much comes as is foretold."""
    risks = np.clip(trial.foretold, _SURE, 1 - _SURE)
    logits = np.log(risks / (1 - risks))
    if np.ptp(logits) < _SURE:
        return {"slope": None, "intercept": None}
    found = line(logits, trial.good, held=0.0)
    drawn = [line(logits, trial.good, weights, held=0.0) for weights in trial.draws()[:_DRAWS_OF_LINES]]
    told = {}
    for place, name in ((1, "slope"), (0, "intercept")):
        low, high = interval([float(each[place]) for each in drawn])
        told[name] = {"value": short(float(found[place])), "low": low, "high": high}
    return told


def lead_days(ranked: Ranked, capacity: int) -> dict[str, Any]:
    """Of the accounts that left, how many had been among the `capacity` first, and how long before, in days."""
    flags, gone = ranked.flagged(capacity) > 0, ranked.trial.good > 0
    accounts = np.unique(ranked.trial.owners[gone])
    caught = flags & gone
    # An account's first flag within the horizon of its leaving is the one with the most days left.
    longest = np.full(int(ranked.trial.owners.max(initial=-1)) + 1, -1.0)
    np.maximum.at(longest, ranked.trial.owners[caught], ranked.left_in[caught])
    days = longest[accounts][longest[accounts] >= 0]
    quarters = [float(each) for each in np.quantile(days, [0.25, 0.5, 0.75])] if len(days) else [None, None, None]
    shown = dict(zip(("late", "median", "early"), quarters, strict=True))
    return {"left": len(accounts), "flagged": len(days), **shown}


def _surprise(trial: Trial) -> Floats:
    risks = np.clip(trial.foretold, _SURE, 1 - _SURE)
    return np.asarray(-(trial.good * np.log(risks) + (1 - trial.good) * np.log(1 - risks)), dtype=np.float64)


def _mean(values: Floats) -> Measure:
    return lambda weights: float(weights @ values / weights.sum())


def _share(part: Floats, whole: Floats) -> float:
    total = float(whole.sum())
    return float(part.sum()) / total if total else float("nan")


def _with_interval(measure: Measure, count: int, draws: list[Floats]) -> dict[str, float | None]:
    low, high = interval([measure(draw) for draw in draws], LEVEL)
    return {"value": short(measure(np.ones(count))), "low": low, "high": high}
