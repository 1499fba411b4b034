"""Says a condition in English, and says why it holds for one account."""

from collections.abc import Iterator, Mapping
from typing import Any

from domain.money import with_currency
from rules.conditions.literals import Scalar, amount_and_currency
from rules.conditions.logic import truth
from rules.conditions.tree import Condition
from rules.signals import Shown, Signal, SignalWindows, Value

_OPS = {
    ">": "above", ">=": "at least", "<": "below", "<=": "at most", "==": "equal to", "!=": "other than",
    "in": "one of", "is_known": "known", "is_unknown": "unknown",
}  # fmt: skip
_SEVERAL_OPS = {**_OPS, "==": "including", "!=": "without", "in": "including one of"}
_PERCENT = frozenset({"share"})


def sentence(condition: Condition, windows: SignalWindows | None = None) -> str:
    """The rule in English: `ACV above USD 100,000 and days to renewal between 0 and 90`."""
    windows = windows or SignalWindows()
    if condition.signal is not None:
        return f"{condition.compared.named(windows)} {_asked(condition)}"
    parts = [_bracketed(child, windows) for child in condition.children()]
    if condition.not_ is not None:
        return f"not {parts[0]}"
    return (" and " if condition.all is not None else " or ").join(parts)


def _bracketed(child: Condition, windows: SignalWindows) -> str:
    words = sentence(child, windows)
    return f"({words})" if len(child.children()) > 1 else words


def _asked(leaf: Condition) -> str:
    if leaf.by_segment:
        parts = (f"{_threshold(leaf, part)} for {segment}" for segment, part in leaf.value.items())
        return " or ".join(parts)
    return _threshold(leaf, leaf.value)


def _threshold(leaf: Condition, value: Any) -> str:
    signal = leaf.compared
    if leaf.op == "between":
        return f"between {_literal(signal, value[0])} and {_literal(signal, value[1])}"
    words = (_SEVERAL_OPS if signal.several else _OPS)[str(leaf.op)]
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
        return scalar
    if signal.unit in _PERCENT:
        return f"{scalar * 100:,.10g} %".replace("-", "−")
    number = f"{scalar:,}".replace("-", "−")
    return f"{number} {signal.unit}" if signal.unit.startswith("times") else number


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
