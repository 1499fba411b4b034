"""Knows which pieces of delimited text are so plain that a fast parser cannot misread them, and reads these at once.

Most text of most files is: each line a row of the header's width, each quote around a whole cell. The rest is for
`csv_rows`, which finds out what is wrong where.
"""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from connectors.text_blocks import Block

# Stands for a cell in quotes while delimiters are counted; text with a NUL of its own is not plain.
_QUOTED = "\x00"


@dataclass(frozen=True)
class PlainRows:
    """Rows that stand on a line each, the first on physical line `line`: a String column for each of the header."""

    cells: pl.DataFrame
    line: int


def plain_rows(block: Block, delimiter: str, header: Sequence[str]) -> PlainRows | None:
    """The rows of a clean block of whole lines, or None where one must look closer."""
    text = block.text.replace("\r\n", "\n")
    if _QUOTED in text or "\r" in text or text.startswith("\ufeff") or len(header) < 2 or len(delimiter.encode()) > 1:
        return None
    lines = pl.Series([text.removesuffix("\n")]).str.split("\n").explode()
    if not _is_plain(lines, '"' in text, delimiter, len(header)):
        return None
    cells = pl.read_csv(
        text.encode(), separator=delimiter, has_header=False, infer_schema=False, empty_string_is_null=False
    )
    if cells.height != len(lines):
        return None
    return PlainRows(cells.rename(dict(zip(cells.columns, header, strict=True))), block.line)


def _is_plain(lines: pl.Series, quoted: bool, delimiter: str, width: int) -> bool:
    """Whether each line is a row of that width, and each quote stands around a whole cell or doubled inside one."""
    mark = re.escape(delimiter)
    whole = pl.col("line").str.replace_all(f'(^|{mark})"(?:[^"]|"")*"', f"${{1}}{_QUOTED}")
    outside = lines.to_frame("line").lazy().select("line", outside=whole if quoted else pl.col("line"))
    plain = outside.select(
        width=(pl.col("outside").str.count_matches(delimiter, literal=True) == width - 1).all(),
        closed=~pl.col("outside").str.contains('"', literal=True).any(),
        ended=~pl.col("outside").str.contains(f"{_QUOTED}[^{mark}]").any(),
        # A longer cell is refused; see `csv_rows`.
        short=pl.col("line").str.len_chars().max() <= csv.field_size_limit(),
    )
    return all(plain.collect().row(0))
