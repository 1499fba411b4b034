"""Knows staggered roll-outs with a known truth, and how far each way of comparing is from it."""

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from statistics import mean
from typing import Any

import numpy as np

from benchmarks.report import say
from benchmarks.uplift.told import Told
from retention import staggered_effect

SIZES, QUICK_SIZES = (300,), (150,)
SEEDS, QUICK_SEEDS = 200, 20
_PERIODS = 12
_HEADS = ("truth", "ours: bias", "sd", "covers", "excludes 0", "pre-trend failed", "two-way: bias", "subtracted")


@dataclass(frozen=True)
class RollOut:
    """How a playbook reaches the units: who starts when, what it then does, and whether all get it in the end.

    The effect is `start + growth x periods since`, times 1.6 for the first cohort down to 0.4 for the last. With
    `drift`, early cohorts were improving before already, so that no comparison is fair.
    """

    start: float = 0.4
    growth: float = 0.25
    never: float = 0.2
    drift: float = 0.0
    yes_no: bool = False


ROLL_OUTS = {
    "grows, and differs by cohort": RollOut(),
    "everybody gets it in the end": RollOut(never=0.0),
    "renewed yes or no": RollOut(start=0.05, growth=0.02, yes_no=True),
    "no effect at all": RollOut(start=0.0, growth=0.0),
    "early ones were improving before": RollOut(start=0.0, growth=0.0, drift=0.15),
}


def made(roll_out: RollOut, units: int, seed: int) -> tuple[dict[str, Any], float]:
    """A table of a roll-out, and the mean effect on those whom it reached, over all their periods since."""
    dice = np.random.default_rng(seed)
    starts = np.array([3, 5, 7, 9, _PERIODS])
    shares = np.array([*[(1 - roll_out.never) / 4] * 4, roll_out.never])
    cohort = dice.choice(5, units, p=shares)
    first = starts[cohort]
    period = np.arange(_PERIODS)
    since = period[None, :] - first[:, None]
    is_treated = since >= 0
    strength = np.array([1.6, 1.2, 0.8, 0.4, 0.0])[cohort]
    effect = np.where(is_treated, (roll_out.start + roll_out.growth * since) * strength[:, None], 0.0)
    level = dice.normal(0, 1, units) - 0.5 * cohort
    common = 0.1 * period + np.sin(period)
    drifts = roll_out.drift * (3 - cohort)[:, None] * period[None, :]
    quiet = level[:, None] + common[None, :] + drifts
    if roll_out.yes_no:
        chance = 0.55 + 0.04 * level[:, None].clip(-3, 3) + 0.02 * np.sin(period)[None, :] + effect
        outcome = (dice.random((units, _PERIODS)) < chance.clip(0, 1)).astype(float)
        effect = chance.clip(0, 1) - (chance - effect).clip(0, 1)
    else:
        noise = dice.normal(0, 0.6, (units, _PERIODS)) + dice.normal(0, 0.3, (units, _PERIODS)).cumsum(axis=1)
        outcome = quiet + effect + noise
    seen = is_treated & _is_compared(first)[:, None] & (period < _last_compared(first))[None, :]
    names = [None if start == _PERIODS else int(start) for start in first]
    table = {
        "unit": np.repeat(np.arange(units), _PERIODS).tolist(),
        "period": np.tile(period, units).tolist(),
        "outcome": outcome.ravel().tolist(),
        "first_treated_period": np.repeat(np.array(names, object), _PERIODS).tolist(),
    }
    return table, float(effect[seen].mean()) if seen.any() else 0.0


def _last_compared(first: Any) -> int:
    """Without anybody who never gets it, nobody is left to compare with once the last cohort has started."""
    return _PERIODS if (first == _PERIODS).any() else int(first.max())


def _is_compared(first: Any) -> Any:
    return first < _last_compared(first)


def run(sizes: Sequence[int], most_runs: int) -> Told:
    """All roll-outs, each with as many companies as there are seeds."""
    seeds = QUICK_SEEDS if most_runs == 1 else SEEDS
    told = Told(f"Staggered roll-out against a known truth: {seeds} made-up companies each", ("roll-out", *_HEADS))
    with ProcessPoolExecutor() as pool:
        for size in sizes:
            for name in ROLL_OUTS:
                say(f"{name}, {size:,} units")
                seen = list(pool.map(partial(look, name, size), range(seeds), chunksize=5))
                told.rows.append([f"{name} ({size:,} units)", *_summed(seen)])
    told.notes.append(
        "In the outcome's own unit, noise of a unit and period about 0.6 (yes or no: 0.5). `two-way` is the usual "
        "regression with unit and period effects, `subtracted` the share of treated cells that it counts negatively."
    )
    return told


Seen = tuple[float, float, bool, bool, bool, float, float]


def look(name: str, units: int, seed: int) -> Seen:
    """Truth, estimate, covers, excludes zero, pre-trend failed, two-way estimate, share subtracted."""
    table, truth = made(ROLL_OUTS[name], units, 3_000 + seed)
    found = staggered_effect(table)
    low, high = found.low or 0.0, found.high or 0.0
    return (
        truth, found.estimate or 0.0, low <= truth <= high, not low <= 0 <= high,
        found.pre_trend.result == "failed", found.two_way_fixed_effects or 0.0, found.negative_weights or 0.0,
    )  # fmt: skip


def _summed(seen: Sequence[Seen]) -> list[str]:
    errors = [one[1] - one[0] for one in seen]
    shares = [f"{100 * mean(one[place] for one in seen):.1f} %" for place in (2, 3, 4)]
    return [
        f"{mean(one[0] for one in seen):+.3f}", f"{mean(errors):+.3f}", f"{np.std(errors):.3f}", *shares,
        f"{mean(one[5] - one[0] for one in seen):+.3f}", f"{100 * mean(one[6] for one in seen):.0f} %",
    ]  # fmt: skip
