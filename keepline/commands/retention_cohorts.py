"""Shows what of each signup quarter is still there by its age, as shaded tables, as a picture, or as files."""

from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

from console.heat_map import heat_map
from domain.errors import FileRefused
from domain.money import decimal_amount, with_currency
from jobs.ledger import cohorts
from keepline import show
from keepline.bootstrap import Keepline
from keepline.exports import Kind, Sheet, write
from retention.report.cohorts import CohortFigure, CohortTable

_TITLES: dict[CohortFigure, str] = {"nrr": "NRR", "grr": "GRR", "logos": "Customers kept"}
# How much is there: all, most, some, little.
_SHADES = ((Fraction(1), "█"), (Fraction(9, 10), "▓"), (Fraction(3, 4), "▒"), (Fraction(0), "░"))
_COLUMNS: dict[str, Kind] = {
    "cohort": "text", "cohort_accounts": "count", "opening": "amount", "age": "count", "accounts": "count",
    "closing": "amount", "nrr": "rate", "grr": "rate", "logos": "rate",
}  # fmt: skip


def run(keepline: Keepline, now: datetime, known_on: datetime | None, export: Path | None, as_json: bool) -> None:
    """Print the tables, or write them to a file; an .svg is a picture of NRR."""
    table = cohorts(keepline.store.facts(known_on), now, keepline.rulebook.ledger)
    if export is not None:
        show.say(f"Wrote {', '.join(map(str, _write(export, table)))}: {len(table.rows):,} cohorts")
    if as_json:
        mark = {"demo": True} if keepline.is_demo else {}
        show.as_json(table.as_json() | mark)
    elif export is None:
        _print(table)


def _print(table: CohortTable) -> None:
    if not table.rows:
        show.line("No quarter is over in the ledger yet.")
        return
    for figure, title in _TITLES.items():
        ages = [str(age) for age in range(table.ages)]
        columns = ["Signup quarter", "Accounts", f"MRR in {table.currency}", *ages]
        cells = [
            [
                row.cohort, f"{row.accounts:,}",
                with_currency(row.opening_cents, table.currency, digits=0).removeprefix(f"{table.currency} "),
                *map(_shaded, rates),
            ]
            for row, rates in zip(table.rows, table.matrix(figure), strict=True)
        ]  # fmt: skip
        show.table(f"{title} by age in quarters, in percent of the signup quarter's end", columns, cells, columns[1:])
        show.line()
    show.line("█ 100 and more  ▓ from 90  ▒ from 75  ░ below. As a picture: --export FILE.svg")


def _shaded(rate: Fraction | None) -> str:
    if rate is None:
        return ""
    return f"{float(rate) * 100:.0f} {next(shade for least, shade in _SHADES if rate >= least)}"


def _write(path: Path, table: CohortTable) -> list[Path]:
    if path.suffix.lower() != ".svg":
        return write(path, [Sheet("cohorts", _COLUMNS, _rows(table))])
    rows, ages = [row.cohort for row in table.rows], [str(age) for age in range(table.ages)]
    picture = heat_map("NRR by signup quarter and age in quarters, %", rows, ages, table.matrix("nrr"))
    try:
        path.write_text(picture, encoding="utf-8")
    except OSError as error:
        raise FileRefused(path, error.strerror or str(error), "name a file in a folder that can be written") from error
    return [path]


def _rows(table: CohortTable) -> Sequence[dict[str, Any]]:
    return [
        {
            "cohort": row.cohort, "cohort_accounts": row.accounts,
            "opening": decimal_amount(row.opening_cents, table.currency), "age": cell.age, "accounts": cell.accounts,
            "closing": decimal_amount(cell.closing_cents, table.currency), "nrr": _number(cell.nrr),
            "grr": _number(cell.grr), "logos": _number(cell.logos),
        }
        for row in table.rows
        for cell in row.cells
    ]  # fmt: skip


def _number(rate: Fraction | None) -> float | None:
    return None if rate is None else float(rate)
