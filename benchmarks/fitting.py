"""Knows how our regression's fit compares with scikit-learn's: the same coefficients, in what time."""

import time
from collections.abc import Callable
from importlib.util import find_spec

import numpy as np

from benchmarks.contest import Disagreement
from benchmarks.uplift.told import Told
from rules.regression.logistic import Floats, fit

_RIDGE, _AGREE = 10.0, 1e-4


def against_scikit_learn(what: str, rows: Floats, came: Floats, most_runs: int) -> Told:
    """One regression on the same rows under the same ridge; without scikit-learn, ours alone.

    Raises:
        Disagreement: the coefficients differ.
    """
    told = Told(f"One regression of {what}, ridge {_RIDGE:g}", ("by", "seconds", "largest difference"))
    ours, seconds = _timed(lambda: fit(rows, came, _RIDGE), most_runs)
    told.rows.append([f"ours, {len(rows):,} × {rows.shape[1]}", f"{seconds:.4f}", "–"])
    if find_spec("sklearn") is None:
        told.notes.append("scikit-learn is not installed: make benchmark brings it.")
        return told
    theirs, their_seconds = _timed(lambda: _by_scikit_learn(rows, came), most_runs)
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
