"""Knows what of each signup quarter's customers and revenue is still there, quarter by quarter of its age."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

import narwhals as nw

from domain.money import decimal_amount
from retention.fx import half_even, wide
from retention.ledger import Frame, Ledger, first_paid, in_force
from retention.metrics import number, ratio
from retention.windows import Window, month_number, windows

MONTHS_A_QUARTER = 3
CohortFigure = Literal["nrr", "grr", "logos"]
ALL = "all"
_PARTS = ("held_parts", "kept_parts")


@dataclass(frozen=True)
class CohortCell:
    """A cohort at an age in quarters: what it pays and who still pays, against the end of its signup quarter."""

    age: int
    accounts: int
    closing_cents: int
    nrr: Fraction | None
    grr: Fraction | None
    logos: Fraction | None


@dataclass(frozen=True)
class CohortRow:
    """The accounts whose first month's closing above zero lies in a quarter, and that still paid at its end."""

    cohort: str
    accounts: int
    opening_cents: int
    cells: tuple[CohortCell, ...]


@dataclass(frozen=True)
class CohortTable:
    """A triangle: the oldest cohort first, each with a cell for every quarter that is over; the last row is of all.

    A cell of the row of all is of the cohorts that are as old as that.
    """

    currency: str
    rows: tuple[CohortRow, ...]

    @property
    def ages(self) -> int:
        """How many ages there are, 0 among them."""
        return max((len(row.cells) for row in self.rows), default=0)

    def matrix(self, figure: CohortFigure) -> list[list[Fraction | None]]:
        """One figure, a row a cohort, a column an age; None where an age is not reached or nobody paid."""
        shown = [[getattr(cell, figure) for cell in row.cells] for row in self.rows]
        return [[*rates, *[None] * (self.ages - len(rates))] for rates in shown]

    def as_json(self) -> dict[str, Any]:
        """The triangle with amounts as decimals and rates as numbers."""
        return {"currency": self.currency, "cohorts": [self._printed(row) for row in self.rows]}

    def _printed(self, row: CohortRow) -> dict[str, Any]:
        cells = [
            {
                "age": cell.age,
                "accounts": cell.accounts,
                "closing": decimal_amount(cell.closing_cents, self.currency),
                "nrr": number(cell.nrr),
                "grr": number(cell.grr),
                "logos": number(cell.logos),
            }
            for cell in row.cells
        ]
        opening = decimal_amount(row.opening_cents, self.currency)
        return {"cohort": row.cohort, "accounts": row.accounts, "opening": opening, "cells": cells}


def cohort_table(ledger: Ledger) -> CohortTable:
    """The table of the quarters that are over, at the exchange rates of the end of each cohort's quarter.

    Lines of a currency that had no rate then are in no figure.
    """
    quarters = [] if ledger.since is None else windows("quarter", ledger.since, ledger.as_of)
    if not quarters:
        return CohortTable(ledger.currency, ())
    levels = _levels(ledger, quarters)
    base = levels.filter(nw.col("age") == 0, nw.col("cents") > 0)
    opened = base.select("account_id", base_parts="parts", base_cents="cents")
    held = levels.join(opened, on="account_id", how="inner").with_columns(
        still=(nw.col("cents") > 0).cast(nw.Int64), kept_parts=nw.min_horizontal("parts", "base_parts")
    )
    sums = held.group_by("cohort", "age").agg(
        accounts=nw.col("still").sum(), cents=nw.col("cents").sum(), held_parts=nw.col("parts").sum(),
        kept_parts=nw.col("kept_parts").sum(),
    )  # fmt: skip
    cells = {(row["cohort"], row["age"]): row for row in sums.collect().rows(named=True)}
    shown = [place for place in range(len(quarters)) if (place, 0) in cells]
    rows = [_row(place, quarters, cells) for place in shown]
    return CohortTable(ledger.currency, (*rows, *_all(shown, quarters, cells)))


