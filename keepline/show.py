"""Knows how results reach a terminal: tables for people, JSON for programs, everything else on standard error."""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)

Report = Callable[[str, int, int], None]


def as_json(content: Any) -> None:
    """One JSON document on standard output; money is decimal strings, times ISO 8601 in UTC."""
    json.dump(content, sys.stdout, indent=2, ensure_ascii=False, default=str)
    sys.stdout.write("\n")


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], numbers: Sequence[str] = ()) -> None:
    """A table on standard output; the columns named in `numbers` are set to the right."""
    # Piped into a file or a mail, a table keeps all its columns instead of being cut at 80.
    console = out if out.is_terminal else Console(highlight=False, width=160)
    grid = Table(title=escape(title), title_justify="left", header_style="bold", box=None, pad_edge=False)
    for column in columns:
        grid.add_column(column, justify="right" if column in numbers else "left", overflow="fold")
    for row in rows:
        grid.add_row(*(escape(cell) for cell in row))
    console.print(grid)


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


def raw(text: str) -> None:
    """Text on standard output as it is: already laid out, and never marked up."""
    sys.stdout.write(text)
