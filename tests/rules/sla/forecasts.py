"""A made-up desk whose waits follow a known law, so that the true probability of each breach is known."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import narwhals as nw
import numpy as np
import polars as pl
from numpy.typing import NDArray

AS_OF = datetime(2026, 6, 1, 12, tzinfo=UTC)
HOUR = 3_600
DAYS = 27 * 7
PRIORITIES = ("urgent", "high", "normal", "low")
TARGET_HOURS = {"urgent": 1, "high": 4, "normal": 8, "low": 16}
TEAM_FACTOR = {"europe": 0.8, "americas": 1.5}
SPREAD = 0.9
_UTC = pl.Datetime("us", "UTC")
World = Literal["law", "chance"]


@dataclass(frozen=True)
class Desk:
    """Waits by row: when they began (hours since the first), how many hours they take, and under which law.

    In the world of `law` a wait is log-normal by priority, team and the load of its week; in that of `chance` none of
    it matters: a wait is over shortly before its target or goes on beyond it.
    """

    begun: NDArray[Any]
    takes: NDArray[Any]
    priority: NDArray[Any]
    team: NDArray[Any]
    middle: NDArray[Any]

    @classmethod
    def made(cls, seed: int, waits: int = 12_000, world: World = "law") -> "Desk":
        """A desk of about half a year, with weeks in which more comes and all takes longer."""
        dice = np.random.default_rng(seed)
        weeks = DAYS // 7
        busy = np.exp(dice.normal(0, 0.45, weeks))
        week = dice.choice(weeks, waits, p=busy / busy.sum())
        begun = np.sort(week * 7 * 24 + dice.uniform(0, 7 * 24, waits))
        week = (begun // (7 * 24)).astype(int)
        priority = dice.choice(PRIORITIES, waits, p=[0.1, 0.25, 0.5, 0.15])
        team = dice.choice(list(TEAM_FACTOR), waits)
        target = np.array([TARGET_HOURS[each] for each in priority])
        middle = 0.45 * target * np.array([TEAM_FACTOR[each] for each in team]) * busy[week] ** 0.8
        takes = middle * np.exp(dice.normal(0, SPREAD, waits))
        if world == "chance":
            late = dice.random(waits) < 0.3
            takes = target * np.where(late, dice.uniform(1.05, 3, waits), dice.uniform(0.92, 0.999, waits))
        return cls(begun, takes, priority, team, middle)

    def seen(self, as_of: datetime) -> nw.DataFrame[Any]:
        """The clocks as the engine would have them at a moment, with team and priority; all time counts."""
        first = AS_OF - timedelta(days=DAYS)
        now = (as_of - first).total_seconds() / HOUR
        there = np.flatnonzero(self.begun <= now)
        begun, takes = self.begun[there], self.takes[there]
        target = np.array([TARGET_HOURS[each] for each in self.priority[there]])
        is_over, spent = begun + takes <= now, np.minimum(takes, now - begun)
        missed = spent > target

        def moments(hours: NDArray[Any], known: NDArray[Any]) -> pl.Series:
            micros = int(first.timestamp()) * 1_000_000 + (hours * HOUR * 1e6).astype(np.int64)
            when = pl.Series(micros).cast(_UTC)
            return pl.select(pl.when(pl.Series(known)).then(when)).to_series()

        seconds = (spent * HOUR).astype(np.int64)
        state = np.where(missed, "breached", np.where(is_over, "met", "running"))
        columns = {
            "ticket_id": there, "metric": ["first_reply"] * len(there), "cycle": [1] * len(there), "state": state,
            "started_at": moments(begun, np.ones(len(there), bool)), "fulfilled_at": moments(begun + takes, is_over),
            "ended_at": pl.Series([None] * len(there), dtype=_UTC), "breached_at": moments(begun + target, missed),
            "target_seconds": target * HOUR, "counting": ["elapsed"] * len(there), "spent_seconds": seconds,
            "remaining_seconds": target * HOUR - seconds,
            "business_seconds": seconds // 4, "elapsed_seconds": seconds, "paused_seconds": [0] * len(there),
            "priority": self.priority[there], "team": self.team[there],
        }  # fmt: skip
        return nw.from_native(pl.DataFrame(columns), eager_only=True)

    def truth(self, as_of: datetime) -> dict[int, tuple[float, bool]]:
        """Of each wait that runs at a moment within its target: the true probability of a breach, and what happened."""
        first = AS_OF - timedelta(days=DAYS)
        now = (as_of - first).total_seconds() / HOUR
        found = {}
        for row in np.flatnonzero((self.begun <= now) & (self.begun + self.takes > now)):
            target, spent = TARGET_HOURS[self.priority[row]], now - self.begun[row]
            if spent < target:
                goes_on = [_longer(each, self.middle[row]) for each in (spent, target)]
                found[int(row)] = (goes_on[1] / goes_on[0], bool(self.takes[row] > target))
        return found


def _longer(hours: float, middle: float) -> float:
    """How probable it is under the law that a wait takes longer."""
    if hours <= 0:
        return 1.0
    return 0.5 * math.erfc(math.log(hours / middle) / (SPREAD * math.sqrt(2)))
