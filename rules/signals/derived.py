"""Knows the signals that follow from other signals: health by a scorecard, churn risk by what was learned."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, TypeVar

import narwhals as nw

from rules.signals import churn_risk
from rules.signals.churn_risk import ChurnModel, risk_column
from rules.signals.scorecard import HEALTH, HEALTH_PARTS, Scorecard

SIGNALS = (*HEALTH, *HEALTH_PARTS, *churn_risk.SIGNALS)
_HEALTH = frozenset(signal.name for signal in (*HEALTH, *HEALTH_PARTS))
_HERE = frozenset(signal.name for signal in SIGNALS)
Framed = TypeVar("Framed", nw.LazyFrame[Any], nw.DataFrame[Any])


@dataclass(frozen=True)
class Derived:
    """The scorecard and the learned models of churn; without them health and churn risk are unknown."""

    scorecard: Scorecard = field(default_factory=Scorecard)
    churn_models: tuple[ChurnModel, ...] = ()

    def rest_on(self, names: Collection[str]) -> list[str]:
        """The signals to be computed first: those of these names that are not of this module, and what the others need.

        In the order of `names`, then by alphabet.
        """
        needed = set(self.scorecard.reads) if _HEALTH.intersection(names) else set()
        if "churn_risk" in names and self.churn_models:
            needed |= {"acv"}.union(*(model.reads for model in self.churn_models))
        return [*(name for name in names if name not in _HERE), *sorted(needed.difference(names))]

    def added(self, frame: Framed, as_of: nw.Expr, names: Collection[str]) -> Framed:
        """The frame, which has the signals of `rest_on(names)`, with those of these names that are of this module.

        `as_of` is the moment of each row: a literal, or a column of a panel.
        """
        if _HEALTH.intersection(names):
            frame = frame.with_columns(*self.scorecard.part_columns()).with_columns(self.scorecard.health_column())
        return frame.with_columns(risk_column(self.churn_models, as_of)) if "churn_risk" in names else frame
