"""Makes up what the signals of many accounts say at one moment, a tenth of it unknown."""

from typing import Any

import numpy as np
import polars as pl

from benchmarks.made_rules import compared
from rules.conditions import Condition

_MOST: dict[str, int | float] = {
    "acv": 20_000_000, "days_to_renewal": 365, "tickets_7d": 12, "tickets_30d": 40, "tickets_in_habit_window": 30,
    "days_since_last_ticket": 200, "repeated_issue_count": 9, "active_days_prior_7d": 8, "churn_intent_30d": 9,
    "days_since_churn_intent": 60, "sla_breaches_30d": 9, "ticket_baseline_7d": 4.0, "ticket_ratio_7d": 6.0,
    "ticket_growth_30d": 2.0, "sentiment": 100.0, "csat_30d": 100.0, "usage_drop_7d": 1.0,
}  # fmt: skip
_WORDS = ("enterprise", "mid_market", "smb")


def signals(accounts: int, conditions: list[Condition]) -> pl.DataFrame:
    """account_id and every signal that the conditions compare."""
    dice = np.random.default_rng(accounts)
    columns: dict[str, Any] = {name: _column(name, accounts, dice) for name in compared(conditions)}
    return pl.DataFrame({"account_id": np.arange(accounts)} | columns)


def _column(name: str, rows: int, dice: np.random.Generator) -> pl.Series:
    if name in {"segment", "acv_band"}:
        known = pl.Series(_WORDS).gather(dice.integers(0, 3, rows))
    else:
        most = _MOST[name]
        low = -most if name == "sentiment" else 0
        whole = isinstance(most, int)
        known = pl.Series(dice.integers(int(low), int(most), rows) if whole else dice.uniform(low, most, rows))
    return known.set(pl.Series(dice.random(rows) < 0.1), None)
