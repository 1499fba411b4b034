"""Knows how a threshold is written for each kind of signal, and what it is compared as."""

import math
import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal, TypeAlias, get_args

from domain.money import to_cents
from rules import durations
from rules.signals import Signal
from rules.words import segment_word, unknown_word

Op = Literal[">", ">=", "<", "<=", "==", "!=", "between", "in", "is_known", "is_unknown"]
OPS: tuple[str, ...] = get_args(Op)
_ORDERING = frozenset({">", ">=", "<", "<=", "between"})
_BARE = frozenset({"is_known", "is_unknown"})
_MISSPELT = {"=>": ">=", "=<": "<=", "=": "==", "<>": "!="}
_PERCENT = re.compile(r"(-?\d+(?:\.\d+)?) ?%")
_MONEY = re.compile(r"(-?\d[\d,_]*(?:\.\d+)?) ?([A-Z]{3})")

Scalar: TypeAlias = int | float | str
Canonical: TypeAlias = Scalar | list[Scalar] | dict[str, Any] | None
Operand: TypeAlias = int | float | str | date


def canonical(signal: Signal, op: object, value: object) -> Canonical:
    """A threshold in the one spelling that is stored and hashed: 3.0 is 3, `100,000 USD` is `100000 USD`.

    A mapping gives thresholds by segment.

    Raises:
        ValueError: the operation or the threshold does not fit the signal; the message says what would.
    """
    refused = op_refused(signal, op)
    if refused is not None:
        raise ValueError(refused)
    if op in _BARE:
        if value is not None:
            raise ValueError(f"{signal.name} {op} takes no value; leave {value!r} out")
        return None
    if value is None:
        raise ValueError(f"{signal.name} {op} needs a value")
    if isinstance(value, Mapping):
        return _by_segment(signal, str(op), value)
    return _threshold(signal, str(op), value)


def op_refused(signal: Signal, op: object) -> str | None:
    """Why this cannot be asked of the signal, whatever the threshold; None where it can."""
    if op not in OPS:
        return unknown_word(op, OPS, "op", near=_MISSPELT.get(str(op)))
    if op in _ORDERING and signal.kind == "text":
        return f"{signal.name} is text and has no order; use ==, != or in"
    return None


def _by_segment(signal: Signal, op: str, value: Mapping[Any, object]) -> dict[str, Any]:
    if not value:
        raise ValueError(f"{signal.name} {op} has no threshold for any segment")
    thresholds = {segment_word(str(segment)): _threshold(signal, op, part) for segment, part in value.items()}
    if len(thresholds) < len(value):
        raise ValueError(f"{signal.name} {op} names a segment twice")
    return thresholds


def _threshold(signal: Signal, op: str, value: object) -> Scalar | list[Scalar]:
    if op == "between":
        return _range(signal, value)
    if op == "in":
        if not isinstance(value, list | tuple) or not value:
            raise ValueError(f"{signal.name} in takes a list such as [a, b], not {value!r}")
        return [_scalar(signal, part) for part in value]
    return _scalar(signal, value)


def _range(signal: Signal, value: object) -> list[Scalar]:
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise ValueError(f"{signal.name} between takes [lowest, highest], not {value!r}")
    low, high = (_scalar(signal, part) for part in value)
    if _ordered(signal, low) > _ordered(signal, high):
        raise ValueError(f"{signal.name} between [{low}, {high}] is empty; write the lower bound first")
    return [low, high]


def _ordered(signal: Signal, scalar: Scalar) -> Any:
    return operand(signal, scalar)


def _scalar(signal: Signal, value: object) -> Scalar:
    if signal.kind == "money":
        return _money(signal, value)
    if signal.kind == "date":
        return _date(signal, value)
    if signal.kind == "duration":
        return _duration(signal, value)
    if signal.kind == "text":
        return _text(signal, value)
    return _number(signal, value)


def _number(signal: Signal, value: object) -> int | float:
    percent = _PERCENT.fullmatch(value.strip()) if isinstance(value, str) and signal.unit == "share" else None
    if percent is not None:
        value = float(Decimal(percent[1]) / 100)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{signal.name} is compared with a plain number, not {value!r}")  # noqa: TRY004
    if not math.isfinite(value):
        raise ValueError(f"{signal.name} is compared with a finite number, not {value!r}")
    return int(value) if float(value).is_integer() else float(value)


def _money(signal: Signal, value: object) -> str:
    match = _MONEY.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f"{signal.name} is compared with an amount such as 100000 USD, not {value!r}")
    amount = match[1].replace(",", "").replace("_", "")
    to_cents(amount, match[2])
    plain = f"{Decimal(amount):f}"
    return f"{plain.rstrip('0').rstrip('.') if '.' in plain else plain} {match[2]}"


def _duration(signal: Signal, value: object) -> str:
    try:
        length = durations.length(value)
    except ValueError as error:
        raise ValueError(f"{signal.name} is compared with a time such as '2h {signal.unit}': {error}") from error
    if length.counting != signal.unit:
        bare = str(value).removesuffix(length.counting).strip()
        raise ValueError(f"{signal.name} is counted in {signal.unit} time; write '{bare} {signal.unit}'")
    return length.spelled


def _date(signal: Signal, value: object) -> str:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    try:
        return date.fromisoformat(value if isinstance(value, str) else "").isoformat()
    except ValueError as error:
        raise ValueError(f"{signal.name} is compared with a date such as 2025-01-31, not {value!r}") from error


def _text(signal: Signal, value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{signal.name} is compared with text, not {value!r}")
    word = segment_word(value) if signal.name == "segment" or signal.words else value.strip()
    if signal.words and word not in signal.words:
        raise ValueError(unknown_word(value, signal.words, signal.noun))
    return word


def amount_and_currency(scalar: Scalar) -> tuple[int, str]:
    """Cents and currency of a canonical amount."""
    amount, currency = str(scalar).split(" ")
    return to_cents(amount, currency), currency


def operand(signal: Signal, scalar: Scalar) -> Operand:
    """What a canonical scalar is compared as: cents, seconds, a date, text in small letters, or the number itself."""
    if signal.kind == "money":
        return amount_and_currency(scalar)[0]
    if signal.kind == "text":
        return str(scalar).lower()
    if signal.kind == "duration":
        return durations.length(scalar).seconds
    return date.fromisoformat(str(scalar)) if signal.kind == "date" else scalar
