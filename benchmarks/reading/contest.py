"""Knows who competes in reading texts; a library that is not there is left out, which is said."""

from collections.abc import Sequence
from importlib.util import find_spec

from benchmarks.contest import Contender, compete
from benchmarks.report import Table, say

SIZES = (10_000, 40_000)
QUICK_SIZES = (2_000, 8_000)
_SHORT, _LONG = 18, 106
_CONTENDERS = (("Keepline", "rules"), ("TextBlob", "textblob"), ("VADER", "vaderSentiment"))


def run(sizes: Sequence[int], most_runs: int) -> Table:
    """All contenders at all sizes, on texts of 18 and of 106 words, on one core."""
    table = Table("How texts of 18 and of 106 words sound, on one core", "texts")
    there = [name for name, module in _CONTENDERS if find_spec(module) is not None]
    for size in sizes:
        for words in (_SHORT, _LONG):
            say(f"{size:,} texts of {words} words")
            found = compete([_contender(name, words) for name in there], {"size": size, "words": words}, most_runs)
            table.add(size, found, per_second=True)
    missing = [name for name, _ in _CONTENDERS if name not in there]
    if missing:
        table.notes.append(f"Not installed and left out: {', '.join(missing)}.")
    return table


def _contender(name: str, words: int) -> Contender:
    return Contender(f"{name}, {words} words", f"benchmarks.reading.contenders:{name.lower()}", runs=2)
