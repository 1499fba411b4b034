"""Knows what a billing system's prices come to: charged how often, and how much of it after what is taken off."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal

_OTHER_CURRENCY = "an amount off in another currency than the subscription's is not taken off"
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


@dataclass(frozen=True)
class Charge:
    """What one item of a subscription is charged each `count` `unit`s before discounts; discounts name its `price`."""

    item: str
    price: str | None
    product: str
    plan: str | None
    seats: int | None
    amount_cents: int
    currency: str
    unit: str
    count: int

    @property
    def often(self) -> Decimal:
        """How many times a year it is charged."""
        return (
            Decimal(_PER_YEAR[self.unit] if self.unit in _PER_YEAR else 12 // _MONTHS.get(self.unit, 12)) / self.count
        )


@dataclass(frozen=True)
class Discount:
    """What is taken off each charge on `[starts_on, ends_on)`: a percentage, or an amount; `prices` None is off all."""

    starts_on: date | None
    ends_on: date | None
    percent: Decimal | None
    amount_cents: int | None
    currency: str | None
    prices: frozenset[str] | None

    def holds_on(self, day: date) -> bool:
        """Whether it is taken off on that day."""
        return (not self.starts_on or self.starts_on <= day) and (not self.ends_on or day < self.ends_on)


def net_of(charges: Sequence[Charge], discounts: Iterable[Discount], day: date, remarks: list[str]) -> list[int]:
    """What is left of each charge on a day. Discounts apply one after another, credits lower what is charged."""
    left = [each.amount_cents for each in charges]
    for discount in discounts:
        if not discount.holds_on(day):
            continue
        meant = [at for at, each in enumerate(charges) if discount.prices is None or each.price in discount.prices]
        if discount.percent is not None:
            share = min(max(discount.percent, Decimal(0)), Decimal(100)) / 100
            for at in meant:
                left[at] -= whole(max(left[at], 0) * share)
        elif discount.amount_cents is not None and meant:
            _take_off(left, charges, meant, discount, remarks)
    return without(left, 0)


def _take_off(
    left: list[int], charges: Sequence[Charge], meant: Sequence[int], discount: Discount, remarks: list[str]
) -> None:
    if discount.currency not in {None, charges[meant[0]].currency}:
        remarks.append(_OTHER_CURRENCY)
        return
    # The amount is off each invoice: off what is invoiced most often.
    most = max(charges[at].often for at in meant)
    invoiced = [at for at in meant if charges[at].often == most]
    net = without([left[at] for at in invoiced], discount.amount_cents or 0)
    for at, amount in zip(invoiced, net, strict=True):
        left[at] = amount
