"""Knows who competes for the retention rows and at which sizes."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.contest import Contender, compete, in_fresh_process
from benchmarks.report import Table, say
from benchmarks.retention import MONTHS

SIZES = (1_000, 10_000, 100_000)
QUICK_SIZES = (1_000, 5_000)
OURS = Contender("Keepline", "benchmarks.retention.ours:contend")
DUCKDB = Contender("SQL in DuckDB", "benchmarks.retention.sql:contend_in_duckdb")
SQLITE = Contender("SQL in SQLite", "benchmarks.retention.sql:contend_in_sqlite", runs=1)
OURS_ON_A_SAMPLE = Contender("Keepline on the sample", "benchmarks.retention.ours:contend_on_a_sample", runs=1)
LOOP = Contender("Python loop", "benchmarks.retention.loop:contend", runs=1)


def run(sizes: Sequence[int], most_runs: int) -> Table:
    """All contenders at all sizes, each size in a database of its own that is deleted afterwards."""
    table = Table(f"{MONTHS} months of retention rows out of SQLite", "accounts")
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="keepline-benchmark-") as folder:
            arguments = {"database": str(Path(folder) / "keepline.db"), "size": size}
            say(f"making the subscriptions of {size:,} accounts")
            in_fresh_process("benchmarks.retention.made_database:make", arguments)
            say("all contenders in turns")
            found = compete([OURS, DUCKDB, SQLITE], arguments, most_runs)
            _, loop = compete([OURS_ON_A_SAMPLE, LOOP], arguments, most_runs)
        table.add(size, [*found, loop])
    return table
