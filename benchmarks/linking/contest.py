"""Knows who competes in linking. Contenders need not agree here: each one's precision is told instead."""

from collections.abc import Sequence

from benchmarks.contest import Contender, Measured, compete
from benchmarks.report import Table, say

SIZES = (10_000, 100_000)
QUICK_SIZES = (2_000, 10_000)
CONTENDERS = (
    Contender("Keepline", "benchmarks.linking.contenders:keepline", runs=2),
    Contender("RapidFuzz: the most similar name", "benchmarks.linking.contenders:most_similar_name", runs=1),
    Contender("any equal domain", "benchmarks.linking.contenders:any_equal_domain", runs=1),
)


def run(sizes: Sequence[int], most_runs: int) -> Table:
    """All contenders at all sizes, on so many accounts and as many organisations."""
    table = Table("As many helpdesk organisations to as many CRM accounts", "accounts")
    for size in sizes:
        found: list[Measured] = []
        for contender in CONTENDERS:
            say(f"{contender.name}, {size:,} × {size:,}")
            found += compete([contender], {"size": size}, most_runs)
        table.add(size, found)
        table.notes += [_told(one, size) for one in found]
    return table


def _told(one: Measured, size: int) -> str:
    links, right = one.answer.rows, one.answer.digest
    share = f" of a sample of {one.answer.share:.1%}" if one.answer.share < 1 else ""
    return f"{one.contender.name} at {size:,}: {links:,} links{share}, {right / links:.2%} of them right."
