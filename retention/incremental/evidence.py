"""Knows whether the helped and the others are alike: balance of what was known, and overlap of their chances."""

import numpy as np
from numpy.typing import NDArray

from retention.incremental.covariates import Covariates
from retention.incremental.result import Balance, Overlap
from retention.incremental.ridge import Floats

_QUANTILES = {"min": 0.0, "p05": 0.05, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p95": 0.95, "max": 1.0}


def balance(known: Covariates, treated: Floats, helped: Floats) -> tuple[Balance, ...]:
    """Standardised mean differences of each covariate, as found and under overlap weights; the largest first.

    `helped` is each episode's chance of help: a helped one weighs its chance of not being helped, and the other way.
    """
    ours = treated == 1
    weight = np.where(ours, 1 - helped, helped)
    found = [
        _one(name, column, ours, weight) for name, column in zip(known.names, known.matrix.T, strict=True)
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda one: (-abs(one.before), one.covariate)))


def overlap(treated: Floats, helped: Floats, comparable: NDArray[np.bool_], trim: float) -> Overlap:
    """How the chances of help are spread in both arms, and what the weights leave of each arm's size."""
    ours = treated == 1
    return Overlap(
        treated_quantiles=_quantiles(helped[ours]),
        untreated_quantiles=_quantiles(helped[~ours]),
        effective_treated=_effective((1 - helped)[ours]),
        effective_untreated=_effective(helped[~ours]),
        trim=trim,
        outside_share=float(1 - comparable.mean()),
    )


def _one(name: str, column: Floats, ours: NDArray[np.bool_], weight: Floats) -> Balance:
    spread = float(np.sqrt((column[ours].var() + column[~ours].var()) / 2)) or float(column.std())
    before = column[ours].mean() - column[~ours].mean()
    after = np.average(column[ours], weights=weight[ours]) - np.average(column[~ours], weights=weight[~ours])
    return Balance(
        covariate=name,
        treated_mean=float(column[ours].mean()),
        untreated_mean=float(column[~ours].mean()),
        before=float(before / spread),
        after=float(after / spread),
    )


def _quantiles(chances: Floats) -> dict[str, float]:
    return {name: float(np.quantile(chances, place)) for name, place in _QUANTILES.items()}


def _effective(weights: Floats) -> float:
    """Kish's effective size: what so unequal weights are worth in equal ones."""
    return float(weights.sum() ** 2 / (weights**2).sum())
