"""Knows when a retention rate is good, poor or alarming, and what it must not be compared with."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from domain.conventions import LedgerConventions, Period, Tiers
from domain.errors import KeeplineError
from domain.money import with_currency
from retention.metrics import RetentionRow

Tier = Literal["excellent", "good", "fair", "poor", "serious", "critical"]
# A trailing year is a year.
ANNUAL = ("year", "t12m")
Quadrant = Literal["growth engine", "sticky but not expanding", "leaky bucket propped up by upsell", "danger zone"]


_LENGTHS: dict[Period, str] = {"month": "month", "quarter": "quarter", "year": "year", "t12m": "trailing year"}


class NotComparable(KeeplineError):
    """A rate was about to be held against a bar that was made for another length of time."""


@dataclass(frozen=True)
class Grade:
    """An annual rate's tier and the sentence that says why."""

    tier: Tier
    because: str


@dataclass(frozen=True)
class GrrAlert:
    """A gross retention that fell, or stands below its floor, and the sentence that says by how much."""

    row: RetentionRow
    because: str


def grade_grr(row: RetentionRow, conventions: LedgerConventions) -> Grade | None:
    """The benchmark tier of a whole year's GRR; None where the year has no rate.

    Raises:
        NotComparable: the row is no complete year; 93 % a month is 42 % a year.
    """
    _must_be_a_year(row)
    return None if row.grr is None else _graded("GRR", row.grr, conventions.gross_tiers)


def grade_nrr(row: RetentionRow, conventions: LedgerConventions) -> Grade | None:
    """The benchmark tier of a whole year's NRR; None where the year has no rate.

    Raises:
        NotComparable: the row is no complete year.
    """
    _must_be_a_year(row)
    return None if row.nrr is None else _graded("NRR", row.nrr, conventions.net_tiers)


def quadrant(row: RetentionRow, conventions: LedgerConventions) -> Quadrant | None:
    """The diagnosis of a whole year by GRR and NRR; a rate on the bar is high. None where the year has no rates.

    Raises:
        NotComparable: the row is no complete year.
    """
    _must_be_a_year(row)
    if row.grr is None or row.nrr is None:
        return None
    keeps, grows = row.grr >= Fraction(conventions.high_grr), row.nrr >= Fraction(conventions.high_nrr)
    if keeps:
        return "growth engine" if grows else "sticky but not expanding"
    return "leaky bucket propped up by upsell" if grows else "danger zone"


def weak_expansion(row: RetentionRow, conventions: LedgerConventions) -> bool | None:
    """Whether a whole year's expansion adds fewer points to GRR than the setting asks for; None without rates.

    Raises:
        NotComparable: the row is no complete year.
    """
    _must_be_a_year(row)
    if row.grr is None or row.nrr is None:
        return None
    return row.nrr - row.grr < Fraction(conventions.weak_expansion_below)


def below_floor(row: RetentionRow, conventions: LedgerConventions) -> GrrAlert | None:
    """An alert where a segment's GRR of a whole year is below its floor, above the minimum base.

    Raises:
        NotComparable: the row is no complete year.
    """
    _must_be_a_year(row)
    floor = conventions.grr_floors.get(row.slice or "")
    if floor is None or row.grr is None or row.grr >= Fraction(floor):
        return None
    if row.amount(row.opening_cents) < conventions.alert_minimum_opening:
        return None
    return GrrAlert(row, f"GRR of {row.slice} is {_percent(row.grr)} in {row.period}, below its floor of {floor:.0%}")


def grr_drop(row: RetentionRow, before: RetentionRow, conventions: LedgerConventions) -> GrrAlert | None:
    """An alert where GRR fell by `alert_drop` or more since the window before, above the minimum base in both.

    Raises:
        NotComparable: the windows differ in length, cut, slice or currency, or one of them is still running.
    """
    if not (row.complete and before.complete) or _kind(row) != _kind(before):
        raise NotComparable(f"{before.period} and {row.period} are not two complete windows of one kind")
    if row.grr is None or before.grr is None:
        return None
    base = min(row.amount(row.opening_cents), before.amount(before.opening_cents))
    drop = before.grr - row.grr
    if drop < Fraction(conventions.alert_drop) or base < conventions.alert_minimum_opening:
        return None
    opening = with_currency(row.opening_cents, row.currency)
    return GrrAlert(
        row,
        f"GRR fell by {_points(drop)} points, from {_percent(before.grr)} in {before.period} to {_percent(row.grr)} "
        f"in {row.period}, on an opening MRR of {opening}",
    )


def grr_drops(rows: Sequence[RetentionRow], conventions: LedgerConventions) -> list[GrrAlert]:
    """The alerts of `grr_drop` between neighbouring complete windows of `alert_period`; rows of one ledger and cut."""
    compared = [row for row in rows if row.complete and row.length == conventions.alert_period]
    order = {label: place for place, label in enumerate(sorted({row.period for row in compared}))}
    found = {(order[row.period], row.slice): row for row in compared}
    pairs = ((row, found.get((place - 1, name))) for (place, name), row in found.items())
    alerts = (grr_drop(row, before, conventions) for row, before in pairs if before is not None)
    return [alert for alert in alerts if alert is not None]


def _kind(row: RetentionRow) -> tuple[object, ...]:
    return row.length, row.by, row.slice, row.currency


def _must_be_a_year(row: RetentionRow) -> None:
    if row.length not in ANNUAL or not row.complete:
        state = "complete" if row.complete else "running"
        raise NotComparable(f"benchmarks are annual; {row.period} is a {state} {_LENGTHS[row.length]}")


def _graded(name: str, rate: Fraction, tiers: Tiers) -> Grade:
    alarming: tuple[tuple[Tier, Decimal | None], ...] = (
        ("critical", tiers.critical_below),
        ("serious", tiers.serious_below),
    )
    for tier, upper in alarming:
        if upper is not None and rate < Fraction(upper):
            return Grade(tier, f"{name} {_percent(rate)} is below {upper:.0%}")
    reached: tuple[tuple[Tier, Decimal], ...] = (
        ("excellent", tiers.excellent),
        ("good", tiers.good),
        ("fair", tiers.fair),
    )
    for tier, lower in reached:
        if rate >= Fraction(lower):
            return Grade(tier, f"{name} {_percent(rate)} is at least {lower:.0%}")
    return Grade("poor", f"{name} {_percent(rate)} is below {tiers.fair:.0%}")


def _percent(rate: Fraction) -> str:
    return f"{_points(rate)} %"


def _points(rate: Fraction) -> str:
    return str(round(Decimal(rate.numerator) * 100 / Decimal(rate.denominator), 1))
