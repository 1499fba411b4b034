"""Knows who competes for the clocks of all tickets, and at which sizes."""

import tempfile
from collections.abc import Sequence

from benchmarks.contest import Contender, Measured, compete, in_fresh_process
from benchmarks.report import Table, say

SIZES = (100_000, 1_000_000)
QUICK_SIZES = (20_000, 100_000)
RESOLUTIONS = Contender("Keepline, resolution", "benchmarks.clocks.ours:contend_with_resolutions")
SQL = Contender("SQL in DuckDB, resolution", "benchmarks.clocks.sql:contend", runs=2)
LOOP = Contender("Python loop, resolution", "benchmarks.clocks.loop:contend", runs=1)
ALL_METRICS = Contender("Keepline, nine metrics, promises change", "benchmarks.clocks.ours:contend")


def run(sizes: Sequence[int], most_runs: int) -> Table:
    """The resolution alone, with promises that stay what they were; then all metrics, with some that change."""
    table = Table("Clocks of all tickets, each with five messages and five events", "tickets")
    for size in sizes:
        found = _compete(size, [RESOLUTIONS, SQL, LOOP], most_runs, is_kept=True)
        found += _compete(size, [ALL_METRICS], most_runs, is_kept=False)
        table.add(size, found)
    return table


def _compete(size: int, contenders: Sequence[Contender], most_runs: int, is_kept: bool) -> list[Measured]:
    with tempfile.TemporaryDirectory(prefix="keepline-benchmark-") as folder:
        say(f"making the histories of {size:,} tickets")
        in_fresh_process("benchmarks.clocks.made_histories:make", {"folder": folder, "size": size, "is_kept": is_kept})
        say("all contenders in turns")
        return compete(contenders, {"folder": folder}, most_runs)
