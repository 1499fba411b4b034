"""Prints what was measured: a table per benchmark, and the machine that it was measured on."""

import os
import platform
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from benchmarks.contest import Measured

_HEADS = ("seconds", "of ours", "growth", "peak MB", "parts")
_LIBRARIES = ("polars", "narwhals", "adbc-driver-sqlite", "sqlalchemy", "pydantic", "duckdb")


@dataclass
class Table:
    """One benchmark's figures; a row is a contender at a size. The first contender of a size is ours."""

    title: str
    unit: str
    rows: list[list[str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    _seconds: dict[str, float] = field(default_factory=dict)

    def add(self, size: int, found: Sequence[Measured], per_second: bool = False) -> None:
        """Add a size. Growth is each contender's time over its time at the size before; `per_second` adds rates."""
        for one in found:
            name = one.contender.name
            before = self._seconds.get(name)
            self._seconds[name] = one.seconds
            self.rows.append([
                f"{size:,}",
                name,
                _figure(one.seconds),
                "1" if one is found[0] else f"{one.seconds / found[0].seconds:.2f}×",
                f"{one.seconds / before:.1f}×" if before else "",
                f"{one.peak_bytes / 1e6:,.0f}",
                _parts(one, f"{size / one.seconds:,.0f} {self.unit}/s" if per_second else ""),
            ])  # fmt: skip

    def show(self) -> None:
        """Print the table as aligned Markdown."""
        rows = [[self.unit, "contender", *_HEADS], *self.rows]
        widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
        print(f"\n### {self.title}\n")
        for place, row in enumerate(rows):
            # Text stands on the left, figures on the right.
            cells = [cell.ljust(width) if at in {1, 6} else cell.rjust(width)
                     for at, (cell, width) in enumerate(zip(row, widths, strict=True))]  # fmt: skip
            print(f"| {' | '.join(cells)} |")
            if place == 0:
                rules = ["-" * width if at in {1, 6} else "-" * (width - 1) + ":" for at, width in enumerate(widths)]
                print(f"| {' | '.join(rules)} |")
        for note in self.notes:
            print(f"\n{note}")


def machine() -> str:
    """The machine and the versions in one line."""
    cores = os.cpu_count() or 1
    load = os.getloadavg()[0]
    names = ", ".join(f"{name} {version(name)}" for name in _LIBRARIES)
    return (
        f"{_processor()}, {cores} cores (load {load:.1f} when it began), {_memory()}; {platform.system()}, "
        f"Python {platform.python_version()}, SQLite {_sqlite()}; {names}"
    )


def say(what: str) -> None:
    """Tell on standard error what is going on."""
    print(f"  … {what}", file=sys.stderr, flush=True)


def _figure(seconds: float) -> str:
    return f"{seconds:,.0f}" if seconds >= 100 else f"{seconds:.2f}" if seconds >= 0.1 else f"{seconds:.3f}"


def _parts(one: Measured, first: str) -> str:
    parts: Mapping[str, float] = one.parts if len(one.parts) > 1 else {}
    told = [first, *(f"{name} {_figure(seconds)}" for name, seconds in parts.items())]
    if one.answer.share < 1:
        told.append(f"extrapolated from {one.answer.share:.1%}")
    return ", ".join(filter(None, told))


def _processor() -> str:
    lines = _lines("/proc/cpuinfo", "model name")
    return lines[0] if lines else platform.machine()


def _memory() -> str:
    lines = _lines("/proc/meminfo", "MemTotal")
    return f"{int(lines[0].split()[0]) / 1e6:.0f} GB" if lines else "memory unknown"


def _lines(file: str, name: str) -> list[str]:
    path = Path(file)
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    return [line.partition(":")[2].strip() for line in text.splitlines() if line.startswith(name)]


def _sqlite() -> str:
    import sqlite3

    return sqlite3.sqlite_version
