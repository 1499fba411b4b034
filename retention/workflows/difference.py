"""Knows whether a workflow moved differently from the untouched ones after a day, and how sure that is.

The method is a difference in differences. What it needs to be sure comes from two places: how much each week differs
from the next, and how much the *untouched* workflows move among themselves over the same weeks, where nothing was done
(placebos). Source: docs/reasons.md, "Before and after".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log, sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Weeks = NDArray[np.float64]
# Fewer untouched workflows than this say too little about how much workflows move by themselves.
FEWEST_UNTOUCHED = 4
# Less than this on either side is too little to compare.
FEWEST_CASES = 20


@dataclass(frozen=True)
class Panel:
    """A row per workflow, a column per week; the first `before` weeks lie before the change.

    `cases` is what happened. With `out_of` it is a ratio (breaches out of tickets), without it a rate a week.
    `touched` is the changed workflow's row; every other row is untouched.
    """

    cases: Weeks
    out_of: Weeks | None
    before: int
    touched: int


@dataclass(frozen=True)
class Difference:
    """What the change made: in logarithms for rates (exp - 1 is the relative change), in units for ratios.

    `before`, `after` are the changed workflow's, `others_*` the untouched ones' together: rates a week or ratios.
    """

    before: float
    after: float
    others_before: float
    others_after: float
    effect: float
    low: float
    high: float
    untouched: int


def difference(panel: Panel, confidence: float = 0.95) -> Difference | None:
    """The difference in differences with its interval; None where there is too little data.

    To the variance from week to week comes what the untouched workflows show: each is compared with the other untouched
    ones as if it had been changed on that day, and how much further these placebos scatter than their weeks explain is
    how much a workflow moves by itself.
    """
    known = [row for row in range(len(panel.cases)) if row == panel.touched or _is_enough(panel, row)]
    untouched = [row for row in known if row != panel.touched]
    if not _is_enough(panel, panel.touched) or len(untouched) < FEWEST_UNTOUCHED:
        return None
    effect, error = _against(panel, panel.touched, untouched)
    placebos = [_against(panel, row, [other for other in untouched if other != row]) for row in untouched]
    reach = student(confidence, len(untouched)) * sqrt(error**2 + moved_alone(placebos))
    before, after = _level(panel, [panel.touched], 0), _level(panel, [panel.touched], 1)
    return Difference(
        before=before, after=after, others_before=_level(panel, untouched, 0), others_after=_level(panel, untouched, 1),
        effect=effect, low=effect - reach, high=effect + reach, untouched=len(untouched),
    )  # fmt: skip


def moved_alone(placebos: Sequence[tuple[float, float]]) -> float:
    """The variance with which workflows move by themselves, beyond what their weeks explain.

    `placebos` are effects and standard errors where nothing was done: effects squared exceed the errors squared by this
    on average, precise ones counting more (the moment estimate of random-effects meta-analysis).
    """
    known = [(effect, error) for effect, error in placebos if error > 0]
    weights = [1 / error**2 for _, error in known]
    excess = sum(weight * effect**2 for weight, (effect, _) in zip(weights, known, strict=True)) - len(known)
    return max(0.0, excess / sum(weights)) if known else 0.0


def student(confidence: float, freedom: int) -> float:
    """The two-sided quantile of Student's distribution (Cornish and Fisher): within 1 % from 4 degrees on."""
    z, v = NormalDist().inv_cdf(0.5 + confidence / 2), float(freedom)
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + first / v + second / v**2 + third / v**3


def _sides(panel: Panel) -> tuple[slice, slice]:
    return slice(None, panel.before), slice(panel.before, None)


def _is_enough(panel: Panel, row: int) -> bool:
    """Of a ratio the cases that it is out of must be enough, and something must have happened at all."""
    counted = panel.cases if panel.out_of is None else panel.out_of
    enough = all(counted[row, side].sum() >= FEWEST_CASES for side in _sides(panel))
    return enough and (panel.out_of is None or bool(panel.cases[row].any()))


def _level(panel: Panel, rows: list[int], side: int) -> float:
    weeks = _sides(panel)[side]
    cases = panel.cases[rows, weeks]
    if panel.out_of is None:
        return float(cases.sum() / cases.shape[1])
    return float(cases.sum() / panel.out_of[rows, weeks].sum())


def _against(panel: Panel, row: int, others: list[int]) -> tuple[float, float]:
    """The difference in differences of one workflow against others, and its standard error by the weeks."""
    effect, variance = 0.0, 0.0
    for sign, rows in ((1, [row]), (-1, others)):
        for direction, side in ((-1, 0), (1, 1)):
            level, spread = _moment(panel, rows, side)
            effect += sign * direction * level
            variance += spread
    return effect, sqrt(variance)


def _moment(panel: Panel, rows: list[int], side: int) -> tuple[float, float]:
    """The level of some workflows together on one side, and its variance: the delta method over weeks."""
    weeks = _sides(panel)[side]
    cases = panel.cases[rows, weeks].sum(axis=0)
    count = len(cases)
    if panel.out_of is None:
        mean = float(cases.mean())
        # Counts vary at least as those of Poisson do, whatever a few weeks say.
        spread = max(float(cases.var(ddof=1)) if count > 1 else mean, mean)
        return log(mean), spread / (count * mean**2)
    out_of = panel.out_of[rows, weeks].sum(axis=0)
    ratio = float(cases.sum() / out_of.sum())
    rest = cases - ratio * out_of
    return ratio, float((rest**2).sum()) / float(out_of.sum()) ** 2 * count / max(count - 1, 1)
