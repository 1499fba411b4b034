"""Knows how past waits stood when part of their time was used: what could be said then, and what became of them."""

from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from rules.sla.forecast.load import Load
from rules.sla.forecast.logistic import logit
from rules.sla.forecast.survival import Known, Survival
from rules.sla.forecast.waits import NEVER, Bools, Floats, Ints, Waits

# How far back curves look, how much past they need, and how often they are drawn anew.
WINDOW, FIRST, STEP = timedelta(days=180), timedelta(days=28), timedelta(days=14)
USED = (0.0, 0.25, 0.5, 0.75, 0.9)
FEATURES = ("constant", "survival", "used", "load", "repeated")
FEWEST = 20

_MICRO = timedelta(microseconds=1)


@dataclass(frozen=True)
class Landmarks:
    """One row for each past wait and part of its target that it came to use up.

    * wait: the row in the waits; origin: when the curves were drawn that it was seen with
    * decided: when it was known whether the target would be missed; due: by when that had to be known at the latest
    * survival: the estimate by the curves; features: in the order of `FEATURES`; missed: what became of it
    """

    wait: Ints
    used: Floats
    origin: Ints
    decided: Ints
    due: Ints
    survival: Floats
    features: Floats
    missed: Bools

    def chosen(self, rows: Bools) -> "Landmarks":
        """Some of the rows."""
        return Landmarks(**{name: getattr(self, name)[rows] for name in self.__dataclass_fields__})


def origins(waits: Waits, as_of: int) -> Ints:
    """The moments at which curves are drawn: every two weeks back from now, as far as there is a past before them."""
    if not len(waits):
        return np.empty(0, np.int64)
    first = int(np.quantile(waits.started, 0.02)) + FIRST // _MICRO
    count = max((as_of - first) // (STEP // _MICRO), 0)
    return as_of - np.arange(count, 0, -1, dtype=np.int64) * (STEP // _MICRO)


def landmarks(waits: Waits, load: Load, as_of: int) -> Landmarks:
    """All that can be learned from: what is known at `as_of` of the waits that began after the first origin."""
    found = [_after(waits, load, int(origin), as_of) for origin in origins(waits, as_of)]
    if not found:
        return _none()
    return Landmarks(**{
        name: np.concatenate([getattr(each, name) for each in found]) for name in Landmarks.__dataclass_fields__
    })  # fmt: skip


def _after(waits: Waits, load: Load, origin: int, as_of: int) -> Landmarks:
    """Of the waits that began within a step after the origin, as they are seen with the curves of the origin."""
    known = Known.at(waits, origin, origin - WINDOW // _MICRO, is_now=False)
    survival = Survival(waits, known)
    length, is_decided = waits.length(), np.minimum(waits.over, waits.breached) < NEVER
    begun = (waits.started >= origin) & (waits.started < origin + STEP // _MICRO)
    rows = np.flatnonzero(begun & is_decided & (waits.target > 0) & (length >= 0))
    wait, used = np.repeat(rows, len(USED)), np.tile(USED, len(rows))
    spent = (used * waits.target[wait]).astype(np.int64)
    ratio = known.counted_ratio[waits.counting[wait], waits.metric[wait]]
    at, due = (waits.started[wait] + (each / ratio * 1e6).astype(np.int64) for each in (spent, waits.target[wait]))
    kept = (length[wait] > spent) & (at <= as_of)
    wait, used, spent, at, due = wait[kept], used[kept], spent[kept], at[kept], due[kept]
    estimate = survival.estimate(waits, wait, spent, waits.target[wait])
    ratios = load.against_usual(waits.metric[wait], at)
    decided = np.maximum(np.minimum(waits.over[wait], waits.breached[wait]), at)
    seen = Landmarks(
        wait=wait, used=used, origin=np.full(len(wait), origin), decided=decided, due=due,
        survival=estimate.probability, missed=waits.breached[wait] < NEVER,
        features=features(estimate.probability, used, ratios, waits.cycle[wait]),
    )  # fmt: skip
    return seen.chosen(estimate.waiting[0] >= FEWEST)


def features(survival: Floats, used: Floats, load: Floats, cycle: Ints) -> Floats:
    """The columns of `FEATURES`; an unknown load counts as the usual one."""
    busy = np.nan_to_num(np.log(load))
    return np.column_stack([np.ones(len(used)), logit(survival), used, busy, (cycle > 1).astype(float)])


def _none() -> Landmarks:
    ints, floats = np.empty(0, np.int64), np.empty(0)
    return Landmarks(ints, floats, ints, ints, ints, floats, np.empty((0, len(FEATURES))), np.empty(0, bool))
