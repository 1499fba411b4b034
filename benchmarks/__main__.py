"""`python -m benchmarks`: times Keepline against named peers on generated data and prints the ratios."""

import argparse
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from signal import SIGTERM, signal

from benchmarks.attribution import contest as attribution
from benchmarks.business_time import contest as business_time
from benchmarks.churn import contest as churn
from benchmarks.clocks import contest as clocks
from benchmarks.contest import Disagreement
from benchmarks.drift import contest as drift
from benchmarks.imports import contest as imports
from benchmarks.ledger import contest as ledger
from benchmarks.linking import contest as linking
from benchmarks.reading import contest as reading
from benchmarks.replay import contest as replay
from benchmarks.report import machine
from benchmarks.retention import contest as retention
from benchmarks.rules import contest as rules
from benchmarks.satisfaction import contest as satisfaction
from benchmarks.signals import contest as signals
from benchmarks.sync import contest as sync
from benchmarks.uplift import contest as uplift
from benchmarks.uplift import holdout, staggered

CONTESTS = {
    "signals": signals, "import": imports, "retention": retention, "ledger": ledger, "linking": linking, "sync": sync,
    "business_time": business_time, "clocks": clocks, "uplift": uplift, "staggered": staggered,
    "holdout": holdout, "attribution": attribution, "reading": reading, "satisfaction": satisfaction, "churn": churn,
    "drift": drift,
    "replay": replay, "rules": rules,
}  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the chosen benchmarks; 1 if contenders disagree."""
    chosen = _parser().parse_args(arguments)
    # Ended from outside, it still deletes its gigabytes.
    signal(SIGTERM, lambda *_: sys.exit("ended"))
    names = list(CONTESTS) if chosen.benchmark == "all" else [chosen.benchmark]
    begun = time.perf_counter()
    runs = 1 if chosen.quick else 3
    print(f"Keepline's benchmarks, {datetime.now(UTC):%Y-%m-%d}: best of up to {runs} runs, each in a fresh process.")
    print(machine())
    for name in names:
        contest = CONTESTS[name]
        sizes = chosen.sizes or (contest.QUICK_SIZES if chosen.quick else contest.SIZES)
        try:
            contest.run(sizes, runs).show()
            sys.stdout.flush()
        except Disagreement as error:
            print(f"\n{name}: {error}")
            return 1
    print(f"\nAll contenders agree. The whole run took {time.perf_counter() - begun:.0f} s.")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("benchmark", nargs="?", default="all", choices=[*CONTESTS, "all"])
    parser.add_argument("--sizes", type=_sizes, help="comma-separated sizes instead of the benchmark's own")
    parser.add_argument("--quick", action="store_true", help="smaller sizes; done in under a minute")
    return parser


def _sizes(text: str) -> list[int]:
    return [int(size.replace("_", "")) for size in text.split(",")]


if __name__ == "__main__":
    raise SystemExit(main())
