"""Knows which word a number from 0 to 100 is, and which number a word is written as."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from domain.errors import ConfigError
from domain.tickets import Priority

# Request Tracker's own words are Low from 0, Medium from 50 and High at 100.
AS_WORDS = "0 50 75 100"
_WORDS: tuple[Priority, ...] = ("low", "normal", "high", "urgent")


@dataclass(frozen=True)
class Bands:
    """The lowest number of each word."""

    lowest: Mapping[Priority, int]

    @classmethod
    def of(cls, mapped: str | None) -> "Bands":
        """The bands as the mapping `ticket.priorities` says them.

        Raises:
            ConfigError: it does not hold four growing numbers.
        """
        given = (mapped or AS_WORDS).replace(",", " ").split()
        numbers = [int(each) for each in given if each.isdigit() and len(each) < 10]
        if len(given) != 4 or len(numbers) != 4 or any(lower >= higher for lower, higher in pairwise(numbers)):
            raise ConfigError(
                "connectors.yaml", f"ticket.priorities: {mapped!r}", f"write four growing numbers, such as {AS_WORDS}"
            )
        return cls(dict(zip(_WORDS, numbers, strict=True)))

    def word(self, number: int) -> Priority:
        """The word that a number stands for; what is below all is low."""
        return next((word for word in reversed(_WORDS) if number >= self.lowest[word]), "low")

    def number(self, word: Priority) -> int:
        """The number that a word is written as: the lowest of its band."""
        return self.lowest[word]
