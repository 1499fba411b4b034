"""Knows the ARR that was saved, and what the usual ways of counting would have claimed."""

from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from retention.incremental.result import Contrast, SavedArr
from retention.incremental.ridge import Floats
from retention.incremental.scores import Measured


def saved(
    effect: Measured,
    worth: Floats,
    kept: Floats,
    treated: Floats,
    comparable: NDArray[np.bool_],
    currency: str,
    confidence: float,
) -> SavedArr:
    """The effect on the comparable helped, per unit of their ARR, times that ARR.

    `worth` is each episode's ARR in minor units (NaN where unknown), `kept` the share of it that stayed; `comparable`
    are the helped episodes that have a counterpart.
    """
    ours = np.nan_to_num(worth) * treated
    whole, compared = round(float(ours.sum())), float(ours @ comparable)
    observed, estimate = round(float(ours * comparable @ kept)), round(effect.estimate * compared)
    return SavedArr(
        currency=currency,
        estimate_cents=estimate,
        standard_error_cents=round(effect.standard_error * compared),
        low_cents=round(effect.low * compared),
        high_cents=round(effect.high * compared),
        confidence=confidence,
        episodes=int((comparable & ~np.isnan(worth)).sum()),
        observed_cents=observed,
        counterfactual_cents=observed - estimate,
        treated_cents=whole,
        comparable_cents=round(compared),
        not_comparable_cents=whole - round(compared),
    )


def contrast(treated: Floats, renewed: Floats, worth: Floats | None, kept: Floats, confidence: float) -> Contrast:
    """What counting every renewed helped account as saved, and a plain difference of rates, would claim."""
    ours = treated == 1
    claimed = None if worth is None else round(float(np.nan_to_num(worth) * treated @ kept))
    helped, others = (float(renewed[arm].mean()) if arm.any() else None for arm in (ours, ~ours))
    naive = low = high = None
    if helped is not None and others is not None:
        error = (helped * (1 - helped) / ours.sum() + others * (1 - others) / (~ours).sum()) ** 0.5
        reach = NormalDist().inv_cdf(0.5 + confidence / 2) * float(error)
        naive = helped - others
        low, high = naive - reach, naive + reach
    return Contrast(
        naive_difference=naive,
        naive_low=low,
        naive_high=high,
        all_renewed_cents=claimed,
        treated_renewal_rate=helped,
        untreated_renewal_rate=others,
    )
