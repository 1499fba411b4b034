"""Knows how an incremental estimate is told to those who read figures: in money, in words, and when in neither."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from math import ceil

from domain.money import decimal_amount
from domain.records import Currency, Name, Record, UtcDatetime
from retention.holdout.result import Gap, HoldoutResult
from retention.incremental.result import Design, IncrementalResult, Verdict

NO_EPISODES = (
    "No account at risk is on record and no randomised holdout, so help cannot be compared with no help. Every run "
    "records accounts at risk from now on; keepline run --since DATE records those of the past."
)
# A change of the chance to renew that a leader would act on; how many episodes would show it is told.
WORTH_KNOWING = 0.10
NOT_ENOUGH: Verdict = "not enough evidence"


class Incremental(Record):
    """What would have been lost without support: the only figure that may be called saved without a qualifier.

    `amount` is ARR in `currency` with its interval at `confidence`; None whenever the evidence does not carry a
    figure: then `withheld` says why. `points` is the same for the chance of a whole renewal, in percentage points.
    `headline` says the verdict in a sentence, `reasons` why it is so, `would_change` what would make it another one.
    `first_flag_at` and `last_flag_at` span the episodes that were compared. `evidence` is all that the observational
    estimate says of itself; the figures of an effect that is withheld are not in it. `holdouts` are the randomised
    comparisons, the one with the most accounts first: where accounts of both its arms are over, it is the headline.
    """

    label: Name = "saved"
    amount: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    points: float | None = None
    points_low: float | None = None
    points_high: float | None = None
    currency: Currency | None = None
    confidence: float | None = None
    verdict: Verdict | None = None
    design: Design | None = None
    headline: Name = NO_EPISODES
    withheld: Name | None = NO_EPISODES
    reasons: tuple[str, ...] = ()
    would_change: tuple[str, ...] = ()
    first_flag_at: UtcDatetime | None = None
    last_flag_at: UtcDatetime | None = None
    evidence: IncrementalResult | None = None
    holdouts: tuple[HoldoutResult, ...] = ()


def told(
    result: IncrementalResult | None,
    flags: Sequence[datetime] = (),
    left_out: Mapping[str, int] | None = None,
    holdouts: Sequence[HoldoutResult] = (),
) -> Incremental:
    """How a report tells an estimate; without one, why there is none.

    `flags` are those of the episodes that were compared, `left_out` counts the others by reason, `holdouts` are what
    the randomised ones tell. An estimate that the evidence does not carry loses every figure of the effect, not only
    the headline.
    """
    observed = _observed(result, flags) if result is not None else _nothing(left_out or {})
    ordered = sorted(holdouts, key=lambda each: -(each.treat.over + each.holdout.over))
    kept = tuple(_without_gaps(each) for each in ordered)
    if ordered and ordered[0].treat.over and ordered[0].holdout.over:
        return observed.model_copy(update={**_drawn(ordered[0]), "holdouts": kept})
    return observed.model_copy(update={"holdouts": kept})


def _nothing(left_out: Mapping[str, int]) -> Incremental:
    """Without any episode, or with none that can be compared."""
    if not left_out:
        return Incremental()
    reasons = "; ".join(f"{count:,}: {reason}" for reason, count in left_out.items())
    why = f"None of the {sum(left_out.values()):,} accounts at risk on record can be compared yet ({reasons})."[:500]
    return Incremental(verdict=NOT_ENOUGH, headline=why, withheld=why)


def _observed(result: IncrementalResult, flags: Sequence[datetime]) -> Incremental:
    common = Incremental(
        confidence=result.confidence,
        verdict=result.verdict,
        design=result.design,
        reasons=result.reasons,
        would_change=(*_how_many_more(result), *result.would_change),
        first_flag_at=min(flags, default=None),
        last_flag_at=max(flags, default=None),
        evidence=result,
    )
    if result.published is None:
        why = _withheld(result)
        return common.model_copy(update={"headline": why, "withheld": why, "evidence": _without_effects(result)})
    return common.model_copy(update={**_figures(result), "headline": _said(result), "withheld": None})


def _how_many_more(result: IncrementalResult) -> tuple[str, ...]:
    """How many episodes would show a change worth knowing, where those on record would not."""
    detectable, now = result.minimal_detectable, result.sizes.comparable
    if detectable is None or detectable <= WORTH_KNOWING or not now:
        return ()
    needed = ceil(now * (detectable / WORTH_KNOWING) ** 2)
    return (
        f"About {needed - now:,} more comparable episodes at risk (now {now:,}): so many would show a change of "
        f"{100 * WORTH_KNOWING:.0f} points four times in five; these show no less than {100 * detectable:.0f}.",
    )


def _drawn(holdout: HoldoutResult) -> dict[str, object]:
    """The headline of a randomised comparison."""
    published, currency = holdout.published is not None, holdout.currency
    told: dict[str, object] = {
        "verdict": holdout.verdict, "design": "randomised", "headline": holdout.in_words, "reasons": holdout.reasons,
        "confidence": holdout.confidence, "would_change": (),
        "withheld": None if published else holdout.in_words,
    }  # fmt: skip
    for name, gap in (("points", "estimate"), ("points_low", "low"), ("points_high", "high")):
        told[name] = _in_points(getattr(holdout.difference, gap)) if published else None
    for name, gap in (("amount", "estimate"), ("low", "low"), ("high", "high")):
        value = getattr(holdout.saved, gap) if published and currency else None
        told[name] = None if value is None or currency is None else decimal_amount(round(value), currency)
    return told | {"currency": currency}


def _without_gaps(holdout: HoldoutResult) -> HoldoutResult:
    """Without the differences where the evidence does not carry one; the arms are facts and stay."""
    if holdout.published is not None:
        return holdout
    nothing = Gap(estimate=None, low=None, high=None)
    gaps = dict.fromkeys(("difference", "once", "per_account", "saved"), nothing)
    return holdout.model_copy(update={**gaps, "p_value": None})


def _withheld(result: IncrementalResult) -> str:
    because = result.reasons[0] if result.reasons else "the episodes on record do not carry a figure"
    return f"Not enough evidence, so there is no figure: {because}"[:500]


def _without_effects(result: IncrementalResult) -> IncrementalResult:
    nothing = dict.fromkeys(("estimate", "standard_error", "low", "high"))
    effects = tuple(effect.model_copy(update=nothing) for effect in result.effects)
    return result.model_copy(update={"effects": effects, "saved": None, "hidden_cause": None})


def _figures(result: IncrementalResult) -> dict[str, object]:
    headline = result.headline
    points: dict[str, object] = {
        "points": _in_points(headline.estimate),
        "points_low": _in_points(headline.low),
        "points_high": _in_points(headline.high),
    }
    saved = result.saved
    if saved is None or result.published_saved_cents is None:
        return points
    return points | {
        "amount": decimal_amount(result.published_saved_cents, saved.currency),
        "low": decimal_amount(saved.low_cents, saved.currency),
        "high": decimal_amount(saved.high_cents, saved.currency),
        "currency": saved.currency,
    }


def _in_points(share: float | None) -> float | None:
    return None if share is None else round(100 * share, 2)


def _said(result: IncrementalResult) -> str:
    """The verdict in a sentence: how much, how sure, and by what design."""
    kind = "observational" if result.design == "observational" else "a randomised holdout"
    found = _figures(result)
    chance = (
        f"{found['points']:+.1f} points ({_sure(result)}: {found['points_low']:+.1f} to {found['points_high']:+.1f})"
    )
    return f"{result.verdict.capitalize()}, {kind}: help changed the chance of a whole renewal by {chance}."


def _sure(result: IncrementalResult) -> str:
    return f"{100 * result.confidence:.0f} %"
