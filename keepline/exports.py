"""Knows how tables leave for a spreadsheet or a warehouse: CSV, XLSX, Parquet; no cell of text becomes a formula."""

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

from connectors.csv_rows import escaped
from domain.errors import FileRefused

Kind = Literal["text", "amount", "rate", "count", "date", "moment"]
_WIDTH = {"text": 24, "amount": 16, "rate": 10, "count": 10, "date": 12, "moment": 20}
_XLSX_FORMATS = {
    "amount": "#,##0.00", "rate": "0.0 %", "count": "#,##0", "date": "yyyy-mm-dd", "moment": "yyyy-mm-dd hh:mm:ss",
}  # fmt: skip
_DIGITS = 38


@dataclass(frozen=True)
class Sheet:
    """A table to write: its columns with what they hold, and its rows by column name.

    Amounts are `Decimal`, rates and counts numbers, dates `date`, moments aware `datetime`; None is an empty cell.
    """

    name: str
    columns: Mapping[str, Kind]
    rows: Sequence[Mapping[str, Any]]


def write(path: Path, sheets: Sequence[Sheet]) -> list[Path]:
    """Write the sheets by the ending of `path`; returns the files.

    XLSX holds them all; of CSV and Parquet each further sheet is a file of its own beside the first, with the sheet's
    name in its own: `a.csv`, `a-lines.csv`.

    Raises:
        FileRefused: the ending is none of the three, or the file cannot be written.
    """
    writers: dict[str, Callable[[Path, Sheet], None]] = {".csv": _csv, ".parquet": _parquet}
    ending = path.suffix.lower()
    try:
        if ending == ".xlsx":
            _xlsx(path, sheets)
            return [path]
        if ending in writers:
            files = [path, *(path.with_stem(f"{path.stem}-{sheet.name}") for sheet in sheets[1:])]
            for file, sheet in zip(files, sheets, strict=True):
                writers[ending](file, sheet)
            return files
    except OSError as error:
        raise FileRefused(path, error.strerror or str(error), "name a file in a folder that can be written") from error
    raise FileRefused(path, f"no export ends in {ending or 'nothing'!r}", "end it in .csv, .xlsx or .parquet")


def _csv(path: Path, sheet: Sheet) -> None:
    # The mark tells spreadsheets that this is UTF-8.
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(sheet.columns)
        writer.writerows([_as_text(row[name], kind) for name, kind in sheet.columns.items()] for row in sheet.rows)


def _as_text(value: Any, kind: Kind) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return escaped(str(value)) if kind == "text" else str(value)


def _xlsx(path: Path, sheets: Sequence[Sheet]) -> None:
    import xlsxwriter  # type: ignore[import-untyped]

    # Opened here first: the library tells only when it closes that it cannot write.
    path.open("ab").close()
    with xlsxwriter.Workbook(str(path)) as book:
        head = book.add_format({"bold": True, "bottom": 1})
        formats = {kind: book.add_format({"num_format": shown}) for kind, shown in _XLSX_FORMATS.items()}
        for sheet in sheets:
            _xlsx_sheet(book.add_worksheet(sheet.name[:31]), sheet, head, formats)


def _xlsx_sheet(page: Any, sheet: Sheet, head: Any, formats: Mapping[str, Any]) -> None:
    page.freeze_panes(1, 0)
    for column, (name, kind) in enumerate(sheet.columns.items()):
        page.write_string(0, column, name, head)
        page.set_column(column, column, max(_WIDTH[kind], len(name) + 2))
        for place, row in enumerate(sheet.rows, start=1):
            _xlsx_cell(page, (place, column), row[name], formats.get(kind))


def _xlsx_cell(page: Any, place: tuple[int, int], value: Any, shown: Any) -> None:
    if value is None:
        return
    if isinstance(value, datetime):
        page.write_datetime(*place, value.astimezone(UTC).replace(tzinfo=None), shown)
    elif isinstance(value, date):
        page.write_datetime(*place, value, shown)
    elif isinstance(value, str):
        page.write_string(*place, value)
    else:
        page.write_number(*place, float(value), shown)


def _parquet(path: Path, sheet: Sheet) -> None:
    import polars as pl

    kinds: dict[str, Any] = {
        "text": pl.String, "rate": pl.Float64, "count": pl.Int64, "date": pl.Date, "moment": pl.Datetime("us", "UTC"),
    }  # fmt: skip
    columns: dict[str, list[Any]] = {name: [row[name] for row in sheet.rows] for name in sheet.columns}
    schema = {
        name: pl.Decimal(_DIGITS, _digits(columns[name])) if kind == "amount" else kinds[kind]
        for name, kind in sheet.columns.items()
    }
    pl.DataFrame(columns, schema=schema).write_parquet(path)


def _digits(amounts: Sequence[Decimal | None]) -> int:
    """How many decimals hold every one of the amounts."""
    return max((-int(amount.as_tuple().exponent) for amount in amounts if amount is not None), default=2)
