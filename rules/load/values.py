"""Knows how the single values of a team's file are written: amounts, lengths, days, priorities, lists of words."""

import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from domain.money import to_cents
from domain.records import Name
from domain.tickets import Priority
from rules.durations import elapsed
from rules.words import segment_word, unknown_word

_AMOUNT = re.compile(r"(\d[\d,_]{0,20}(?:\.\d{1,4})?) ([A-Z]{3})")
PRIORITIES: tuple[Priority, ...] = ("urgent", "high", "normal", "low")


def _amount(written: object) -> str:
    match = _AMOUNT.fullmatch(written.strip()) if isinstance(written, str) else None
    if match is None:
        raise ValueError(f"{written!r} is no amount; write it like 250000 USD")
    plain = match[1].replace(",", "").replace("_", "")
    to_cents(plain, match[2])
    return f"{Decimal(plain):f} {match[2]}"


def _length(written: object) -> str:
    if elapsed(written) <= timedelta():
        raise ValueError(f"{written!r} is no time at all; write at least 1d")
    return str(written)


def _known_priority(word: object) -> object:
    if word not in PRIORITIES:
        raise ValueError(unknown_word(word, PRIORITIES, "priority"))
    return word


def several(written: object) -> object:
    """A single word stands for a list of one."""
    return [written] if isinstance(written, str) else written


def _segments(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(segment_word(word) for word in words)


def _day(written: object) -> date:
    if isinstance(written, date) and not isinstance(written, datetime):
        return written
    try:
        return date.fromisoformat(written if isinstance(written, str) else "")
    except ValueError as error:
        raise ValueError(f"{written!r} is no date; write it like 2026-12-24") from error


Amount = Annotated[str, BeforeValidator(_amount), Field(examples=["250000 USD"])]
Length = Annotated[str, BeforeValidator(_length), Field(examples=["30d"])]
Day = Annotated[date, BeforeValidator(_day), Field(examples=["2026-12-24"])]
Words = Annotated[tuple[Name, ...], BeforeValidator(several)]
Segments = Annotated[Words, AfterValidator(_segments)]
KnownPriority = Annotated[Priority, BeforeValidator(_known_priority)]
Share = Annotated[float, Field(gt=0, le=1)]
Budget = Annotated[int, Field(ge=0, le=10_000)]
