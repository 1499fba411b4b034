"""Knows who pulls a large site, at which sizes, and what the next sync then costs."""

from collections.abc import Mapping, Sequence

from benchmarks.contest import Contender, compete, in_fresh_process
from benchmarks.report import Table, say
from benchmarks.sync.made_site import PAGE_ROWS, large_site

SIZES = (20_000, 100_000)
QUICK_SIZES = (5_000,)
CONTENDERS = (
    Contender("Keepline, with comments", "benchmarks.sync.ours:contend", runs=1),
    Contender("requests + ORM merge", "benchmarks.sync.orm:contend", runs=1),
)
_CALLS_A_MINUTE = 10


def run(sizes: Sequence[int], most_runs: int) -> Table:
    """All contenders at all sizes; and below the table, what a sync after a change of one in a hundred reads."""
    table = Table("A first pull of a Zendesk site into SQLite", "tickets")
    for size in sizes:
        with large_site(size) as address:
            say(f"pulling {size:,} tickets")
            table.add(size, compete(CONTENDERS, {"address": address, "size": size}, most_runs), per_second=True)
        say(f"pulling {size:,} tickets, changing one in a hundred, pulling again")
        table.notes.append(_told(size, in_fresh_process("benchmarks.sync.ours:increment", {"size": size})["answer"]))
    return table


def _told(size: int, told: Mapping[str, Mapping[str, float]]) -> str:
    first, next_, again = told["first"], told["increment"], told["again"]
    per_thousand = first["cpu_seconds"] / (first["tickets"] / 1000)
    allowed = _CALLS_A_MINUTE * PAGE_ROWS
    return (
        f"{size:,} tickets: the first pull took {first['cpu_seconds']:.1f} s of CPU, {per_thousand:.2f} s for 1,000"
        f" tickets with their comments, and {first['peak_megabytes']:,.0f} MB; the vendor allows {allowed:,} tickets a"
        f" minute, for which we need {per_thousand * allowed / 1000:.0f} s. After {size // 100:,} tickets had changed,"
        f" the next pull read {next_['tickets']:,.0f} tickets ({next_['tickets'] / size:.2%}) in"
        f" {next_['cpu_seconds']:.1f} s of CPU and changed {next_['changed']:,.0f} rows; the one after it read"
        f" {again['tickets']:,.0f} and changed {again['changed']:,.0f}."
    )
