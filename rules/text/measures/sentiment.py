"""Knows how to hold a sentiment reader against labels: which figures there are, and how sure each is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rules.text.measures.agreement import Flags, Numbers, auc, f1, macro_f1, pearson

BAD_AT, PREVALENCE = -35.0, 0.25
NEGATIVE, REST = "neg", "not_neg"
# Beyond so many points a score without probabilities is taken for a class.
_NEITHER = 5.0
_RESAMPLES, _SEED = 200, 7

Probabilities = tuple[float, float, float]


@dataclass(frozen=True)
class Measure:
    """A figure with the interval that holds it in 95 of 100 samples; None where it cannot be had."""

    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Agreement:
    """How a reader agrees with the labels.

    * auc: negative against the rest; macro_f1: over neg, neu, pos
    * bad_f1: of `score ≤ −35` for negative; bad_f1_at_quarter: the same as if a quarter were negative
    * pearson: with the persons' own scores; ece: of the probability of negative, None for a reader that has none
    * unknown_ratio: texts without a score; in all other figures these count as 0, so that nobody gains by abstaining
    """

    auc: Measure
    macro_f1: Measure
    bad_f1: Measure
    bad_f1_at_quarter: Measure
    pearson: Measure
    ece: Measure
    unknown_ratio: float


def agreement(
    scores: Sequence[float | None],
    labels: Sequence[str | None],
    human: Sequence[float | None] | None = None,
    probabilities: Sequence[Probabilities | None] | None = None,
    *,
    resamples: int = _RESAMPLES,
) -> Agreement:
    """Hold scores against labels (`neg`, `neu`, `pos`, `not_neg`; None: not labelled) and persons' scores.

    Classes are the likeliest where `probabilities` are given, otherwise cut at ±5 points.
    """
    told = np.array([0.0 if each is None else each for each in scores])
    given = np.array([each or "" for each in labels])
    labelled = given != ""
    classes = _classes(told, probabilities)
    negative = given == NEGATIVE
    # Who labelled only "not negative" tells nothing of the other two classes.
    three = labelled & ~(given == REST).any()
    rated = np.array([np.nan if each is None else each for each in human or [None] * len(scores)], dtype=float)
    has_rating = ~np.isnan(rated)
    draw = _Resampling(resamples)
    bad = told <= BAD_AT
    return Agreement(
        auc=draw(lambda at: auc(-told[at], negative[at]), labelled),
        macro_f1=draw(lambda at: macro_f1(classes[at], given[at]), three),
        bad_f1=draw(lambda at: f1(bad[at], negative[at]), labelled),
        bad_f1_at_quarter=draw(lambda at: f1(bad[at], negative[at], PREVALENCE), labelled),
        pearson=draw(lambda at: pearson(told[at], rated[at]), has_rating),
        ece=_ece(probabilities, negative, labelled),
        unknown_ratio=float(np.mean([each is None for each in scores])) if len(scores) else 0.0,
    )


def _classes(scores: Numbers, probabilities: Sequence[Probabilities | None] | None) -> NDArray[np.str_]:
    if probabilities is None:
        return np.where(scores < -_NEITHER, "neg", np.where(scores > _NEITHER, "pos", "neu"))
    names = np.array(["neg", "neu", "pos"])
    return names[[1 if each is None else int(np.argmax(each)) for each in probabilities]]


def _ece(probabilities: Sequence[Probabilities | None] | None, negative: Flags, labelled: Flags) -> Measure:
    """Without an interval: resampling adds an error of its own, and all ends would lie above the figure."""
    from rules.text.calibration.told import expected_calibration_error

    if probabilities is None:
        return Measure(None)
    known = labelled & np.array([each is not None for each in probabilities], dtype=bool)
    chance = np.array([np.nan if each is None else each[0] for each in probabilities])[known]
    return Measure(expected_calibration_error(chance, negative[known].astype(float)) if len(chance) else None)


class _Resampling:
    """Measures with intervals by the percentile bootstrap over texts; the same texts give the same interval."""

    def __init__(self, resamples: int) -> None:
        self._resamples = resamples

    def __call__(self, measure: Callable[[NDArray[np.int64]], float | None], used: Flags) -> Measure:
        places = np.flatnonzero(used)
        if not len(places):
            return Measure(None)
        value = measure(places)
        if value is None or not self._resamples:
            return Measure(value)
        random = np.random.default_rng(_SEED)
        drawn = (measure(random.choice(places, len(places))) for _ in range(self._resamples))
        found = [each for each in drawn if each is not None]
        if not found:
            return Measure(value)
        low, high = np.quantile(found, [0.025, 0.975])
        return Measure(value, float(low), float(high))
