"""Knows what a journey given as plain data must look like, and reads many of them column by column."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import chain, repeat
from operator import floordiv, itemgetter, sub
from typing import Annotated, Any, Self

from pydantic import AwareDatetime, Field, TypeAdapter, ValidationError, model_validator

from domain.money import to_cents
from domain.records import Name, Record, UtcDatetime

_MOST_CENTS = 10**15
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_Value = Annotated[Decimal, Field(ge=0)]
_Cents = Annotated[int, Field(ge=0, le=_MOST_CENTS)]


@dataclass(frozen=True)
class GivenJourneys:
    """Journeys by column: one entry a journey, and in `kinds` and `moments` one a touch, journey by journey.

    `cents` are minor units of `currency`, `touches` says how many each journey has, moments are microseconds
    since 1970 in UTC.
    """

    currency: str
    cents: Sequence[int]
    renewed: Sequence[bool]
    outcome_at: Sequence[int | None]
    touches: Sequence[int]
    kinds: Sequence[str]
    moments: Sequence[int]


class _GivenTouch(Record):
    kind: Name
    at: AwareDatetime


class _GivenJourney(Record):
    touches: list[_GivenTouch]
    renewed: bool
    outcome_at: UtcDatetime | None = None
    value: _Value | None = None
    value_cents: _Cents | None = None

    @model_validator(mode="after")
    def _has_one_value(self) -> Self:
        if (self.value is None) == (self.value_cents is None):
            raise ValueError("give either value, an amount such as '1200.00', or value_cents, such as 120000")
        return self


_JOURNEYS = TypeAdapter(list[_GivenJourney])
_FIELDS = frozenset(_GivenJourney.model_fields)
_KINDS, _MOMENTS = TypeAdapter(list[Name]), TypeAdapter(list[AwareDatetime])
_VALUES = TypeAdapter(list[_Value])


class _Unusual(Exception):
    """Something that only a look at each journey can judge."""


def read_journeys(journeys: Iterable[Mapping[str, Any]], currency: str) -> GivenJourneys:
    """Read journeys as `credit_journeys` takes them.

    Plain dicts are read column by column, which takes a fraction of the time. Whatever is not plain there is looked at
    journey by journey: it is read all the same, or refused with its place.

    Raises:
        ValueError: something is wrong with the data; the message has the place, and what would be right.
    """
    given = list(journeys)
    try:
        return _by_column(given, currency)
    except (_Unusual, ValidationError, KeyError, TypeError, AttributeError):
        return _one_by_one(given, currency)


def _by_column(given: Sequence[Mapping[str, Any]], currency: str) -> GivenJourneys:
    _insist(set(map(type, given)) <= {dict} and all(journey.keys() <= _FIELDS for journey in given))
    lists = [journey["touches"] for journey in given]
    _insist(set(map(type, lists)) <= {list, tuple})
    touches = list(chain.from_iterable(lists))
    _insist(set(map(type, touches)) <= {dict} and set(map(len, touches)) <= {2})
    renewed = [journey["renewed"] for journey in given]
    _insist(set(map(type, renewed)) <= {bool})
    outcome_at = [journey.get("outcome_at") for journey in given]
    known_at = iter(_micros([at for at in outcome_at if at is not None]))
    return GivenJourneys(
        currency=currency,
        cents=_cents_by_column(given, currency),
        renewed=renewed,
        outcome_at=[at if at is None else next(known_at) for at in outcome_at],
        touches=list(map(len, lists)),
        kinds=_KINDS.validate_python(list(map(itemgetter("kind"), touches))),
        moments=_micros(list(map(itemgetter("at"), touches))),
    )


def _cents_by_column(given: Sequence[Mapping[str, Any]], currency: str) -> list[int]:
    values = [journey.get("value") for journey in given]
    cents = [journey.get("value_cents") for journey in given]
    _insist(all((value is None) != (cent is None) for value, cent in zip(values, cents, strict=True)))
    whole = [cent for cent in cents if cent is not None]
    _insist(set(map(type, whole)) <= {int} and (not whole or (min(whole) >= 0 and max(whole) <= _MOST_CENTS)))
    amounts = iter(_VALUES.validate_python([value for value in values if value is not None]))
    return [_cents(next(amounts), number, currency) if cent is None else cent for number, cent in enumerate(cents)]


def _insist(plain: bool) -> None:
    if not plain:
        raise _Unusual


def _one_by_one(given: Sequence[Mapping[str, Any]], currency: str) -> GivenJourneys:
    read = _JOURNEYS.validate_python(given)
    touches = [touch for journey in read for touch in journey.touches]
    return GivenJourneys(
        currency=currency,
        cents=[
            journey.value_cents or 0 if journey.value is None else _cents(journey.value, number, currency)
            for number, journey in enumerate(read)
        ],
        renewed=[journey.renewed for journey in read],
        outcome_at=[_since_1970(journey.outcome_at) for journey in read],
        touches=[len(journey.touches) for journey in read],
        kinds=[touch.kind for touch in touches],
        moments=_micros([touch.at for touch in touches]),
    )


def _micros(moments: Sequence[Any]) -> list[int]:
    since = map(sub, _MOMENTS.validate_python(moments), repeat(_EPOCH))
    return list(map(floordiv, since, repeat(_MICROSECOND)))


def _since_1970(moment: datetime | None) -> int | None:
    return None if moment is None else _micros([moment])[0]


def _cents(value: Decimal, number: int, currency: str) -> int:
    try:
        cents = to_cents(value, currency)
    except ValueError as error:
        raise ValueError(f"journey {number}: value: {error}") from error
    if cents > _MOST_CENTS:
        raise ValueError(f"journey {number}: value: {value} is more than {_MOST_CENTS} minor units")
    return cents
