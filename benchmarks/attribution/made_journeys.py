"""Knows journeys of one to thirty touches of eight kinds, seven in ten of them renewed; alike for all contenders."""

from dataclasses import dataclass

import numpy as np
import polars as pl

_KINDS = ("ticket_resolved", "escalation_handled", "csm_call", "playbook_step", "call", "chat", "mail", "visit")
_BEGUN_US, _DAY_US = 1_735_689_600_000_000, 86_400_000_000
_MOMENT = pl.Datetime("us", "UTC")


@dataclass(frozen=True)
class Made:
    """`outcomes` and `touches` as storage hands them out; every outcome has a touch inside the look-back."""

    outcomes: pl.DataFrame
    touches: pl.DataFrame


def made(size: int) -> Made:
    """`size` journeys, about five touches each."""
    dice = np.random.default_rng(7)
    counts = np.minimum(dice.geometric(0.2, size), 30)
    journey = np.repeat(np.arange(size), counts)
    ended_us = _BEGUN_US + dice.integers(0, 200 * _DAY_US, size)
    touched_us = ended_us[journey] - dice.integers(1, 170 * _DAY_US, len(journey))
    # What came early in a journey is another kind than what came late; so the models differ.
    kind = (dice.integers(0, 6, len(journey)) + dice.integers(0, 3, len(journey)) * (journey % 2)) % len(_KINDS)
    cents, renewed = dice.integers(1, 10_000_000, size), dice.random(size) < 0.7
    outcomes = pl.DataFrame({
        "outcome_id": np.arange(size), "account_id": np.arange(size), "happened_at": ended_us,
        "currency": ["USD"] * size, "kept_cents": np.where(renewed, cents, 0),
        "lost_cents": np.where(renewed, 0, cents),
    }).with_columns(pl.col("happened_at").cast(_MOMENT))  # fmt: skip
    touches = pl.DataFrame({
        "touch_id": np.arange(len(journey)), "account_id": journey, "kind": np.array(_KINDS)[kind],
        "happened_at": touched_us, "position": np.arange(len(journey)),
    }).with_columns(pl.col("happened_at").cast(_MOMENT), pl.col("touch_id").cast(pl.String))  # fmt: skip
    return Made(outcomes, touches)
