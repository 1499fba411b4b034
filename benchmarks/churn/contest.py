"""Knows what is learned of who leaves in worlds whose truth is known, and how a fit compares with scikit-learn's."""

import time
from collections.abc import Callable, Sequence
from importlib.util import find_spec

import numpy as np

from benchmarks.churn.made_history import WORLDS, World, made_history
from benchmarks.contest import Disagreement
from benchmarks.report import say
from benchmarks.satisfaction.contest import Both
from benchmarks.uplift.told import Told
from rules.health import RiskSettings, learn
from rules.health.features import LOGS, NAMES
from rules.health.learning import BY_TENURE, MODEL, URGENT_FIRST
from rules.regression.design import designed
from rules.regression.logistic import Floats, chance, fit
from rules.signals.churn_risk import ChurnModel, logits

SIZES, QUICK_SIZES = (300, 1_000), (300,)
SEEDS, QUICK_SEEDS = 100, 6
_LOOKS, _RIDGE, _AGREE = 18, 10.0, 1e-4
_HEADS = ("world", "accounts", "left", "in use", "base rate", "PR-AUC", "tenure", "urgent", "slope", "like the truth")


def run(sizes: Sequence[int], most_runs: int) -> Both:
    """All worlds; a size is how many accounts the company has. Larger sizes than the first take a fifth of the seeds."""
    seeds = QUICK_SEEDS if most_runs == 1 else SEEDS
    told = Told(f"Who leaves: up to {seeds} made-up companies each, looked at {_LOOKS} times", _HEADS)
    for size in sizes:
        for name, world in WORLDS.items():
            say(f"{name}, {size:,} accounts")
            told.rows.append([name, f"{size:,}", *_row(world, size, seeds if size == min(sizes) else -(-seeds // 5))])
    told.notes.append(
        "`in use`: in how many companies the model is put in use, of how many. Means over all companies: accounts that "
        "left, and on later looks at other accounts the base rate, the area under precision over recall of the model, "
        "of tenure alone and of open urgent tickets, and the calibration slope. `like the truth`: how the shares of "
        "models in use correlate with the true probabilities."
    )
    return Both(told, _fits(sizes, most_runs))


def _row(world: World, size: int, seeds: int) -> list[str]:
    figures, alike, left = [], [], []
    for seed in range(seeds):
        known, truth = made_history(world, size, _LOOKS, seed)
        learned = learn(known, RiskSettings())
        left.append(known.churns)
        if learned.abstains is None:
            shares = chance(logits(ChurnModel(learned.content, None), known.cases.figures))  # type: ignore[arg-type]
            alike.append(float(np.corrcoef(shares, truth)[0, 1]))
        if ways := learned.evaluation.get("ways"):
            areas = [ways[name]["pr_auc"]["value"] for name in (MODEL, BY_TENURE, URGENT_FIRST)]
            slope = learned.evaluation["calibration"]["slope"]
            figures.append([learned.evaluation["base_ratio"], *areas, slope["value"] if slope else np.nan])
    base, *areas, slope = np.nanmean(figures, axis=0) if figures else [np.nan] * 5
    return [
        f"{np.mean(left):.0f}", f"{len(alike)} of {seeds}", f"{base:.3f}", *(f"{area:.3f}" for area in areas),
        f"{slope:.2f}", f"{np.mean(alike):.2f}" if alike else "–",
    ]  # fmt: skip


def _fits(sizes: Sequence[int], most_runs: int) -> Told:
    """One regression on the same rows under the same ridge; without scikit-learn, ours alone."""
    told = Told(
        f"One regression on the largest of these companies, ridge {_RIDGE:g}", ("by", "seconds", "largest difference")
    )
    known, _ = made_history(WORLDS["mood, usage and words matter"], max(sizes) * 4, 24, 1)
    rows = designed(known.cases.figures, NAMES, LOGS).rows(known.cases.figures)
    ours, seconds = _timed(lambda: fit(rows, known.cases.came, _RIDGE), most_runs)
    told.rows.append([f"ours, {len(rows):,} × {rows.shape[1]}", f"{seconds:.4f}", "–"])
    if find_spec("sklearn") is None:
        told.notes.append("scikit-learn is not installed: make benchmark brings it.")
        return told
    theirs, their_seconds = _timed(lambda: _by_scikit_learn(rows, known.cases.came), most_runs)
    apart = float(np.abs(ours - theirs).max())
    told.rows.append(["scikit-learn, newton-cholesky", f"{their_seconds:.4f}", f"{apart:.1e}"])
    if apart > _AGREE:
        raise Disagreement(f"scikit-learn's coefficients differ from ours by {apart:.1e}, more than {_AGREE:.0e}")
    return told


def _by_scikit_learn(rows: Floats, good: Floats) -> Floats:
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=1 / _RIDGE, solver="newton-cholesky", tol=1e-8, max_iter=200).fit(rows, good)
    return np.concatenate([model.intercept_, model.coef_[0]])


def _timed(call: Callable[[], Floats], runs: int) -> tuple[Floats, float]:
    best, found = float("inf"), np.zeros(0)
    for _ in range(max(runs, 3)):
        begun = time.perf_counter()
        found = call()
        best = min(best, time.perf_counter() - begun)
    return found, best
