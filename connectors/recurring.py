"""Knows what a billing system's prices come to: charged how often, and how much of it after what is taken off."""

from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Decimal

# A year has twelve months; by convention it has 52 weeks or 365 days.
_PER_YEAR = {"day": 365, "week": 52}
_MONTHS = {"month": 1, "year": 12}
LONGEST_MONTHS = 120


def whole(amount: Decimal) -> int:
    """Whole minor units, rounded half-even."""
    return int(amount.to_integral_value(rounding=ROUND_HALF_EVEN))


def charged_every(amount_cents: int, unit: str, count: int) -> tuple[int, int]:
    """What is charged every `count` units, as an amount and the number of months in which it is charged.

    Months and years stay as they are. Weeks and days make no whole months: they are brought to a year of 52 weeks or
    365 days, so USD 10.00 a week is USD 520.00 a year.

    Raises:
        ValueError: no such unit, no count, or more than ten years.
    """
    months = _MONTHS.get(unit, 0) * count
    if unit in _PER_YEAR and count > 0:
        return whole(Decimal(amount_cents) * _PER_YEAR[unit] / count), 12
    if not 0 < months <= LONGEST_MONTHS:
        raise ValueError(f"every {count} {unit}")
    return amount_cents, months


def without(amounts: Sequence[int], off: int) -> list[int]:
    """What is left of `amounts` when `off` is taken off their sum, each in its share; none falls below zero.

    What is left sums exactly to the sum less `off`, or to nothing. Leftover units go to the largest remainders, the
    first among equals. Amounts below zero are credits: they lower the others.
    """
    credit, charges = -sum(min(each, 0) for each in amounts), [max(each, 0) for each in amounts]
    total = sum(charges)
    left = max(0, total - max(off, 0) - credit)
    if total == 0:
        return charges
    shares = [each * left // total for each in charges]
    by_remainder = sorted(range(len(charges)), key=lambda at: (-(charges[at] * left % total), at))
    for at in by_remainder[: left - sum(shares)]:
        shares[at] += 1
    return shares
