"""Knows how tables with types of their own, Parquet files and workbooks, become rows of text."""

import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl
from polars.exceptions import PanicException, PolarsError
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from connectors.mapping import Limits
from domain.errors import FileRefused

# A damaged footer can make the reader panic, which is no `Exception`.
_UNREADABLE = (PolarsError, PanicException, OSError)
_CUT_OFF = "copy or export it again, it may be cut off"


def parquet_header(path: Path) -> list[str]:
    """The column names of a Parquet file.

    Raises:
        FileRefused: it is not one, or not all of it.
    """
    try:
        return list(pl.read_parquet_schema(path))
    except _UNREADABLE as error:
        raise FileRefused(path.name, "no readable Parquet file", _CUT_OFF) from error


def parquet_frames(path: Path, limits: Limits) -> Iterator[tuple[pl.Series, pl.DataFrame]]:
    """Row numbers from 1 and the cells as text, in batches.

    Raises:
        FileRefused: a part of the file cannot be read.
    """
    scan, start = pl.scan_parquet(path), 0
    while True:
        try:
            rows = scan.slice(start, limits.batch_rows).collect()
        except _UNREADABLE as error:
            raise FileRefused(path.name, f"a Parquet file that breaks off after row {start}", _CUT_OFF) from error
        yield pl.int_range(start + 1, start + rows.height + 1, eager=True), _as_text(rows)
        start += rows.height
        if rows.height < limits.batch_rows:
            return


def _as_text(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select(_text_expression(name, dtype).fill_null("").alias(name) for name, dtype in rows.schema.items())


def _text_expression(name: str, dtype: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    if isinstance(dtype, pl.Datetime):
        zoned = column.dt.convert_time_zone("UTC") if dtype.time_zone else column
        return zoned.dt.to_string("%Y-%m-%dT%H:%M:%S%.6f" + ("Z" if dtype.time_zone else ""))
    if isinstance(dtype, pl.List | pl.Array):
        inner = column.cast(pl.List(pl.String))
        return pl.when(column.is_not_null()).then(
            pl.struct(inner.alias("list")).struct.json_encode().str.slice(8).str.head(-1)
        )
    if isinstance(dtype, pl.Struct):
        return column.struct.json_encode()
    if dtype == pl.Binary:
        return column.cast(pl.String, strict=False)
    return column.cast(pl.String)


def sheet_header(path: Path, limits: Limits) -> tuple[list[str], int]:
    """The first filled row of a workbook's first filled sheet, and its row number there.

    Raises:
        FileRefused: it is no workbook, has a password, or would unpack to more than the limit.
    """
    found = next(_sheet_rows(path, limits), None)
    if found is None:
        raise FileRefused(path.name, "a workbook without rows", "fill its first sheet")
    return list(found[1]), found[0]


def sheet_rows(path: Path, header_line: int, limits: Limits) -> Iterator[tuple[int, list[str]]]:
    """Row numbers of the sheet and the cells of the rows below the header."""
    return ((line, cells) for line, cells in _sheet_rows(path, limits) if line > header_line)


def _sheet_rows(path: Path, limits: Limits) -> Iterator[tuple[int, list[str]]]:
    sheet = _first_sheet(path, limits)
    if sheet is None or sheet.start is None:
        return
    for line, cells in enumerate(sheet.iter_rows(), 1):
        row = [_cell(value) for value in cells]
        if any(row):
            yield line, row


def _first_sheet(path: Path, limits: Limits) -> CalamineSheet | None:
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
        if unpacked > limits.sheet_bytes:
            raise FileRefused(path.name, f"a workbook of {unpacked:,} bytes unpacked", "export it as CSV")
        book = CalamineWorkbook.from_path(str(path))
        sheets = (book.get_sheet_by_index(place) for place in range(len(book.sheet_names)))
        return next((sheet for sheet in sheets if sheet.total_height), None)
    except (CalamineError, zipfile.BadZipFile, NotImplementedError, OSError) as error:
        raise FileRefused(path.name, f"no readable workbook ({error})", "save it again as .xlsx or CSV") from error


def _cell(value: Any) -> str:
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)
