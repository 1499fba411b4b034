"""Knows how values of any database become cells of text, moments and marks of deletion, and go through a cursor."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from types import NoneType
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import polars as pl

from connectors.vocabulary import FLAGS

# From where on a number of seconds since 1970 must be one of milliseconds, of microseconds.
_PER_SECOND = ((1e14, 1_000_000), (1e11, 1_000))
_SECONDS = 19  # "2026-03-02 08:00:00"


def _decimal(number: float | Decimal) -> str:
    whole = isinstance(number, float) and number.is_integer() and abs(number) < 1e15
    return str(int(number)) if whole else f"{Decimal(str(number)):f}"


def _moment(value: datetime) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z") if value.tzinfo else value.isoformat()


_WRITTEN: tuple[tuple[Any, Callable[[Any], str]], ...] = (
    (NoneType, lambda _nothing: ""),
    (bool, lambda flag: str(flag).lower()),
    (float | Decimal, _decimal),
    (datetime, _moment),
    (date | time, lambda value: str(value.isoformat())),
    (dict | list, lambda value: json.dumps(value, ensure_ascii=False, default=str)),
    (bytes | memoryview, lambda value: bytes(value).decode("utf-8", "replace")),
)


def frame(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> pl.DataFrame:
    """Rows as text cells; null is the empty cell."""
    columns = zip(*rows, strict=True) if rows else ([] for _ in names)
    return pl.DataFrame(
        [
            pl.Series(name, [cell(value) for value in column], dtype=pl.String)
            for name, column in zip(names, columns, strict=True)
        ]
    )


def cell(value: Any) -> str:
    """A value as an export would write it."""
    if isinstance(value, str):
        return value
    return next((written(value) for kind, written in _WRITTEN if isinstance(value, kind)), str(value))


def is_marked(value: Any) -> bool:
    """Whether a mark of deletion is set: a flag, or the time at which it was."""
    if isinstance(value, str):
        return FLAGS.get(value.strip().lower(), bool(value.strip()))
    return bool(value)


def moment(value: Any, time_zone: str) -> datetime | None:
    """A time, a day, or a number of seconds or finer since 1970, as a moment; None where it is none of them."""
    try:
        if isinstance(value, str) and _is_number(value):
            value = float(value)
        if isinstance(value, int | float | Decimal):
            return datetime.fromtimestamp(0, UTC) + timedelta(seconds=float(value) / _per_second(value))
        said = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
        return (said if said.tzinfo else said.replace(tzinfo=ZoneInfo(time_zone))).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def earlier(value: Any, by: timedelta) -> Any:
    """A moment of the same kind and spelling that lies `by` before: from there on rows are read again."""
    if isinstance(value, datetime):
        return value - by
    if isinstance(value, date):
        return value - timedelta(days=-(-by // timedelta(days=1)))
    if isinstance(value, str) and _is_number(value):
        return str(earlier(int(float(value)), by))
    if isinstance(value, int | float | Decimal):
        kind: Any = type(value)
        return value - kind(by.total_seconds() * _per_second(value))
    before = datetime.fromisoformat(value[:_SECONDS]) - by
    # The rest of the spelling, fractions and zone, is left off: what is shorter comes first in the order of texts.
    return before.isoformat(sep=value[10:11] or " ", timespec="seconds")[: len(value)]


_KINDS: dict[str, tuple[type, Callable[[str], Any]]] = {
    "moment": (datetime, datetime.fromisoformat),
    "day": (date, date.fromisoformat),
    "number": (Decimal, Decimal),
    "uuid": (UUID, UUID),
    "bytes": (bytes, bytes.fromhex),
}


_SPELT: dict[str, Callable[[Any], str]] = {"moment": datetime.isoformat, "day": date.isoformat, "bytes": bytes.hex}


def packed(value: Any) -> Any:
    """A value as a cursor holds it, in JSON."""
    for kind, (python, _) in _KINDS.items():
        if isinstance(value, python):
            return {kind: _SPELT.get(kind, str)(value)}
    return value


def unpacked(value: Any) -> Any:
    """The value that was packed."""
    if isinstance(value, dict):
        ((kind, text),) = value.items()
        return _KINDS[kind][1](text)
    return value


def _is_number(text: str) -> bool:
    return text.strip().replace(".", "", 1).isdigit()


def _per_second(number: Any) -> int:
    return next((per for least, per in _PER_SECOND if abs(number) >= least), 1)
