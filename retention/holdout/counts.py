"""Knows the two arms of a holdout as counts, and when such a comparison is worth a look."""

from dataclasses import dataclass

FEWEST_OVER = 10


@dataclass(frozen=True)
class Counts:
    """How many accounts of an arm are over, and how many of them renewed.

    Raises:
        ValueError: fewer than no accounts, or more renewed than there are.
    """

    accounts: int
    renewed: int

    def __post_init__(self) -> None:
        """Refuse what cannot be counted."""
        if not 0 <= self.renewed <= self.accounts:
            raise ValueError(f"{self.renewed} of {self.accounts} cannot have renewed; give 0 <= renewed <= accounts")

    @property
    def lost(self) -> int:
        """Those that did not renew."""
        return self.accounts - self.renewed

    @property
    def rate(self) -> float:
        """The share that renewed; 0 where there are none."""
        return self.renewed / self.accounts if self.accounts else 0.0
