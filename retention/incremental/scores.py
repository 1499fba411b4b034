"""Knows how predictions and outcomes become effects: sums of one score per episode."""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from retention.incremental.nuisance import Told
from retention.incremental.ridge import Floats

# Weights of so many bootstrap rounds are held at a time.
_ROUNDS_AT_ONCE = 50


@dataclass(frozen=True)
class Score:
    """An effect is the sum of `above` over the sum of `below`; a row is an episode."""

    above: Floats
    below: Floats


@dataclass(frozen=True)
class Measured:
    """An effect with its standard error and interval."""

    estimate: float
    standard_error: float
    low: float
    high: float


def overlap_score(treated: Floats, happened: Floats, told: Told, worth: Floats) -> Score:
    """The effect on those of whom it was open whether they would be helped: each weighs e(1 - e).

    `worth` values each episode's outcome (1, or its ARR). The efficient score of that effect; it is Robinson's
    partially linear one. Source: docs/incremental.md.
    """
    apart = treated - told.helped
    return Score(apart * worth * (happened - told.outcome), apart**2)


def treated_score(treated: Floats, happened: Floats, told: Told, worth: Floats, kept: NDArray[np.bool_]) -> Score:
    """The effect on the helped among `kept`, per unit of worth: observed minus what their like did without help."""
    comparable = worth * kept
    odds = np.where(kept, told.helped / (1 - told.helped), 0.0)
    others = (1 - treated) * odds * comparable
    ours = treated * comparable
    scale = ours.sum() / max(others.sum(), 1e-12)
    return Score((ours - scale * others) * (happened - told.without), ours)


def all_score(treated: Floats, happened: Floats, told: Told, worth: Floats, kept: NDArray[np.bool_]) -> Score:
    """The mean effect over all of `kept`: doubly robust, with inverse chances as weights."""
    ours = treated * (happened - told.with_help) / told.helped
    others = (1 - treated) * (happened - told.without) / (1 - told.helped)
    return Score(kept * worth * (told.with_help - told.without + ours - others), kept.astype(np.float64))


def measured(
    scores: list[Score], groups: NDArray[np.intp], confidence: float, rounds: int, random: np.random.Generator
) -> list[Measured | None]:
    """Each score's effect; None where nothing stands below.

    The interval is the wider, at either end, of the one by influence function and the one by bootstrap. Both take a
    group (an account) as one. The bootstrap weighs whole groups anew, with exponential weights, and keeps the
    predictions: by the scores' making an error in these matters only in second order.
    """
    sums: Floats = np.column_stack(
        [np.bincount(groups, part).astype(np.float64) for score in scores for part in (score.above, score.below)]
    )
    drawn = _drawn(sums, rounds, random)
    return [
        _one(sums[:, 2 * place : 2 * place + 2], drawn[:, 2 * place : 2 * place + 2], confidence)
        for place in range(len(scores))
    ]


def quantile(probability: float, freedom: int) -> float:
    """Student's quantile, to the third order in 1/freedom."""
    z = NormalDist().inv_cdf(probability)
    terms = ((z**3 + z) / 4, (5 * z**5 + 16 * z**3 + 3 * z) / 96, (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384)
    return float(z + sum(term / freedom ** (power + 1) for power, term in enumerate(terms)))


def _drawn(sums: Floats, rounds: int, random: np.random.Generator) -> Floats:
    if not rounds:
        return np.empty((0, sums.shape[1]))
    parts = [min(_ROUNDS_AT_ONCE, rounds - at) for at in range(0, rounds, _ROUNDS_AT_ONCE)]
    return np.concatenate([random.standard_exponential((part, len(sums))) @ sums for part in parts])


def _one(sums: Floats, drawn: Floats, confidence: float) -> Measured | None:
    above, below = sums.sum(axis=0)
    if below <= 0 or len(sums) < 3:
        return None
    estimate = above / below
    influence = (sums[:, 0] - estimate * sums[:, 1]) / below
    error = float(np.sqrt((influence**2).sum() * len(sums) / (len(sums) - 1)))
    reach = quantile(0.5 + confidence / 2, len(sums) - 1) * error
    low, high = estimate - reach, estimate + reach
    if len(drawn):
        ends = np.quantile(drawn[:, 0] / drawn[:, 1], [0.5 - confidence / 2, 0.5 + confidence / 2])
        low, high = min(low, ends[0]), max(high, ends[1])
    return Measured(float(estimate), error, float(low), float(high))
