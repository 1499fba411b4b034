"""Says a condition in the languages of rule engines, so that it is true exactly where Keepline's is.

None of them knows what is unknown: every comparison, also below a `not`, first asks whether there is a value.
"""

import json
from dataclasses import dataclass
from typing import Any

from rules.conditions import Condition

_OPPOSITE = {">": "<=", ">=": "<", "<": ">=", "<=": ">", "==": "!=", "!=": "=="}


@dataclass(frozen=True)
class Language:
    """How a language writes `and` and `or`, and which columns hold whole numbers (others need a decimal point)."""

    both: str
    either: str
    whole: frozenset[str] | None = None

    def say(self, condition: Condition, *, holds: bool = True) -> str:
        """The condition, or its opposite."""
        if condition.signal is not None:
            return self._leaf(condition, holds)
        if condition.not_ is not None:
            return self.say(condition.not_, holds=not holds)
        word = self.both if (condition.all is not None) == holds else self.either
        return "(" + f" {word} ".join(self.say(child, holds=holds) for child in condition.children()) + ")"

    def _leaf(self, leaf: Condition, holds: bool) -> str:
        name, op, value = str(leaf.signal), str(leaf.op), leaf.value
        if op in {"is_known", "is_unknown"}:
            return f"({name} {'!=' if (op == 'is_known') == holds else '=='} null)"
        if leaf.by_segment:
            named = [f'(segment == "{word}" {self.both} {self._test(name, op, one)})' for word, one in value.items()]
            return f"({name} != null {self.both} segment != null {self.both} (" + f" {self.either} ".join(named) + "))"
        if op == "between":
            low, high = (self._test(name, *bound) for bound in ((">=", value[0]), ("<=", value[1])))
            return f"({name} != null {self.both} {low} {self.both} {high})"
        return f"({name} != null {self.both} {self._test(name, op if holds else _OPPOSITE[op], value)})"

    def _test(self, name: str, op: str, value: Any) -> str:
        return f"{name} {op} {self._number(name, value) if not isinstance(value, str) else json.dumps(value)}"

    def _number(self, name: str, value: Any) -> str:
        return str(int(value)) if self.whole is None and value == int(value) else self._typed(name, value)

    def _typed(self, name: str, value: Any) -> str:
        return str(int(value)) if self.whole is not None and name in self.whole else str(float(value))
