"""Knows what a reader asks of one window's row: how NRR came about, how it grades, and on whom it rests."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from domain.benchmarks import Benchmark
from domain.conventions import LedgerConventions
from domain.money import decimal_amount
from retention.grading import ANNUAL, Grade, grade_grr, grade_nrr, quadrant, weak_expansion
from retention.metrics import RetentionRow, number
from retention.report.concentration import Concentration
from retention.report.durability import Durability

MONTHS_A_YEAR = 12


@dataclass(frozen=True)
class Figures:
    """A complete window's row with what follows from it.

    What is only said of a year (grades, quadrant, weak expansion) is None for a shorter window, and where there is no
    rate. `floor` is the segment's, where it has one.
    """

    row: RetentionRow
    concentration: tuple[Concentration, ...]
    gross: Grade | None
    net: Grade | None
    quadrant: str | None
    weak_expansion: bool | None
    floor: Decimal | None

    @classmethod
    def of(
        cls, row: RetentionRow, conventions: LedgerConventions, concentration: Sequence[Concentration] = ()
    ) -> "Figures":
        """What the conventions say of a complete window."""
        annual = row.length in ANNUAL
        return cls(
            row=row,
            concentration=tuple(concentration),
            gross=grade_grr(row, conventions) if annual else None,
            net=grade_nrr(row, conventions) if annual else None,
            quadrant=quadrant(row, conventions) if annual else None,
            weak_expansion=weak_expansion(row, conventions) if annual else None,
            floor=conventions.grr_floors.get(row.slice or "") if annual else None,
        )

    @property
    def gap(self) -> Fraction | None:
        """NRR - GRR: what expansion adds."""
        return None if self.row.nrr is None or self.row.grr is None else self.row.nrr - self.row.grr

    @property
    def below_floor(self) -> bool | None:
        """Whether GRR is below the segment's floor; None without a floor or a rate."""
        return None if self.floor is None or self.row.grr is None else self.row.grr < Fraction(self.floor)

    def as_json(self) -> dict[str, Any]:
        """The row as it is printed, with the decomposition of NRR and the verdicts."""
        rates = {"upsell_rate": self.row.upsell_rate, "cross_sell_rate": self.row.cross_sell_rate, "gap": self.gap}
        return (
            self.row.as_json()
            | {name: number(rate) for name, rate in rates.items()}
            | {
                "weak_expansion": self.weak_expansion,
                "quadrant": self.quadrant,
                "grr_grade": _graded(self.gross),
                "nrr_grade": _graded(self.net),
                "floor": self.floor,
                "below_floor": self.below_floor,
                "concentration": [_concentrated(each) for each in self.concentration],
            }
        )


@dataclass(frozen=True)
class Compared:
    """Others' yearly rates beside one's own of the same kind of customers."""

    benchmark: Benchmark
    row: RetentionRow | None

    def as_json(self) -> dict[str, Any]:
        """The benchmark and one's own rates; null where there are none to compare."""
        told = self.benchmark.model_dump()
        own = {"own_grr": self.row and number(self.row.grr), "own_nrr": self.row and number(self.row.nrr)}
        return told | own | {"own_period": self.row and self.row.period}


def compared(
    whole: RetentionRow | None, segments: Sequence[RetentionRow], benchmarks: Sequence[Benchmark]
) -> list[Compared]:
    """Each benchmark that speaks of a company like this one, beside the yearly row that it is held against.

    Those of companies of another size (12 × closing MRR) are left out.
    """
    if whole is None:
        return []
    arr = whole.amount(whole.closing_cents) * MONTHS_A_YEAR
    own = {row.slice: row for row in segments}
    return [Compared(each, own.get(each.segment) if each.segment else whole) for each in benchmarks if each.is_of(arr)]


def durability_as_json(found: Sequence[Durability], currency: str) -> list[dict[str, Any]]:
    """Each type with amounts as decimals and shares as numbers."""
    return [
        {
            "type": each.type,
            "expansions": each.expansions,
            "amount": decimal_amount(each.amount_cents, currency),
            "lasted": [
                {
                    "months": later.months,
                    "expansions": later.expansions,
                    "amount": decimal_amount(later.amount_cents, currency),
                    "kept": decimal_amount(later.kept_cents, currency),
                    "share": number(later.share),
                }
                for later in each.lasted
            ],
        }
        for each in found
    ]


def _graded(grade: Grade | None) -> dict[str, str] | None:
    return None if grade is None else {"tier": grade.tier, "because": grade.because}


def _concentrated(each: Concentration) -> dict[str, Any]:
    return {
        "accounts": each.accounts,
        "names": list(each.names),
        "share_of_expansion": number(each.share),
        "grr_without": number(each.grr_without),
        "nrr_without": number(each.nrr_without),
    }
