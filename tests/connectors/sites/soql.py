"""As much of SOQL as a fake Salesforce must understand: fields, conditions, order and limit; the rest is malformed."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

Row = Mapping[str, Any]
_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^'\\]|\\.)*')|(?P<moment>\d{4}-\d\d-\d\dT[\d:.]+Z)|(?P<op><=|>=|!=|[=<>(),])|(?P<word>[\w.]+))"
)
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda one, other: one == other,
    "!=": lambda one, other: one != other,
    ">": lambda one, other: one > other,
    ">=": lambda one, other: one >= other,
    "<": lambda one, other: one < other,
    "<=": lambda one, other: one <= other,
}


class Malformed(Exception):
    """No SOQL."""


@dataclass
class Query:
    """A query taken apart. `fields` is empty for COUNT()."""

    fields: list[str]
    object: str
    where: Callable[[Row], bool]
    conditions: list[str]
    order: list[tuple[str, bool]]
    limit: int | None

    def run(self, rows: Iterable[Row]) -> list[Row]:
        found = [row for row in rows if self.where(row)]
        for name, descending in reversed(self.order):
            found.sort(key=lambda row: _comparable(value_at(row, name)), reverse=descending)
        return found[: self.limit]


def value_at(row: Row, path: str) -> Any:
    """The value of `Name` or `Owner.Name`."""
    value: Any = row
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def parse(text: str) -> Query:
    """Take a query apart.

    Raises:
        Malformed: it is none.
    """
    return _Parser(text).query()


class _Parser:
    def __init__(self, text: str) -> None:
        self.tokens: list[tuple[str, str]] = []
        at = 0
        while text[at:].strip():
            match = _TOKEN.match(text, at)
            if match is None or match.lastgroup is None:
                raise Malformed(f"unexpected token at {at}: {text[at : at + 20]}")
            self.tokens.append((match.lastgroup, match[match.lastgroup]))
            at = match.end()
        self.conditions: list[str] = []

    def query(self) -> Query:
        self.expect("SELECT")
        fields = [self.take()]
        if fields == ["COUNT"]:
            self.expect("(")
            self.expect(")")
            fields = []
        while self.ahead(","):
            fields.append(self.take())
        self.expect("FROM")
        name = self.take()
        where: Callable[[Row], bool] = self.either() if self.ahead("WHERE") else lambda _row: True
        order: list[tuple[str, bool]] = []
        if self.ahead("ORDER"):
            self.expect("BY")
            order.append(self.ordering())
            while self.ahead(","):
                order.append(self.ordering())
        limit = int(self.take()) if self.ahead("LIMIT") else None
        if self.tokens:
            raise Malformed(f"unexpected token: {self.tokens[0][1]}")
        return Query(fields, name, where, self.conditions, order, limit)

    def ordering(self) -> tuple[str, bool]:
        return self.take(), self.ahead("DESC")

    def either(self) -> Callable[[Row], bool]:
        parts = [self.both()]
        while self.ahead("OR"):
            parts.append(self.both())
        return parts[0] if len(parts) == 1 else lambda row: any(part(row) for part in parts)

    def both(self) -> Callable[[Row], bool]:
        parts = [self.condition()]
        while self.ahead("AND"):
            parts.append(self.condition())
        return lambda row: all(part(row) for part in parts)

    def condition(self) -> Callable[[Row], bool]:
        if self.ahead("("):
            inside = self.either()
            self.expect(")")
            return inside
        name = self.take()
        self.conditions.append(name)
        if self.ahead("IN"):
            self.expect("(")
            words = [self.literal()]
            while self.ahead(","):
                words.append(self.literal())
            self.expect(")")
            return lambda row: value_at(row, name) in words
        operator = self.take()
        if operator not in _COMPARE:
            raise Malformed(f"unexpected token: {operator}")
        wanted = self.literal()
        return lambda row: _holds(operator, value_at(row, name), wanted)

    def literal(self) -> Any:
        kind, text = self.tokens.pop(0) if self.tokens else ("end", "")
        if kind == "text":
            return re.sub(r"\\(.)", r"\1", text[1:-1])
        if kind == "moment":
            return datetime.fromisoformat(text)
        if text in {"true", "false"}:
            return text == "true"
        raise Malformed(f"unexpected token: {text}")

    def take(self) -> str:
        if not self.tokens:
            raise Malformed("unexpected end")
        return self.tokens.pop(0)[1]

    def ahead(self, text: str) -> bool:
        if self.tokens and self.tokens[0][1] == text:
            self.tokens.pop(0)
            return True
        return False

    def expect(self, text: str) -> None:
        if not self.ahead(text):
            raise Malformed(f"expecting {text}")


def _comparable(value: Any) -> Any:
    if isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\dT", value):
        return datetime.fromisoformat(value)
    return value


def _holds(operator: str, found: Any, wanted: Any) -> bool:
    return found is not None and _COMPARE[operator](_comparable(found), wanted)
