"""Knows intervals that hold at every look at once, so that looking often, and stopping when it suits, does not lie.

**Proportions.** For each arm, mixing over its unknown rate gives a test martingale: the likelihood of what was seen,
averaged over a Beta distribution that was fixed before, divided by its likelihood at a rate. The product over both arms
is a martingale too, so by Ville's inequality it exceeds 1/alpha at the true rates, at any time ever, with a
probability of at most alpha. The differences of rates that are not rejected so are the interval. It is exact for any
number of accounts, also where an arm has lost nobody yet.

Sources: H. Robbins, "Statistical methods related to the law of the iterated logarithm", Ann. Math. Stat. 41 (1970);
S. Howard, A. Ramdas, J. McAuliffe, J. Sekhon, "Time-uniform, nonparametric, nonasymptotic confidence sequences", Ann.
Stat. 49 (2021); for two arms R. Turner, A. Ly, P. Grünwald, "Generic e-variables for exact sequential k-sample tests
that allow for optional stopping", J. Stat. Plan. Inference 230 (2024).

**Means.** Amounts have no such exact law. Their interval is the asymptotic confidence sequence of I. Waudby-Smith,
D. Arbour, R. Sinha, E. Kennedy, A. Ramdas, "Time-uniform central limit theory and asymptotic confidence sequences",
Ann. Stat. 52 (2024): Robbins' normal mixture with estimated variances, which holds from moderate numbers on.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retention.holdout.counts import Counts

FEWEST = 20
_STEPS = 44
_EDGE = 1e-12
_log_gamma = np.frompyfunc(math.lgamma, 1, 1)
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Prior:
    """What was expected of a rate beforehand: it decides how sharp an interval is, never whether it holds.

    `weight` is by how many accounts' worth of evidence it counts. The default expects nothing.
    """

    rate: float = 0.5
    weight: float = 1.0

    @property
    def terms(self) -> tuple[float, float]:
        """The parameters of the Beta distribution."""
        rate = min(max(self.rate, 0.02), 0.98)
        return self.weight * rate, self.weight * (1 - rate)


@dataclass(frozen=True)
class Interval:
    """From `low` to `high`, both included."""

    low: float
    high: float

    @property
    def excludes_zero(self) -> bool:
        """Wholly above or wholly below zero."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True)
class Priors:
    """What was expected of both arms."""

    treat: Prior = Prior()
    holdout: Prior = Prior()


def log_evidence(accounts: Any, renewed: Any, rate: Any, prior: Prior) -> Any:
    """The logarithm of the evidence against `rate`; numbers or arrays of one shape."""
    a, b = prior.terms
    mixed = _log_beta(a + renewed, b + accounts - renewed) - _log_beta(a, b)
    return mixed - _times_log(renewed, rate) - _times_log(accounts - renewed, 1 - np.asarray(rate, float))


def log_evidence_of_a_difference(treat: tuple[Any, Any], holdout: tuple[Any, Any], priors: Priors) -> Any:
    """The logarithm of the evidence that the arms differ; arms are (accounts, renewed), numbers or arrays.

    Where both arms have one rate, the rate of both together is the one that the evidence speaks least against.
    """
    accounts = np.asarray(treat[0], float) + holdout[0]
    together = (np.asarray(treat[1], float) + holdout[1]) / np.maximum(accounts, 1)
    return log_evidence(*treat, together, priors.treat) + log_evidence(*holdout, together, priors.holdout)


def p_value(treat: Counts, holdout: Counts, priors: Priors | None = None) -> float:
    """How surprising the arms' difference is if there is none; valid at every look."""
    given = ((treat.accounts, treat.renewed), (holdout.accounts, holdout.renewed))
    return min(1.0, math.exp(-float(log_evidence_of_a_difference(*given, priors or Priors()))))


