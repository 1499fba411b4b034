"""Knows what a learned model foretells of a ticket, how surely, and why, in words."""

from dataclasses import dataclass
from functools import cached_property
from statistics import NormalDist
from typing import Any

import narwhals as nw
import numpy as np

from rules.regression.design import Column, Design
from rules.regression.logistic import Fitted, Floats
from rules.regression.straightening import Straightened
from rules.satisfaction.answers import figures
from rules.satisfaction.features import BY_NAME

_REASONS = 4
_LEAST_POINTS = 0.5


@dataclass(frozen=True)
class Foretold:
    """The share (0..1) of tickets like this one whose customers are satisfied, with its interval; None: unknown.

    `because` are up to four reasons in words, the weightiest first; where it is unknown, why.
    """

    ratio: float | None
    low: float | None
    high: float | None
    because: tuple[str, ...]


@dataclass(frozen=True)
class Model:
    """A learned model as its content tells it."""

    content: dict[str, Any]

    @cached_property
    def design(self) -> Design:
        return Design(tuple(Column(**column) for column in self.content["columns"]))

    @cached_property
    def fitted(self) -> Fitted:
        return Fitted(np.asarray(self.content["coefficients"]), np.asarray(self.content["covariance"]))

    @property
    def straight(self) -> Straightened:
        told = self.content["calibration"]
        knots = tuple((float(place), float(logit)) for place, logit in told["knots"])
        first, both, second = told["doubt"]
        return Straightened(told["intercept"], told["slope"], knots, (first, both, second))

    @property
    def level(self) -> float:
        """How sure an interval is."""
        return float(self.content["level"])


def foretold(model: Model, rows: nw.DataFrame[Any]) -> list[Foretold]:
    """One for each row of `features`, in their order. A ticket without a public message is unknown."""
    if not len(rows):
        return []
    known = figures(rows)
    placed = model.design.rows(known)
    logits = model.fitted.logits(placed)
    widths = model.straight.deviations(logits, model.fitted.deviations(placed))
    reach = NormalDist().inv_cdf((1 + model.level) / 2) * widths
    shares, low, high = (model.straight.shares(each) for each in (logits, logits - reach, logits + reach))
    silent = np.isnan(known["customer_messages"])
    pulls = _pulls(model, placed, logits, shares)
    return [
        _silent() if silent[row] else Foretold(
            _short(shares[row]), _short(low[row]), _short(high[row]),
            _reasons(model.design, known, pulls[row], row),
        )
        for row in range(len(rows))
    ]  # fmt: skip


def _silent() -> Foretold:
    return Foretold(None, None, None, ("no public message is known",))


def _pulls(model: Model, placed: Floats, logits: Floats, shares: Floats) -> Floats:
    """By how many points (of 100) each column moves a case from where it would stand at the middle."""
    weighted = placed * model.fitted.coefficients[1:]
    by_column = [weighted[:, place].sum(axis=1) for _, place in model.design.places()]
    parts = [100 * (shares - model.straight.shares(logits - part)) for part in by_column]
    return np.column_stack(parts) if parts else np.zeros((len(placed), 0))


def _reasons(design: Design, known: dict[str, Floats], pulls: Floats, row: int) -> tuple[str, ...]:
    weightiest = np.argsort(-np.abs(pulls), kind="stable")[:_REASONS]
    return tuple(
        _said(design.columns[place], float(known[design.columns[place].name][row]), float(pulls[place]))
        for place in weightiest
        if abs(pulls[place]) >= _LEAST_POINTS
    )


def _said(column: Column, figure: float, points: float) -> str:
    feature, moved = BY_NAME[column.name], f"{points:+.0f} points".replace("-", "−")
    if np.isnan(figure):
        return f"{feature.noun} unknown ({moved})"
    return f"{feature.noun} {feature.said(figure)}, usually {feature.said(column.usual)} ({moved})"


def _short(share: float) -> float:
    return float(f"{share:.4f}")
