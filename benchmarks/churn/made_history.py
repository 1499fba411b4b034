"""Knows made-up companies whose accounts leave with a known hazard, looked at once in thirty days."""

from dataclasses import dataclass

import numpy as np

from rules.health.features import NAMES, OPEN_URGENT, TENURE
from rules.health.history import History
from rules.regression.cases import Cases
from rules.regression.logistic import Floats, chance

_DAY = 86_400 * 1_000_000
_EVERY, _HORIZON = 30, 90
_UNKNOWN = 0.4


@dataclass(frozen=True)
class World:
    """What an account's leaving within thirty days depends on, as log odds by one standard deviation of each.

    `temper` is what nobody sees: accounts of the same figures that differ all their life.
    """

    mood: float = 0.0
    usage: float = 0.0
    intent: float = 0.0
    tenure: float = 0.0
    urgent: float = 0.0
    temper: float = 0.0
    base: float = -4.2


WORLDS = {
    "mood, usage and words matter": World(mood=0.9, usage=0.7, intent=0.8),
    "they matter a little": World(mood=0.45, usage=0.35, intent=0.4),
    "only tenure matters": World(tenure=0.9),
    "only urgent tickets matter": World(urgent=1.5),
    "nothing matters": World(),
    "nothing matters, accounts differ": World(temper=1.0, base=-4.6),
}


def made_history(world: World, accounts: int, looks: int, seed: int) -> tuple[History, Floats]:
    """Looks at accounts that have not left, and how probably each leaves within the horizon by what it depends on."""
    dice = np.random.default_rng(seed)
    whole = looks + _HORIZON // _EVERY
    shape = (whole, accounts)
    drawn = {name: _wandering(dice, shape) for name in ("mood", "usage", "intent", "urgent")}
    begun = dice.uniform(0, 2_000, accounts)
    tenure = begun + _EVERY * np.arange(whole)[:, None]
    placed = np.log1p(tenure)
    logit = world.base + world.mood * -drawn["mood"] + world.usage * drawn["usage"] + world.intent * drawn["intent"]
    logit = logit + world.urgent * (drawn["urgent"] > 1) - world.tenure * (placed - placed.mean()) / placed.std()
    monthly = chance(logit + world.temper * dice.normal(0, 1, accounts))
    leaves = dice.random(shape) < monthly
    left = np.where(leaves.any(axis=0), leaves.argmax(axis=0), whole)
    day = left * _EVERY + dice.integers(1, _EVERY + 1, accounts)
    told = np.stack([monthly[at : at + _HORIZON // _EVERY] for at in range(looks)])
    truth = 1 - np.prod(1 - told, axis=1)
    place = np.arange(looks)[:, None] * np.ones(accounts, dtype=np.int64)
    owner = np.ones((looks, 1), dtype=np.int64) * np.arange(accounts)
    there = place <= left
    left_in = np.where(day - place * _EVERY <= _HORIZON, (day - place * _EVERY).astype(np.float64), np.nan)
    figures = _figures(dice, {name: values[:looks][there] for name, values in drawn.items()}, tenure[:looks][there])
    seen_at = place[there].astype(np.int64) * _EVERY * _DAY
    owners = np.unique(owner[there], return_inverse=True)[1].astype(np.int64)
    cases = Cases(
        figures, (~np.isnan(left_in[there])).astype(np.float64), owners, owners * 7_919 % 1_009, seen_at,
        seen_at + _HORIZON * _DAY,
    )  # fmt: skip
    arr = dice.lognormal(10, 1, accounts)[owner[there]]
    return History(cases, arr, left_in[there], place[there].astype(np.int64)), truth[there]


def _wandering(dice: np.random.Generator, shape: tuple[int, int]) -> Floats:
    """Standard normal, each month much like the one before."""
    found = np.empty(shape)
    found[0] = dice.normal(0, 1, shape[1])
    for month in range(1, shape[0]):
        found[month] = 0.8 * found[month - 1] + 0.6 * dice.normal(0, 1, shape[1])
    return found


def _figures(dice: np.random.Generator, drawn: dict[str, Floats], tenure: Floats) -> dict[str, Floats]:
    count = len(tenure)
    figures = {name: dice.normal(0, 1, count) for name in (*NAMES, OPEN_URGENT)}
    figures[TENURE] = tenure
    figures["sentiment"] = np.where(dice.random(count) < _UNKNOWN, np.nan, 10 + 30 * drawn["mood"])
    figures["usage_drop_7d"] = 0.3 * drawn["usage"]
    figures["churn_intent_30d"] = np.maximum(0, np.round(drawn["intent"]))
    figures[OPEN_URGENT] = (drawn["urgent"] > 1).astype(np.float64)
    for name in ("days_to_renewal", "acv", "tickets_30d", "days_since_last_ticket", "sla_breaches_30d"):
        figures[name] = np.exp(3 + figures[name])
    return figures
