"""Knows invented exchange rates: a plausible walk of months, no market's record."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from keepline.demo.dice import Dice

REPORTING = "USD"
# Where the walk starts, and the band that it stays in.
BANDS = {"EUR": (1.09, 1.05, 1.14), "GBP": (1.27, 1.22, 1.33)}


def invented_rates(seed: int, begins_on: date, ends_on: date) -> dict[tuple[str, date], Decimal]:
    """USD for one EUR and one GBP on the first day of each month from `begins_on`'s to `ends_on`'s."""
    rates: dict[tuple[str, date], Decimal] = {}
    for base, (start, lowest, highest) in BANDS.items():
        dice, rate, month = Dice(seed, "rates", base), start, begins_on.replace(day=1)
        while month <= ends_on:
            rates[base, month] = Decimal(f"{rate:.4f}")
            rate = min(highest, max(lowest, rate + dice.between(-0.013, 0.013)))
            month = month.replace(year=month.year + month.month // 12, month=month.month % 12 + 1)
    return rates
