"""Makes up fifty rules over the signals that Keepline ships, as a support lead would vary them."""

from collections.abc import Iterator, Sequence
from typing import Any

from rules.conditions import Condition

SPIKE: dict[str, Any] = {
    "all": [
        {"signal": "tickets_7d", "op": ">=", "value": 5},
        {
            "any": [
                {"signal": "ticket_ratio_7d", "op": ">=", "value": 3},
                {"signal": "ticket_baseline_7d", "op": "==", "value": 0},
            ]
        },
    ]
}


def fifty_rules() -> list[Condition]:
    """The rules, the first of which is a spike of tickets."""
    return [Condition.model_validate(written) for written in (SPIKE, *_written())][:50]


def compared(conditions: Sequence[Condition]) -> list[str]:
    """The signals that they look at."""
    leaves = [leaf for condition in conditions for leaf in condition.leaves()]
    segments = ["segment"] if any(leaf.by_segment for leaf in leaves) else []
    return sorted({*segments, *(name for leaf in leaves for name in leaf.compared.columns)})


def _written() -> Iterator[dict[str, Any]]:
    for step in range(7):
        renewing = _leaf("days_to_renewal", "between", [0, 30 + 15 * step])
        trouble = {
            "any": [
                {"all": [_leaf("ticket_ratio_7d", ">=", 2 + step / 2), _leaf("tickets_7d", ">=", 3 + step)]},
                _leaf("sentiment", "<=", {"enterprise": -30 - step, "mid_market": -40 - step}),
                _leaf("repeated_issue_count", ">", 2 + step),
                _leaf("csat_30d", "<=", 30 + 5 * step),
            ]
        }
        yield {"all": [_leaf("acv_band", "==", "enterprise"), renewing, trouble]}
        yield {"all": [{"any": [_leaf("acv_band", "!=", "enterprise"), _leaf("acv", "is_unknown")]}, renewing, trouble]}
        yield {"all": [_leaf("ticket_growth_30d", ">=", 0.4 + step / 10), _leaf("tickets_30d", ">=", 8 + step)]}
        yield {
            "all": [_leaf("days_since_last_ticket", ">=", 40 + 10 * step), _leaf("tickets_in_habit_window", ">=", 6)]
        }
        yield {"all": [_leaf("usage_drop_7d", ">=", 0.3 + step / 20), _leaf("active_days_prior_7d", ">=", 1)]}
        yield {"any": [_leaf("churn_intent_30d", ">=", 1 + step), _leaf("days_since_churn_intent", "<=", 3 + step)]}
        yield {"all": [_leaf("sla_breaches_30d", ">=", 1 + step), {"not": _leaf("segment", "==", "smb")}]}


def _leaf(signal: str, op: str, value: Any = None) -> dict[str, Any]:
    return {"signal": signal, "op": op} | ({} if value is None else {"value": value})
