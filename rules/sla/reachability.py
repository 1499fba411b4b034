"""Knows which rule of an ordered list is never reached: it never holds, or an earlier one always holds first.

Whether one condition implies another is tried out: comparisons split the values of a signal at their thresholds, so it
is enough to look at one value of each part, and at the unknown. Signals are taken to be independent of each other: what
is called unreachable here is, but not all that is unreachable is found.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from itertools import chain, combinations, pairwise, product
from math import prod
from typing import Any, TypeAlias

from rules.conditions import Condition, truth
from rules.conditions.literals import operand
from rules.signals import Signal, Value

World: TypeAlias = dict[str, Value]
_OTHER_WORD = "\0"
_MOST_THRESHOLDS = 40
_MOST_LISTED = 8
_MOST_WORLDS = 2_000
_MOST_LOOKS = 40_000
# Midnight in one zone and in another lie up to 26 hours apart.
_ZONES_APART = timedelta(days=2)


@dataclass(frozen=True)
class Rung:
    """One rule of an ordered list: it holds from `since` to `until`, both included, where `when` is true.

    The dates are in the zone of `calendar`; None: of the one that the ticket has anyhow.
    """

    name: str
    when: Condition | None
    since: date | None = None
    until: date | None = None
    calendar: str | None = None


def unreachable(rungs: Sequence[Rung]) -> Iterator[tuple[int, str]]:
    """The number of each rule that no value whatever reaches, and what to do about it."""
    looks = _Looks()
    for number, rung in enumerate(rungs):
        example = looks.example(rung.when)
        if example is None:
            yield number, f"the condition of {rung.name!r} can never be true; mend it, or remove it"
            continue
        lasting = (one for one in rungs[:number] if _lasts(one, rung))
        earlier = next((one for one in lasting if looks.implied(rung.when, one.when, example)), None)
        if earlier is None:
            continue
        if earlier.when is None:
            why = f"{earlier.name!r} above it has no condition and always applies first"
        else:
            why = f"{earlier.name!r} above it applies wherever it would"
        yield number, f"{rung.name!r} is never reached: {why}; move {rung.name!r} above it, or remove one of the two"


def _lasts(earlier: Rung, later: Rung) -> bool:
    """Whether the earlier rule is in force on every day on which the later one is."""
    apart = timedelta() if earlier.calendar == later.calendar else _ZONES_APART
    begins = earlier.since is None or (later.since is not None and later.since - earlier.since >= apart)
    ends = earlier.until is None or (later.until is not None and earlier.until - later.until >= apart)
    return begins and ends


def never_true(condition: Condition) -> bool:
    """Whether no value whatever makes the condition true."""
    return _Looks().example(condition) is None


class _Looks:
    """Tries conditions out, no more often than a file that is read at every start may take."""

    def __init__(self) -> None:
        self._left = _MOST_LOOKS

    def example(self, condition: Condition | None) -> World | None:
        """A world in which the condition is true, an empty one where too many would have to be tried; None: none is."""
        worlds = None if condition is None else self._worlds(_parts(condition), [])
        if condition is None or worlds is None:
            return {}
        return next((world for world in worlds if truth(condition, world)), None)

    def implied(self, later: Condition | None, earlier: Condition | None, example: World) -> bool:
        """Whether `earlier` is true wherever `later` is, as in its example; None is always true."""
        if earlier is None or earlier == later:
            return True
        if not truth(earlier, example):
            return False
        mine = {} if later is None else _parts(later)
        worlds = self._worlds(_merged(mine, _parts(earlier)), list(mine))
        return worlds is not None and all(
            truth(earlier, world) for world in worlds if later is None or truth(later, world)
        )

    def _worlds(self, parts: Mapping[str, "_Part"], last: Sequence[str]) -> Iterator[World] | None:
        """One world for each combination of parts; None: too many. The signals `last` change the fastest."""
        ordered = [parts[name] for name in sorted(parts, key=lambda name: name in last)]
        if any(part.is_too_much for part in ordered):
            return None
        samples = [part.samples() for part in ordered]
        return self._each(samples) if prod(map(len, samples)) <= min(_MOST_WORLDS, self._left) else None

    def _each(self, samples: Sequence[Sequence[World]]) -> Iterator[World]:
        for combination in product(*samples):
            self._left -= 1
            yield {name: value for piece in combination for name, value in piece.items()}


@dataclass(frozen=True)
class _Part:
    """A signal and all that it is compared with."""

    signal: Signal
    operands: frozenset[Any]

    @property
    def is_too_much(self) -> bool:
        return len(self.operands) > (_MOST_LISTED if self.signal.several else _MOST_THRESHOLDS)

    def samples(self) -> Sequence[World]:
        """One value of each part into which the comparisons cut the signal, the unknown first."""
        name = self.signal.name
        if self.signal.kind != "text":
            return [{name: value} for value in (None, *self._numbers())]
        if self.signal.several:
            words = sorted(self.operands)
            lists = chain.from_iterable(combinations(words, size) for size in range(len(words) + 1))
            return [{name: None}, *(_world((name,), (json.dumps(held, ensure_ascii=False),)) for held in lists)]
        columns, known = self.signal.columns, self.signal.words or (*sorted(self.operands), _OTHER_WORD)
        named = product(known, repeat=len(columns))
        return [{name: None}, *(_world(columns, each) for each in named)]

    def _numbers(self) -> Sequence[Any]:
        if not self.operands:
            return [date(2000, 1, 1) if self.signal.kind == "date" else 0]
        cuts = sorted(self.operands)
        if self.signal.kind == "date":
            days = [one.toordinal() for one in cuts]
            around = {day for one in days for day in (one - 1, one, one + 1)}
            return [date.fromordinal(day) for day in sorted(around) if 1 <= day <= date.max.toordinal()]
        # Exact: a float beside a very large one is that same one.
        exact = [Fraction(cut) for cut in cuts]
        between = [(low + high) / 2 for low, high in pairwise(exact)]
        return [exact[0] - 1, *exact, *between, exact[-1] + 1]


def _world(names: Sequence[str], values: Sequence[Value]) -> World:
    return dict(zip(names, values, strict=True))


def _parts(condition: Condition) -> dict[str, _Part]:
    """What each signal of a condition is compared with."""
    found: dict[str, _Part] = {}
    for leaf in condition.leaves():
        signal = leaf.compared
        pieces = {signal.name: _Part(signal, frozenset(operand(signal, one) for one in leaf.thresholds()))}
        if leaf.by_segment:
            pieces = _merged(pieces, {"segment": _Part(condition.vocabulary["segment"], frozenset(leaf.value))})
        found = _merged(found, pieces)
    return found


def _merged(some: Mapping[str, _Part], more: Mapping[str, _Part]) -> dict[str, _Part]:
    both = {
        name: _Part(part.signal, part.operands | (some[name].operands if name in some else frozenset()))
        for name, part in more.items()
    }
    return {**some, **both}
