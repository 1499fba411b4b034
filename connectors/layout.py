"""Knows how a file is laid out: its format, encoding, delimiter and header; or why it cannot be read at all."""

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from connectors.json_cells import keys_of
from connectors.mapping import Limits
from connectors.text_blocks import Block, blocks, bom_encoding, is_clean, suggested_encoding
from connectors.typed_rows import parquet_header, sheet_header
from domain.errors import FileRefused

Format = Literal["delimited", "jsonl", "parquet", "xlsx"]
SUFFIXES: dict[str, Format] = {
    ".csv": "delimited", ".tsv": "delimited", ".tab": "delimited", ".txt": "delimited", ".jsonl": "jsonl",
    ".ndjson": "jsonl", ".parquet": "parquet", ".pq": "parquet", ".xlsx": "xlsx", ".xlsm": "xlsx",
}  # fmt: skip
# What Keepline adds in front of the rows that it hands back for repair.
REPAIR_COLUMNS = ("keepline_line", "keepline_column", "keepline_found", "keepline_expected")

# Control characters that a text file may have by accident.
_FEW_STRANGE = 8
_DELIMITERS = ",;\t|"
_MAGIC = (
    (b"PK\x03\x04", "a zip archive or workbook", "unpack it, or name it .xlsx if it is a workbook"),
    (b"PAR1", "a Parquet file", "name it .parquet"),
    (b"\x1f\x8b", "a gzip archive", "unpack it first"),
    (b"%PDF", "a PDF document", "export the table as CSV"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook (.xls)", "save it as .xlsx or CSV"),
    (b"SQLite format 3", "a SQLite database", "export the table as CSV"),
    (b"\x89PNG", "a picture", "export the table as CSV"),
)
_DATA_CELL = re.compile(
    r"[-+]?[\d.,]+%?|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([T ].*)?|[^@\s]+@[^@\s]+\.[a-z]+", re.IGNORECASE
)


@dataclass(frozen=True)
class Layout:
    """How to take a file apart. `header` names the columns in order; `header_line` is where it stands.

    `repaired`: the file is one of Keepline's own repair files; its four leading columns are not part of `header`.
    """

    format: Format
    header: tuple[str, ...]
    encoding: str = "utf-8"
    delimiter: str = ","
    header_line: int = 1
    repaired: bool = False
    guess: str | None = None


def find_layout(
    path: Path, encoding: str | None = None, delimiter: str | None = None, limits: Limits | None = None
) -> Layout:
    """The layout of a file, by its name's ending and its first megabyte. A byte order mark outweighs `encoding`.

    Raises:
        FileRefused: empty, binary, cut off, without a header, or with a header that names a column twice.
    """
    limits = limits or Limits()
    file_format = SUFFIXES.get(path.suffix.lower())
    if file_format is None:
        raise FileRefused(path.name, f"a file ending in {path.suffix!r}", f"give one of {', '.join(sorted(SUFFIXES))}")
    if not path.stat().st_size:
        raise FileRefused(path.name, "an empty file", "export it again")
    if file_format == "parquet":
        return Layout("parquet", _checked(path, parquet_header(path)), header_line=0)
    if file_format == "xlsx":
        header, line = sheet_header(path, limits)
        return Layout("xlsx", _checked(path, header), header_line=line)
    return _text_layout(path, file_format, encoding, delimiter, limits)


def _text_layout(
    path: Path, file_format: Format, encoding: str | None, delimiter: str | None, limits: Limits
) -> Layout:
    with path.open("rb") as file:
        head = file.read(1 << 16)
    encoding = bom_encoding(head) or encoding or "utf-8"
    _refuse_binary(path, head, encoding)
    block = next(blocks(path, encoding, limits), None)
    if not isinstance(block, Block):
        found = "an empty file" if block is None else f"a first line of more than {limits.line_characters:,} characters"
        raise FileRefused(path.name, found, "export it again, one row a line")
    guess = None if block.clean else suggested_encoding(head)
    if file_format == "jsonl":
        return Layout("jsonl", _checked(path, keys_of(block.text, limits)), encoding, header_line=0, guess=guess)
    return _delimited_layout(path, block, Layout("delimited", (), encoding, delimiter or "", guess=guess))


def _delimited_layout(path: Path, block: Block, layout: Layout) -> Layout:
    lines = io.StringIO(block.text, newline="").readlines()
    first = next((at for at, line in enumerate(lines) if line.strip()), None)
    if first is None:
        raise FileRefused(path.name, "a file of empty lines", "export it again")
    # Excel's own hint, for itself and for us.
    if (hint := re.fullmatch(r'"?sep=(.)"?\s*', lines[first])) and first + 1 < len(lines):
        layout, first = replace(layout, delimiter=hint[1]), first + 1
    delimiter = layout.delimiter or _best_delimiter(lines[first : first + 50], path.suffix.lower())
    reader = csv.reader(lines[first:], delimiter=delimiter)
    try:
        header = next(reader)
    except (csv.Error, StopIteration) as error:
        raise FileRefused(path.name, f"a header that is no row ({error})", "mend its quotes") from error
    if not is_clean("".join(header), layout.encoding):
        guess = layout.guess or "cp1252"
        raise FileRefused(
            path.name, f"a header that is not {layout.encoding}", f"set `encoding: {guess}` in the mapping"
        )
    repaired = tuple(header[: len(REPAIR_COLUMNS)]) == REPAIR_COLUMNS
    own = header[len(REPAIR_COLUMNS) :] if repaired else header
    # `header_line` is its last physical line: rows begin after it.
    return replace(
        layout, header=_checked(path, own), delimiter=delimiter, header_line=first + reader.line_num, repaired=repaired
    )


def _best_delimiter(lines: Sequence[str], suffix: str) -> str:
    """The delimiter that cuts the first lines into most columns, and most of them alike."""

    def fitness(delimiter: str) -> tuple[float, int]:
        try:
            widths = [len(row) for row in csv.reader(lines, delimiter=delimiter) if row]
        except csv.Error:
            return 0.0, 0
        alike = Counter(widths)[widths[0]] / len(widths)
        return (alike, widths[0]) if widths[0] > 1 else (0.0, 0)

    order = "\t,;|" if suffix in {".tsv", ".tab"} else _DELIMITERS
    return max(order, key=fitness)


def _refuse_binary(path: Path, head: bytes, encoding: str) -> None:
    for magic, what, remedy in _MAGIC:
        if head.startswith(magic):
            raise FileRefused(path.name, what, remedy)
    if encoding.startswith(("utf-16", "utf-32")):
        return
    zeros = head.count(0)
    if zeros > len(head) * 0.3 and (head[::2].count(0) == 0 or head[1::2].count(0) == 0):
        wide = "utf-16-le" if head[::2].count(0) == 0 else "utf-16-be"
        raise FileRefused(path.name, "what looks like UTF-16 without a mark", f"set `encoding: {wide}` in the mapping")
    strange = sum(head.count(code) for code in range(32) if code not in b"\t\n\r\f\x1a")
    if strange > _FEW_STRANGE + len(head) * 0.02:
        raise FileRefused(path.name, "binary content, not text", "export the table as CSV")


def _checked(path: Path, names: Sequence[str]) -> tuple[str, ...]:
    """The header, stripped, without trailing empty names.

    Raises:
        FileRefused: it is empty, repeats a name, or is a row of data.
    """
    header = [name.strip().lstrip("\ufeff") for name in names]
    while header and not header[-1]:
        header.pop()
    if not any(re.search(r"\w", name) for name in header):
        raise FileRefused(path.name, "no column names", "put the column names into the first row")
    twice = [name for name, count in Counter(name for name in header if name).items() if count > 1]
    if twice:
        raise FileRefused(path.name, f"two columns named {twice[0]!r}", "rename one of them")
    data = [name for name in header if _DATA_CELL.fullmatch(name)]
    if data:
        raise FileRefused(
            path.name, f"{data[0]!r} where a column name should be", "put the column names into the first row"
        )
    return tuple(name or f"(column {place})" for place, name in enumerate(header, 1))
