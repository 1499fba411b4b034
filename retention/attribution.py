"""Knows how an outcome's amount is split over the touches that led to it, under each model."""

from collections.abc import Callable
from difflib import get_close_matches
from math import log
from typing import get_args

import narwhals as nw

from domain.conventions import CreditConventions, CreditModel
from domain.errors import NotFound
from retention.kind_shares import equal_kinds, kinds_by_effect, shared_by_kind
from retention.ledger import Frame
from retention.removal_effects import removal_effects
from retention.shares import with_rest_to_the_first

UNATTRIBUTED = "(unattributed)"
MODELS: tuple[CreditModel, ...] = get_args(CreditModel)
_DAY_US = 86_400_000_000
# The youngest touch of a journey weighs this much under time decay; the others less, as whole numbers.
_FULL_WEIGHT = 2.0**40

Weights = Callable[[CreditConventions], nw.Expr]


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
    return _split(outcomes, touches, model, conventions or CreditConventions(), "kept_cents", "credit_cents")


def lost_credits(outcomes: Frame, touches: Frame, model: str, conventions: CreditConventions | None = None) -> Frame:
    """Split what each outcome lost over the touches before it, by the same weights as `kept_credits`.

    A row is as in `kept_credits`, with `lost_cents` in place of `credit_cents`: no credit is ever negative.
    """
    return _split(outcomes, touches, model, conventions or CreditConventions(), "lost_cents", "lost_cents")


def markov_effects(outcomes: Frame, touches: Frame, conventions: CreditConventions | None = None) -> dict[str, float]:
    """The removal effect of each kind of touch that counts for an outcome: `removal_effects` of all their journeys.

    `outcomes` and `touches` are as in `kept_credits`.
    """
    if "renewed" not in outcomes.collect_schema().names():
        outcomes = outcomes.with_columns(renewed=nw.col("kept_cents") > 0)
    return removal_effects(journeys(outcomes, touches, conventions or CreditConventions()))


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


def _split(
    outcomes: Frame, touches: Frame, model: str, conventions: CreditConventions, amount: str, into: str
) -> Frame:
    named = model_named(model)
    some = outcomes.filter(nw.col(amount) > 0).select(
        "outcome_id", "account_id", "happened_at", "currency", _amount=nw.col(amount)
    )
    led = journeys(some, touches, conventions)
    if named == "markov":
        effects = markov_effects(outcomes, touches, conventions)
        shared = shared_by_kind(kinds_by_effect(led, effects), "_amount", into)
    elif named == "shapley":
        shared = shared_by_kind(equal_kinds(led), "_amount", into)
    else:
        weighed = led.with_columns(_share=_WEIGHTS[named](conventions)).filter(nw.col("_share") > 0)
        shared = with_rest_to_the_first(weighed, "_amount", "_share", ["outcome_id"], _is_earliest(), into)
    nobody = some.join(led.select("outcome_id"), on="outcome_id", how="anti").with_columns(
        nw.lit(None, nw.String).alias("touch_id"),
        nw.lit(UNATTRIBUTED).alias("touch_kind"),
        nw.col("_amount").alias(into),
    )
    columns: list[nw.Expr | str] = [
        "outcome_id",
        nw.lit(named).alias("model"),
        "touch_id",
        "touch_kind",
        into,
        "currency",
    ]
    return nw.concat([shared.select(*columns), nobody.select(*columns)])


def _is_earliest() -> nw.Expr:
    """Of the touches that have a share at all: under `last` that is the last one."""
    return nw.col("step") == nw.col("step").min().over("outcome_id")


_STEP, _STEPS = nw.col("step"), nw.col("steps")
_IS_END = (_STEP == 1) | (_STEP == _STEPS)


def _ones(condition: nw.Expr) -> nw.Expr:
    return condition.cast(nw.Int64)


def _linear(_: CreditConventions) -> nw.Expr:
    return nw.lit(1, nw.Int64) + 0 * _STEP


def _u_shaped(_: CreditConventions) -> nw.Expr:
    """0.4 first, 0.4 last, 0.2 shared by the middle: times 5 × middle, in whole numbers."""
    middle = _STEPS - 2
    return nw.when(_IS_END & (middle > 0)).then(2 * middle).otherwise(nw.lit(1, nw.Int64))


def _w_shaped(conventions: CreditConventions) -> nw.Expr:
    """First, milestone and last 0.3 each, 0.1 shared by the others: times 10 × others. Otherwise U-shaped."""
    is_milestone = nw.col("touch_kind") == conventions.milestone
    milestone = nw.when(is_milestone).then(_STEP).min().over("outcome_id")
    others = _STEPS - 3
    lies_between = ((milestone > 1) & (milestone < _STEPS)).fill_null(False)
    key = nw.when((_IS_END | (milestone == _STEP)) & (others > 0)).then(3 * others).otherwise(nw.lit(1, nw.Int64))
    return nw.when(lies_between).then(key).otherwise(_u_shaped(conventions))


def _time_decay(conventions: CreditConventions) -> nw.Expr:
    """2^(-age / half-life), measured against the youngest touch, so that nothing underflows; at least 2^-40 of it."""
    youngest = nw.col("happened_at").max().over("outcome_id")
    older_us = (youngest - nw.col("happened_at")).dt.total_microseconds().cast(nw.Float64)
    decayed = (older_us * (-log(2) / (conventions.half_life_days * _DAY_US))).exp() * _FULL_WEIGHT
    return nw.max_horizontal(decayed.round().cast(nw.Int64), nw.lit(1, nw.Int64))


_WEIGHTS: dict[CreditModel, Weights] = {
    "first": lambda _: _ones(_STEP == 1),
    "last": lambda _: _ones(_STEP == _STEPS),
    "linear": _linear,
    "u_shaped": _u_shaped,
    "w_shaped": _w_shaped,
    "time_decay": _time_decay,
}
