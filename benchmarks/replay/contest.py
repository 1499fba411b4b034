"""Knows how long a replay of fifty rules takes, how it grows, and what day by day would take."""

import tempfile
from collections.abc import Sequence

from benchmarks.contest import Contender, compete, in_fresh_process
from benchmarks.report import Table, say

SIZES, QUICK_SIZES = (5_000, 20_000, 80_000), (1_000, 5_000)
DAYS, RULES = 730, 50
AT_ONCE = Contender("Keepline", "benchmarks.replay.ours:at_once")
DAY_BY_DAY = Contender("live looks, day by day", "benchmarks.replay.ours:day_by_day", runs=1)
ONE_RULE = Contender("Keepline, one rule", "benchmarks.replay.ours:at_once")


def run(sizes: Sequence[int], most_runs: int) -> Table:
    """All sizes; reading the facts from Parquet is timed, making them is not."""
    table = Table(f"{RULES} rules replayed on {DAYS} days", "accounts")
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="keepline-benchmark-") as folder:
            arguments = {"folder": folder, "days": DAYS}
            say(f"making {size:,} accounts")
            in_fresh_process("benchmarks.replay.made_company:make", {"folder": folder, "accounts": size, "days": DAYS})
            say("all at once, and a few days one by one")
            found = compete([AT_ONCE, DAY_BY_DAY], arguments | {"rules": RULES}, most_runs)
            found += compete([ONE_RULE], arguments | {"rules": 1}, most_runs)
        table.add(size, found)
        rate = size * DAYS * RULES / found[0].seconds
        table.notes.append(f"{size:,} accounts: {rate / 1e6:,.0f} million account-days × rules a second.")
    return table
