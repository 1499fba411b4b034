"""Knows which signals may speak for or against an account's staying: few, known at the moment, and why each."""

from dataclasses import dataclass

from rules.signals.account import SIGNALS
from rules.signals.signal import Signal

TENURE = "tenure_days"
# Only looked at by the second way that a model has to beat.
OPEN_URGENT = "open_urgent_tickets"


@dataclass(frozen=True)
class Feature:
    """A signal that is learned from; with `log` it counts by its order of magnitude."""

    name: str
    log: bool = False

    @property
    def signal(self) -> Signal:
        return SIGNALS[self.name]


FEATURES = (
    Feature(TENURE, log=True),
    Feature("days_to_renewal", log=True),
    Feature("acv", log=True),
    Feature("tickets_30d", log=True),
    Feature("days_since_last_ticket", log=True),
    Feature("sentiment"),
    Feature("sentiment_trend"),
    Feature("usage_drop_7d"),
    Feature("csat_30d"),
    Feature("churn_intent_30d", log=True),
    Feature("sla_breaches_30d", log=True),
    Feature("repeated_issue_count", log=True),
)
NAMES = tuple(feature.name for feature in FEATURES)
LOGS = frozenset({*(feature.name for feature in FEATURES if feature.log), OPEN_URGENT})
BY_NAME = {feature.name: feature for feature in FEATURES}
