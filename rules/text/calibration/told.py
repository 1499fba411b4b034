"""Knows how well probabilities fit answers: log loss, calibration error, and what they would make a playbook do."""

from dataclasses import dataclass

import numpy as np

from rules.text.calibration.seen import Numbers

BAD_AT = -35.0
_BINS = 10


@dataclass(frozen=True)
class Told:
    """Of one set of answers.

    `log_loss` in nats an answer; `calibration_error` (ECE) of the chance of negative, over ten bins of equal mass,
    None where no answer tells negative from the rest; `bad_ratio`: the share of scores of −35 and below.
    """

    answers: int
    log_loss: float
    calibration_error: float | None
    bad_ratio: float


def told(chances: Numbers, allowed: Numbers) -> Told:
    """Of n × 3 probabilities and n × 3 classes left open."""
    given = (chances * allowed).sum(axis=1)
    decided = ~((allowed[:, 0] > 0) & (allowed[:, 1:].sum(axis=1) > 0))
    error = expected_calibration_error(chances[decided, 0], allowed[decided, 0] > 0) if decided.any() else None
    scores = 100 * (chances[:, 2] - chances[:, 0])
    return Told(len(given), float(-np.log(given + 1e-12).mean()), error, float((scores <= BAD_AT).mean()))


def expected_calibration_error(chances: Numbers, happened: Numbers, *, equal_width: bool = False) -> float:
    """The mean distance between what was foretold (0..1) and how often it happened, over ten bins.

    Bins of equal mass, or of equal width; each weighs as many cases as it has.
    """
    order = np.argsort(chances, kind="stable")
    foretold, came = chances[order], np.asarray(happened, dtype=float)[order]
    if equal_width:
        places = np.minimum((foretold * _BINS).astype(int), _BINS - 1)
    else:
        places = np.arange(len(foretold)) * _BINS // len(foretold)
    gaps = [abs(foretold[places == each].sum() - came[places == each].sum()) for each in range(_BINS)]
    return float(sum(gaps) / len(foretold))
