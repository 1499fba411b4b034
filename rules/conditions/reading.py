"""Reads a condition that is said in English: what `sentence` prints, and the ways in which people say the same."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError

from rules.conditions.tree import Condition
from rules.conditions.wording import OP_WORDS, SEVERAL_OP_WORDS, nouns
from rules.signals import Signal, SignalWindows

_LONGEST, _DEEPEST = 10_000, 30
_SAID: dict[str, str] = {
    **{words: op for ops in (OP_WORDS, SEVERAL_OP_WORDS) for op, words in ops.items()},
    "more than": ">", "greater than": ">", "over": ">", "higher than": ">", ">": ">", "is above": ">",
    "not less than": ">=", "no less than": ">=", "≥": ">=", ">=": ">=", "is at least": ">=",
    "less than": "<", "fewer than": "<", "under": "<", "lower than": "<", "<": "<", "is below": "<",
    "not more than": "<=", "no more than": "<=", "≤": "<=", "<=": "<=", "up to": "<=", "is at most": "<=",
    "is": "==", "equals": "==", "==": "==", "=": "==", "is not": "!=", "not": "!=", "!=": "!=", "≠": "!=",
    "between": "between", "is between": "between", "within": "within", "in": "in", "is one of": "in", "is in": "in",
    "is known": "is_known", "is unknown": "is_unknown", "is not known": "is_unknown",
}  # fmt: skip
_OPS = re.compile(
    "|".join(f"{re.escape(words)}(?![a-z=])" for words in sorted(_SAID, key=len, reverse=True)), re.IGNORECASE
)
_NUMBER = re.compile(r"([-−]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:e[-+−]?\d+)?)( ?[km](?![a-z]))?", re.IGNORECASE)
_LENGTH = re.compile(r"\d+ ?[smhdw](?: ?\d+ ?[smhdw])*(?: (?:business|elapsed))?", re.IGNORECASE)
_WORD = re.compile(r"[^\s(),\"]+")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_TIMES = {"k": 1_000, "m": 1_000_000, "": 1}


class NotUnderstood(ValueError):
    """A sentence that cannot be read: what stands at which place (counted from 1), and what would be right."""

    def __init__(self, place: int, found: str, remedy: str) -> None:
        self.place, self.found, self.remedy = place, found, remedy
        super().__init__(f"at character {place}, {found!r}: {remedy}")


def parse_sentence(text: str, kind: type[Condition] = Condition, windows: SignalWindows | None = None) -> Condition:
    """The condition that a sentence says; `parse_sentence(sentence(condition))` is the condition itself.

    `and` and `or` side by side need brackets. `kind` says of what is spoken: accounts, or tickets.

    Raises:
        NotUnderstood: names the place and the nearest right word.
    """
    if len(text) > _LONGEST:
        raise NotUnderstood(1, text[:20], f"the sentence is longer than {_LONGEST:,} characters; split the rule")
    reader = _Reader(text, nouns(kind.vocabulary, windows or SignalWindows()), kind)
    read = reader.group(0)
    if reader.left():
        raise reader.refused("write 'and' or 'or' before a further comparison, or leave this out")
    return kind.model_validate(read)


@dataclass
class _Reader:
    """Goes through one sentence from left to right."""

    text: str
    nouns: Mapping[str, tuple[Signal, ...]]
    kind: type[Condition]
    place: int = 0

    def left(self) -> str:
        """What is not read yet."""
        rest = self.text[self.place :]
        self.place += len(rest) - len(rest.lstrip())
        return rest.strip()

    def refused(self, remedy: str) -> NotUnderstood:
        shown = " ".join(self.left().split()[:4]) or "the end"
        return NotUnderstood(self.place + 1, shown[:60], remedy)

    def takes(self, words: str) -> bool:
        """Whether these words come next, which are then read."""
        found = re.match(
            rf"{re.escape(words)}(?![\w])" if words[-1].isalpha() else re.escape(words), self.left(), re.IGNORECASE
        )
        self.place += found.end() if found else 0
        return found is not None

    def group(self, depth: int) -> dict[str, Any]:
        """Terms that are joined by `and`, or by `or`."""
        if depth > _DEEPEST:
            raise self.refused("so many brackets inside each other cannot be read; say it with fewer")
        parts, joined = [self.term(depth)], ""
        while self.left():
            word = next((word for word in ("and", "or") if re.match(rf"{word}\b", self.left(), re.IGNORECASE)), None)
            if word is None:
                break
            if joined and word != joined:
                raise self.refused("'and' and 'or' stand side by side; put brackets around what belongs together")
            joined = word
            self.takes(word)
            parts.append(self.term(depth))
        return parts[0] if not joined else {"all" if joined == "and" else "any": parts}

    def term(self, depth: int) -> dict[str, Any]:
        if self.takes("not"):
            return {"not": self.term(depth + 1)}
        for words, word in (("all of (", "all"), ("any of (", "any")):
            if self.takes(words):
                return {word: [self.closed(depth)]}
        return self.closed(depth) if self.takes("(") else self.leaf()

    def closed(self, depth: int) -> dict[str, Any]:
        inside = self.group(depth + 1)
        if not self.takes(")"):
            raise self.refused("a bracket is open; write ')'")
        return inside

    def leaf(self) -> dict[str, Any]:
        begin, meant = self.place, self.signals()
        first = self.place
        op = self.op(meant[0])
        node = self.asked(meant, op, first)
        try:
            self.kind.model_validate(node)
        except ValidationError as error:
            remedy = error.errors()[0]["msg"].removeprefix("Value error, ")
            raise NotUnderstood(begin + 1, self.text[begin : self.place].strip()[:80], remedy) from error
        return node

    def signals(self) -> tuple[Signal, ...]:
        """Those that the next words may mean."""
        rest = self.left().lower()
        for noun, meant in self.nouns.items():
            if rest.startswith(noun) and (len(rest) == len(noun) or not re.match(r"[\w:]", rest[len(noun) :])):
                self.place += len(noun)
                return meant
        own = _WORD.match(rest)
        if own is not None and own[0] in self.kind.vocabulary:
            self.place += own.end()
            return (self.kind.vocabulary[own[0]],)
        raise self.refused(self.nearest(rest))

    def nearest(self, rest: str) -> str:
        known = {**dict.fromkeys(self.nouns)}
        words = re.split(r"[\s(]+", rest)
        for length in range(min(6, len(words)), 0, -1):
            near = get_close_matches(" ".join(words[:length]), known, n=1, cutoff=0.75)
            if near:
                return f"no signal is called so; did you mean {near[0]!r}?"
        return "no signal is called so; keepline signals lists all"

    def op(self, signal: Signal) -> str:
        found = _OPS.match(self.left())
        if found is None:
            remedy = f"say how {signal.name} is compared: above, at least, below, at most, equal to, between, known, …"
            raise self.refused(remedy)
        self.place += found.end()
        return _SAID[found[0].lower()]

    def asked(self, meant: tuple[Signal, ...], op: str, first: int) -> dict[str, Any]:
        """The leaf of one of the signals: the one whose unit is said."""
        start, refusals = self.place, []
        for signal in meant:
            self.place = start
            try:
                value, said_op = self.thresholds(signal, op)
            except NotUnderstood as error:
                refusals.append(error)
                continue
            if self.takes("times the usual") or self.takes("x"):
                continue
            return {"signal": signal.name, "op": said_op, **({} if value is None else {"value": value})}
        self.place = first
        raise refusals[0] if refusals else self.refused("say it without 'times the usual'")

    def thresholds(self, signal: Signal, op: str) -> tuple[Any, str]:
        """What stands behind the op: a threshold, or one for each segment."""
        if op in {"is_known", "is_unknown"}:
            return None, op
        value, op = self.threshold(signal, op)
        if not self.takes("for"):
            return value, op
        by_segment = {self.segment(): value}
        while self.left():
            before = self.place
            again = _OPS.match(self.left()) if self.takes("or") else None
            if again is None or _SAID[again[0].lower()] != op:
                self.place = before
                break
            self.place += again.end()
            value, _ = self.threshold(signal, op)
            if not self.takes("for"):
                raise self.refused("say for which segment, such as 'for enterprise'")
            by_segment[self.segment()] = value
        return by_segment, op

    def segment(self) -> str:
        return str(self.text_word("a segment, such as enterprise"))

    def threshold(self, signal: Signal, op: str) -> tuple[Any, str]:
        if op == "within":
            value = self.literal(signal)
            return ([0, value], "between") if signal.kind == "days" else (value, "<=")
        if op == "between":
            low = self.literal(signal)
            if not self.takes("and"):
                raise self.refused("between takes two bounds; write 'and' and the higher one")
            return [low, self.literal(signal)], op
        if op == "in":
            return list(self.listed(signal)), op
        return self.literal(signal), op

    def listed(self, signal: Signal) -> Iterator[Any]:
        yield self.literal(signal)
        while self.takes(","):
            yield self.literal(signal)

    def literal(self, signal: Signal) -> Any:
        """One threshold as it is written in a file."""
        if signal.kind == "money":
            return self.amount()
        if signal.kind == "duration":
            return self.matched(_LENGTH, f"a time such as '2h {signal.unit}'")
        if signal.kind == "date":
            return self.matched(re.compile(r"\d{4}-\d{2}-\d{2}"), "a day such as 2026-01-31")
        return self.text_word("a word; put several in quotes") if signal.kind == "text" else self.number(signal)

    def matched(self, pattern: re.Pattern[str], what: str) -> str:
        found = pattern.match(self.left())
        if found is None:
            raise self.refused(f"write {what}")
        self.place += found.end()
        return found[0]

    def text_word(self, what: str) -> str:
        quoted = _QUOTED.match(self.left())
        found = self.matched(_QUOTED if quoted else _WORD, what)
        try:
            return str(json.loads(found)) if quoted else found
        except ValueError as error:
            raise self.refused("the quotes hold a sign that is not known; write plain text") from error

    def decimal(self, what: str) -> Decimal:
        found = _NUMBER.match(self.left())
        if found is None:
            raise self.refused(f"write {what}")
        self.place += found.end()
        plain = found[1].replace(",", "").replace("−", "-")
        return Decimal(plain) * _TIMES[(found[2] or "").strip().lower()]

    def amount(self) -> str:
        example = "an amount with its currency, such as 100,000 USD"
        currency = re.match(r"[A-Z]{3}\b", self.left())
        self.place += currency.end() if currency else 0
        number = self.decimal(example)
        name = currency[0] if currency else self.matched(re.compile(r"[A-Za-z]{3}\b"), example).upper()
        return f"{number:f} {name}"

    def number(self, signal: Signal) -> int | float:
        number = self.decimal(f"a number of {signal.unit}")
        if self.takes("%"):
            number /= 100
        elif signal.unit.startswith("times"):
            if not (self.takes(signal.unit) or self.takes("x")):
                raise self.refused(f"say '{signal.unit}' behind the number")
        elif signal.kind == "days":
            _ = self.takes("days") or self.takes("day")
        elif signal.unit.isalpha():
            self.takes(signal.unit)
        return int(number) if number == number.to_integral_value() else float(number)
