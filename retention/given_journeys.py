"""Knows the credit of journeys that are given as plain data; the answer is that of the frames."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from decimal import Decimal
from typing import Any, NamedTuple, Self

import narwhals as nw
from pydantic import AwareDatetime, Field, TypeAdapter, model_validator

from domain.conventions import CreditConventions, CreditModel
from domain.money import to_cents
from domain.records import Currency, Name, Record, UtcDatetime
from retention.attribution import UNATTRIBUTED, kept_credits, lost_credits, markov_effects, model_named
from retention.kind_shares import total_by_effect
from retention.ledger import Frame

_MOMENT = nw.Datetime("us", "UTC")
_MOST_CENTS = 10**15


class TouchCredit(NamedTuple):
    """What a touch is credited with. `journey` and `touch` are places in what was given, from 0.

    `touch` is None and `kind` `(unattributed)` for a journey without a touch that counts.
    """

    journey: int
    touch: int | None
    kind: str
    cents: int


@dataclass(frozen=True)
class JourneyCredits:
    """The credit that a model gives; all amounts in minor units of the given currency.

    `credits` of a renewed journey sum to its value, and so do those in `lost` of a lost one: no journey stands in
    both. `by_kind` is what the model gives each kind, `(unattributed)` among them, the largest first. It is the sum of
    `credits` but for Markov, whose figure holds over all journeys together: only the whole is the same, and
    `credited_by_kind` has the sums. `lost_by_kind` is the sum of `lost`. `removal_effects` are Markov's, 0..1,
    otherwise empty.
    """

    model: CreditModel
    credits: tuple[TouchCredit, ...]
    lost: tuple[TouchCredit, ...]
    by_kind: dict[str, int]
    lost_by_kind: dict[str, int]
    removal_effects: dict[str, float]

    @property
    def credited_by_kind(self) -> dict[str, int]:
        """The sums of `credits`, by kind."""
        return _by_kind(self.credits)


class _GivenTouch(Record):
    kind: Name
    at: AwareDatetime


class _GivenJourney(Record):
    touches: list[_GivenTouch]
    renewed: bool
    outcome_at: UtcDatetime | None = None
    value: Decimal | None = Field(default=None, ge=0)
    value_cents: int | None = Field(default=None, ge=0, le=_MOST_CENTS)

    @model_validator(mode="after")
    def _has_one_value(self) -> Self:
        if (self.value is None) == (self.value_cents is None):
            raise ValueError("give either value, an amount such as '1200.00', or value_cents, such as 120000")
        return self


_JOURNEYS = TypeAdapter(list[_GivenJourney])
_CURRENCY = TypeAdapter(Currency)


def credit_journeys(
    journeys: Iterable[Mapping[str, Any]],
    model: str = "linear",
    *,
    look_back_days: int = 180,
    half_life_days: int = 30,
    milestone: str = "escalation_handled",
    currency: str = "USD",
) -> JourneyCredits:
    """Share the value of each journey over its touches.

    Args:
        journeys: each has `touches` (`kind`, any word, and `at`), `renewed` (true or false), `value` (an amount) or
            `value_cents` (minor units), and `outcome_at`; without it all touches count. Moments are aware datetimes or
            ISO 8601 texts with a zone
        model: first, last, linear, u_shaped, w_shaped, time_decay, markov or shapley
        look_back_days: a touch counts when `outcome_at - look-back <= at < outcome_at`
        half_life_days: of time decay
        milestone: the kind whose first touch W-shaped gives a share of its own
        currency: says how many minor units `value` has

    Touches may stand in any order; those of one moment keep the order in which they are given.

    Raises:
        NotFound: no such model.
        ValueError: something is wrong with the data; the message has the place, and what would be right.

    Source: docs/attribution.md.
    """
    named = model_named(model)
    given = _JOURNEYS.validate_python(list(journeys))
    conventions = CreditConventions(look_back_days=look_back_days, half_life_days=half_life_days)
    conventions = conventions.model_copy(update={"milestone": milestone})
    outcomes, touches = _outcomes(given, _CURRENCY.validate_python(currency)), _touches(given)
    kept = _credits(kept_credits(outcomes, touches, named, conventions), "credit_cents")
    lost = _credits(lost_credits(outcomes, touches, named, conventions), "lost_cents")
    effects = markov_effects(outcomes, touches, conventions) if named == "markov" else {}
    return JourneyCredits(named, kept, lost, _pooled(kept, effects), _by_kind(lost), effects)


def _outcomes(given: Sequence[_GivenJourney], currency: str) -> Frame:
    cents = [_cents(journey, number, currency) for number, journey in enumerate(given)]
    renewed = [journey.renewed for journey in given]
    return _frame(
        outcome_id=(nw.Int64, list(range(len(given)))),
        account_id=(nw.Int64, list(range(len(given)))),
        happened_at=(_MOMENT, [journey.outcome_at for journey in given]),
        currency=(nw.String, [currency] * len(given)),
        renewed=(nw.Boolean, renewed),
        kept_cents=(nw.Int64, [amount if kept else 0 for amount, kept in zip(cents, renewed, strict=True)]),
        lost_cents=(nw.Int64, [0 if kept else amount for amount, kept in zip(cents, renewed, strict=True)]),
    )


def _cents(journey: _GivenJourney, number: int, currency: str) -> int:
    if journey.value is None:
        return journey.value_cents or 0
    try:
        cents = to_cents(journey.value, currency)
    except ValueError as error:
        raise ValueError(f"journey {number}: value: {error}") from error
    if cents > _MOST_CENTS:
        raise ValueError(f"journey {number}: value: {journey.value} is more than {_MOST_CENTS} minor units")
    return cents


def _touches(given: Sequence[_GivenJourney]) -> Frame:
    touches = [touch for journey in given for touch in journey.touches]
    places = [place for journey in given for place in range(len(journey.touches))]
    return _frame(
        touch_id=(nw.String, list(map(str, places))),
        account_id=(nw.Int64, [number for number, journey in enumerate(given) for _ in journey.touches]),
        kind=(nw.String, [touch.kind for touch in touches]),
        happened_at=(_MOMENT, [touch.at.astimezone(UTC) for touch in touches]),
        position=(nw.Int64, places),
    )


def _frame(**columns: tuple[Any, Sequence[Any]]) -> Frame:
    schema = {name: kind for name, (kind, _) in columns.items()}
    return nw.from_dict({name: cells for name, (_, cells) in columns.items()}, schema, backend="polars").lazy()


def _credits(shares: Frame, amount: str) -> tuple[TouchCredit, ...]:
    place = nw.col("touch_id").cast(nw.Int64)
    told = shares.select("outcome_id", "touch_kind", amount, place=place).sort("outcome_id", "place").collect()
    columns = (told[name].to_list() for name in ("outcome_id", "place", "touch_kind", amount))
    return tuple(map(TouchCredit, *columns))


def _pooled(credits_: Sequence[TouchCredit], effects: Mapping[str, float]) -> dict[str, int]:
    """The credits by kind; with `effects`, all that has a touch split by them."""
    sums = _by_kind(credits_)
    if not effects or not sums.keys() - {UNATTRIBUTED}:
        return sums
    alone = sums.pop(UNATTRIBUTED, 0)
    pooled = total_by_effect(sum(sums.values()), effects)
    return _ordered({**pooled, **({UNATTRIBUTED: alone} if alone else {})})


def _by_kind(credits_: Iterable[TouchCredit]) -> dict[str, int]:
    sums: dict[str, int] = defaultdict(int)
    for _, _, kind, cents in credits_:
        sums[kind] += cents
    return _ordered(sums)


def _ordered(sums: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(sums.items(), key=lambda entry: (-entry[1], entry[0])))
