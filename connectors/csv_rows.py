"""Knows how lines of delimited text become rows, and how to go on after a line that is none."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from connectors.layout import REPAIR_COLUMNS, Layout
from connectors.mapping import Limits
from connectors.plain_text import PlainRows, plain_rows
from connectors.text_blocks import Block, TooLong, blocks, count_lines, is_clean, mended
from domain.errors import FileRefused

_ESCAPED = re.compile(r"'+[=+\-@\t\r]")
# How far behind a broken quote whole rows are looked for.
_LOOK_AHEAD = 50


@dataclass(frozen=True)
class Broken:
    """A row that cannot be taken apart, or whose bytes are no text."""

    line: int
    found: str
    expected: str
    cells: tuple[str, ...] = ()
    column: str = ""


@dataclass
class Rows:
    """Rows of equal width, the physical line that each begins on, and what between them is no row."""

    cells: list[list[str]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    broken: list[Broken] = field(default_factory=list)


def csv_rows(path: Path, layout: Layout, limits: Limits) -> Iterator[Rows | PlainRows]:
    """The rows below the header, a megabyte of text at a time.

    Raises:
        FileRefused: most rows are none, or so many quotes do not match that finding each row's end would take forever.
    """
    assembly = _Assembly(layout, limits, path.name)
    for block in blocks(path, layout.encoding, limits):
        yield assembly.take(block)
    yield assembly.finish()


class _Text(io.StringIO):
    """Lines to be read, beside the whole text that they are cut from: `getvalue` would copy it each time."""

    def __init__(self, text: str) -> None:
        super().__init__(text, newline="")
        self.text = text


class _Assembly:
    """Joins blocks into rows: a quoted cell may run over lines, and over the end of a block."""

    def __init__(self, layout: Layout, limits: Limits, file: str) -> None:
        self._layout, self._limits, self._file = layout, limits, file
        self._lead = len(REPAIR_COLUMNS) if layout.repaired else 0
        self._width = len(layout.header) + self._lead
        self._rest, self._rest_line = "", 1
        self._good = self._broken = self._in_vain = 0

    def take(self, block: Block | TooLong) -> Rows | PlainRows:
        """The rows that a block completes."""
        if isinstance(block, TooLong):
            rows = self.finish()
            found = f"a line of more than {self._limits.line_characters:,} characters that begins {block.start[:60]!r}"
            rows.broken.append(Broken(block.line, found, "one row a line; a quote may be open, or line ends missing"))
            return rows
        if (plain := self._plain(block)) is not None:
            self._good += plain.cells.height
            return plain
        text, line = self._rest + block.text, self._rest_line if self._rest else block.line
        return self._parse(text, line, final=False)

    def _plain(self, block: Block) -> PlainRows | None:
        """The rows of a block into which none runs and in which each line is one."""
        if self._rest or self._layout.repaired or not block.clean or block.line <= self._layout.header_line:
            return None
        return plain_rows(block, self._layout.delimiter, self._layout.header)

    def finish(self) -> Rows:
        """The rows of what is left at the end."""
        return self._parse(self._rest, self._rest_line, final=True)

    def _parse(self, text: str, line: int, final: bool) -> Rows:
        rows, self._rest = Rows(), ""
        source = _Text(text)
        while line <= self._layout.header_line and source.readline():
            line += 1
        start = source.tell()
        # Each round reads until a row breaks the rules; the next begins behind it.
        while start < len(text):
            start, line = self._read_on(source, start, line, rows, final)
        self._good += len(rows.cells)
        if "\0" in text or not is_clean(text, self._layout.encoding):
            self._keep_readable(rows)
        if self._layout.repaired:
            rows.cells = [self._own(row) for row in rows.cells]
        return rows

    def _read_on(self, source: _Text, start: int, line: int, rows: Rows, final: bool) -> tuple[int, int]:
        """Read rows until one breaks the rules; returns where, and on which line, the next round begins."""
        source.seek(start)
        reader = csv.reader(source, delimiter=self._layout.delimiter, strict=True)
        first, width = line, self._width
        try:
            for row in reader:
                if len(row) == width or self._trimmed(row):
                    rows.cells.append(row)
                    rows.lines.append(line)
                elif row:
                    return self._skip(source, start, line, rows, self._ragged(len(row)))
                start, line = source.tell(), first + reader.line_num
        except csv.Error as error:
            unfinished = "unexpected end" in str(error)
            if unfinished and not final and len(source.text) - start <= self._limits.line_characters:
                self._rest, self._rest_line = source.text[start:], line
                return len(source.text), line
            return self._skip(source, start, line, rows, _reason(error))
        return source.tell(), line

    def _trimmed(self, row: list[str]) -> bool:
        """Cut empty cells behind the last column off in place; whether the row has its width now."""
        if len(row) > self._width and not any(row[self._width :]):
            del row[self._width :]
            return True
        return False

    def _skip(self, source: _Text, start: int, line: int, rows: Rows, reason: tuple[str, str]) -> tuple[int, int]:
        """Put the row at `start` aside: its first line alone if whole rows stand behind it, else all that was read."""
        end = source.tell()
        source.seek(start)
        first = source.readline()
        behind = source.tell()
        more = source.text[behind:end]
        text = first if more.count("\n") > _LOOK_AHEAD or self._has_rows(more) else first + more
        found, expected = reason
        self._in_vain += end - start - len(text)
        if self._in_vain > self._limits.reread_characters:
            raise FileRefused(self._file, f"quotes that do not match, first seen near line {line}", "export it again")
        cells = self._loosely(text)
        rows.broken.append(Broken(line, found, expected, tuple(self._own(cells))))
        self._broken += 1
        if self._broken > max(self._limits.broken_rows, self._good + len(rows.cells)):
            remedy = f"line {line}: {found}, expected {expected}"
            raise FileRefused(self._file, f"{self._broken:,} rows, and so most, cannot be taken apart", remedy)
        return start + len(text), line + max(count_lines(text), 1)

    def _has_rows(self, text: str) -> bool:
        # With half a pair of quotes a line is rather the tail of the broken row.
        whole = (line for line in io.StringIO(text, newline="") if line.count('"') % 2 == 0)
        return any(len(self._loosely(line)) == self._width for line in whole)

    def _loosely(self, text: str) -> list[str]:
        """The cells that text of one row seems to have, quotes taken as they come."""
        try:
            return next(csv.reader([text.rstrip("\r\n").replace("\r\n", "\n")], delimiter=self._layout.delimiter), [])
        except csv.Error:
            return [text[: self._limits.line_characters]]

    def _ragged(self, cells: int) -> tuple[str, str]:
        found, width = cells - self._lead, self._width - self._lead
        hint = "quote cells that contain the delimiter" if found > width else "the row may be cut off"
        return f"{found} cells", f"{width} cells, as in the header; {hint}"

    def _own(self, row: list[str]) -> list[str]:
        return [unescaped(cell) for cell in row[self._lead :]] if self._layout.repaired else row

    def _keep_readable(self, rows: Rows) -> None:
        """Move rows with undecodable bytes or NULs from the good to the broken."""
        good = Rows(broken=rows.broken)
        for cells, line in zip(rows.cells, rows.lines, strict=True):
            if (problem := self._unreadable(cells, line)) is None:
                good.cells.append(cells)
                good.lines.append(line)
            else:
                good.broken.append(problem)
        rows.cells, rows.lines = good.cells, good.lines
        rows.broken = sorted(map(self._printable, good.broken), key=lambda problem: problem.line)

    def _unreadable(self, cells: list[str], line: int) -> Broken | None:
        names = [*REPAIR_COLUMNS[: self._lead], *self._layout.header]
        for name, cell in zip(names, cells, strict=True):
            if "\0" in cell:
                return Broken(line, f"a NUL byte in {cell[:60]!r}", "text", tuple(self._own(cells)), name)
            if not is_clean(cell, self._layout.encoding):
                guess = self._layout.guess or "cp1252"
                expected = f"{self._layout.encoding} text; if the whole file is {guess}, map `encoding: {guess}`"
                return Broken(
                    line,
                    f"bytes that are no text: {mended(cell[:60], 'utf-8', 'utf-8')}",
                    expected,
                    tuple(self._own(cells)),
                    name,
                )
        return None

    def _printable(self, broken: Broken) -> Broken:
        guess = self._layout.guess or "cp1252"
        cells = tuple(mended(cell, self._layout.encoding, guess).replace("\0", "") for cell in broken.cells)
        return Broken(broken.line, broken.found, broken.expected, cells, broken.column)


def unescaped(cell: str) -> str:
    """A cell of a repair file as it stood in the original."""
    return cell[1:] if cell[:1] == "'" and _ESCAPED.match(cell) else cell


def escaped(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula; `unescaped` gives back exactly `cell`."""
    return f"'{cell}" if cell and (cell[0] in "=+-@\t\r" or _ESCAPED.match(cell)) else cell


def _reason(error: csv.Error) -> tuple[str, str]:
    """What is wrong with a row and what would be right, in plain words."""
    text = str(error)
    if "unexpected end" in text:
        return "a quote that is opened and never closed", "a closing quote, or none"
    if "field larger" in text:
        return f"a cell of more than {csv.field_size_limit():,} characters", "a shorter text; a quote may be open"
    return "a stray quote", 'each opened quote closed at its cell\'s end, and quotes inside it doubled: ""'
