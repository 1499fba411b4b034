"""Knows how results reach a terminal: tables for people, JSON for programs, everything else on standard error."""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)

_PIPED_WIDTH = 160
_WIDEST = 1_000
_SHORT = 16
Report = Callable[[str, int, int], None]
LongReport = Callable[[str, int, int | None], None]


def as_json(content: Any) -> None:
    """One JSON document on standard output; money is decimal strings, times ISO 8601 in UTC."""
    json.dump(content, sys.stdout, indent=2, ensure_ascii=False, default=_plain)
    sys.stdout.write("\n")


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], numbers: Sequence[str] = ()) -> None:
    """A table on standard output; the columns named in `numbers` are set to the right."""
    grid = Table(title=escape(title), title_justify="left", header_style="bold", box=None, pad_edge=False)
    for place, column in enumerate(columns):
        is_number = column in numbers
        longest = max((len(row[place]) for row in rows), default=0)
        whole = is_number or longest <= _SHORT
        # A cell of several words measures as its longest one, unless told.
        least = longest if whole else None
        grid.add_column(
            column, justify="right" if is_number else "left", overflow="fold", no_wrap=whole, min_width=least
        )
    for row in rows:
        grid.add_row(*(escape(cell) for cell in row))
    # A number is never broken: rather is a line longer than the terminal. A pipe has no width of its own.
    width = out.width if out.is_terminal else _PIPED_WIDTH
    needed = out.measure(grid, options=out.options.update(max_width=_WIDEST)).minimum
    Console(highlight=False, width=max(width, needed)).print(grid)


def line(text: str = "", style: str | None = None) -> None:
    """A line on standard output."""
    out.print(escape(text), style=style, soft_wrap=True)


def say(text: str, style: str | None = None) -> None:
    """A line for the person at the terminal, on standard error, so that `--json` stays clean."""
    err.print(escape(text), style=style, soft_wrap=True)


@contextmanager
def progress() -> Iterator[Report]:
    """A bar per step on standard error; call it with the step's name, how much is done, and of how much."""
    columns = (TextColumn("{task.description:<28}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, disable=not err.is_terminal) as bars:
        known: dict[str, Any] = {}

        def report(step: str, done: int, total: int) -> None:
            if step not in known:
                known[step] = bars.add_task(step, total=total)
            bars.update(known[step], completed=done, total=total)

        yield report


@contextmanager
def long_progress() -> Iterator[LongReport]:
    """Like `progress`, for work of hours: with the time that is left by the pace so far, where the total is known."""
    columns = (
        TextColumn("{task.description:<28}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
        TextColumn("left"), TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=err, disable=not err.is_terminal) as bars:
        known: dict[str, Any] = {}

        def report(step: str, done: int, total: int | None) -> None:
            if step not in known:
                # What was done before this run says nothing of its pace.
                known[step] = bars.add_task(step, total=total, completed=done)
                return
            bars.update(known[step], completed=done, total=None if total is None else max(total, done))

        yield report


def raw(text: str) -> None:
    """Text on standard output as it is: already laid out, and never marked up."""
    sys.stdout.write(text)
