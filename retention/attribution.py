"""Knows how an outcome's amount is split over the touches that led to it, under each model."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from typing import Any, Literal, get_args

import narwhals as nw
import numpy as np

from domain.conventions import CreditConventions, CreditModel
from domain.errors import NotFound
from retention.ledger import Frame
from retention.model_shares import model_shares
from retention.removal_effects import removal_effects
from retention.trails import Ints, TouchBook, Trails

UNATTRIBUTED = "(unattributed)"
MODELS: tuple[CreditModel, ...] = get_args(CreditModel)
Amount = Literal["kept", "lost"]
_COLUMNS: dict[Amount, tuple[str, str]] = {"kept": ("kept_cents", "credit_cents"), "lost": ("lost_cents", "lost_cents")}


def model_named(name: str) -> CreditModel:
    """The model of that name; `U-shaped`, `u shaped` and `u_shaped` are one.

    Raises:
        NotFound: there is none; the message gives the nearest.
    """
    plain = name.strip().lower().replace("-", "_").replace(" ", "_")
    for model in MODELS:
        if model == plain:
            return model
    near = get_close_matches(plain, MODELS, n=1, cutoff=0.5)
    meant = f"did you mean {near[0]}? " if near else ""
    raise NotFound(f"no attribution model {name!r}; {meant}There are: {', '.join(MODELS)}")


def kept_credits(outcomes: Frame, touches: Frame, model: str, conventions: CreditConventions | None = None) -> Frame:
    """Split what each outcome kept over the touches that led to it.

    `outcomes` has outcome_id, account_id, happened_at, currency, kept_cents; `touches` is `touches.all_touches`. A row
    is an outcome × touch that the model gives a share to, with the fields of `domain.Credit`. Shares sum exactly to
    `kept_cents`; they are rounded down, and leftover minor units go to the earliest touch. An outcome without a touch
    inside the look-back is one row for `(unattributed)`; one that kept nothing has no row.

    Markov learns from all outcomes: those are renewed that kept anything, or those that the Boolean `renewed` names,
    where `outcomes` has it.

    Raises:
        NotFound: no such model.

    Source: docs/attribution.md.
    """
    return Credited(outcomes, touches, conventions).shares([model_named(model)], "kept")


def lost_credits(outcomes: Frame, touches: Frame, model: str, conventions: CreditConventions | None = None) -> Frame:
    """Split what each outcome lost over the touches before it, by the same weights as `kept_credits`.

    A row is as in `kept_credits`, with `lost_cents` in place of `credit_cents`: no credit is ever negative.
    """
    return Credited(outcomes, touches, conventions).shares([model_named(model)], "lost")


def markov_effects(outcomes: Frame, touches: Frame, conventions: CreditConventions | None = None) -> dict[str, float]:
    """The removal effect of each kind of touch that counts for an outcome: `removal_effects` of all their journeys.

    `outcomes` and `touches` are as in `kept_credits`.
    """
    return Credited(outcomes, touches, conventions).effects


class Credited:
    """Outcomes and the touches before them, read once, for any number of models and amounts.

    `outcomes` and `touches` are as in `kept_credits`; of `kept_cents` and `lost_cents` those are needed that are asked
    for.
    """

    def __init__(self, outcomes: Frame, touches: Frame, conventions: CreditConventions | None = None) -> None:
        self.conventions = conventions or CreditConventions()
        self.outcomes: nw.DataFrame[Any] = outcomes.collect()
        self._book = TouchBook(touches)
        self._parts: dict[Amount, Part] = {}

    @cached_property
    def effects(self) -> dict[str, float]:
        """Markov's removal effects, by kind of touch."""
        known = self.outcomes
        renewed = known["renewed"] if "renewed" in known.columns else known["kept_cents"] > 0
        trails = self._book.trails(known, self.conventions.look_back_days)
        return removal_effects(trails, renewed.to_numpy().astype(bool)[trails.outcome])

    def part(self, of: Amount) -> "Part":
        """The journeys of the outcomes that kept, or lost, anything."""
        if of not in self._parts:
            cents = self.outcomes[_COLUMNS[of][0]].fill_null(0).to_numpy().astype(np.int64)
            trails = self._book.trails(self.outcomes, self.conventions.look_back_days, cents > 0)
            alone = cents > 0
            alone[trails.outcome] = False
            self._parts[of] = Part(trails, cents[trails.outcome], np.flatnonzero(alone), cents)
        return self._parts[of]

    def split(self, model: CreditModel, of: Amount) -> tuple[Ints, Ints]:
        """The rows of `part(of).trails` that the model gives a share to, and the share of each."""
        part = self.part(of)
        effects = self.effects if model == "markov" else {}
        return model_shares(model, part.trails, part.cents, self.conventions, effects)

    def by_kind(self, model: CreditModel, of: Amount) -> dict[str, int]:
        """The sum of the shares of each kind of touch that came before any outcome with such an amount."""
        rows, cents = self.split(model, of)
        trails = self.part(of).trails
        sums = np.zeros(len(trails.kinds), np.int64)
        np.add.at(sums, trails.kind[rows], cents)
        return {trails.kinds[kind]: int(sums[kind]) for kind in trails.present.tolist()}

    def shares(self, models: Sequence[CreditModel], of: Amount) -> Frame:
        """The shares of these models as the rows of `kept_credits` or `lost_credits`."""
        columns = ("outcome_id", "model", "touch_id", "touch_kind", _COLUMNS[of][1], "currency")
        return nw.concat([told.select(*columns) for told in self._told(models, of)]).lazy()

    def _told(self, models: Sequence[CreditModel], of: Amount) -> Iterator["nw.DataFrame[Any]"]:
        part, into = self.part(of), _COLUMNS[of][1]
        trails, alone = part.trails, part.of_outcomes[part.alone]
        for model in models:
            rows, cents = self.split(model, of)
            theirs = self._book.frame[trails.touch[rows]].select("touch_id", touch_kind="kind")
            ours = self._named(trails.outcome[trails.journey[rows]], model, cents, into)
            yield nw.concat([ours, theirs], how="horizontal")
            nobody = self._named(part.alone, model, alone, into)
            yield nobody.with_columns(touch_id=nw.lit(None, nw.String), touch_kind=nw.lit(UNATTRIBUTED))

    def _named(self, outcomes: Ints, model: CreditModel, cents: Ints, into: str) -> "nw.DataFrame[Any]":
        named = self.outcomes[outcomes].select("outcome_id", "currency", model=nw.lit(model))
        return named.with_columns(nw.new_series(into, cents, nw.Int64, backend=named.implementation))