def _levels(ledger: Ledger, quarters: Sequence[Window]) -> Frame:
    """What an account of a cohort pays at the end of a quarter: account_id, cohort, age, cents, parts.

    `cohort` is the place of the signup quarter in `quarters`; amounts are at the rates of that quarter's end.
    """
    begins = month_number(quarters[0].first_day)
    firsts = first_paid(ledger, ["account_id"]).with_columns(cohort=(nw.col("first_paid") - begins) // MONTHS_A_QUARTER)
    members = firsts.filter(nw.col("cohort") < len(quarters)).select("account_id", "cohort")
    ends: dict[str, list[Any]] = {
        "quarter": list(range(len(quarters))), "last_day": [quarter.last_day for quarter in quarters]
    }  # fmt: skip
    days = _frame(ledger, ends, {"quarter": nw.Int64(), "last_day": nw.Date()})
    paid = ledger.paid.join(members, on="account_id", how="inner").join(
        _factors(ledger, quarters), on=["cohort", "currency"]
    )
    there = paid.join(days, how="cross").filter(nw.col("quarter") >= nw.col("cohort"), in_force(nw.col("last_day")))
    worth = {unit: _worth(f"mrr_{unit}") for unit in ("cents", "parts")}
    lines = there.with_columns(age=nw.col("quarter") - nw.col("cohort"), **worth)
    return lines.group_by("account_id", "cohort", "age").agg(nw.col("cents", "parts").sum())


def _worth(amount: str) -> nw.Expr:
    converted = half_even(wide(nw.col(amount)) * nw.col("_numerator"), nw.col("_denominator"))
    return converted.cast(nw.Int64) if amount == "mrr_cents" else converted


def _factors(ledger: Ledger, quarters: Sequence[Window]) -> Frame:
    """What each currency is worth at the end of each quarter; pairs without a rate are absent."""
    known = [
        (place, currency, factor)
        for place, quarter in enumerate(quarters)
        for currency in ledger.currencies
        if (factor := ledger.rates.factor(currency, quarter.last_day)) is not None
    ]
    columns: dict[str, list[Any]] = {
        "cohort": [place for place, _, _ in known],
        "currency": [currency for _, currency, _ in known],
        "_numerator": [factor.numerator for _, _, factor in known],
        "_denominator": [factor.denominator for _, _, factor in known],
    }
    kinds = (nw.Int64(), nw.String(), nw.Int128(), nw.Int128())
    return _frame(ledger, columns, dict(zip(columns, kinds, strict=True)))


def _frame(ledger: Ledger, columns: dict[str, list[Any]], schema: dict[str, nw.dtypes.DType]) -> Frame:
    # Whatever engine collected a frame can make one; the type allows for engines that only read.
    made = nw.from_dict(columns, schema, backend=ledger.backend)  # type: ignore[arg-type]
    return made.lazy(ledger.paid.implementation)


_Cells = dict[tuple[int, int], dict[str, Any]]
_NOTHING = {"accounts": 0, "cents": 0, "held_parts": 0, "kept_parts": 0}


def _row(place: int, quarters: Sequence[Window], cells: _Cells) -> CohortRow:
    base = cells[place, 0]
    ages = range(len(quarters) - place)
    shown = tuple(_cell(age, cells.get((place, age), _NOTHING), base) for age in ages)
    return CohortRow(quarters[place].label, base["accounts"], base["cents"], shown)


def _all(shown: Sequence[int], quarters: Sequence[Window], cells: _Cells) -> list[CohortRow]:
    """The row of all cohorts together, each age over those that have reached it."""
    if not shown:
        return []
    found = []
    for age in range(len(quarters) - shown[0]):
        reached = [place for place in shown if place + age < len(quarters)]
        base, now = (_sum([cells.get((place, each), _NOTHING) for place in reached]) for each in (0, age))
        found.append(_cell(age, now, base))
    return [CohortRow(ALL, found[0].accounts, found[0].closing_cents, tuple(found))]


def _sum(cells: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {name: sum(cell[name] for cell in cells) for name in _NOTHING}


def _cell(age: int, now: dict[str, Any], base: dict[str, Any]) -> CohortCell:
    held, kept = (ratio(now[name], base["held_parts"]) for name in _PARTS)
    return CohortCell(age, now["accounts"], now["cents"], held, kept, ratio(now["accounts"], base["accounts"]))
