"""Knows who counts as helped: who was helped soon after the flag; and whom nobody could have helped in that time."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retention.incremental.ridge import Floats

BEFORE_FLAG = "outcome before the flag"
WITHIN_LANDMARK = "notice or outcome within the landmark"
NO_FLAG = "moment of the flag unknown"


@dataclass(frozen=True)
class Landmarked:
    """Who is helped (0 or 1), and why an episode is left out ("" where it is not)."""

    treated: Floats
    excluded: NDArray[np.str_]


def landmarked(flagged: Floats, treated: Floats, decided: Floats, landmark_days: float) -> Landmarked:
    """Split episodes by what was done within the landmark; all moments in days, NaN is never.

    `decided` is the earlier of notice and outcome. Helped is who was helped in `(flag, flag + landmark]` and before
    `decided`. Who was decided within the landmark is compared with nobody: to have been helped at all one had to last
    until the help came, so that counting the early losses as "not helped" makes any help look good (immortal time).
    Help that came at or before the flag, or later than the landmark, is no help of this episode.
    """
    until = flagged + landmark_days
    helped = (treated > flagged) & (treated <= until) & ~(treated >= decided)
    reasons = np.full(len(flagged), "", dtype="<U40")
    reasons[decided <= until] = WITHIN_LANDMARK
    reasons[decided <= flagged] = BEFORE_FLAG
    reasons[np.isnan(flagged)] = NO_FLAG
    return Landmarked(helped.astype(np.float64), reasons)
