"""Knows who competes for the ticket signals, at which sizes, on which data."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.contest import Contender, compete, in_fresh_process
from benchmarks.report import Table, say

SIZES = (100_000, 1_000_000, 10_000_000)
QUICK_SIZES = (100_000, 300_000)
OURS = Contender("Keepline", "benchmarks.signals.ours:contend")
SQL = Contender("SQL", "benchmarks.signals.sql:contend", runs=2)
POLARS = Contender("Polars by hand", "benchmarks.signals.polars_frames:contend")
SQL_INDEXED = Contender("SQL, own index", "benchmarks.signals.sql:contend_with_own_index", runs=2)
ORM = Contender("ORM loop, own index", "benchmarks.signals.orm:contend", runs=1)


def run(sizes: Sequence[int], most_runs: int) -> Table:
    """All contenders at all sizes, each size in a database of its own that is deleted afterwards."""
    table = Table("All accounts' ticket signals out of SQLite", "tickets")
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="keepline-benchmark-") as folder:
            arguments = {"database": str(Path(folder) / "keepline.db")}
            say(f"making {size:,} tickets")
            in_fresh_process("benchmarks.signals.made_database:make", arguments | {"size": size})
            say("Keepline, SQL and Polars in turns")
            found = compete([OURS, SQL, POLARS], arguments, most_runs)
            say("the peers that get an index of their own")
            in_fresh_process("benchmarks.signals.sql:add_own_index", arguments)
            found += compete([SQL_INDEXED, ORM], arguments, most_runs, like=found[0])
        table.add(size, found)
    return table
