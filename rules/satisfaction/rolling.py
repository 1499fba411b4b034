"""Knows how a way to foretell is tried: it learns from the past of some accounts and foretells others' future."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from rules.satisfaction.answers import Answers, Bools
from rules.satisfaction.design import designed
from rules.satisfaction.logistic import Floats, fit
from rules.satisfaction.scores import Trial
from rules.satisfaction.straightening import straightened

# Strongest first: each fit begins where the one before ended.
RIDGES = (1000.0, 300.0, 100.0, 30.0, 10.0, 3.0, 1.0)
_MIDDLE = RIDGES.index(30.0)
_PARTS, _LOTS = 5, 3
_LEAST_OF_EACH = 5


@dataclass(frozen=True)
class Tried:
    """Of the cases that were foretold out of time: what was foretold, and the logits under each ridge."""

    places: Bools
    foretold: Floats
    logits: Floats

    def trial(self, answers: Answers, also: Bools) -> Trial:
        """Beside what came; only cases that were foretold by others too."""
        seen = answers.where(also)
        return Trial(self.foretold[also], seen.satisfied, seen.owners)


@dataclass(frozen=True)
class Fold:
    """Which cases are learned from and which foretold; `origin` counts the points in time from 0."""

    origin: int
    learned: Bools
    foretold: Bools


def folds(answers: Answers) -> Iterator[Fold]:
    """Four origins in time, three lots of accounts at each.

    What is learned from was answered before the first case to be foretold was seen, by accounts of the other lots.
    """
    count, lot = len(answers), answers.lots % _LOTS
    begins = [count * part // _PARTS for part in range(_PARTS + 1)]
    # Cases of one moment are not torn apart.
    bounds = [int(np.searchsorted(answers.seen_at, answers.seen_at[at])) if at < count else count for at in begins]
    places = np.arange(count)
    for origin, (begin, end) in enumerate(pairwise(bounds[1:])):
        if begin >= end:
            continue
        past = (places < begin) & (answers.answered_at < answers.seen_at[begin])
        ahead = (places >= begin) & (places < end)
        for each in range(_LOTS):
            yield Fold(origin, past & (lot != each), ahead & (lot == each))


def tried(answers: Answers, names: Sequence[str]) -> Tried:
    """Foretell with these features; ridge and calibration at each origin are chosen by the origins before it."""
    count = len(answers)
    logits, origins = np.full((len(RIDGES), count), np.nan), np.full(count, -1)
    for fold in folds(answers):
        if _can_learn(answers.satisfied[fold.learned]) and fold.foretold.any():
            logits[:, fold.foretold] = _under_each_ridge(answers, fold, names)
            origins[fold.foretold] = fold.origin
    foretold = np.full(count, np.nan)
    for origin in range(int(origins.max(initial=-1)) + 1):
        past, now = (origins >= 0) & (origins < origin), origins == origin
        best = best_ridge(logits[:, past], answers.satisfied[past])
        straight = straightened(logits[best, past], answers.satisfied[past])
        foretold[now] = straight.shares(logits[best, now])
    return Tried(origins >= 0, foretold, logits)


def always_the_mean(answers: Answers) -> Tried:
    """Foretell for everyone the share that was satisfied before, accounts that are foretold among them."""
    foretold, origins = np.full(len(answers), np.nan), np.full(len(answers), -1)
    for fold in folds(answers):
        if _can_learn(answers.satisfied[fold.learned]):
            origins[fold.foretold] = fold.origin
    for origin in range(int(origins.max(initial=-1)) + 1):
        now = origins == origin
        if now.any():
            foretold[now] = answers.satisfied[answers.answered_at < answers.seen_at[now].min()].mean()
    return Tried(~np.isnan(foretold), foretold, foretold[None])


def best_ridge(logits: Floats, good: Floats) -> int:
    """Which ridge surprised least on cases that it had not seen; a middle one where there are none."""
    if not logits.shape[1]:
        return _MIDDLE
    surprise = np.mean(np.logaddexp(0.0, logits) - good * logits, axis=1)
    return int(np.argmin(surprise))


def _under_each_ridge(answers: Answers, fold: Fold, names: Sequence[str]) -> Floats:
    past, ahead = answers.where(fold.learned), answers.where(fold.foretold)
    design = designed(past.figures, names)
    rows, future = design.rows(past.figures), design.rows(ahead.figures)
    found, beta = [], None
    for ridge in RIDGES:
        beta = fit(rows, past.satisfied, ridge, beta)
        found.append(beta[0] + future @ beta[1:])
    return np.asarray(found)


def _can_learn(good: Floats) -> bool:
    return bool(min(good.sum(), len(good) - good.sum()) >= _LEAST_OF_EACH)
