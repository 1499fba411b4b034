"""Knows when a team's answers make its readings better: learns from them, and keeps the base where they do not."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from domain.errors import KeeplineError
from rules.text.calibration.answers import Answer, allowed
from rules.text.calibration.calibration import Calibration
from rules.text.calibration.model import AS_IT_IS, fit
from rules.text.calibration.seen import Numbers, Seen, seen
from rules.text.calibration.told import Told, told

LEAST_ANSWERS = 50
# Inverse variances of the features' prior, the most cautious first: it wins where nothing is better.
_RIDGES = (np.inf, 100.0, 30.0)
_FOLDS = 10
_EXAMPLES = 8


class TooFewAnswers(KeeplineError):
    """There is too little to learn from; the message says what is missing."""


@dataclass(frozen=True)
class Change:
    """A text whose reading changed, by its place among the answers; scores −100..100."""

    place: int
    before: float
    after: float


@dataclass(frozen=True)
class Calibrated:
    """A calibration with what it changes; figures are of answers that it had not seen (cross-validated).

    Not `accepted`: what was learned foretells the answers no better than the base does, and `calibration` reads as the
    base; `changes` are those that were refused.
    """

    calibration: Calibration
    before: Told
    after: Told
    accepted: bool
    because: str
    changes: tuple[Change, ...]

    def score(self, texts: Sequence[str]) -> list[float | None]:
        """As `Calibration.score`."""
        return self.calibration.score(texts)

    def probabilities(self, texts: Sequence[str]) -> list[tuple[float, float, float] | None]:
        """As `Calibration.probabilities`."""
        return self.calibration.probabilities(texts)


def calibrate(
    texts: Sequence[str], labels: Sequence[Answer], shown: Sequence[float | None] | None = None
) -> Calibrated:
    """Learn from answers about texts how this team's customers write.

    `labels` are classes (`neg`, `neu`, `pos`, or `not_neg`, `not_pos` for what leaves two open), or what was said of
    the score in `shown`: `right`, `too_harsh`, `too_mild`. Texts that the reader cannot read are left out. The order of
    the answers does not matter.

    Raises:
        TooFewAnswers: fewer than 50 answers, fewer than half of them about readable texts, or none that tells negative
            from the rest.
        ValueError: the lists differ in length, or an answer is unknown or speaks of a score that was not given.

    Source: docs/text.md, "Levels, drift and calibration".
    """
    answers = zip(texts, labels, shown or [None] * len(labels), strict=True)
    given = np.array([allowed(label, score) for _, label, score in answers], dtype=float).reshape(-1, 3)
    found = seen(texts)
    _require_enough(given, found.readable)
    given = given[found.readable]
    return learned_from(found, given)


def learned_from(found: Seen, given: Numbers) -> Calibrated:
    """The same of texts that were read before: k readable ones, and k × 3 classes that their answers leave open."""
    from rules.text.sentiment import READER

    order = np.lexsort((*given.T, *found.features.T, *found.logs.T))
    sorted_, given_sorted = Seen(found.readable, found.logs[order], found.features[order]), given[order]
    ridge, unseen = _best(sorted_, given_sorted)
    before, after = told(np.exp(sorted_.logs), given_sorted), told(unseen, given_sorted)
    weights = fit(sorted_.logs, sorted_.features, given_sorted, ridge)
    accepted = _helps(np.exp(sorted_.logs), unseen, given_sorted)
    changes = _changes(found, weights.probabilities(found.logs, found.features))
    kept = Calibration(READER, weights if accepted else AS_IT_IS)
    return Calibrated(kept, before, after, accepted, _because(before, after, accepted=accepted), changes)


def _require_enough(given: Numbers, readable: NDArray[np.bool_]) -> None:
    if len(given) < LEAST_ANSWERS:
        raise TooFewAnswers(f"{len(given)} answers; {LEAST_ANSWERS} are needed: keepline sentiment label asks for them")
    if readable.sum() < LEAST_ANSWERS // 2:
        raise TooFewAnswers(
            f"of {len(given)} texts with an answer {readable.sum()} can be read, {LEAST_ANSWERS // 2} are needed; "
            "label messages in a language that is read"
        )
    negative = (given[:, 0] > 0) & (given[:, 1:].sum(axis=1) == 0) & readable
    other = (given[:, 0] == 0) & readable
    if not negative.any() or not other.any():
        missing = "negative" if not negative.any() else "neutral or positive"
        raise TooFewAnswers(f"none of {len(given)} answers says that a message is {missing}; label some that are")


def _best(found: Seen, given: Numbers) -> tuple[float, Numbers]:
    """The ridge with the least cross-validated log loss, and what it foretells of answers that it had not seen."""
    folds = np.arange(len(given)) % _FOLDS
    ridges = _RIDGES if found.features.shape[1] else _RIDGES[:1]
    tried = [(ridge, _foretold(found, given, folds, ridge)) for ridge in ridges]
    losses = [round(told(unseen, given).log_loss, 9) for _, unseen in tried]
    return tried[losses.index(min(losses))]


def _foretold(found: Seen, given: Numbers, folds: NDArray[np.int64], ridge: float) -> Numbers:
    unseen = np.zeros((len(given), 3))
    for fold in range(_FOLDS):
        out = folds == fold
        weights = fit(found.logs[~out], found.features[~out], given[~out], ridge)
        unseen[out] = weights.probabilities(found.logs[out], found.features[out])
    return unseen


def _helps(before: Numbers, after: Numbers, given: Numbers) -> bool:
    """Whether the answers get likelier; no margin is asked for, because what was learned is cautious already."""
    gains = np.log((after * given).sum(axis=1) + 1e-12) - np.log((before * given).sum(axis=1) + 1e-12)
    return bool(gains.mean() > 0)


def _because(before: Told, after: Told, *, accepted: bool) -> str:
    losses = f"log loss {before.log_loss:.3f} before, {after.log_loss:.3f} after, on answers that it had not seen"
    return losses if accepted else f"{losses}: the readings fit as they are, or the answers contradict each other"


def _changes(found: Seen, chances: Numbers) -> tuple[Change, ...]:
    base = np.exp(found.logs)
    before, after = 100 * (base[:, 2] - base[:, 0]), 100 * (chances[:, 2] - chances[:, 0])
    places = np.flatnonzero(found.readable)
    farthest = np.argsort(-np.abs(after - before), kind="stable")[:_EXAMPLES]
    return tuple(Change(int(places[at]), float(before[at]), float(after[at])) for at in farthest)
