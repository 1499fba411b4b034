"""Says a condition in English, and says why it holds for one account."""

import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from domain.money import with_currency
from rules.conditions.literals import Scalar, amount_and_currency
from rules.conditions.logic import truth
from rules.conditions.tree import Condition
from rules.signals import Shown, Signal, SignalWindows, Value

OP_WORDS = {
    ">": "above", ">=": "at least", "<": "below", "<=": "at most", "==": "equal to", "!=": "other than",
    "in": "one of", "is_known": "known", "is_unknown": "unknown",
}  # fmt: skip
SEVERAL_OP_WORDS = {**OP_WORDS, "==": "including", "!=": "without", "in": "including one of"}
_PERCENT = frozenset({"share"})
_PLAIN = re.compile(r"[^\W\d_][\w.\-/@+]*")
_JOINING = frozenset({"and", "or", "not", "for", "all", "any"})
_MEANT = {"arr": "acv", "renewal": "days_to_renewal", "annual contract value": "acv", "mood": "sentiment"}


def sentence(condition: Condition, windows: SignalWindows | None = None) -> str:
    """The rule in English: `ACV above USD 100,000 and days to renewal between 0 and 90`.

    `parse_sentence` makes the condition of it again.
    """
    windows = windows or SignalWindows()
    if condition.signal is not None:
        return f"{_named(condition, windows)} {_asked(condition)}"
    parts = [_bracketed(child, windows) for child in condition.children()]
    if condition.not_ is not None:
        return f"not {parts[0]}"
    if len(parts) == 1:
        inside = sentence(condition.children()[0], windows)
        return f"{'all' if condition.all is not None else 'any'} of ({inside})"
    return (" and " if condition.all is not None else " or ").join(parts)


def nouns(vocabulary: Mapping[str, Signal], windows: SignalWindows) -> dict[str, tuple[Signal, ...]]:
    """What each signal may be called in a sentence, in small letters, the longest names first.

    Two signals share a name only where their units tell them apart.
    """
    found: dict[str, dict[str, Signal]] = {}
    for signal in vocabulary.values():
        noun = signal.named(windows).lower()
        for name in (noun, noun.removeprefix("the "), signal.name):
            found.setdefault(name, {})[signal.name] = signal
    for name, meant in _MEANT.items():
        if meant in vocabulary:
            found.setdefault(name, {}).setdefault(meant, vocabulary[meant])
    # The plain one is tried last: what says 'times the usual' is the other.
    ordered = {name: sorted(meant.values(), key=lambda one: not _is_ratio(one)) for name, meant in found.items()}
    return {name: tuple(ordered[name]) for name in sorted(ordered, key=len, reverse=True)}


def _is_ratio(signal: Signal) -> bool:
    return signal.unit.startswith("times the")


def _named(leaf: Condition, windows: SignalWindows) -> str:
    """The signal's noun, or its name where the noun may also mean another one."""
    signal = leaf.compared
    if signal.name not in list(leaf.vocabulary):
        # A field of one's own: any word may be one, so it goes by its name.
        return signal.name
    noun = signal.named(windows)
    others = [one for one in leaf.vocabulary.values() if one.named(windows).lower() == noun.lower() and one != signal]
    is_told = not any(_is_ratio(one) == _is_ratio(signal) for one in others)
    return noun if not others or (is_told and leaf.op not in {"is_known", "is_unknown"}) else signal.name


def _bracketed(child: Condition, windows: SignalWindows) -> str:
    words = sentence(child, windows)
    return f"({words})" if len(child.children()) > 1 else words


def _asked(leaf: Condition) -> str:
    if leaf.by_segment:
        parts = (f"{_threshold(leaf, part)} for {_word(segment)}" for segment, part in leaf.value.items())
        return " or ".join(parts)
    return _threshold(leaf, leaf.value)


def _threshold(leaf: Condition, value: Any) -> str:
    signal = leaf.compared
    if leaf.op == "between":
        return f"between {_literal(signal, value[0])} and {_literal(signal, value[1])}"
    words = (SEVERAL_OP_WORDS if signal.several else OP_WORDS)[str(leaf.op)]
    if value is None:
        return words
    if leaf.op == "in":
        return f"{words} {', '.join(_literal(signal, one) for one in value)}"
    return f"{words} {_literal(signal, value)}"


def _literal(signal: Signal, scalar: Scalar) -> str:
    if signal.kind == "money":
        cents, currency = amount_and_currency(scalar)
        return with_currency(cents, currency, digits=0 if "." not in str(scalar) else None)
    if isinstance(scalar, str):
        return _word(scalar) if signal.kind == "text" else scalar
    if signal.unit in _PERCENT:
        percent = Decimal(str(scalar)) * 100
        plain = f"{percent:,f}"
        return f"{plain.rstrip('0').rstrip('.') if '.' in plain else plain} %".replace("-", "−")
    number = f"{scalar:,}".replace("-", "−")
    return f"{number} {signal.unit}" if signal.unit.startswith("times") else number


def _word(text: str) -> str:
    """A plain word as it is, anything else in quotes."""
    is_plain = _PLAIN.fullmatch(text) is not None and text.lower() not in _JOINING
    return text if is_plain else json.dumps(text, ensure_ascii=False)


def explain(
    condition: Condition, values: Mapping[str, Value], currency: str, windows: SignalWindows | None = None
) -> str:
    """Why the condition is true (or false, or unknown) for an account: `9 tickets in 7 days against 2.0 usual; …`.

    `values` by signal name, money in cents of `currency`. Only comparisons that decide the answer are told, each
    value once.
    """
    shown = Shown(values, currency, windows or SignalWindows())
    told = dict.fromkeys(_deciding(condition, values))
    carried = {name for signal, _ in told for name in signal.shows}
    phrases = (_phrase(signal, by_segment, shown) for signal, by_segment in told if signal.name not in carried)
    return "; ".join(dict.fromkeys(phrases))


def _deciding(condition: Condition, values: Mapping[str, Value]) -> Iterator[tuple[Signal, bool]]:
    """The leaves that made the answer what it is, with whether the segment chose their threshold."""
    if condition.signal is not None:
        yield condition.compared, condition.by_segment
        return
    answer = truth(condition, values)
    if condition.not_ is not None:
        yield from _deciding(condition.not_, values)
        return
    for child in condition.children():
        if truth(child, values) == answer:
            yield from _deciding(child, values)


def _phrase(signal: Signal, by_segment: bool, shown: Shown) -> str:
    if shown.values.get(signal.name) is None:
        return f"{signal.named(shown.windows)} unknown"
    words = signal.phrase(shown)
    return f"{words} ({shown.values.get('segment') or 'segment unknown'})" if by_segment else words
