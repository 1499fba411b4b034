"""Knows how one threshold of some rules is tried at many values, and what each value costs and catches."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from domain.errors import NotFound
from domain.records import Record
from rules.conditions import Condition, sentence
from rules.playbooks import Playbook
from rules.replay.shares import Share
from rules.words import unknown_word

_STEPS = 9
_EACH = 13
_SWEPT = (">", ">=", "<", "<=", "==")
_SPEC = re.compile(r"(?P<signal>\w+)(\.(?P<segment>[\w-]+))?(#(?P<number>\d+))?")
_NUMBER = re.compile(r"\s*(?P<digits>-?\d+(\.\d+)?)(?P<unit>.*)")


class SweepPoint(Record):
    """What the rules do with one value of the threshold.

    `caught_cents` is what was lost of the losses that had an alert within the window before them.
    """

    value: str
    is_current: bool
    decisions: int
    openings: int
    openings_per_week: float
    precision: Share
    base: float | None
    losses: Share
    losses_of_money: Share
    caught_cents: int


class Sweep(Record):
    """One threshold at many values."""

    playbook: str
    comparison: str
    points: tuple[SweepPoint, ...]


class Swept:
    """A threshold of one of some playbooks: which one, its present value, and the playbooks with another."""

    def __init__(self, playbooks: Sequence[Playbook], asked: str) -> None:
        """`asked` is SIGNAL, SIGNAL.SEGMENT where it has a threshold by segment, SIGNAL#2 for the second one.

        Raises:
            NotFound: there is no such threshold, or several; the message names them.
        """
        said = _SPEC.fullmatch(asked)
        if said is None:
            raise NotFound(f"--sweep {asked}: write SIGNAL=VALUE,VALUE,… or SIGNAL=FROM..TO")
        self._playbooks = tuple(playbooks)
        found = [
            (book, place, leaf)
            for book in playbooks
            for place, leaf in enumerate(book.when.leaves())
            if leaf.signal == said["signal"] and leaf.op in _SWEPT
        ]
        self.playbook, self._place, self._leaf = _only(found, playbooks, said["signal"], said["number"])
        self._segment = _segment(self._leaf, said["segment"])

    @property
    def comparison(self) -> str:
        """What is compared, in English, with the threshold of today."""
        return sentence(self._leaf)

    @property
    def current(self) -> Any:
        """The threshold of today."""
        return self._leaf.value[self._segment] if self._segment else self._leaf.value

    def at(self, value: str) -> tuple[str, tuple[Playbook, ...]]:
        """The threshold as the rules write it, and the playbooks with it.

        Raises:
            ValueError: it is no threshold of this signal.
        """
        number = _NUMBER.fullmatch(value)
        plain: Any = value if number is None or number["unit"] else float(number["digits"])
        plain = int(plain) if isinstance(plain, float) and plain.is_integer() else plain
        threshold = {**self._leaf.value, self._segment: plain} if self._segment else plain
        words = {"signal": self._leaf.signal, "op": self._leaf.op, "value": threshold}
        leaf = type(self._leaf).model_validate(words)
        when = _replaced(self.playbook.when, iter(range(10**6)), self._place, leaf)
        changed = self.playbook.model_copy(update={"when": when})
        told = leaf.value[self._segment] if self._segment else leaf.value
        return str(told), tuple(changed if book is self.playbook else book for book in self._playbooks)


def values_asked(written: str) -> list[str]:
    """`5,7,9` as it stands; `4..12` as each whole number, of long ranges nine values from the one to the other.

    Raises:
        NotFound: it is neither.
    """
    if ".." not in written:
        return [part.strip() for part in written.split(",") if part.strip()]
    first, last = (_NUMBER.fullmatch(part) for part in written.split("..", 1))
    if first is None or last is None:
        raise NotFound(f"{written!r} is no range; write two numbers: 4..12, 50000 USD..200000 USD")
    low, high, unit = float(first["digits"]), float(last["digits"]), last["unit"]
    digits = 0 if "." not in first["digits"] + last["digits"] else 3
    count = int(abs(high - low)) + 1 if not digits and abs(high - low) < _EACH else _STEPS
    steps = [low + (high - low) * step / max(count - 1, 1) for step in range(count)]
    written_out = (f"{round(step, digits):.{digits}f}" for step in steps)
    plain = (each.rstrip("0").rstrip(".") if digits else each for each in written_out)
    return [f"{each}{unit}" for each in dict.fromkeys(plain)]


def _only(
    found: Sequence[tuple[Playbook, int, Condition]], playbooks: Sequence[Playbook], signal: str, number: str | None
) -> tuple[Playbook, int, Condition]:
    if not found:
        compared = sorted({str(leaf.signal) for book in playbooks for leaf in book.when.leaves() if leaf.op in _SWEPT})
        raise NotFound(unknown_word(signal, compared, "threshold to sweep"))
    if number is not None and 1 <= int(number) <= len(found):
        return found[int(number) - 1]
    if len(found) > 1:
        listed = "; ".join(f"#{at} {book.id}: {sentence(leaf)}" for at, (book, _, leaf) in enumerate(found, start=1))
        raise NotFound(
            f"{signal} is compared {len(found)} times: {listed}. Name the playbook with --playbook, or the comparison: "
            f"--sweep '{signal}#1=…'"
        )
    return found[0]


def _segment(leaf: Condition, asked: str | None) -> str | None:
    if not leaf.by_segment:
        if asked is not None:
            raise NotFound(f"{leaf.signal} has one threshold for all segments; leave .{asked} out")
        return None
    if asked is None and len(leaf.value) == 1:
        return str(next(iter(leaf.value)))
    if asked not in leaf.value:
        names = ", ".join(leaf.value)
        raise NotFound(f"{leaf.signal} has a threshold for each of {names}; write --sweep {leaf.signal}.SEGMENT=…")
    return asked


def _replaced(condition: Condition, numbers: Iterator[int], place: int, leaf: Condition) -> Condition:
    """The tree with another comparison in the place of one; comparisons are counted as `leaves` gives them."""
    if condition.signal is not None:
        return leaf if next(numbers) == place else condition
    parts = tuple(_replaced(child, numbers, place, leaf) for child in condition.children())
    if condition.not_ is not None:
        return condition.model_copy(update={"not_": parts[0]})
    return condition.model_copy(update={"all" if condition.all is not None else "any": parts})
