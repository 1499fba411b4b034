"""Knows how an incremental estimate is told to those who read figures: in money, in words, and when in neither."""

from datetime import datetime
from decimal import Decimal

from domain.money import decimal_amount
from domain.records import Currency, Name, Record, UtcDatetime
from retention.incremental.result import Design, IncrementalResult, Verdict

NO_EPISODES = (
    "No account at risk is on record and no randomised holdout, so help cannot be compared with no help. Every run "
    "records accounts at risk from now on; keepline run --since DATE records those of the past."
)
NOT_ENOUGH: Verdict = "not enough evidence"


class Incremental(Record):
    """What would have been lost without support: the only figure that may be called saved without a qualifier.

    `amount` is ARR in `currency` with its interval at `confidence`; None whenever the evidence does not carry a
    figure: then `withheld` says why. `points` is the same for the chance of a whole renewal, in percentage points.
    `headline` says the verdict in a sentence, `reasons` why it is so, `would_change` what would make it another one.
    `first_flag_at` and `last_flag_at` span the episodes that were compared. `evidence` is all that the estimate says
    of itself; its amounts are withheld with the figure.
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


def told(result: IncrementalResult | None, first: datetime | None = None, last: datetime | None = None) -> Incremental:
    """How a report tells an estimate; without one, why there is none. `first` and `last` flag are of its episodes.

    An estimate that the evidence does not carry loses every figure of the effect, not only the headline.
    """
    if result is None:
        return Incremental()
    common = Incremental(
        confidence=result.confidence,
        verdict=result.verdict,
        design=result.design,
        reasons=result.reasons,
        would_change=result.would_change,
        first_flag_at=first,
        last_flag_at=last,
        evidence=result,
    )
    if result.published is None:
        why = _withheld(result)
        return common.model_copy(update={"headline": why, "withheld": why, "evidence": _without_effects(result)})
    return common.model_copy(update={**_figures(result), "headline": _said(result), "withheld": None})


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
