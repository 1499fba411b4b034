"""Knows how many evaluations a second fifty rules over all accounts make, beside rule engines."""

from collections.abc import Sequence

from benchmarks.contest import Contender, compete
from benchmarks.report import Table, say

SIZES, QUICK_SIZES = (200_000, 2_000_000), (200_000,)
RULES = 50
_PLACE = "benchmarks.rules.contenders:"
CONTENDERS = (
    Contender("Keepline", f"{_PLACE}keepline"),
    Contender("zen-engine", f"{_PLACE}zen_engine", runs=2),
    Contender("common-expression-language", f"{_PLACE}common_expression_language", runs=2),
    Contender("rule-engine", f"{_PLACE}rule_engine", runs=2),
    Contender("Python, row by row", f"{_PLACE}row_by_row", runs=2),
)


def run(sizes: Sequence[int], most_runs: int) -> Table:
    """All contenders at all sizes; the signals lie in memory, and for the engines as dicts."""
    table = Table(f"{RULES} rules over all accounts at one moment", "accounts")
    for size in sizes:
        say(f"{RULES} rules, {size:,} accounts")
        found = compete(CONTENDERS, {"accounts": size}, most_runs)
        table.add(size, found)
        rates = [f"{one.contender.name} {size * RULES / one.seconds / 1e6:,.3g}" for one in found]
        table.notes.append(f"{size:,} accounts, million evaluations a second: {', '.join(rates)}.")
    return table
