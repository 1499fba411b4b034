"""Knows how strong a cause that nobody measured would have to be to explain an effect away.

Sources: the E-value of VanderWeele and Ding (2017); partial R² and robustness value of Cinelli and Hazlett (2020).
"""

from dataclasses import dataclass
from math import sqrt

import numpy as np

from retention.incremental.covariates import Covariates
from retention.incremental.result import HiddenCause
from retention.incremental.ridge import Floats
from retention.incremental.scores import Measured, quantile


@dataclass(frozen=True)
class _Strength:
    """Of a measured covariate: what it tells of help and of the outcome beyond all others, as odds R²/(1 - R²)."""

    covariate: str
    of_help: float
    of_outcome: float


def hidden_cause(
    effect: Measured, confidence: float, loss_without: float, known: Covariates, treated: Floats, happened: Floats
) -> HiddenCause:
    """How strong it would have to be; `loss_without` is the share of comparable episodes lost without help."""
    freedom = max(len(treated) - known.matrix.shape[1] - 2, 1)
    reach = abs(effect.estimate) / effect.standard_error / freedom**0.5
    reach_low = max(0.0, reach - quantile(0.5 + confidence / 2, freedom) / freedom**0.5)
    near = 0.0 if effect.low <= 0 <= effect.high else min(effect.low, effect.high, key=abs)
    strongest, times = _strongest(_strengths(known, treated, happened), reach_low)
    e_low = _e_value(loss_without, near)
    return HiddenCause(
        e_value=_e_value(loss_without, effect.estimate),
        e_value_low=e_low,
        robustness=_robustness(reach),
        robustness_low=_robustness(reach_low),
        strongest_covariate=strongest,
        times_strongest=times,
        in_words=_in_words(near, strongest, times, e_low),
    )


def _e_value(loss_without: float, effect: float) -> float | None:
    if not 0 < loss_without < 1:
        return None
    # Not even a perfect effect leaves no loss at all possible: one in a thousand is the least told.
    ratio = max(loss_without - effect, 0.001) / loss_without
    ratio = 1 / ratio if ratio < 1 else ratio
    return ratio + sqrt(ratio * (ratio - 1))


def _robustness(reach: float) -> float:
    return (sqrt(reach**4 + 4 * reach**2) - reach**2) / 2


def _strengths(known: Covariates, treated: Floats, happened: Floats) -> list[_Strength]:
    of_help = _odds(known, np.empty((len(treated), 0)), treated)
    of_outcome = _odds(known, treated[:, None], happened)
    return [_Strength(name, of_help[name], of_outcome[name]) for name in dict.fromkeys(known.owners)]


def _odds(known: Covariates, besides: Floats, measure: Floats) -> dict[str, float]:
    """By covariate: how much less is left unexplained with it than without it, relative to what is left with it."""
    owners = np.array(known.owners)
    full = _left(np.column_stack([besides, known.matrix]), measure)
    return {
        name: max(_left(np.column_stack([besides, known.matrix[:, owners != name]]), measure) / full - 1, 0.0)
        for name in dict.fromkeys(known.owners)
    }


def _left(matrix: Floats, measure: Floats) -> float:
    full = np.column_stack([np.ones(len(matrix)), matrix])
    square = full.T @ full
    found = np.linalg.solve(square + 1e-8 * np.diag(np.diag(square) + 1e-12), full.T @ measure)
    return max(float(((measure - full @ found) ** 2).sum()), 1e-12)


def _strongest(strengths: list[_Strength], reach: float) -> tuple[str | None, float | None]:
    """The covariate of which the fewest would do, and how many of it."""
    needed = [(_times(one, reach), one.covariate) for one in strengths if one.of_help > 0 and one.of_outcome > 0]
    if not needed or reach <= 0:
        return (min(needed)[1] if needed else None), None
    times, name = min(needed)
    return name, times


def _times(one: _Strength, reach: float) -> float:
    """The k for which a cause k times as strong takes all of `reach`: k·outcome × k·help / (1 - k·help) = reach²."""
    a, b, square = one.of_help, one.of_outcome, reach**2
    k = (-square * a + (square**2 * a**2 + 4 * a * b * square) ** 0.5) / (2 * a * b)
    # More than all of the outcome cannot be explained.
    return float(k if k * b <= 1 else square / (a * (1 + square)))


def _in_words(near: float, strongest: str | None, times: float | None, e_low: float | None) -> str:
    if near == 0:
        return "There is nothing to explain away: the interval holds zero."
    ratio = f"go along with help and with loss by a factor of {e_low:.1f} each" if e_low else "be strong"
    words = f"To explain the effect away, a cause that nobody measured would have to {ratio}, beyond what was measured"
    if times is None or strongest is None:
        return f"{words}; nothing was measured to compare that with."
    return f"{words}; it would have to be {times:.1f} times as strong as {strongest}, the strongest measured one."
