"""Knows how any file becomes batches of text cells with the line that each row stands on."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import polars as pl

from connectors.csv_rows import Broken, Rows, csv_rows
from connectors.json_cells import cells_of
from connectors.layout import Layout
from connectors.mapping import Limits
from connectors.plain_text import PlainRows
from connectors.text_blocks import TooLong, blocks
from connectors.typed_rows import parquet_frames, sheet_rows
from domain.errors import FileRefused
from domain.imports import Reject


@dataclass(frozen=True)
class RawBatch:
    """Rows as they stand in the file: `cells` has a String column for each name of the header.

    `lines` (Int64) is the physical line that a row begins on: in text files and sheets counted from 1 with the header,
    in Parquet the row's number from 1. `broken` are rows that could not be taken apart.
    """

    lines: pl.Series
    cells: pl.DataFrame
    broken: list[Reject] = field(default_factory=list)


def raw_batches(
    path: Path, layout: Layout, limits: Limits | None = None, file: str | None = None
) -> Iterator[RawBatch]:
    """The rows of a file in batches of about `limits.batch_rows`; empty rows are left out. `file` names it in rejects.

    Raises:
        FileRefused: most rows are broken, or a part of the file cannot be read.
    """
    limits, file = limits or Limits(), file or path.name
    if layout.format == "parquet":
        for lines, cells in parquet_frames(path, limits):
            yield RawBatch(lines, cells.rename(dict(zip(cells.columns, layout.header, strict=True))))
        return
    read = broken = 0
    for batch in _gathered((_framed(rows, layout, file) for rows in _text_rows(path, layout, limits)), limits):
        read, broken = read + batch.cells.height, broken + len(batch.broken)
        if broken > max(limits.broken_rows, read):
            first = batch.broken[0]
            remedy = f"line {first.line}: {first.found}, expected {first.expected}"
            raise FileRefused(file, f"{broken:,} of the first {read + broken:,} rows cannot be taken apart", remedy)
        yield batch


def raw_rows(path: Path, layout: Layout, lines: set[int], limits: Limits | None = None) -> dict[int, list[str]]:
    """The original cells of the rows that begin on the given lines."""
    found: dict[int, list[str]] = {}
    for batch in raw_batches(path, layout, limits):
        wanted = batch.lines.is_in(list(lines))
        found |= dict(zip(batch.lines.filter(wanted), map(list, batch.cells.filter(wanted).iter_rows()), strict=True))
        if len(found) == len(lines):
            break
    return found


def sample_rows(path: Path, layout: Layout, limits: Limits | None = None) -> pl.DataFrame:
    """The first rows' cells, for guessing what they mean."""
    limits = limits or Limits()
    few = limits.model_copy(update={"batch_rows": limits.sample_rows})
    batch = next(raw_batches(path, layout, few), None)
    return (
        batch.cells.head(limits.sample_rows) if batch else pl.DataFrame(schema=dict.fromkeys(layout.header, pl.String))
    )


def _text_rows(path: Path, layout: Layout, limits: Limits) -> Iterator[Rows | PlainRows]:
    if layout.format == "delimited":
        return csv_rows(path, layout, limits)
    if layout.format == "jsonl":
        return _json_rows(path, layout, limits)
    return _sheet_batches(path, layout, limits)


def _sheet_batches(path: Path, layout: Layout, limits: Limits) -> Iterator[Rows]:
    width, rows = len(layout.header), sheet_rows(path, layout.header_line, limits)
    yield Rows()
    while chunk := list(islice(rows, limits.batch_rows)):
        yield Rows([(cells + [""] * width)[:width] for _, cells in chunk], [line for line, _ in chunk])


def _json_rows(path: Path, layout: Layout, limits: Limits) -> Iterator[Rows]:
    for block in blocks(path, layout.encoding, limits):
        if isinstance(block, TooLong):
            found = f"a line of more than {limits.line_characters:,} characters that begins {block.start[:60]!r}"
            yield Rows(broken=[Broken(block.line, found, "one JSON object a line")])
            continue
        yield _json_block(block.text.split("\n"), block.line, layout)


def _json_block(texts: Iterable[str], line: int, layout: Layout) -> Rows:
    rows = Rows()
    for at, text in enumerate(texts, line):
        if not text.strip():
            continue
        try:
            text.encode()
            found = cells_of(text)
        except UnicodeEncodeError:
            shown = text.encode(errors="replace").decode()
            rows.broken.append(Broken(at, f"bytes that are no text: {shown[:60]!r}", "UTF-8", (shown,)))
        except (ValueError, RecursionError) as error:
            reason = error.msg if isinstance(error, json.JSONDecodeError) else "not an object"
            rows.broken.append(Broken(at, f"{text[:60]!r} ({reason})", "one JSON object a line", (text,)))
        else:
            rows.cells.append([found.get(name, "") for name in layout.header])
            rows.lines.append(at)
    return rows


def _gathered(parts: Iterator[RawBatch], limits: Limits) -> Iterator[RawBatch]:
    """Join small batches; each text part is about a megabyte, so their number bounds the memory."""
    waiting: list[RawBatch] = []
    most = max(limits.batch_characters // limits.line_characters, 1)
    for part in parts:
        waiting.append(part)
        if sum(one.cells.height for one in waiting) >= limits.batch_rows or len(waiting) >= most:
            yield _joined(waiting)
            waiting = []
    if waiting:
        yield _joined(waiting)


def _joined(parts: list[RawBatch]) -> RawBatch:
    return RawBatch(
        pl.concat([part.lines for part in parts]),
        pl.concat([part.cells for part in parts]),
        [reject for part in parts for reject in part.broken],
    )


def _framed(rows: Rows | PlainRows, layout: Layout, file: str) -> RawBatch:
    if isinstance(rows, PlainRows):
        lines = pl.int_range(rows.line, rows.line + rows.cells.height, dtype=pl.Int64, eager=True).alias("line")
        return _filled(lines, rows.cells, [])
    columns = zip(*rows.cells, strict=True) if rows.cells else [()] * len(layout.header)
    cells = pl.DataFrame(
        [pl.Series(name, column, dtype=pl.String) for name, column in zip(layout.header, columns, strict=True)]
    )
    broken = [
        Reject(file=file, line=one.line, column=one.column, found=one.found, expected=one.expected, row=one.cells)
        for one in rows.broken
    ]
    return _filled(pl.Series("line", rows.lines, dtype=pl.Int64), cells, broken)


def _filled(lines: pl.Series, cells: pl.DataFrame, broken: list[Reject]) -> RawBatch:
    """The batch without its empty rows."""
    filled = ~cells.select(pl.all_horizontal(pl.all() == "")).to_series()
    return RawBatch(lines.filter(filled), cells.filter(filled), broken)
