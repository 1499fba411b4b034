"""Knows how rows that were put aside are handed back, so that they can be repaired and read again."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

from connectors.csv_rows import escaped
from connectors.layout import REPAIR_COLUMNS
from domain.imports import Reject


def write_rejects(path: Path, header: Sequence[str], rejects: Iterable[Reject]) -> int:
    """Write rejected rows of one file as CSV: what is wrong with each in front, its original cells behind.

    A line that was put aside more than once, for several records or reasons, is one row. Every cell that a
    spreadsheet would run as a formula carries an apostrophe, which reading the file takes off again; so an untouched
    cell comes back byte for byte. Returns the number of rows.
    """
    by_line: dict[int, Reject] = {}
    for reject in rejects:
        known = by_line.get(reject.line)
        by_line[reject.line] = reject if known is None else _both(known, reject)
    # The mark tells spreadsheets, and our own reader, that this is UTF-8.
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*REPAIR_COLUMNS, *header])
        for line in sorted(by_line):
            reject = by_line[line]
            told = (str(line), reject.column, reject.found, reject.expected)
            writer.writerow([escaped(cell) for cell in (*told, *reject.row)])
    return len(by_line)


def _both(first: Reject, second: Reject) -> Reject:
    if (second.column, second.found, second.expected) == (first.column, first.found, first.expected):
        return first
    also = f"{first.expected}; also {second.column}: found {second.found!r}, expected {second.expected}"
    return first.model_copy(update={"expected": also[:500], "row": first.row or second.row})
