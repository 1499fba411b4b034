"""Knows what an escalation weighs: the money at risk, how probable its loss is, and how little time is left."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from domain.money import with_currency
from rules.load.precision import Chance

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class TimeLeft:
    """How long until something can be lost, and until what; no less than nothing."""

    time: timedelta
    until: str

    @property
    def days(self) -> float:
        """In days of 24 hours."""
        return self.time / _DAY


@dataclass(frozen=True)
class Weight:
    """The three factors of a weight, each as it was found.

    `assumed_cents` stands in for an unknown amount, so that an account of unknown worth is neither first nor lost.
    """

    arr_cents: int | None
    currency: str | None
    chance: Chance
    left: TimeLeft
    half_at: timedelta
    assumed_cents: int | None = None

    @property
    def time_factor(self) -> float:
        """1 where no time is left, a half at `half_at`, a third at twice as much."""
        return 1 / (1 + self.left.time / self.half_at)

    @property
    def cents(self) -> int | None:
        """Money at risk x probability x time factor, in whole minor units; None where the money is unknown."""
        return None if self.arr_cents is None else self._of(self.arr_cents)

    @property
    def ranked_cents(self) -> int:
        """By what it is ranked: its own weight, or that of the assumed amount."""
        return self._of(self.arr_cents if self.arr_cents is not None else self.assumed_cents or 0)

    def _of(self, arr_cents: int) -> int:
        return round(arr_cents * self.chance.ratio * self.time_factor)

    @property
    def sentence(self) -> str:
        """The three factors and what comes of them."""
        left = f"{self.time_factor:.2f} (about {self.left.days:.0f} days to {self.left.until})"
        factors = f"({self.chance.because}) × {left}"
        if self.arr_cents is None or self.currency is None:
            return f"ARR unknown × {factors}; ranked at the middle of the known ARR"
        worth = with_currency(self.arr_cents, self.currency, digits=0)
        return f"{worth} × {factors} = {with_currency(self._of(self.arr_cents), self.currency, digits=0)}"


def time_left(
    as_of: datetime, renews_on: date | None, notice_on: date | None = None, due_at: datetime | None = None
) -> TimeLeft:
    """The time to the nearest day on which the customer can leave: the notice deadline, otherwise the renewal.

    Where no such day lies ahead the customer can leave on any day, and the next step's due time counts.
    """
    today = as_of.date()
    ahead = [
        (on, word)
        for on, word in ((notice_on, "the notice deadline"), (renews_on, "the renewal"))
        if on is not None and on >= today
    ]
    if ahead:
        on, word = min(ahead)
        return TimeLeft((on - today) * 1, word)
    if due_at is not None:
        return TimeLeft(max(due_at - as_of, timedelta()), "the next step's due time; no renewal date is known")
    return TimeLeft(timedelta(), "no known date")
