"""Knows why an account's churn risk is what it is: how far each signal moves it from the average account, in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from rules.regression.logistic import chance
from rules.signals.account import SIGNALS
from rules.signals.churn_risk import ChurnModel
from rules.signals.signal import Shown

_MOST = 3
_LEAST_POINTS = 0.05


@dataclass(frozen=True)
class Reason:
    """What one signal does to the risk: its value in words, the log odds it adds, and percentage points it moves.

    The points are the risk less what it would be if the signal stood where it does for the average account.
    """

    signal: str
    said: str
    log_odds: float
    points: float


@dataclass(frozen=True)
class Told:
    """The risk of one account and of the average one (0..1), and a reason for each signal that the model looks at.

    The reasons' log odds sum to the log odds of the one less those of the other.
    """

    risk: float
    average: float
    reasons: tuple[Reason, ...]

    @property
    def up(self) -> tuple[Reason, ...]:
        """The three that raise it most."""
        return _weightiest(each for each in self.reasons if each.points >= _LEAST_POINTS)

    @property
    def down(self) -> tuple[Reason, ...]:
        """The three that lower it most."""
        return _weightiest(each for each in self.reasons if each.points <= -_LEAST_POINTS)


def reasons(model: ChurnModel, shown: Shown) -> Told:
    """Why the model foretells what it does of the account with these values; None is unknown."""
    columns = model.design.places()
    figures = {column.name: np.array([_figure(shown.values, column.name)]) for column, _ in columns}
    placed = model.design.rows(figures)[0]
    constant, weights = model.coefficients[0], np.asarray(model.coefficients[1:])
    pulls = [float(placed[place] @ weights[place]) for _, place in columns]
    logit = constant + sum(pulls)
    risk = _share(logit)
    told = tuple(
        Reason(column.name, _said(column.name, shown), pull, 100 * (risk - _share(logit - pull)))
        for (column, _), pull in zip(columns, pulls, strict=True)
    )
    return Told(risk, _share(constant), told)


def _weightiest(found: Any) -> tuple[Reason, ...]:
    return tuple(sorted(found, key=lambda each: (-abs(each.points), each.signal))[:_MOST])


def _figure(values: Mapping[str, Any], name: str) -> float:
    value = values.get(name)
    return float("nan") if value is None else float(value)


def _said(name: str, shown: Shown) -> str:
    if shown.values.get(name) is None:
        return f"{SIGNALS[name].named(shown.windows)} unknown"
    return SIGNALS[name].phrase(shown)


def _share(logit: float) -> float:
    return float(chance(np.array([logit]))[0])
