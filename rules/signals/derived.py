"""Knows what health and churn risk rest on: other signals, by a scorecard and by what was learned."""

from collections.abc import Collection
from dataclasses import dataclass, field

from rules.signals.churn_risk import ChurnModel
from rules.signals.scorecard import HEALTH, HEALTH_PARTS, Scorecard

_HEALTH = frozenset(signal.name for signal in (*HEALTH, *HEALTH_PARTS))


@dataclass(frozen=True)
class Derived:
    """The scorecard and the learned models of churn; without them health and churn risk are unknown."""

    scorecard: Scorecard = field(default_factory=Scorecard)
    churn_models: tuple[ChurnModel, ...] = ()

    def needs(self, names: Collection[str]) -> set[str]:
        """The signals of these names with those that they follow from here."""
        health = self.scorecard.reads if _HEALTH.intersection(names) else frozenset()
        models = self.churn_models if "churn_risk" in names else ()
        return {*names, *health}.union(*(model.reads for model in models))
