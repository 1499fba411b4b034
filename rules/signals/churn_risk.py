"""Knows how probably an account leaves, by what was learned of the team's own accounts: one expression over signals.

A model is a logistic regression: of each signal its distance from the mean account in standard deviations (no further
than a bound), of an unknown one nothing but that it is unknown. Its sum is straightened along a line and becomes a
share. At a moment the newest model counts that was learned by then and not withdrawn; a later one is not seen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, reduce
from operator import add
from typing import Any

import narwhals as nw
import numpy as np

from rules.regression.design import FURTHEST, Column, Design
from rules.regression.logistic import FURTHEST_LOGIT
from rules.signals.signal import Signal

# What a content means; one of another format is not read.
FORMAT = 1
_DIGITS = 6

SIGNALS = (
    Signal(
        name="churn_risk", kind="number", unit="share", noun="churn risk",
        meaning="The share of accounts like this one that lost all their recurring revenue within the days that "
        "health.yaml names (`horizon_days`), as `keepline learn churn` learned it from your own accounts.",
        unknown_when="no model is in use that was learned before, or the account has no recurring revenue",
        phrase=lambda shown: f"churn risk {shown.percent('churn_risk')}",
    ),
)  # fmt: skip


@dataclass(frozen=True)
class ChurnModel:
    """A learned version: its content, since when it was in use, and until when, if it was withdrawn."""

    content: dict[str, Any]
    trained_at: datetime
    withdrawn_at: datetime | None = None

    @property
    def silent(self) -> str | None:
        """Why it foretells nothing; None where it does."""
        if (abstains := self.content.get("abstains")) is not None:
            return str(abstains)
        same = self.content.get("format") == FORMAT
        return None if same else "it was learned by another version of Keepline"

    @cached_property
    def design(self) -> Design:
        """How each signal is brought to scale."""
        return Design(tuple(Column(**column) for column in self.content["columns"]))

    @cached_property
    def coefficients(self) -> tuple[float, ...]:
        """The constant first, then each column's of the design, the line's slope and intercept in them."""
        slope, intercept = self.content["calibration"]["slope"], self.content["calibration"]["intercept"]
        constant, *rest = (slope * float(each) for each in self.content["coefficients"])
        return (constant + intercept, *rest)

    @property
    def reads(self) -> frozenset[str]:
        """The signals that it looks at."""
        return frozenset() if self.silent else frozenset(column.name for column in self.design.columns)

    @property
    def share(self) -> nw.Expr:
        """The share 0..1 by the signals of `reads`; never unknown."""
        logit = reduce(add, self._pulls(), nw.lit(self.coefficients[0]))
        return 1.0 / (1.0 + (-logit.clip(-FURTHEST_LOGIT, FURTHEST_LOGIT)).exp())

    def _pulls(self) -> list[nw.Expr]:
        return [_pull(column, self.coefficients[1:][place]) for column, place in self.design.places()]

    def stands(self, as_of: nw.Expr) -> nw.Expr:
        """Whether it was learned by then and not withdrawn."""
        learned = as_of >= nw.lit(self.trained_at)
        return learned if self.withdrawn_at is None else learned & (as_of < nw.lit(self.withdrawn_at))


def _pull(column: Column, weights: Sequence[float]) -> nw.Expr:
    value = nw.col(column.name).cast(nw.Float64)
    placed = (value.clip(lower_bound=0.0) + 1.0).log() if column.log else value
    scaled = ((placed - column.middle) / column.spread).clip(-FURTHEST, FURTHEST).fill_null(0.0) * weights[0]
    if column.unknown_ratio is None:
        return scaled
    return scaled + (value.is_null().cast(nw.Float64) - column.unknown_ratio) * weights[1]


def risk_column(models: Sequence[ChurnModel], as_of: nw.Expr) -> nw.Expr:
    """`churn_risk` (Float64) from `acv` and the signals that the models read; `as_of` is the moment of each row."""
    share = nw.lit(None, nw.Float64)
    # Oldest first, so that the newest one that stands has the last word, even if it is that nothing can be foretold.
    for model in sorted(models, key=lambda each: each.trained_at):
        told = nw.lit(None, nw.Float64) if model.silent else model.share
        share = nw.when(model.stands(as_of)).then(told).otherwise(share)
    known = nw.when(nw.col("acv") > 0).then(share).round(_DIGITS) if models else share
    return known.alias("churn_risk")


def in_force(models: Sequence[ChurnModel], as_of: datetime) -> ChurnModel | None:
    """The newest model that was learned by then and not withdrawn; it may be silent."""
    standing = [
        each for each in models
        if each.trained_at <= as_of and (each.withdrawn_at is None or as_of < each.withdrawn_at)
    ]  # fmt: skip
    return max(standing, key=lambda each: each.trained_at, default=None)


def logits(model: ChurnModel, figures: dict[str, np.ndarray[Any, np.dtype[np.float64]]]) -> Any:
    """The straightened log odds of accounts whose signals are arrays; NaN is unknown."""
    rows = model.design.rows(figures)
    return model.coefficients[0] + rows @ np.asarray(model.coefficients[1:])
