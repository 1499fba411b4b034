"""Knows placebo outcomes and negative controls: what help cannot have moved, and what cannot have moved the outcome."""

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from retention.incremental.basis import Basis
from retention.incremental.nuisance import Fold, Told, mean
from retention.incremental.result import Control
from retention.incremental.ridge import Floats
from retention.incremental.scores import Measured, Score, measured

# With so many standard errors an effect is found four times in five.
POWER = NormalDist().inv_cdf(0.8)
_PLACEBO = "placebo outcome"
_NEGATIVE = "negative control"


@dataclass(frozen=True)
class Comparison:
    """What all checks share: who was helped, what came of it, and what the models told of both."""

    treated: Floats
    happened: Floats
    told: Told
    terms: Basis
    parts: list[Fold]
    groups: NDArray[np.intp]
    confidence: float

    @property
    def apart(self) -> Floats:
        """Help beyond what was to be expected."""
        return self.treated - self.told.helped

    @property
    def unexpected(self) -> Floats:
        """The outcome beyond what was to be expected, help or not being known."""
        with_help = self.told.with_help * self.treated
        return self.happened - with_help - self.told.without * (1 - self.treated)


def controls(
    compared: Comparison, placebos: Mapping[str, Floats], negatives: Mapping[str, Floats], effect: Measured | None
) -> tuple[Control, ...]:
    """Check each control; several share the room for error, so that one in twenty does not fail by chance alone."""
    many = max(len(placebos) + len(negatives), 1)
    confidence = 1 - (1 - compared.confidence) / many
    spread = float(compared.happened.std())
    wanted = abs(effect.estimate) / spread if effect and spread else None
    told = [_placebo(compared, name, column, confidence, wanted) for name, column in placebos.items()]
    told += [_negative(compared, name, column, confidence, wanted) for name, column in negatives.items()]
    return tuple(told)


def _placebo(
    compared: Comparison, name: str, column: Floats, confidence: float, wanted: float | None
) -> Control:  # fmt: skip
    """Whether the helped differ in what help cannot have moved."""
    known, left = _left(compared, column)
    score = Score(known * compared.apart * left, known * compared.apart**2)
    informative = _go_along(known * left, compared.unexpected)
    return _judged(compared, name, _PLACEBO, score, confidence, wanted, informative)


def _negative(
    compared: Comparison, name: str, column: Floats, confidence: float, wanted: float | None
) -> Control:  # fmt: skip
    """Whether the outcome goes along with what cannot have moved it."""
    known, left = _left(compared, column)
    informative = _go_along(known * left, compared.apart)
    # What goes along with help itself is taken out: the question is what is left beside it.
    left = left - compared.apart * (left @ compared.apart) / max(float(compared.apart @ compared.apart), 1e-12)
    score = Score(known * left * compared.unexpected / max(float(compared.happened.std()), 1e-12), known * left**2)
    return _judged(compared, name, _NEGATIVE, score, confidence, wanted, informative)


def _left(compared: Comparison, column: Floats) -> tuple[Floats, Floats]:
    """Which rows are known (1 or 0), and what the covariates leave unexplained, in standard deviations."""
    missing = np.isnan(column)
    if missing.all() or np.nanstd(column) == 0:
        return np.zeros(len(column)), np.zeros(len(column))
    filled = np.where(missing, np.nanmean(column), column)
    scaled = (filled - filled.mean()) / filled.std()
    return (~missing).astype(np.float64), scaled - mean(compared.terms, scaled, compared.parts)


def _go_along(left: Floats, other: Floats) -> bool:
    norm = float(np.sqrt((left @ left) * (other @ other)))
    return norm > 0 and abs(float(left @ other)) / norm * len(left) ** 0.5 > NormalDist().inv_cdf(0.975)


def _judged(
    compared: Comparison, name: str, role: str, score: Score, confidence: float, wanted: float | None, informative: bool
) -> Control:
    found = measured([score], compared.groups, confidence, 0, np.random.default_rng(0))[0]
    if found is None:
        return Control.model_validate(
            {"name": name, "role": role, "estimate": None, "low": None, "high": None, "minimal_detectable": None}
            | {"result": "too little data", "because": f"{name} does not vary, or is unknown for every episode"}
        )
    least = (NormalDist().inv_cdf(0.5 + confidence / 2) + POWER) * found.standard_error
    result, because = _result(name, role, found, least, wanted, informative)
    figures = {"estimate": found.estimate, "low": found.low, "high": found.high, "minimal_detectable": least}
    return Control.model_validate({"name": name, "role": role, **figures, "result": result, "because": because})


def _result(
    name: str, role: str, found: Measured, least: float, wanted: float | None, informative: bool
) -> tuple[str, str]:
    whom = "the helped differ in it" if role == _PLACEBO else "the outcome goes along with it"
    figures = f"{found.estimate:+.2f} [{found.low:+.2f}, {found.high:+.2f}] standard deviations"
    if found.low > 0 or found.high < 0:
        return "failed", f"{whom} by {figures}, where it should be nothing: something unmeasured is at work"
    if wanted is None or least > wanted:
        return "too little data", f"{figures}: it would not show a distortion as large as the effect"
    if not informative:
        others = "the outcome" if role == _PLACEBO else "help"
        return (
            "not informative",
            f"{name} has nothing in common with {others} but what was measured: it rules out nothing",
        )
    return "passed", f"{figures}: a distortion as large as the effect would have shown"
