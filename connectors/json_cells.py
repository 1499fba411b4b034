"""Knows how one JSON object becomes cells of text: nested keys joined by dots, lists kept as JSON."""

import json
from collections.abc import Iterator
from typing import Any

from connectors.mapping import Limits


def cells_of(line: str) -> dict[str, str]:
    """The cells of one line; numbers keep the digits they were written with.

    Raises:
        ValueError: the line is not one JSON object.
    """
    found = json.loads(line, parse_float=str, parse_int=str, parse_constant=str)
    if not isinstance(found, dict):
        raise ValueError("not an object")  # noqa: TRY004 - as for any line that is not one object
    return dict(_flat(found, ""))


def keys_of(text: str, limits: Limits) -> list[str]:
    """The columns that the first rows have between them, in order of appearance."""
    keys: dict[str, None] = {}
    for line in text.split("\n")[: limits.sample_rows]:
        try:
            keys |= dict.fromkeys(cells_of(line))
        except (ValueError, RecursionError):
            continue
    return list(keys)


def text_of(value: Any) -> str:
    """A JSON value as the text of a cell."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode() if not value.isascii() else value
    if value is None:
        return ""
    return json.dumps(value, ensure_ascii=False)


def _flat(found: dict[str, Any], prefix: str) -> Iterator[tuple[str, str]]:
    for key, value in found.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", text_of(value)
