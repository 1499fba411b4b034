"""Knows how sure a figure is: 95 % intervals of shares, medians and means, and of the change between two of them."""

from dataclasses import dataclass
from functools import lru_cache
from math import floor, sqrt
from typing import Any

from numpy.typing import NDArray

# Two-sided 95 % of the normal distribution.
Z = 1.959963984540054
_EXACT_UP_TO = 1_000
_TAIL = 40  # a fortieth, 2.5 %, on each side


@dataclass(frozen=True)
class Interval:
    """Both ends belong to it."""

    low: float
    high: float

    @property
    def leaves_out_zero(self) -> bool:
        """Whether the sign of what lies inside is clear."""
        return self.low > 0 or self.high < 0


def of_share(hits: float, count: float) -> Interval:
    """Wilson's interval of a share; never below 0 or above 1, and of some width even where all or none are hits."""
    share, square = hits / count, Z * Z
    middle = (share + square / (2 * count)) / (1 + square / count)
    half = Z * sqrt(share * (1 - share) / count + square / (4 * count * count)) / (1 + square / count)
    return Interval(max(0.0, middle - half) if hits else 0.0, min(1.0, middle + half) if hits < count else 1.0)


def of_mean(total: int, squares: int, count: int) -> Interval | None:
    """The normal interval of a mean, from the sum and the sum of squares; None for fewer than two."""
    if count < 2:
        return None
    mean = total / count
    spread = max(0.0, (squares - total * total / count) / (count - 1))
    half = Z * sqrt(spread / count)
    return Interval(mean - half, mean + half)


def of_median(ascending: NDArray[Any]) -> Interval | None:
    """The interval between two order statistics that holds the median in at least 95 of 100 samples.

    Nothing is assumed about the distribution. None for fewer than six values: no two of them are far enough apart.
    """
    rank = median_rank(len(ascending))
    return Interval(float(ascending[rank - 1]), float(ascending[-rank])) if rank else None


@lru_cache(maxsize=4_096)
def median_rank(count: int) -> int:
    """The largest r for which the r-th smallest and the r-th largest of `count` enclose the median; 0: there is none.

    Exact by the binomial distribution up to a thousand values, by its normal approximation beyond.
    """
    if count > _EXACT_UP_TO:
        return floor((count - Z * sqrt(count)) / 2)
    below, ways, rank = 0, 1, 0
    # P(fewer than r of `count` lie below the median) <= 2.5 %, in whole numbers of the 2^count equally likely ways.
    while _TAIL * (below + ways) <= 2**count:
        below += ways
        ways = ways * (count - rank) // (rank + 1)
        rank += 1
    return rank


def of_change(now: float, now_in: Interval, before: float, before_in: Interval) -> Interval:
    """The interval of `now - before` from the intervals of both, which are of different cases.

    The distances from each figure to its own interval's ends are added in squares; with Wilson's intervals this is
    Newcombe's interval of a difference of shares.
    """
    change = now - before
    down = sqrt((now - now_in.low) ** 2 + (before_in.high - before) ** 2)
    up = sqrt((now_in.high - now) ** 2 + (before - before_in.low) ** 2)
    return Interval(change - down, change + up)
