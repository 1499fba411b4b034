"""Knows who competes for the ledger and its cuts, and at which sizes."""

import tempfile
from collections.abc import Sequence
from importlib.util import find_spec

from benchmarks.contest import Contender, compete, in_fresh_process
from benchmarks.report import Table, say

SIZES = (10_000, 100_000, 1_000_000)
QUICK_SIZES = (10_000, 100_000)
LEDGER = (
    Contender("Keepline", "benchmarks.ledger.ours:contend"),
    Contender("MRR playbook's way, DuckDB", "benchmarks.ledger.playbook:contend"),
    Contender("pandas", "benchmarks.ledger.pandas_frames:contend"),
)
IN_CUTS = (
    Contender("Keepline, seven cuts", "benchmarks.ledger.ours:contend_in_cuts"),
    Contender("MRR playbook's way, seven cuts", "benchmarks.ledger.playbook:contend_in_cuts"),
    Contender("pandas, seven cuts", "benchmarks.ledger.pandas_frames:contend_in_cuts"),
)


def installed(contenders: Sequence[Contender]) -> list[Contender]:
    """Those whose library is there; only pandas may be missing."""
    return [one for one in contenders if not one.name.startswith("pandas") or find_spec("pandas")]


def run(sizes: Sequence[int], most_runs: int) -> Table:
    """The ledger alone, then with its cuts, from the same Parquet files."""
    table = Table("36 months of a ledger out of Parquet", "accounts")
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="keepline-benchmark-") as folder:
            arguments = {"folder": folder, "size": size}
            say(f"writing the subscriptions of {size:,} accounts")
            in_fresh_process("benchmarks.ledger.made_parquet:make", arguments)
            for contenders in (LEDGER, IN_CUTS):
                say("all contenders in turns")
                table.add(size, compete(installed(contenders), arguments, most_runs))
    return table
