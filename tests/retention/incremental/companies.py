"""Builds tables of at-risk episodes with a known effect."""

from typing import Any

import numpy as np


def a_company(episodes: int = 800, effect: float = 0.12, seed: int = 1, hidden: float = 0.0) -> dict[str, Any]:
    """The worse off (by `risk`, `plan` and a `hidden` cause), the more help and the fewer renewals."""
    random = np.random.default_rng(seed)
    risk, mood, cause = random.normal(size=(3, episodes))
    plan = random.choice(["basic", "pro", "team"], episodes)
    strain = risk + 0.6 * (plan == "basic") + hidden * cause
    treated = (random.random(episodes) < 1 / (1 + np.exp(-0.8 * strain))).astype(int)
    without = np.minimum(1 / (1 + np.exp(-(1.2 - 0.8 * strain))), 0.98 - max(effect, 0))
    renewed = (random.random(episodes) < without + effect * treated).astype(int)
    return {
        "risk": risk,
        "mood": mood,
        "plan": plan.tolist(),
        "treated": treated,
        "renewed": renewed,
        "arr_cents": np.round(random.lognormal(14, 1, episodes)).astype(int),
        "before": np.round(-0.8 * cause - 0.3 * risk + random.normal(size=episodes), 4),
        "drawn_before": random.integers(0, 2, episodes),
    }


KNOWN = ["risk", "mood", "plan"]


def rows(table: dict[str, Any], order: Any = None) -> list[dict[str, Any]]:
    """The table's rows, in another order where one is given."""
    many = len(table["renewed"])
    return [
        {name: cells[place] for name, cells in table.items()} for place in (range(many) if order is None else order)
    ]
