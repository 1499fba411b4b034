"""`python -m benchmarks.issues --data FILE`: how well the issues of a labelled file are found, ours beside a peer's.

FILE is JSON Lines with `text` and `issue`. Made-up accounts ask about issues of it in three ways; what is told is
the F1 of "these two tickets of an account are the same issue" and of "this issue came before", mean over `--seeds`.
"""

import argparse
import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from benchmarks.issues.made_accounts import WAYS, Tickets, made
from benchmarks.issues.peers import KINDS

Grouping = Callable[[Tickets], Sequence[int]]


def main() -> None:
    """Print a row per contender and way of asking."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.issues", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="JSON Lines with text and issue")
    parser.add_argument("--accounts", type=int, default=60)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--half", choices=["both", "first", "second"], default="both", help="the issues of one half")
    parser.add_argument("--embeddings", action="store_true", help="ours by meanings too; needs keepline[embeddings]")
    asked = parser.parse_args()
    rows = [json.loads(line) for line in asked.data.read_text(encoding="utf-8").splitlines() if line]
    issues = sorted({row["issue"] for row in rows})
    order = np.random.default_rng(0).permutation(len(issues))
    half = {"first": order[: len(issues) // 2], "second": order[len(issues) // 2 :], "both": order}[asked.half]
    by_issue = {issues[at]: [row["text"] for row in rows if row["issue"] == issues[at]] for at in half}
    for name, grouping in KINDS.items():
        if "embeddings" not in name or asked.embeddings:
            for way in WAYS:
                _tell(name, way, grouping, [made(by_issue, way, asked.accounts, seed) for seed in range(asked.seeds)])


def _tell(name: str, way: str, grouping: Grouping, companies: Sequence[Tickets]) -> None:
    begun = time.perf_counter()
    found = [company.figures(grouping(company)) for company in companies]
    seconds = (time.perf_counter() - begun) / len(found)
    pair, repeat = np.mean([(each.pair, each.repeat) for each in found], axis=0)
    print(f"{name:34} {way:8} pair F1 {pair:.3f}  repeat F1 {repeat:.3f}  {seconds:5.1f} s")


if __name__ == "__main__":
    main()
