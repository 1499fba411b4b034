"""Knows each episode's chance of being helped and of its outcome, told by models that have not seen it."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retention.incremental.basis import BENT, Basis
from retention.incremental.ridge import Fitted, Floats, best, linear, logistic, probabilities

FOLDS = 5
# Penalties are chosen on at most so many episodes; the models are fitted on all.
_TUNED_ON = 4000
# What help does may differ by covariate, but is taken to differ little until the data insist.
_MODIFIED = 10.0

Fold = tuple[NDArray[np.intp], NDArray[np.intp]]


@dataclass(frozen=True)
class Told:
    """Out-of-fold predictions: chance of help, and of the outcome without and with it."""

    helped: Floats
    without: Floats
    with_help: Floats

    @property
    def outcome(self) -> Floats:
        """The outcome's chance whether helped or not."""
        return self.without + self.helped * (self.with_help - self.without)


def folds(groups: NDArray[np.intp], strata: NDArray[np.intp], random: np.random.Generator) -> list[Fold]:
    """Split episodes into (learn, tell) places, so that a group is never in both and strata are spread evenly."""
    members = int(groups.max()) + 1
    stratum = np.zeros(members, np.intp)
    np.maximum.at(stratum, groups, strata)
    order = np.lexsort((random.random(members), stratum))
    fold = np.empty(members, np.intp)
    fold[order] = np.arange(members) % min(FOLDS, members)
    of_row = fold[groups]
    return [(np.flatnonzero(of_row != one), np.flatnonzero(of_row == one)) for one in range(min(FOLDS, members))]


def chance(terms: Basis, happened: Floats, parts: list[Fold]) -> Floats:
    """The chance of `happened` (0 or 1) for each episode, by logistic regression on the others' folds."""
    penalties, start = _tuned(terms, happened)
    told = np.empty(len(happened))
    for learn, tell in parts:
        fit = logistic(terms.matrix[learn], happened[learn], penalties, start)
        told[tell] = probabilities(terms.matrix[tell], fit.coefficients)
    return told


def outcomes(terms: Basis, treated: Floats, happened: Floats, parts: list[Fold]) -> tuple[Floats, Floats]:
    """The chance of `happened` without and with help, from one model; help may work differently by covariate."""
    centred = treated - treated.mean()
    joint = np.column_stack([centred, centred[:, None] * terms.matrix[:, : terms.straight]])
    ridge = np.concatenate([[1e-3], np.full(terms.straight, _MODIFIED)])
    tuned, start = _tuned(terms, happened, joint, ridge)
    penalties = np.concatenate([ridge, tuned])
    without, with_help = np.empty(len(happened)), np.empty(len(happened))
    for learn, tell in parts:
        fit = logistic(np.column_stack([joint, terms.matrix])[learn], happened[learn], penalties, start)
        for into, arm in ((without, 0.0), (with_help, 1.0)):
            at = np.full(len(tell), arm - treated.mean())
            seen = terms.matrix[tell]
            row = np.column_stack([at, at[:, None] * seen[:, : terms.straight], seen])
            into[tell] = probabilities(row, fit.coefficients)
    return without, with_help


def mean(terms: Basis, measured: Floats, parts: list[Fold]) -> Floats:
    """The mean of any measure for each episode, by linear regression on the others' folds."""
    penalties = _chosen(terms, lambda penalties: linear(terms.matrix, measured, penalties))
    told = np.empty(len(measured))
    for learn, tell in parts:
        fit = linear(terms.matrix[learn], measured[learn], penalties)
        told[tell] = fit.coefficients[0] + terms.matrix[tell] @ fit.coefficients[1:]
    return told


def _tuned(
    terms: Basis, happened: Floats, joint: Floats | None = None, ridge: Floats | None = None
) -> tuple[Floats, Floats | None]:
    """The penalties of `terms` under which the outcome is told best, and coefficients to begin the search with.

    The penalties of `joint` are given.
    """
    some = np.linspace(0, len(happened) - 1, min(len(happened), _TUNED_ON)).astype(np.intp)
    matrix, given = terms.matrix[some], np.empty(0) if ridge is None else ridge
    if joint is not None:
        matrix = np.column_stack([joint[some], matrix])
    path = _Path(matrix, happened[some], given)
    return _chosen(terms, path), path.start


class _Path:
    """Fits one after the other, each from where the last one ended."""

    def __init__(self, matrix: Floats, happened: Floats, given: Floats) -> None:
        self.matrix, self.happened, self.given = matrix, happened, given
        self.start: Floats | None = None

    def __call__(self, penalties: Floats) -> Fitted:
        fit = logistic(self.matrix, self.happened, np.concatenate([self.given, penalties]), self.start)
        self.start = fit.coefficients
        return fit


def _chosen(terms: Basis, fit: Callable[[Floats], Fitted]) -> Floats:
    """First how far bends are let loose, then products."""
    bent = product = BENT[0]
    if terms.bends:
        bent = BENT[best([fit(terms.penalties(bent=one)) for one in BENT])]
    if terms.products:
        product = BENT[best([fit(terms.penalties(bent, one)) for one in BENT])]
    return terms.penalties(bent, product)
