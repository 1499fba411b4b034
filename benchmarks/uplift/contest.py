"""Knows how near the incremental estimate comes to a known truth, and how far the usual ways of counting are off."""

import os
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from statistics import mean

from benchmarks.report import say
from benchmarks.uplift import holdout, staggered
from benchmarks.uplift.made_episodes import SCENARIOS
from benchmarks.uplift.told import Told
from retention import incremental_effect

SIZES = (1_000,)
QUICK_SIZES = (500,)
SEEDS, QUICK_SEEDS = 200, 10
TIMED = 20_000
_HEADS = (
    "truth", "ours: bias", "sd", "covers", "excludes 0", "credible", "suggestive", "not enough", "naive: bias",
    "saved, true", "saved, ours", "covers", "all renewed",
)  # fmt: skip


@dataclass(frozen=True)
class Seen:
    """One estimate beside its truth; money in millions."""

    truth: float
    estimate: float
    covers: bool
    excludes_zero: bool
    verdict: str
    naive: float
    saved_true: float
    saved: float
    saved_covers: bool
    claimed: float


@dataclass(frozen=True)
class Everything:
    """The tables of all simulations."""

    tables: Sequence[Told]

    def show(self) -> None:
        """Print one after the other."""
        for table in self.tables:
            table.show()


def run(sizes: Sequence[int], most_runs: int) -> Everything:
    """Episodes of so many sizes; staggered roll-outs and holdouts that are looked at often at their own."""
    others = (
        module.run(module.QUICK_SIZES if most_runs == 1 else module.SIZES, most_runs) for module in (staggered, holdout)
    )
    return Everything([episodes(sizes, most_runs), *others])


def episodes(sizes: Sequence[int], most_runs: int) -> Told:
    """All scenarios, each with as many companies as there are seeds; then the time that a large one takes."""
    seeds = QUICK_SEEDS if most_runs == 1 else SEEDS
    told = Told(f"Incremental effect against a known truth: {seeds} made-up companies each", ("scenario", *_HEADS))
    # One thread each: the processes share the cores already. It must be set before they import NumPy.
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        for size in sizes:
            for name in SCENARIOS:
                say(f"{name}, {size:,} episodes")
                seen = list(pool.map(partial(look, name, size), range(seeds), chunksize=5))
                told.rows.append([f"{name} (n={size:,})", *_summed(seen)])
                say(" | ".join(told.rows[-1]))
    told.notes += [
        "Effects in points of renewal probability; money in millions, mean of a company. `all renewed` is the ARR of "
        "everyone who was helped and renewed, `naive` the plain difference between helped and others.",
        timed(),
    ]
    return told


def look(scenario: str, episodes: int, seed: int) -> Seen:
    """Make one company, estimate, and compare with its truth."""
    maker, world = SCENARIOS[scenario]
    made = maker(world, episodes, 1_000 + seed)
    found = incremental_effect(made.table, **made.arguments)
    low, high, saved = found.low or 0.0, found.high or 0.0, found.saved
    return Seen(
        truth=made.truth,
        estimate=found.estimate or 0.0,
        covers=low <= made.truth <= high,
        excludes_zero=found.headline.excludes_zero,
        verdict=found.verdict,
        naive=made.naive,
        saved_true=made.saved_cents / 1e8,
        saved=saved.estimate_cents / 1e8 if saved else 0.0,
        saved_covers=saved is not None and saved.low_cents <= made.saved_cents <= saved.high_cents,
        claimed=made.claimed_cents / 1e8,
    )


def timed() -> str:
    """How long one estimate with its bootstrap takes on many episodes."""
    maker, world = SCENARIOS["confounded"]
    made = maker(world, TIMED, 1)
    begun, worked = time.perf_counter(), time.process_time()
    found = incremental_effect(made.table, **made.arguments)
    seconds, work = time.perf_counter() - begun, time.process_time() - worked
    rounds = f"{TIMED:,} episodes with {found.bootstrap_rounds} rounds of the bootstrap"
    return f"{rounds}: {work:.1f} s of processor time, {seconds:.1f} s by the clock (load {os.getloadavg()[0]:.1f})."


def _summed(seen: Sequence[Seen]) -> list[str]:
    errors = [one.estimate - one.truth for one in seen]
    verdicts = Counter(one.verdict for one in seen)
    middle = mean(errors)
    spread = mean((error - middle) ** 2 for error in errors) ** 0.5
    return [
        _points(mean(one.truth for one in seen)),
        _points(middle),
        f"{100 * spread:.1f}",
        _percent([one.covers for one in seen]),
        _percent([one.excludes_zero for one in seen]),
        *(str(verdicts[name]) for name in ("credible", "suggestive", "not enough evidence")),
        _points(mean(one.naive - one.truth for one in seen)),
        f"{mean(one.saved_true for one in seen):.2f}",
        f"{mean(one.saved for one in seen):.2f}",
        _percent([one.saved_covers for one in seen]),
        f"{mean(one.claimed for one in seen):.2f}",
    ]


def _points(share: float) -> str:
    return f"{100 * share:+.1f}"


def _percent(those: Sequence[bool]) -> str:
    return f"{100 * sum(those) / len(those):.1f} %"
