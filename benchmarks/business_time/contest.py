"""Knows who competes for business time; a library that is not there is left out, which is said."""

from collections.abc import Sequence
from importlib.util import find_spec

from benchmarks.contest import Contender, compete
from benchmarks.report import Table, say

SIZES = (100_000, 1_000_000)
QUICK_SIZES = (10_000, 100_000)
_PEERS = "benchmarks.business_time.peers"
BETWEEN = (
    Contender("Keepline: between", "benchmarks.business_time.ours:between"),
    Contender("businesstimedelta: between", f"{_PEERS}:businesstimedelta_between"),
    Contender("business-duration: between", f"{_PEERS}:business_duration_between"),
    Contender("every minute: between", f"{_PEERS}:stepped_between", runs=1),
)
ADD = (
    Contender("Keepline: add", "benchmarks.business_time.ours:add"),
    Contender("businesstimedelta: add", f"{_PEERS}:businesstimedelta_add"),
    Contender("every minute: add", f"{_PEERS}:stepped_add", runs=1),
)
_LIBRARIES = {"businesstimedelta": "businesstimedelta", "business-duration": "business_duration"}


def run(sizes: Sequence[int], most_runs: int) -> Table:
    """All contenders at all sizes, for the time between two moments and for the moment after a time."""
    table = Table("Business time of spans up to two weeks, with holidays", "spans")
    for size in sizes:
        for contenders in (BETWEEN, ADD):
            there = installed(contenders)
            say(f"{size:,} spans, {there[0].name.partition(': ')[2]}")
            table.add(size, compete(there, {"size": size}, most_runs), per_second=True)
    if missing := _missing():
        table.notes.append(f"Not installed and left out: {', '.join(missing)}; `make benchmark` installs them.")
    return table


def installed(contenders: Sequence[Contender]) -> list[Contender]:
    """Those whose library is there; ours and the stepper always are."""
    missing = _missing()
    return [one for one in contenders if one.name.partition(":")[0] not in missing]


def _missing() -> list[str]:
    return [name for name, module in _LIBRARIES.items() if find_spec(module) is None]
