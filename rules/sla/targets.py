"""Knows how a policy's targets are written by metric and priority, and how long they are once they are multiplied."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from math import ceil
from typing import Annotated, Any, get_args

from pydantic import BeforeValidator, PlainSerializer, PlainValidator, WithJsonSchema

from domain.sla import Metric
from domain.tickets import Priority, TicketStatus
from rules.durations import Length, length
from rules.sla import schema
from rules.words import unknown_word

METRICS: tuple[Metric, ...] = get_args(Metric)
GIVEN_PRIORITIES: tuple[Priority, ...] = ("urgent", "high", "normal", "low")
# The clocks of any other status stop by themselves.
WAITING: tuple[TicketStatus, ...] = ("new", "open", "pending", "on_hold")
NONE = "none"
_LONGEST = timedelta(days=3660)
_ZERO = timedelta()


def target(written: object) -> Length | None:
    """The length of `30m business` or `24h elapsed`, in whole seconds; None for `none`.

    Raises:
        ValueError: it is neither, or nothing, negative or beyond ten years; the message says what would be right.
    """
    if written == NONE:
        return None
    found = _length(written)
    if found.time == _ZERO:
        raise ValueError(f"{written!r} is over before it begins; write a longer time, or none for no target")
    return found


def grace(written: object) -> Length:
    """As `target`, but it may be no time at all and is always given."""
    return _length(written)


def _length(written: object) -> Length:
    if isinstance(written, Length):
        return written
    if isinstance(written, str) and written.strip().startswith(("-", "−")):
        raise ValueError(f"{written!r} is negative; write '{written.strip()[1:]}', or none for no target")
    found = length(written)
    if found.time > _LONGEST:
        raise ValueError(f"{written!r} is longer than ten years; write a shorter time, or none for no target")
    return found


def as_written(promised: Length | None) -> str:
    """The one spelling of a target: `7200s business`, `none`."""
    return NONE if promised is None else f"{promised.seconds}s {promised.counting}"


def _all_as_written(targets: Mapping[Metric, Mapping[Priority, Length | None]]) -> object:
    written = {
        metric: {word: as_written(promised) for word, promised in by_priority.items()}
        for metric, by_priority in targets.items()
    }
    return written or NONE


def _by_priority(written: object) -> object:
    if isinstance(written, Mapping):
        if not written:
            raise ValueError("there is no priority with a target; write none for no target")
        return written
    target(written)
    return dict.fromkeys(GIVEN_PRIORITIES, written)


def _by_metric(written: object) -> object:
    if isinstance(written, Mapping) and not written:
        raise ValueError("there is no metric with a target; write 'targets: none' to promise nothing")
    return {} if written == NONE else written


def one_of(words: Iterable[str], what: str) -> BeforeValidator:
    """Refuses what is not one of the words, with the nearest of them."""
    known = tuple(words)

    def check(word: object) -> object:
        if word not in known:
            raise ValueError(unknown_word(word, known, what))
        return word

    return BeforeValidator(check)


MetricWord = Annotated[Metric, one_of(METRICS, "metric")]
PriorityWord = Annotated[Priority, one_of(GIVEN_PRIORITIES, "priority")]
StatusWord = Annotated[TicketStatus, one_of(WAITING, "status in which a clock can pause")]
Grace = Annotated[Length, PlainValidator(grace), PlainSerializer(as_written), WithJsonSchema(schema.LENGTH)]
_ByPriority = Annotated[
    Mapping[PriorityWord, Annotated[Length | None, PlainValidator(target)]], BeforeValidator(_by_priority)
]
Targets = Annotated[
    Mapping[MetricWord, _ByPriority],
    BeforeValidator(_by_metric),
    PlainSerializer(_all_as_written),
    WithJsonSchema(schema.TARGETS),
]


def factor(written: Any) -> Decimal:
    """A factor as it was written: 0.1 is exactly one tenth.

    Raises:
        ValueError: it is no number above 0 and at most 100.
    """
    if isinstance(written, bool) or not isinstance(written, int | float | Decimal):
        raise ValueError(f"a factor is a number such as 0.5, not {written!r}")  # noqa: TRY004
    found = Decimal(str(written))
    if not (found.is_finite() and 0 < found <= 100):
        raise ValueError(f"a factor is above 0 and at most 100: 0.5 halves a target, 2 doubles it; not {written!r}")
    return found


Factor = Annotated[Decimal, PlainValidator(factor), PlainSerializer(float), WithJsonSchema(schema.FACTOR)]


def multiplied(promised: Length, factors: Iterable[Decimal]) -> Length:
    """The target times all factors, rounded up to a whole second: half of 15 minutes is 450 seconds, and never none."""
    exact = Fraction(promised.seconds)
    for each in factors:
        exact *= Fraction(each)
    return Length(timedelta(seconds=max(1, ceil(exact))), promised.counting)
