"""Knows how probable it is that a running clock will be breached, from the past alone, and how well that is known."""

from datetime import datetime
from typing import Any

import narwhals as nw
import numpy as np

from rules.sla.forecast.checking import Bin, Check, check, coefficients
from rules.sla.forecast.landmarks import FEWEST, WINDOW, features, landmarks
from rules.sla.forecast.load import Load
from rules.sla.forecast.logistic import expit
from rules.sla.forecast.survival import Estimate, Known, Survival
from rules.sla.forecast.waits import Floats, Ints, Waits, micros
from rules.sla.forecast.wording import reasons

__all__ = ["Bin", "Check", "Forecast", "breach_forecast", "evaluate"]

_MICRO = 1_000_000


def breach_forecast(clocks_now: nw.DataFrame[Any], history: nw.DataFrame[Any], as_of: datetime) -> nw.DataFrame[Any]:
    """How probable it is that each running or paused clock with a target will be breached.

    Both frames have the columns of `rules.sla.clock.clocks` at `as_of`, and `team` and `priority` of the ticket;
    `history` holds all clocks of some months, those that run now among them.

    Returns a row per such clock: ticket_id, metric, cycle, probability (Float64, null: unknown), reason, and basis:
    `calibrated`, `survival` (how long such waits took) or `none`. Sorted as the clocks are.

    Source: docs/sla.md, "Predicted breach".
    """
    return Forecast(history, as_of).of(clocks_now)


def evaluate(history: nw.DataFrame[Any], as_of: datetime) -> list[Check]:
    """How well the breaches of the past would have been foreseen, by metric.

    Source: docs/sla.md, "Predicted breach".
    """
    return Forecast(history, as_of).checks


class Forecast:
    """What a past says at a moment; `checks` has a row for each metric that has targets in it."""

    def __init__(self, history: nw.DataFrame[Any], as_of: datetime) -> None:
        self._as_of, self._now = as_of, micros(as_of)
        has_target = history.filter(~nw.col("target_seconds").is_null()).select("metric").unique()
        past = history.join(has_target, on="metric", how="semi").sort("ticket_id", "metric", "cycle")
        self._past = Waits.of(past, as_of)
        self._load = Load(self._past)
        learned = landmarks(self._past, self._load, self._now)
        metric = self._past.metric[learned.wait]
        wanted = np.unique(self._past.metric[self._past.target > 0])
        self._learned = {int(each): learned.chosen(metric == each) for each in wanted}
        self._checks = {each: check(self._name(each), past, self._now) for each, past in self._learned.items()}

    @property
    def checks(self) -> list[Check]:
        """How well each metric would have been foreseen, in the order of their names."""
        return list(self._checks.values())

    def of(self, clocks_now: nw.DataFrame[Any]) -> nw.DataFrame[Any]:
        """The forecast for the clocks that run or pause; see `breach_forecast`."""
        has_target = ~nw.col("target_seconds").is_null() & (nw.col("target_seconds") > 0)
        clocks = clocks_now.filter(nw.col("state").is_in(["running", "paused"]), has_target)
        clocks = clocks.sort("ticket_id", "metric", "cycle")
        waits = Waits.of(clocks, self._as_of, self._past.names)
        spent, whole = _spent_of(waits)
        estimate = self._survival().estimate(waits, np.arange(len(waits)), spent, whole)
        load = self._load.against_usual(waits.metric, np.full(len(waits), self._now))
        probability, basis = self._said(
            waits, estimate, features(estimate.probability, spent / whole, load, waits.cycle)
        )
        paused = (clocks["state"] == "paused").to_numpy()
        caveats = {each: found.verdict for each, found in self._checks.items() if found.basis != "calibrated"}
        told = reasons(waits, paused, whole, estimate, load, probability, caveats)
        known = [None if np.isnan(each) else float(each) for each in probability]
        backend = clocks.implementation
        return clocks.select("ticket_id", "metric", "cycle").with_columns(
            nw.new_series("probability", known, nw.Float64, backend=backend),
            nw.new_series("reason", told, nw.String, backend=backend),
            nw.new_series("basis", basis, nw.String, backend=backend),
        )

    def _survival(self) -> Survival:
        since = self._now - int(WINDOW.total_seconds()) * _MICRO
        return Survival(self._past, Known.at(self._past, self._now, since, is_now=True))

    def _said(self, waits: Waits, estimate: Estimate, columns: Floats) -> tuple[Floats, list[str]]:
        probability, basis = np.full(len(waits), np.nan), np.full(len(waits), "none", dtype=object)
        for metric, found in self._checks.items():
            rows = (waits.metric == metric) & (estimate.waiting[0] >= FEWEST)
            weights = coefficients(self._learned[metric], self._now) if found.basis == "calibrated" else None
            if found.basis != "none":
                probability[rows] = estimate.probability[rows] if weights is None else expit(columns[rows] @ weights)
                basis[rows] = found.basis
        return probability, basis.tolist()

    def _name(self, metric: int) -> str:
        return self._past.names["metric"][metric]


def _spent_of(waits: Waits) -> tuple[Ints, Ints]:
    """What each clock has spent, and of what: its target, or until the deadline where a grace leaves more."""
    spent = np.maximum(waits.spent, 0)
    return spent, np.maximum(np.maximum(waits.target, spent + waits.left), spent + 1)
