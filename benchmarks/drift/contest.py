"""Knows how soon `quiet_drift` sees drifts that were planted in made-up accounts, and how often it is wrong.

Each account is looked at every Monday. The false alarms are of accounts whose mood does not drift; an alarm that
comes again within 90 days is the same alarm.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks.drift.made_drifts import HISTORY_WEEKS, LAST_WEEK, ONSET_WEEK, Drift, at_week, facts
from benchmarks.report import say
from benchmarks.uplift.told import Told
from rules.signals import SignalWindows, account_signals

SIZES, QUICK_SIZES = (400,), (40,)
# What the shipped playbook asks for, and a stricter and a laxer limit.
LIMITS = (80.0, 90.0, 95.0)
_MERGED_WEEKS = 13
_IN_TIME_WEEKS = 26
DRIFTS = {
    "nothing, 0.7 tickets a week": Drift(a_week=0.7),
    "nothing, 2 a week": Drift(),
    "nothing, 5 a week": Drift(a_week=5),
    "nothing, bursts": Drift(burst=1.0),
    "half the tickets, same mood": Drift(tickets=0.5),
    "mood −15": Drift(mood=15),
    "mood −30": Drift(mood=30),
    "mood −45": Drift(mood=45),
    "mood −15, half the tickets": Drift(mood=15, tickets=0.5),
    "mood −30, half the tickets": Drift(mood=30, tickets=0.5),
    "the same, reopened 3 times as often": Drift(mood=30, tickets=0.5, reopened=3),
    "the same, 0.7 tickets a week": Drift(a_week=0.7, mood=30, tickets=0.5, reopened=3),
    "the same, 5 tickets a week": Drift(a_week=5, mood=30, tickets=0.5, reopened=3),
    "the same, over 26 weeks": Drift(mood=30, tickets=0.5, reopened=3, weeks=26),
}  # fmt: skip


def run(sizes: Sequence[int], most_runs: int) -> Told:
    """All kinds of drift; a size is how many accounts of each are made up."""
    heads = [f"{what}, ≥ {limit:g}" for limit in LIMITS for what in ("seen", "weeks")]
    told = Told(
        "Quiet drift, looked at every week",
        ("drift", "known", *heads, *(f"alarms a year, ≥ {limit:g}" for limit in LIMITS)),
    )
    for size in sizes:
        say(f"{len(DRIFTS)} kinds of drift, {size} accounts each")
        seen = looked_at(size, seed=most_runs)
        for place, (name, drift) in enumerate(DRIFTS.items()):
            told.rows.append([name, *_row(seen[:, place * size : (place + 1) * size], drift)])
    told.notes.append(
        "A drift begins in one week and grows over 12, in accounts of 2 tickets a week unless the name says otherwise, "
        "with a spread of 22 points between tickets and of 28 between messages. `known`: of the weeks, in how many "
        f"there is a figure. `seen`: share of accounts with an alarm within {_IN_TIME_WEEKS} weeks of the beginning; "
        "`weeks`: the median delay of these. `alarms`: false ones, an account a year, before anything begins or where "
        "the mood does not drift."
    )
    return told


def looked_at(size: int, seed: int) -> np.ndarray[Any, Any]:
    """`quiet_drift` by week from HISTORY_WEEKS on (rows) and account (columns); NaN where unknown."""
    accounts = {place * size + number: drift for place, drift in enumerate(DRIFTS.values()) for number in range(size)}
    made, windows = facts(accounts, seed), SignalWindows()
    weeks = [
        account_signals(made, at_week(week), windows, only={"quiet_drift"}).collect()["quiet_drift"].to_numpy()
        for week in range(HISTORY_WEEKS, LAST_WEEK)
    ]
    return np.array(weeks, dtype=float)


def _row(seen: np.ndarray[Any, Any], drift: Drift) -> list[str]:
    onset = ONSET_WEEK - HISTORY_WEEKS
    row = [f"{np.isfinite(seen).mean():.0%}"]
    is_drift = drift.mood > 0
    for limit in LIMITS:
        after = np.nan_to_num(seen[onset : onset + _IN_TIME_WEEKS]) >= limit
        delays = np.argmax(after, axis=0)[after.any(axis=0)] + 1
        row += [f"{after.any(axis=0).mean():.0%}", f"{np.median(delays):.0f}" if is_drift and len(delays) else "–"]
    quiet = seen[:onset] if is_drift else seen
    years = quiet.size / 52
    return [*row, *(f"{_alarms(quiet, limit) / years:.2f}" for limit in LIMITS)]


def _alarms(seen: np.ndarray[Any, Any], limit: float) -> int:
    """Alarms of all accounts, those within a quarter of the one before left out."""
    count = 0
    for account in (np.nan_to_num(seen) >= limit).T:
        silent_until = 0
        for week in np.flatnonzero(account):
            if week >= silent_until:
                count, silent_until = count + 1, int(week) + _MERGED_WEEKS
    return count
