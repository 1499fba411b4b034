"""Knows how foretold shares are held against what came: Brier, log loss, AUC, calibration, each with its interval."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from rules.regression.logistic import Floats, Ints

LEVEL = 0.95
_DRAWS, _SEED = 400, 20_240_229
_BINS = 10
_LEAST, _MOST = 1e-6, 1 - 1e-6
Score = Callable[[Floats], float]


@dataclass(frozen=True)
class Trial:
    """What was foretold (0..1) and what came (0 or 1) of cases, and whose each was (0, 1, 2 …)."""

    foretold: Floats
    good: Floats
    owners: Ints

    def draws(self) -> list[Floats]:
        """How often each case counts when owners are drawn anew; the same draws for the same owners."""
        chance, count = np.random.default_rng(_SEED), int(self.owners.max(initial=-1)) + 1
        drawn = chance.multinomial(count, np.full(count, 1 / count), size=_DRAWS)
        return [row[self.owners].astype(np.float64) for row in drawn]


def losses(trial: Trial) -> Floats:
    """The squared error of each case."""
    return np.asarray((trial.foretold - trial.good) ** 2, dtype=np.float64)


def brier(trial: Trial, weights: Floats) -> float:
    """Mean squared error; less is better."""
    return float(np.average(losses(trial), weights=weights))


def log_loss(trial: Trial, weights: Floats) -> float:
    """Mean surprise in nats; less is better."""
    sure = np.clip(trial.foretold, _LEAST, _MOST)
    return float(-np.average(trial.good * np.log(sure) + (1 - trial.good) * np.log(1 - sure), weights=weights))


def auc(trial: Trial, weights: Floats) -> float:
    """How often a satisfied case is foretold above a dissatisfied one, ties half; not a number without both."""
    values, place = np.unique(trial.foretold, return_inverse=True)
    good = np.bincount(place, weights * trial.good, len(values))
    bad = np.bincount(place, weights * (1 - trial.good), len(values))
    below = np.cumsum(bad) - bad
    pairs = good.sum() * bad.sum()
    return float((good * (below + bad / 2)).sum() / pairs) if pairs else float("nan")


def calibration_error(trial: Trial, weights: Floats, places: Ints | None = None) -> float:
    """How far foretold and met shares lie apart, on average over ten groups of like size."""
    groups = _groups(trial.foretold) if places is None else places
    foretold, met = np.bincount(groups, weights * trial.foretold), np.bincount(groups, weights * trial.good)
    return float(np.abs(foretold - met).sum() / weights.sum())


def reliability(trial: Trial) -> list[dict[str, Any]]:
    """Ten groups of like size by what was foretold: how many, foretold and met, with the interval of what was met."""
    groups, found = _groups(trial.foretold), []
    draws = trial.draws()
    for group in range(int(groups.max(initial=-1)) + 1):
        inside = groups == group
        met = [float(np.average(trial.good[inside], weights=draw[inside])) for draw in draws if draw[inside].sum() > 0]
        low, high = interval(met)
        found.append({
            "cases": int(inside.sum()), "foretold": short(float(trial.foretold[inside].mean())),
            "met": short(float(trial.good[inside].mean())), "low": low, "high": high,
        })  # fmt: skip
    return found


def scored(trial: Trial) -> dict[str, Any]:
    """Every score as `{value, low, high}`; owners are drawn anew for the interval, so that no large one decides."""
    groups, evenly, draws = _groups(trial.foretold), np.ones(len(trial.good)), trial.draws()
    scores: dict[str, Score] = {
        "brier": partial(brier, trial), "log_loss": partial(log_loss, trial), "auc": partial(auc, trial),
        "calibration_error": partial(calibration_error, trial, places=groups),
    }  # fmt: skip
    return {name: _with_interval(score, evenly, draws) for name, score in scores.items()}


def gained(better: Trial, worse: Trial, level: float = LEVEL) -> dict[str, float | None]:
    """By how much the Brier score of the first is lower, case by case, as `{value, low, high}`."""
    gain, draws = losses(worse) - losses(better), better.draws()
    return _with_interval(lambda weights: float(np.average(gain, weights=weights)), np.ones(len(gain)), draws, level)


def _with_interval(score: Score, evenly: Floats, draws: list[Floats], level: float = LEVEL) -> dict[str, float | None]:
    low, high = interval([score(draw) for draw in draws if draw.sum() > 0], level)
    return {"value": short(score(evenly)), "low": low, "high": high}


def interval(found: list[float], level: float = LEVEL) -> tuple[float | None, float | None]:
    """The bounds that hold `level` of what was found; what is not a number is left out."""
    known = np.asarray([value for value in found if not np.isnan(value)])
    if not len(known):
        return None, None
    low, high = np.quantile(known, [(1 - level) / 2, (1 + level) / 2])
    return short(float(low)), short(float(high))


def _groups(foretold: Floats) -> Ints:
    """Which tenth each case lies in; equal ones together."""
    bounds = np.unique(np.quantile(foretold, np.arange(1, _BINS) / _BINS))
    return np.unique(np.searchsorted(bounds, foretold, side="right"), return_inverse=True)[1].astype(np.int64)


def short(value: float) -> float | None:
    """Six digits of it; None where it is not a number."""
    return None if np.isnan(value) else float(f"{value:.6g}")
