"""Knows how well the forecast would have done: each past stretch foreseen with what was known before it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from rules.sla.forecast.landmarks import USED, Landmarks
from rules.sla.forecast.logistic import expit, fit, logit
from rules.sla.forecast.waits import Bools, Floats, Ints

FEWEST_BREACHES = 50
# To be better than a baseline by chance happens once in twenty times.
SURE = 1.64

# What is believed of the coefficients beforehand: that the survival estimate is right; by so many cases' worth.
_BEFOREHAND = np.array([0.0, 1.0, 0.0, 0.0, 0.0])
_STRENGTH = np.array([1.0, 10.0, 10.0, 10.0, 10.0])
_FEWEST_TO_FIT = 25
_SHARE_WEIGHT = 10.0
_BINS = np.round(np.linspace(0, 1, 11), 1)
_WORSE = 1.02
_BASELINES = {"base rate": "the base rate", "time used": "the time used alone"}
METHODS = ("base rate", "time used", "survival", "calibrated")


@dataclass(frozen=True)
class Bin:
    """The forecasts between two probabilities: how many, what they said on average, and what came true."""

    above: float
    up_to: float
    snapshots: int
    predicted: float
    observed: float


@dataclass(frozen=True)
class Check:
    """How one metric's forecasts would have done.

    * waits, breaches: that were foreseen, at `snapshots` moments of theirs; `base_rate` of these came to a breach
    * brier: mean squared error by method: the base rate, the part of the time used alone, the survival estimate, and
      the calibrated forecast; lower is better; empty where nothing could be foreseen
    * better_by: by how many standard errors the calibrated forecast is better than each of the first two
    * slope, intercept: of the log odds of what happened over those that were said; 1 and 0 are perfect
    * auc: how often the one that was breached had the higher probability, of two
    * basis: `calibrated`, `survival` or `none`: what is shown; `verdict` says why
    """

    metric: str
    waits: int
    breaches: int
    snapshots: int
    base_rate: float | None
    brier: Mapping[str, float]
    better_by: Mapping[str, float]
    slope: float | None
    intercept: float | None
    auc: float | None
    bins: Sequence[Bin]
    basis: str
    verdict: str


@dataclass(frozen=True)
class _Foreseen:
    """What each method said of the landmarks of past stretches, a row each, beside what happened."""

    wait: Ints
    missed: Floats
    said: Mapping[str, Floats]


def coefficients(past: Landmarks, at: int) -> Floats | None:
    """Of the calibration, from what had been decided at a moment; None with too few breaches."""
    learned = _learned(past, at)
    if len(np.unique(learned.wait[learned.missed])) < _FEWEST_TO_FIT:
        return None
    return fit(learned.features, learned.missed.astype(float), _BEFOREHAND, _STRENGTH)


def check(metric: str, past: Landmarks, as_of: int) -> Check:
    """Foresee every stretch of one metric's past with what was decided before it began."""
    stretches = [_foresee(past, int(origin), as_of) for origin in np.unique(past.origin)]
    found = [each for each in stretches if each is not None]
    missed = len(np.unique(past.wait[past.missed]))
    if not found:
        return _unchecked(metric, len(np.unique(past.wait)), missed, len(past.wait))
    foreseen = _Foreseen(
        np.concatenate([each.wait for each in found]),
        np.concatenate([each.missed for each in found]),
        {name: np.concatenate([each.said[name] for each in found]) for name in METHODS},
    )
    return _checked(metric, foreseen)


def _learned(past: Landmarks, at: int) -> Landmarks:
    # Of young waits only the short ones are decided; those whose time must be up by now are no such choice.
    return past.chosen((past.decided <= at) & (past.due <= at))


def _foresee(past: Landmarks, origin: int, as_of: int) -> _Foreseen | None:
    weights = coefficients(past, origin)
    coming = past.chosen((past.origin == origin) & (past.due <= as_of))
    if weights is None or not len(coming.wait):
        return None
    learned = _learned(past, origin)
    rate = float(learned.missed.mean())
    by_share = np.array([_share(learned.missed[learned.used == used], rate) for used in USED])
    said = {
        "base rate": np.full(len(coming.wait), rate),
        "time used": by_share[np.searchsorted(USED, coming.used)],
        "survival": coming.survival,
        "calibrated": expit(coming.features @ weights),
    }
    return _Foreseen(coming.wait, coming.missed.astype(float), said)


