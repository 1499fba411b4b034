"""Gathers how healthy every account is and how probably it leaves, the worst first, and opens one of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from jobs.account_names import named
from jobs.churn import why_silent
from jobs.evaluate import look
from jobs.rulebook import Rulebook
from rules.health.reasons import Told, reasons
from rules.signals import SIGNALS
from rules.signals.churn_risk import ChurnModel, in_force
from rules.signals.scorecard import PART_NAMES, Scale, Scorecard, ScoredPart
from rules.signals.signal import Shown
from storage.store import Store


@dataclass(frozen=True)
class HealthTable:
    """A row of signals per account with revenue, the least healthy first and those of unknown health last.

    `silent` is why no churn risk is known, None where it is; `model` the version that foretells it.
    """

    rows: list[dict[str, Any]]
    currency: str
    scorecard: Scorecard
    horizon_days: int
    silent: str | None
    model: ChurnModel | None

    @property
    def known(self) -> int:
        """Of how many accounts health is known."""
        return sum(row["health"] is not None for row in self.rows)


@dataclass(frozen=True)
class OpenedSignal:
    """One signal of a part: its value, what the scale makes of it (None: unknown), and the scale."""

    name: str
    value: Any
    said: str
    points: float | None
    scale: Scale


@dataclass(frozen=True)
class OpenedPart:
    """One part of an account's health: its points, its weight as written, its share of the known weight."""

    part: ScoredPart
    points: float | None
    weight: float
    share: float | None
    signals: tuple[OpenedSignal, ...]


@dataclass(frozen=True)
class HealthView:
    """One account's health opened into its parts, and its churn risk into reasons; `silent` is why there are none."""

    row: Mapping[str, Any]
    currency: str
    least_known: float
    parts: tuple[OpenedPart, ...]
    horizon_days: int
    silent: str | None
    told: Told | None
    model: ChurnModel | None


def health_table(store: Store, rulebook: Rulebook, as_of: datetime) -> HealthTable:
    """Every account that is known to pay something."""
    names = {"acv", "segment", "days_to_renewal", "health", "churn_risk", *(f"health_{name}" for name in PART_NAMES)}
    sight = look(store.facts(), rulebook, as_of, as_of, names)
    signals, currency = sight.signals(as_of)
    derived = sight.facts.derived
    rows = [row for row in signals.iter_rows(named=True) if row["acv"]]
    return HealthTable(
        sorted(rows, key=_worst_first), currency, derived.scorecard, rulebook.health.risk.horizon_days,
        why_silent(derived.churn_models, as_of), in_force(derived.churn_models, as_of),
    )  # fmt: skip


def health_view(store: Store, rulebook: Rulebook, name: str, as_of: datetime) -> HealthView:
    """Why the account of that name or id is as healthy as it is.

    Raises:
        NotFound: no account is called so, or several are.
    """
    facts = store.facts()
    account = named(facts.accounts().collect().rows(named=True), name)
    sight = look(facts, rulebook, as_of, as_of)
    signals, currency = sight.signals(as_of)
    row = next(each for each in signals.iter_rows(named=True) if each["account_id"] == account["id"])
    derived, shown = sight.facts.derived, Shown(row, currency, rulebook.windows)
    model, silent = in_force(derived.churn_models, as_of), why_silent(derived.churn_models, as_of)
    if silent is None and row["churn_risk"] is None:
        silent = "the account has no recurring revenue"
    told = reasons(model, shown) if model is not None and silent is None else None
    return HealthView(
        row, currency, derived.scorecard.least_known, _opened(derived.scorecard, shown),
        rulebook.health.risk.horizon_days, silent, told, model,
    )  # fmt: skip


def _worst_first(row: Mapping[str, Any]) -> tuple[Any, ...]:
    health = row["health"]
    return (health is None, health if health is not None else 0.0, -(row["churn_risk"] or 0.0), -row["acv"])


def _opened(scorecard: Scorecard, shown: Shown) -> tuple[OpenedPart, ...]:
    segment = shown.values.get("segment")
    weights = {part.name: part.weight_of(None if segment is None else str(segment)) for part in scorecard.parts}
    points = {part.name: _number(shown.values.get(part.signal)) for part in scorecard.parts}
    known = sum(weight for name, weight in weights.items() if points[name] is not None)
    return tuple(
        OpenedPart(
            part, points[part.name], weights[part.name],
            weights[part.name] / known if points[part.name] is not None and known else None,
            tuple(_signal(name, scale, shown) for name, scale in part.scales.items()),
        )
        for part in scorecard.parts
    )  # fmt: skip


def _signal(name: str, scale: Scale, shown: Shown) -> OpenedSignal:
    value, signal = shown.values.get(name), SIGNALS[name]
    if value is None:
        missing = f"{signal.named(shown.windows)} unknown: {signal.missing(shown.windows)}"
        return OpenedSignal(name, None, missing, None, scale)
    number = _number(value)
    return OpenedSignal(name, value, signal.phrase(shown), None if number is None else scale.of(number), scale)


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None
