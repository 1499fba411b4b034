"""Knows how the rows of a simulation are printed."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass
class Told:
    """What a simulation found, a row per scenario; the first column stands to the left, figures to the right."""

    title: str
    heads: Sequence[str]
    rows: list[list[str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def show(self) -> None:
        """Print it as aligned Markdown."""
        rows = [list(self.heads), *self.rows]
        widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
        print(f"\n### {self.title}\n")
        for place, row in enumerate(rows):
            cells = (cell.rjust(widths[at]) if at else cell.ljust(widths[at]) for at, cell in enumerate(row))
            print(f"| {' | '.join(cells)} |")
            if place == 0:
                print(f"| {' | '.join(['-' * widths[0], *('-' * (width - 1) + ':' for width in widths[1:])])} |")
        for note in self.notes:
            print(f"\n{note}")
        sys.stdout.flush()
