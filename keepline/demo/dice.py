"""Knows how chance falls in the demo: from a seed, the same on every machine, in streams apart from each other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import exp, floor
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """A stream of chance named by its key, so that more draws in one part leave the others as they were.

    Everything is built on `random()`, whose sequence Python promises to keep from version to version.
    """

    __slots__ = ("roll",)

    def __init__(self, *key: object) -> None:
        self.roll = Random(":".join(map(str, key))).random  # noqa: S311  made-up data, no secret

    def chance(self, probability: float) -> bool:
        return self.roll() < probability

    def between(self, low: float, high: float) -> float:
        return low + (high - low) * self.roll()

    def whole(self, low: int, high: int) -> int:
        """An integer from `low` to `high`, both included."""
        return low + int((high - low + 1) * self.roll())

    def pick(self, choices: Sequence[T]) -> T:
        return choices[int(len(choices) * self.roll())]

    def spread_around(self, median: float, width: float) -> float:
        """A positive figure around its median, with a tail above: log-normal, near enough, by a sum of uniforms."""
        bell = sum(self.roll() for _ in range(4)) - 2.0
        return median * exp(width * bell * 1.73)

    def shuffled(self, items: Iterable[T]) -> list[T]:
        deck = list(items)
        for last in range(len(deck) - 1, 0, -1):
            other = int((last + 1) * self.roll())
            deck[last], deck[other] = deck[other], deck[last]
        return deck

    def dealt(self, shares: Mapping[T, float], count: int) -> list[T]:
        """`count` values in chance order whose numbers follow `shares` as exactly as whole numbers can."""
        return self.shuffled(value for value, number in apportioned(shares, count).items() for _ in range(number))


def apportioned(shares: Mapping[T, float], count: int) -> dict[T, int]:
    """Whole numbers that sum to `count` in proportion to `shares`; the largest remainders get the leftover."""
    total = sum(shares.values()) or 1.0
    exact = {value: count * share / total for value, share in shares.items()}
    whole = {value: floor(number) for value, number in exact.items()}
    by_remainder = sorted(exact, key=lambda value: whole[value] - exact[value])
    for value in by_remainder[: count - sum(whole.values())]:
        whole[value] += 1
    return whole


def wheel(weights: Mapping[T, float], slots: int = 400) -> list[T]:
    """A list to `pick` from in the proportion of `weights`; quicker than a weighted draw where draws are many."""
    return [value for value, number in apportioned(weights, slots).items() for _ in range(number)]


class EvenDraws:
    """Draws events so that, in each stratum, their number stays within one of the sum of their probabilities.

    Systematic sampling: every event keeps exactly its own probability, only the luck of the whole is smaller, so a
    company of 400 has the churn it was given. `threshold` is uniform on (0, 1]; an event with probability `p`
    happens where `threshold <= p`, which also says what would have happened under another `p`.
    """

    def __init__(self, dice: Dice) -> None:
        self._dice = dice
        self._filled: dict[object, float] = {}

    def threshold(self, stratum: object) -> float:
        return 1.0 - self._filled.setdefault(stratum, self._dice.roll())

    def settle(self, stratum: object, probability: float) -> None:
        """Move on, after the event of this stratum was decided with `probability`."""
        self._filled[stratum] = (self._filled[stratum] + probability) % 1.0
