"""Knows what is foretold of satisfaction in worlds whose truth is known, and how a fit compares with scikit-learn's."""

from collections.abc import Sequence
from typing import Any

import narwhals as nw
import numpy as np

from benchmarks.fitting import against_scikit_learn
from benchmarks.report import say
from benchmarks.satisfaction.made_answers import WORLDS, World, made_answers
from benchmarks.uplift.told import Told
from rules.regression.design import designed
from rules.regression.learned import Learned
from rules.regression.logistic import Floats
from rules.satisfaction import Model, SatisfactionSettings, foretold, learn
from rules.satisfaction.features import LOGS, NAMES

SIZES, QUICK_SIZES = (300, 1_000, 5_000), (300, 1_000)
SEEDS, QUICK_SEEDS = 40, 8
_NEW = 400
_HEADS = (
    "world",
    "answers",
    "in use",
    "gain",
    "of the possible",
    "AUC",
    "best AUC",
    "calibration error",
    "covers 90 %",
)


def run(sizes: Sequence[int], most_runs: int) -> "Both":
    """All worlds; a size is how many answered surveys are learned from."""
    seeds = QUICK_SEEDS if most_runs == 1 else SEEDS
    told = Told(f"Satisfaction foretold of {_NEW:,} new tickets: {seeds} made-up teams each", _HEADS)
    for size in sizes:
        for name, world in WORLDS.items():
            say(f"{name}, {size:,} answers")
            told.rows.append([name, f"{size:,}", *_row(world, size, seeds)])
    told.notes.append(
        "`in use`: in how many of a hundred teams a model is put in use; where nothing matters it should be in none. "
        "Of those: `gain`, by how much the Brier score (in thousandths) is lower than with always the mean, and what "
        "share that is of what knowing the truth would gain; AUC beside that of the truth; calibration error of the "
        "new tickets against their true probabilities; and how many of these the 90 % interval of a prediction covers."
    )
    return Both(told, _fits(sizes, most_runs))


class Both:
    """The two tables."""

    def __init__(self, *tables: Told) -> None:
        self._tables = tables

    def show(self) -> None:
        """Print them."""
        for table in self._tables:
            table.show()


def _row(world: World, size: int, seeds: int) -> list[str]:
    found = []
    for seed in range(seeds):
        known, truth = made_answers(world, size + _NEW, seed)
        learned = learn("csat", known.where(slice(0, size)), SatisfactionSettings(), "made")
        if learned.abstains is None:
            ahead = known.where(slice(size, None))
            found.append(_figures(learned, ahead.figures, truth[size:], float(known.came[:size].mean())))
    used = f"{100 * len(found) / seeds:.0f} %"
    if not found:
        return [used, *["–"] * 6]
    gain, most, auc, best, error, covers = np.mean(found, axis=0)
    return [
        used, f"{1000 * gain:.1f}", f"{100 * gain / most:.0f} %" if most > 1e-9 else "–", f"{auc:.3f}", f"{best:.3f}",
        f"{error:.3f}", f"{100 * covers:.0f} %",
    ]  # fmt: skip


def _figures(learned: Learned, figures: dict[str, Floats], truth: Floats, usual: float) -> list[float]:
    """Against the true probabilities, so that chance in the new answers adds nothing."""
    rows: nw.DataFrame[Any] = nw.from_dict({name: figures[name] for name in NAMES}, backend="polars")
    rows = rows.with_columns(nw.when(~nw.col(name).is_nan()).then(nw.col(name)).alias(name) for name in NAMES)
    told = foretold(Model(learned.content), rows)
    share, low, high = (np.array([getattr(each, name) for each in told]) for name in ("ratio", "low", "high"))
    gain = float(np.mean((usual - truth) ** 2) - np.mean((share - truth) ** 2))
    tenths = np.array_split(np.argsort(share), 10)
    error = float(np.mean([abs(share[tenth].mean() - truth[tenth].mean()) for tenth in tenths]))
    covers = float(np.mean((low <= truth) & (truth <= high)))
    return [gain, float(np.mean((usual - truth) ** 2)), _auc(share, truth), _auc(truth, truth), error, covers]


def _auc(share: Floats, truth: Floats) -> float:
    """How often a satisfied ticket would stand above a dissatisfied one, over all that chance could bring."""
    above = (share[:, None] > share[None, :]) + 0.5 * (share[:, None] == share[None, :])
    pairs = truth[:, None] * (1 - truth[None, :])
    np.fill_diagonal(pairs, 0)
    return float((above * pairs).sum() / pairs.sum())


def _fits(sizes: Sequence[int], most_runs: int) -> Told:
    """One regression on the same rows under the same ridge."""
    known, _ = made_answers(WORLDS["process and text matter"], max(sizes) * 4, 1)
    design = designed(known.figures, NAMES, LOGS)
    return against_scikit_learn("the largest of these sizes", design.rows(known.figures), known.came, most_runs)
