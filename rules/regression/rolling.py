"""Knows how a way to foretell is tried: it learns from the past of some accounts and foretells others' future."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from rules.regression.cases import Bools, Cases
from rules.regression.design import Design, designed
from rules.regression.logistic import Floats, fit
from rules.regression.scores import Trial
from rules.regression.straightening import straightened

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

    def trial(self, cases: Cases, also: Bools) -> Trial:
        """Beside what came; only cases that were foretold by others too."""
        seen = cases.where(also)
        return Trial(self.foretold[also], seen.came, seen.owners)


@dataclass(frozen=True)
class Fold:
    """Which cases are learned from and which foretold; `origin` counts the points in time from 0."""

    origin: int
    learned: Bools
    foretold: Bools


def folds(cases: Cases) -> Iterator[Fold]:
    """Four origins in time, three lots of accounts at each.

    What is learned from was answered before the first case to be foretold was seen, by accounts of the other lots.
    """
    count, lot = len(cases), cases.lots % _LOTS
    begins = [count * part // _PARTS for part in range(_PARTS + 1)]
    # Cases of one moment are not torn apart.
    bounds = [int(np.searchsorted(cases.seen_at, cases.seen_at[at])) if at < count else count for at in begins]
    places = np.arange(count)
    for origin, (begin, end) in enumerate(pairwise(bounds[1:])):
        if begin >= end:
            continue
        past = (places < begin) & (cases.known_at < cases.seen_at[begin])
        ahead = (places >= begin) & (places < end)
        for each in range(_LOTS):
            yield Fold(origin, past & (lot != each), ahead & (lot == each))


def tried(
    cases: Cases, names: Sequence[str], logs: Collection[str] = (), *, bend: bool = True, least: int = _LEAST_OF_EACH
) -> Tried:
    """Foretell with these features; ridge and calibration at each origin are chosen by the origins before it.

    `logs` are those of them that count by their order of magnitude; without `bend` the calibration is a line.
    An origin with fewer than `least` cases of the rarer sort to learn from foretells nothing.
    """
    count = len(cases)
    logits, origins = np.full((len(RIDGES), count), np.nan), np.full(count, -1)
    for fold in folds(cases):
        if _can_learn(cases.came[fold.learned], least) and fold.foretold.any():
            design = designed(cases.where(fold.learned).figures, names, logs)
            logits[:, fold.foretold] = _under_each_ridge(cases, fold, design)
            origins[fold.foretold] = fold.origin
    foretold = np.full(count, np.nan)
    for origin in range(int(origins.max(initial=-1)) + 1):
        now = origins == origin
        if not now.any():
            continue
        # What was foretold before, and had come by then.
        past = (origins >= 0) & (origins < origin) & (cases.known_at < cases.seen_at[now].min())
        best = best_ridge(logits[:, past], cases.came[past])
        straight = straightened(logits[best, past], cases.came[past], bend=bend)
        foretold[now] = straight.shares(logits[best, now])
    return Tried(origins >= 0, foretold, logits)


def always_the_mean(cases: Cases, least: int = _LEAST_OF_EACH) -> Tried:
    """Foretell for everyone the share that came before, accounts that are foretold among them."""
    foretold, origins = np.full(len(cases), np.nan), np.full(len(cases), -1)
    for fold in folds(cases):
        if _can_learn(cases.came[fold.learned], least):
            origins[fold.foretold] = fold.origin
    for origin in range(int(origins.max(initial=-1)) + 1):
        now = origins == origin
        if now.any():
            foretold[now] = cases.came[cases.known_at < cases.seen_at[now].min()].mean()
    return Tried(~np.isnan(foretold), foretold, foretold[None])


def best_ridge(logits: Floats, good: Floats) -> int:
    """Which ridge surprised least on cases that it had not seen; a middle one where there are none."""
    if not logits.shape[1]:
        return _MIDDLE
    surprise = np.mean(np.logaddexp(0.0, logits) - good * logits, axis=1)
    return int(np.argmin(surprise))


def _under_each_ridge(cases: Cases, fold: Fold, design: Design) -> Floats:
    past, ahead = cases.where(fold.learned), cases.where(fold.foretold)
    rows, future = design.rows(past.figures), design.rows(ahead.figures)
    found, beta = [], None
    for ridge in RIDGES:
        beta = fit(rows, past.came, ridge, beta)
        found.append(beta[0] + future @ beta[1:])
    return np.asarray(found)


def _can_learn(good: Floats, least: int) -> bool:
    return bool(min(good.sum(), len(good) - good.sum()) >= least)