def difference(treat: Counts, holdout: Counts, priors: Priors | None = None, confidence: float = 0.95) -> Interval:
    """The interval of (rate of treat - rate of holdout) that holds at every look with `confidence`.

    Without any account of an arm it says what it knows: anything from -1 to 1.
    """
    kept, limit = priors or Priors(), -math.log(1 - confidence)
    seen = treat.rate - holdout.rate if treat.accounts and holdout.accounts else 0.0
    mixed = sum(_mixed(arm, prior) for arm, prior in ((treat, kept.treat), (holdout, kept.holdout)))

    def excess(gap: float) -> float:
        return mixed - _greatest(treat, holdout, gap) - limit

    return Interval(-_reach(lambda gap: excess(-gap), -seen), _reach(excess, seen))


def _mixed(arm: Counts, prior: Prior) -> float:
    """The logarithm of the likelihood of what was seen, averaged over the prior."""
    a, b = prior.terms
    return float(_log_beta(a + arm.renewed, b + arm.lost) - _log_beta(a, b))


def _greatest(treat: Counts, holdout: Counts, gap: float) -> float:
    """The logarithm of the greatest likelihood among rates that are `gap` apart; it is concave in them."""
    low, high = max(0.0, -gap), min(1.0, 1 - gap)

    def slope(rate: float) -> float:
        without = holdout.lost / max(1 - rate, _EDGE) - holdout.renewed / max(rate, _EDGE)
        return without + treat.lost / max(1 - rate - gap, _EDGE) - treat.renewed / max(rate + gap, _EDGE)

    best = _where_it_turns(slope, low, high)
    return sum(
        arm.renewed * math.log(max(rate, _EDGE)) + arm.lost * math.log(max(1 - rate, _EDGE))
        for arm, rate in ((holdout, best), (treat, best + gap))
    )


def _where_it_turns(slope: Callable[[float], float], low: float, high: float) -> float:
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (low, middle) if slope(middle) > 0 else (middle, high)
    return (low + high) / 2


def _reach(excess: Callable[[float], float], inside: float) -> float:
    """The largest gap that is not rejected; `inside` is not."""
    low, high = inside, 1.0
    if excess(high) <= 0:
        return high
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if excess(middle) <= 0 else (low, middle)
    return high


def mean_difference(
    treat: Sequence[float] | Floats, holdout: Sequence[float] | Floats, planned: int, confidence: float = 0.95
) -> Interval | None:
    """The interval of (mean of treat - mean of holdout) that holds at every look, in the values' own unit.

    It is sharpest at `planned` accounts altogether. None below 20 accounts in an arm, or where no value differs.
    """
    arms = [np.asarray(arm, float) for arm in (treat, holdout)]
    if min(map(len, arms)) < FEWEST:
        return None
    accounts = sum(map(len, arms))
    # A small arm that has drawn no large account yet would seem to vary less than it does.
    least = np.concatenate(arms).var(ddof=1)
    variance = sum(max(arm.var(ddof=1), least) * accounts / len(arm) for arm in arms)
    if variance <= 0:
        return None
    half = math.sqrt(variance) * mixture_boundary(accounts, max(planned, 2 * FEWEST), 1 - confidence)
    seen = float(arms[0].mean() - arms[1].mean())
    return Interval(seen - half, seen + half)


def mixture_boundary(accounts: Any, planned: int, alpha: float) -> Any:
    """How far, in standard deviations of one value, a running mean ever strays: Robbins' normal mixture."""
    tuned = (-2 * math.log(alpha) + math.log(1 - 2 * math.log(alpha))) / planned
    spread = np.asarray(accounts, float) * tuned + 1
    return np.sqrt(2 * spread / (np.square(np.asarray(accounts, float)) * tuned) * np.log(np.sqrt(spread) / alpha))


def _log_beta(a: Any, b: Any) -> Any:
    return _gamma(a) + _gamma(b) - _gamma(np.add(a, b))


def _gamma(value: Any) -> Any:
    return np.asarray(_log_gamma(value), float)


def _times_log(count: Any, rate: Any) -> Any:
    """`count * log(rate)`, 0 where there is nothing to count."""
    logs = np.log(np.clip(rate, _EDGE, 1.0))
    return np.where(np.asarray(count) > 0, np.asarray(count, float) * logs, 0.0)
