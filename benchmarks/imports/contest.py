"""Knows who competes for the import and at which sizes."""

import tempfile
from collections.abc import Sequence

from benchmarks.contest import Contender, compete, in_fresh_process
from benchmarks.report import Table, say

SIZES = (200_000,)
QUICK_SIZES = (20_000,)
CONTENDERS = (
    Contender("Keepline", "benchmarks.imports.ours:contend"),
    Contender("csv + executemany, unchecked", "benchmarks.imports.plain:contend"),
    Contender("pydantic + ORM merge", "benchmarks.imports.orm:contend", runs=1),
)


def run(sizes: Sequence[int], most_runs: int) -> Table:
    """All contenders at all sizes, each in a copy of a database that knows the accounts."""
    table = Table("A CSV of tickets into SQLite", "rows")
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="keepline-benchmark-") as folder:
            say(f"writing a file of {size:,} tickets")
            in_fresh_process("benchmarks.made_exports:write", {"folder": folder, "size": size})
            in_fresh_process("benchmarks.imports.databases:with_accounts", {"folder": folder})
            say("all contenders in turns")
            table.add(size, compete(CONTENDERS, {"folder": folder}, most_runs), per_second=True)
    return table
