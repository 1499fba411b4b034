"""Knows the credit of journeys that are given as plain data; the answer is that of the frames."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import narwhals as nw
from pydantic import TypeAdapter

from domain.conventions import CreditConventions, CreditModel
from domain.records import Currency
from retention.attribution import UNATTRIBUTED, Credited, model_named
from retention.journey_reading import GivenJourneys, read_journeys
from retention.kind_shares import total_by_effect
from retention.ledger import Frame

_CURRENCY = TypeAdapter(Currency)


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
    given = read_journeys(journeys, _CURRENCY.validate_python(currency))
    conventions = CreditConventions(look_back_days=look_back_days, half_life_days=half_life_days)
    conventions = conventions.model_copy(update={"milestone": milestone})
    credited = Credited(_outcomes(given), _touches(given), conventions)
    kept = _credits(credited.shares([named], "kept"), "credit_cents")
    lost = _credits(credited.shares([named], "lost"), "lost_cents")
    effects = credited.effects if named == "markov" else {}
    return JourneyCredits(named, kept, lost, _pooled(kept, effects), _by_kind(lost), effects)


def _outcomes(given: GivenJourneys) -> Frame:
    numbers = list(range(len(given.cents)))
    told = list(zip(given.cents, given.renewed, strict=True))
    return _frame(
        outcome_id=(nw.Int64, numbers),
        account_id=(nw.Int64, numbers),
        happened_at=(nw.Int64, given.outcome_at),
        currency=(nw.String, [given.currency] * len(numbers)),
        renewed=(nw.Boolean, given.renewed),
        kept_cents=(nw.Int64, [cents if renewed else 0 for cents, renewed in told]),
        lost_cents=(nw.Int64, [0 if renewed else cents for cents, renewed in told]),
    )


def _touches(given: GivenJourneys) -> Frame:
    places = [place for count in given.touches for place in range(count)]
    return _frame(
        touch_id=(nw.String, list(map(str, places))),
        account_id=(nw.Int64, [number for number, count in enumerate(given.touches) for _ in range(count)]),
        kind=(nw.String, given.kinds),
        happened_at=(nw.Int64, given.moments),
        position=(nw.Int64, places),
    )


def _frame(**columns: tuple[Any, Sequence[Any]]) -> Frame:
    schema = {name: kind for name, (kind, _) in columns.items()}
    told = nw.from_dict({name: cells for name, (_, cells) in columns.items()}, schema, backend="polars")
    return told.with_columns(nw.col("happened_at").cast(nw.Datetime("us", "UTC"))).lazy()


def _credits(shares: Frame, amount: str) -> tuple[TouchCredit, ...]:
    place = nw.col("touch_id").cast(nw.Int64)
    told = shares.select("outcome_id", "touch_kind", amount, place=place).sort("outcome_id", "place").collect()
    columns = (told[name].to_list() for name in ("outcome_id", "place", "touch_kind", amount))
    # Made without a call in Python for each: there may be millions.
    return tuple(map(partial(tuple.__new__, TouchCredit), zip(*columns, strict=True)))


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
