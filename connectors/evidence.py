"""Knows what a file's own cells say about how it writes dates and amounts, where the mapping leaves it open."""

from dataclasses import dataclass

import polars as pl

from connectors.amounts import decimal_comma_evidence
from connectors.headers import find_column
from connectors.layout import Layout
from connectors.mapping import Defaults, FileRule
from connectors.moments import SLASHED, day_first_evidence
from connectors.shapes import fields_of


@dataclass(frozen=True)
class Habits:
    """A mapping's defaults, completed; `day_order_assumed` where neither the mapping nor a cell decides it."""

    defaults: Defaults
    day_order_assumed: bool = False
    notes: tuple[str, ...] = ()


def habits_of(rule: FileRule, defaults: Defaults, layout: Layout, sample: pl.DataFrame) -> Habits:
    """How a file writes dates and amounts, from its first rows."""
    day_first, assumed, notes = defaults.day_first, False, list[str]()
    if day_first is None:
        day_first, assumed, notes = _day_order(_cells(rule, sample, {"date", "moment"}))
    decimal_comma = defaults.decimal_comma
    if decimal_comma is None:
        decimal_comma = decimal_comma_evidence(_cells(rule, sample, {"cents"}))
        if decimal_comma is None and layout.format != "delimited":
            decimal_comma = False
    completed = defaults.model_copy(update={"day_first": day_first, "decimal_comma": decimal_comma})
    return Habits(completed, assumed, tuple(notes))


def _day_order(cells: list[str]) -> tuple[bool, bool, list[str]]:
    day, month = day_first_evidence(cells)
    if day and month:
        order = "day" if day > month else "month"
        return (
            day > month,
            False,
            [f"dates are written both day and month first; read {order} first, the others are put aside"],
        )
    if day or month or not (open_cells := [cell for cell in cells if SLASHED.match(cell)]):
        return bool(day), False, []
    return False, True, [f"dates such as {open_cells[0]} are read month first; say `day_first: true` if that is wrong"]


def _cells(rule: FileRule, sample: pl.DataFrame, kinds: set[str]) -> list[str]:
    """The distinct cells of the columns that fields of these kinds are read from."""
    known = fields_of(rule.record)
    wanted = [found.column for name, found in rule.fields.items() if known[name].kind in kinds and not found.format]
    columns = {column for names in wanted if names and (column := find_column(names, sample.columns)) is not None}
    return [cell for column in sorted(columns) for cell in sample[column].unique().sort()]
