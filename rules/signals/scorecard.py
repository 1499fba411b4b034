"""Knows how healthy an account is: parts from 0 to 100 by visible scales, and their weighted mean.

A scale is a line through its points, flat beyond its ends. A part is the mean, or the lowest, of what its known signals
say; one without any is unknown and left out, and the weights of the others are brought to one. Where too little of the
weight is known, health itself is unknown.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import reduce
from operator import add
from typing import Literal, get_args

import narwhals as nw
import numpy as np

from rules.signals.signal import Shown, Signal

PartName = Literal["mood", "satisfaction", "volume", "trouble", "usage", "silence", "payment", "engagement"]
PART_NAMES: tuple[PartName, ...] = get_args(PartName)
Takes = Literal["mean", "lowest"]
OTHER = "other"
_TOLD = 3
_DIGITS = 2

_ABOUT: dict[PartName, str] = {
    "mood": "how its people sound",
    "satisfaction": "how its people answered surveys",
    "volume": "how much it writes against its usual",
    "trouble": "broken promises, escalations and repeated issues",
    "usage": "how much it uses the product",
    "silence": "how long it has been silent",
    "payment": "how it pays",
    "engagement": "whether its sponsors are in contact and speak of staying",
}


@dataclass(frozen=True)
class Scale:
    """Points (value, 0..100) by rising value, at least two of them."""

    points: tuple[tuple[float, float], ...]

    def read(self, value: nw.Expr) -> nw.Expr:
        """The points of a value (Float64), unknown where it is unknown."""
        steps = zip(self.points, self.points[1:], strict=False)
        known = value.cast(nw.Float64)
        rises = [
            (known.clip(low, high) - low) * ((after - before) / (high - low)) for (low, before), (high, after) in steps
        ]
        return reduce(add, rises) + self.points[0][1]

    def of(self, value: float) -> float:
        """The points of one value."""
        values, points = zip(*self.points, strict=True)
        return float(np.interp(value, values, points))

    def __str__(self) -> str:
        return ", ".join(f"{_short(value)} → {_short(points)}" for value, points in self.points)


@dataclass(frozen=True)
class ScoredPart:
    """One part: the scale of each of its signals by name, how they come together, and its weight by segment."""

    name: PartName
    scales: Mapping[str, Scale]
    weights: Mapping[str, float]
    takes: Takes = "mean"

    @property
    def signal(self) -> str:
        """The signal that holds it."""
        return f"health_{self.name}"

    def weight_of(self, segment: str | None) -> float:
        """What it weighs for a segment."""
        return self.weights.get(segment or OTHER, self.weights[OTHER])

    @property
    def weight(self) -> nw.Expr:
        """What it weighs, by `segment`."""
        weight = nw.lit(float(self.weights[OTHER]))
        for segment, own in self.weights.items():
            if segment != OTHER:
                is_it = (nw.col("segment") == segment).fill_null(False)
                weight = nw.when(is_it).then(nw.lit(float(own))).otherwise(weight)
        return weight

    @property
    def points(self) -> nw.Expr:
        """0..100 by its signals, unknown where all of them are."""
        read = [scale.read(nw.col(name)) for name, scale in self.scales.items()]
        return nw.min_horizontal(*read) if self.takes == "lowest" else nw.mean_horizontal(*read)


@dataclass(frozen=True)
class Scorecard:
    """The parts, and below which share of known weight (0..1) health is unknown."""

    parts: tuple[ScoredPart, ...] = ()
    least_known: float = 0.5
    reads: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        names = {name for part in self.parts for name in part.scales}
        object.__setattr__(self, "reads", frozenset(names | ({"segment"} if self.parts else set())))

    def part_columns(self) -> list[nw.Expr]:
        """Every `health_…` (Float64), from the signals of `reads`."""
        known = {part.name: part.points for part in self.parts}
        return [known.get(name, nw.lit(None, nw.Float64)).alias(f"health_{name}") for name in PART_NAMES]

    def health_column(self) -> nw.Expr:
        """`health` (Float64), from the columns of its parts and `segment`."""
        if not self.parts:
            return nw.lit(None, nw.Float64).alias("health")
        weights = [(part.weight, nw.col(part.signal)) for part in self.parts]
        whole = reduce(add, (weight for weight, _ in weights))
        seen = reduce(
            add, (nw.when(~points.is_null()).then(weight).otherwise(nw.lit(0.0)) for weight, points in weights)
        )
        summed = reduce(add, (weight * points.fill_null(0.0) for weight, points in weights))
        enough = (seen > 0) & (seen >= whole * self.least_known)
        return nw.when(enough).then(summed / seen).round(_DIGITS).alias("health")


def _health(shown: Shown) -> str:
    health = shown.values.get("health")
    if not isinstance(health, int | float):
        return "health unknown"
    parts = [(value, name) for name in PART_NAMES if _is_low(value := shown.values.get(f"health_{name}"), health)]
    lowest = ", ".join(f"{name} {shown.number(f'health_{name}', 0)}" for _, name in sorted(parts)[:_TOLD])
    return f"health {shown.number('health', 0)} of 100{f': {lowest}' if lowest else ''}"


def _is_low(value: object, health: float) -> bool:
    return isinstance(value, int | float) and value < health


def _part(name: PartName) -> Signal:
    return Signal(
        name=f"health_{name}", kind="number", unit="0..100", noun=f"health: {name}",
        meaning=f"The part of `health` about {_ABOUT[name]}, by the scales of health.yaml; 100 is best.",
        unknown_when=f"every signal that health.yaml names for `{name}` is unknown, or it names none",
        phrase=lambda shown: f"{name} {shown.number(f'health_{name}', 0)} of 100",
    )  # fmt: skip


HEALTH = (
    Signal(
        name="health", kind="number", unit="0..100", noun="health",
        meaning="The mean of the known parts by their weights in health.yaml; 100 is best.",
        unknown_when="the known parts have less than `least_known` of the weight",
        phrase=_health, shows=tuple(f"health_{name}" for name in PART_NAMES),
    ),
)  # fmt: skip
HEALTH_PARTS = tuple(_part(name) for name in PART_NAMES)


def _short(value: float) -> str:
    return f"{value:,.10g}".replace("-", "−")
