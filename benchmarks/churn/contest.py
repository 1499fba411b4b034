"""Knows what is learned of who leaves in worlds whose truth is known, and how a fit compares with scikit-learn's."""

from collections.abc import Sequence

import numpy as np

from benchmarks.churn.made_history import WORLDS, World, made_history
from benchmarks.fitting import against_scikit_learn
from benchmarks.report import say
from benchmarks.satisfaction.contest import Both
from benchmarks.uplift.told import Told
from rules.health import RiskSettings, learn
from rules.health.features import LOGS, NAMES
from rules.health.learning import BY_TENURE, MODEL, URGENT_FIRST
from rules.regression.design import designed
from rules.regression.logistic import chance
from rules.signals.churn_risk import ChurnModel, logits

SIZES, QUICK_SIZES = (300, 1_000), (300,)
SEEDS, QUICK_SEEDS = 100, 6
_LOOKS = 18
_HEADS = ("world", "accounts", "left", "in use", "base rate", "PR-AUC", "tenure", "urgent", "slope", "like the truth")


def run(sizes: Sequence[int], most_runs: int) -> Both:
    """All worlds; a size is how many accounts a company has. Of larger ones than the first, a fifth as many."""
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
    """One regression on the same rows under the same ridge."""
    known, _ = made_history(WORLDS["mood, usage and words matter"], max(sizes) * 4, 24, 1)
    rows = designed(known.cases.figures, NAMES, LOGS).rows(known.cases.figures)
    return against_scikit_learn("four times the largest of these companies", rows, known.cases.came, most_runs)
