"""Knows how the health of accounts is written in health.yaml: the parts with their scales and weights, and the risk."""

import math
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field

from rules.signals.account import SIGNALS
from rules.signals.scorecard import OTHER, PART_NAMES, PartName, Scale, Scorecard, ScoredPart, Takes
from rules.words import segment_word, unknown_word
from rules.written import Mistake, Written, at, refuse

_TAKES = ("mean", "lowest")
_READABLE = {
    name: signal for name, signal in SIGNALS.items()
    if signal.kind in {"number", "days"} and not name.startswith("health") and name != "churn_risk"
}  # fmt: skip
_BEST = 100.0


def _scales(written: object) -> dict[str, Scale]:
    if not isinstance(written, Mapping) or not written:
        raise ValueError("name at least one signal with its scale, such as {sentiment: {-60: 0, 40: 100}}")
    refuse(mistake for name, points in written.items() for mistake in _mistakes(str(name), points))
    return {str(name): _scale(points) for name, points in written.items()}


def _mistakes(name: str, written: object) -> Iterator[Mistake]:
    if name not in _READABLE:
        yield (name,), name, _no_signal(name)
        return
    if not isinstance(written, Mapping) or len(written) < 2:
        yield (name,), written, "give two or more points of a scale: {value: points, value: points}"
        return
    values = [_value(key) for key in written]
    for key, value, told in zip(written, values, written.values(), strict=True):
        if not math.isfinite(value):
            yield (name, str(key)), key, f"a scale of {name} begins each point with a plain number"
        if isinstance(told, bool) or not isinstance(told, int | float) or not 0 <= told <= _BEST:
            yield (name, str(key)), told, "points are a number from 0 (worst) to 100 (best)"
    if values != sorted(set(values)) and all(map(math.isfinite, values)):
        yield (name,), written, "write the points by rising value, each value once"


def _no_signal(name: str) -> str:
    if name in SIGNALS:
        return f"{name} is {SIGNALS[name].kind} or made of health itself; a part rests on numbers or days"
    return unknown_word(name, _READABLE, "signal")


def _scale(points: Mapping[object, float]) -> Scale:
    return Scale(tuple((_value(key), float(told)) for key, told in points.items()))


def _value(key: object) -> float:
    try:
        return float(str(key))
    except ValueError:
        return math.nan


def _weights(written: object) -> dict[str, float]:
    if not isinstance(written, Mapping):
        return {OTHER: _weight((), written)}
    weights = {segment_word(str(segment)): _weight((segment,), told) for segment, told in written.items()}
    if OTHER not in weights:
        raise ValueError(f"say what it weighs for all other segments: {OTHER}: 10")
    return weights


def _weight(place: tuple[object, ...], told: object) -> float:
    if isinstance(told, bool) or not isinstance(told, int | float) or not 0 <= told <= 1_000:
        raise at(place, told, "a weight is a number from 0 to 1000; 0 leaves the part out")
    return float(told)


def _takes(word: object) -> object:
    if word not in _TAKES:
        raise ValueError(unknown_word(word, _TAKES, "word for how signals come together"))
    return word


class WrittenPart(Written):
    """One part of health: its weight, its signals with their scales, and how several signals come together."""

    called: ClassVar[str] = "part of health"

    weight: Annotated[dict[str, float], BeforeValidator(_weights)]
    signals: Annotated[dict[str, Any], BeforeValidator(_scales)]
    takes: Annotated[Takes, BeforeValidator(_takes)] = "mean"


class RiskSettings(Written):
    """What churn risk foretells, and what is too little to learn it from."""

    called: ClassVar[str] = "risk"

    horizon_days: int = Field(default=90, ge=7, le=365, description="Within so many days.")
    every_days: int = Field(default=30, ge=7, le=90, description="The past is looked at once in so many days.")
    learn_days: int = Field(default=1095, ge=180, le=3650, description="Nothing older is learned from.")
    min_churns: int = Field(default=50, ge=20, description="Fewer accounts that left teach nothing.")
    capacity: int = Field(default=20, ge=1, description="So many accounts a look the team can take on.")
    max_cases: int = Field(default=200_000, ge=1_000, description="Of more cases a part of the accounts is taken.")


def _parts(written: object) -> object:
    if not isinstance(written, Mapping):
        return written
    wrong = [name for name in written if name not in PART_NAMES]
    refuse(((str(name),), name, unknown_word(name, PART_NAMES, "part of health")) for name in wrong)
    return written


class HealthDocument(Written):
    """The document `health.yaml`."""

    called: ClassVar[str] = "document of health"

    least_known: float = Field(default=0.5, ge=0, le=1, description="Below this share of known weight it is unknown.")
    parts: Annotated[dict[PartName, WrittenPart], BeforeValidator(_parts)] = Field(default_factory=dict)
    risk: RiskSettings = RiskSettings()

    @cached_property
    def scorecard(self) -> Scorecard:
        """The parts that weigh anything, in their usual order."""
        parts = tuple(
            ScoredPart(name, part.signals, part.weight, part.takes)
            for name in PART_NAMES
            if (part := self.parts.get(name)) is not None and max(part.weight.values()) > 0
        )
        return Scorecard(parts, self.least_known)
