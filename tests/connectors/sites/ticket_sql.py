"""Understands the part of TicketSQL that searches by numbers and words need: AND, OR, brackets, comparisons."""

import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

_TOKEN = re.compile(r"\s*(\(|\)|!=|>=|<=|=|>|<|'(?:[^'])*'|[\w:]+)")
_COMPARED: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq, "!=": operator.ne, ">": operator.gt, "<": operator.lt, ">=": operator.ge, "<=": operator.le,
}  # fmt: skip


def matches(query: str, row: Mapping[str, Any]) -> bool:
    """Whether a row is one of those that the query asks for."""
    tokens = _TOKEN.findall(query)
    found, rest = _either(tokens, row)
    if rest:
        raise ValueError(f"cannot read {rest} in {query}")
    return found


def _either(tokens: list[str], row: Mapping[str, Any]) -> tuple[bool, list[str]]:
    found, tokens = _both(tokens, row)
    while tokens and tokens[0].upper() == "OR":
        other, tokens = _both(tokens[1:], row)
        found = found or other
    return found, tokens


def _both(tokens: list[str], row: Mapping[str, Any]) -> tuple[bool, list[str]]:
    found, tokens = _one(tokens, row)
    while tokens and tokens[0].upper() == "AND":
        other, tokens = _one(tokens[1:], row)
        found = found and other
    return found, tokens


def _one(tokens: list[str], row: Mapping[str, Any]) -> tuple[bool, list[str]]:
    if tokens[0] == "(":
        found, rest = _either(tokens[1:], row)
        return found, rest[1:]
    name, comparison, said = tokens[:3]
    value: Any = said.strip("'") if said.startswith("'") else int(said)
    return _COMPARED[comparison](row[name], value), tokens[3:]
