"""Knows how an error in the middle of nested plain data tells the place that it is about."""

from typing import TypeAlias

from pydantic import ValidationError
from pydantic_core import PydanticCustomError

Place: TypeAlias = tuple[int | str, ...]


def at(place: tuple[object, ...], found: object, remedy: str) -> ValidationError:
    """The error for what stands at `place` below the field that is read; a validator raises it."""
    parts = tuple(part if isinstance(part, int | str) else str(part) for part in place)
    # A placeholder, because the remedy itself may hold braces.
    error = PydanticCustomError("value_error", "{remedy}", {"remedy": remedy})
    return ValidationError.from_exception_data("calendar", [{"type": error, "loc": parts, "input": found}])