def _share(missed: Bools, rate: float) -> float:
    return (float(missed.sum()) + _SHARE_WEIGHT * rate) / (len(missed) + _SHARE_WEIGHT)


def _checked(metric: str, foreseen: _Foreseen) -> Check:
    missed, said = foreseen.missed, foreseen.said
    brier = {name: float(np.mean((each - missed) ** 2)) for name, each in said.items()}
    better = {name: _surely(foreseen, "calibrated", name) for name in _BASELINES}
    breaches = len(np.unique(foreseen.wait[missed > 0]))
    is_worse = _surely(foreseen, "survival", "base rate") < -SURE and brier["survival"] > _WORSE * brier["base rate"]
    basis, verdict = _judged(breaches, better, is_worse=is_worse)
    shown = said["calibrated" if basis == "calibrated" else "survival"]
    intercept, slope = _line(shown, missed)
    return Check(
        metric=metric, waits=len(np.unique(foreseen.wait)), breaches=breaches, snapshots=len(missed),
        base_rate=float(missed.mean()), brier=brier, better_by=better, slope=slope, intercept=intercept,
        auc=_auc(shown, missed), bins=_bins(shown, missed), basis=basis, verdict=verdict,
    )  # fmt: skip


def _judged(breaches: int, better: Mapping[str, float], *, is_worse: bool) -> tuple[str, str]:
    """What is shown, and why; `is_worse`: the survival estimate is worse than the base rate."""
    if breaches < FEWEST_BREACHES:
        return "survival", f"not calibrated: {breaches} past breaches could be foreseen, {FEWEST_BREACHES} are needed"
    if min(better.values()) >= SURE:
        return "calibrated", "better than the base rate and than the time used alone"
    if is_worse:
        return "none", "worse than the base rate, so nothing is foreseen"
    least = min(better, key=lambda name: better[name])
    return "survival", f"not calibrated: not surely better than {_BASELINES[least]}"


def _surely(foreseen: _Foreseen, one: str, other: str) -> float:
    """By how many standard errors one method's squared error is lower; the moments of a wait count as one."""
    gain = (foreseen.said[other] - foreseen.missed) ** 2 - (foreseen.said[one] - foreseen.missed) ** 2
    _, place = np.unique(foreseen.wait, return_inverse=True)
    by_wait = np.bincount(place, weights=gain)
    spread = float(by_wait.std(ddof=1)) / np.sqrt(len(by_wait)) if len(by_wait) > 1 else 0.0
    return float(by_wait.mean() / spread) if spread > 0 else 0.0


def _line(said: Floats, missed: Floats) -> tuple[float | None, float | None]:
    """Intercept and slope of what happened over what was said."""
    odds = logit(said)
    if missed.min() == missed.max() or odds.std() < 0.05:
        return None, None
    found = fit(np.column_stack([np.ones(len(odds)), odds]), missed, np.array([0.0, 1.0]), np.full(2, 1e-3))
    return float(found[0]), float(found[1])


def _auc(said: Floats, missed: Floats) -> float | None:
    positive = missed > 0
    hits, others = int(positive.sum()), int((~positive).sum())
    if not hits or not others:
        return None
    ordered = np.sort(said)
    rank = (np.searchsorted(ordered, said, "left") + np.searchsorted(ordered, said, "right") + 1) / 2
    return float((rank[positive].sum() - hits * (hits + 1) / 2) / (hits * others))


def _bins(said: Floats, missed: Floats) -> list[Bin]:
    place = np.clip(np.searchsorted(_BINS, said, side="left") - 1, 0, len(_BINS) - 2)
    count = np.bincount(place, minlength=len(_BINS) - 1)
    sums = [np.bincount(place, weights=each, minlength=len(_BINS) - 1) for each in (said, missed)]
    return [
        Bin(
            float(_BINS[each]), float(_BINS[each + 1]), int(count[each]),
            float(sums[0][each] / count[each]), float(sums[1][each] / count[each]),
        )
        for each in np.flatnonzero(count)
    ]  # fmt: skip


def _unchecked(metric: str, waits: int, breaches: int, snapshots: int) -> Check:
    verdict = f"not calibrated: {breaches} past breaches, too few to foresee one with those before it"
    return Check(metric, waits, breaches, snapshots, None, {}, {}, None, None, None, [], "survival", verdict)