@dataclass(frozen=True)
class Part:
    """Journeys of outcomes with an amount, `cents` of each, and the places of the outcomes that have no touch.

    `of_outcomes` are the amounts of all outcomes.
    """

    trails: Trails
    cents: Ints
    alone: Ints
    of_outcomes: Ints


def journeys(outcomes: Frame, touches: Frame, conventions: CreditConventions) -> Frame:
    """The touches that count for each outcome, in their order.

    A row is an outcome × touch with `outcome - look-back <= touch < outcome`: the outcome's outcome_id, currency,
    outcome_at, and the touch's touch_id, touch_kind, happened_at, `step` (1 is the earliest) and `steps` (how many).
    For an outcome without a moment all touches count.
    """
    ours = outcomes.rename({"happened_at": "outcome_at"})
    theirs = touches.rename({"kind": "touch_kind"})
    since = nw.col("outcome_at").dt.offset_by(f"-{conventions.look_back_days}d")
    inside = (nw.col("happened_at") >= since) & (nw.col("happened_at") < nw.col("outcome_at"))
    led = ours.join(theirs, on="account_id", how="inner").filter(nw.col("outcome_at").is_null() | inside)
    step = nw.col("position").cum_count().over("outcome_id", order_by=["happened_at", "position"])
    return led.with_columns(step=step.cast(nw.Int64), steps=nw.len().over("outcome_id").cast(nw.Int64))
