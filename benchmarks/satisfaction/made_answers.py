"""Knows made-up answered surveys of which the truth is known."""

from dataclasses import dataclass

import numpy as np

from rules.regression.logistic import Floats, chance
from rules.satisfaction import Answers
from rules.satisfaction.features import NAMES

_HOUR = 3_600_000_000
_ACCOUNTS, _DRAWS = 150, 200


@dataclass(frozen=True)
class World:
    """How answers come about: how much process and text matter, how alike an account's answers are.

    `bend`: beyond this logit good sentiment and short waits please no further, so that no logistic regression is right.
    """

    process: float = 1.0
    text: float = 1.0
    clumped: float = 0.0
    bend: float | None = None
    unread: float = 0.0


WORLDS = {
    "process and text matter": World(),
    "a fifth cannot be read": World(unread=0.2),
    "accounts differ, too": World(clumped=0.7),
    "only text matters": World(process=0.0),
    "only process matters": World(text=0.0),
    "no logistic regression is right": World(bend=1.0),
    "nothing matters": World(process=0.0, text=0.0),
    "nothing matters, accounts differ": World(process=0.0, text=0.0, clumped=0.7),
}


def _truth(world: World, process: Floats, sentiment: Floats, tempers: Floats) -> Floats:
    pull = 1.3 + world.process * process + 0.018 * world.text * sentiment
    if world.bend is not None:
        pull = np.minimum(pull, world.bend)
    return chance(pull + world.clumped * tempers)


def made_answers(world: World, count: int, seed: int) -> tuple[Answers, Floats]:
    """Answers, one an hour, and how probably each is satisfied by all that can be seen of it."""
    dice = np.random.default_rng(seed)
    owners = dice.integers(0, _ACCOUNTS, count)
    figures = {name: np.full(count, np.nan) for name in NAMES}
    figures["waited_hours"] = dice.lognormal(2, 1, count)
    figures["first_reply_hours"] = figures["waited_hours"] * dice.uniform(0.3, 1, count)
    figures["replies"] = figures["customer_messages"] = dice.poisson(2, count) + 1.0
    figures["reopenings"] = dice.poisson(0.1, count).astype(np.float64)
    figures["last_sentiment"] = np.clip(dice.normal(10, 40, count), -100, 100)
    figures["mean_sentiment"] = np.clip(figures["last_sentiment"] + dice.normal(0, 15, count), -100, 100)
    process = -0.8 * (np.log1p(figures["waited_hours"]) - 2) - figures["reopenings"]
    tempers = dice.normal(0, 1, _ACCOUNTS)[owners]
    satisfied = (dice.random(count) < _truth(world, process, figures["last_sentiment"], tempers)).astype(np.float64)
    unread = dice.random(count) < world.unread
    # What cannot be seen of a ticket is averaged over: an account's temper, and words that nobody could read.
    moods = np.clip(dice.normal(10, 40, (_DRAWS, count)), -100, 100)
    moods = np.where(unread, moods, figures["last_sentiment"])
    truth = _truth(world, process, moods, dice.normal(0, 1, (_DRAWS, count))).mean(axis=0)
    for name in ("last_sentiment", "mean_sentiment"):
        figures[name][unread] = np.nan
    moments = np.arange(count, dtype=np.int64) * _HOUR
    lots = (owners * 7_919 % 1_009).astype(np.int64)
    numbered = np.unique(owners, return_inverse=True)[1].astype(np.int64)
    return Answers(figures, satisfied, numbered, lots, moments, moments + 2 * _HOUR), truth
