"""Decides a condition in three-valued (Kleene) logic: for all accounts as one expression, and for one account's values.

An unknown value makes its comparison unknown; `all` is false if one part is false, `any` true if one part is true,
whatever is unknown beside it. A rule fires only where the answer is true. Capitals and small letters of text are alike.
"""

import json
import operator
from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any

import narwhals as nw

from rules.conditions.literals import operand
from rules.conditions.tree import Condition
from rules.signals import Signal, Value
from rules.signals.signal import several_words

_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    ">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le, "==": operator.eq, "!=": operator.ne,
}  # fmt: skip


def expression(condition: Condition) -> nw.Expr:
    """A Boolean over the columns of the compared signals: true, false, or null where it is unknown."""
    if condition.signal is not None:
        return _leaf(condition)
    parts = [expression(child) for child in condition.children()]
    if condition.not_ is not None:
        return ~parts[0]
    return reduce(operator.and_ if condition.all is not None else operator.or_, parts)


def _leaf(leaf: Condition) -> nw.Expr:
    column = nw.col(leaf.compared.name)
    if leaf.op in {"is_known", "is_unknown"}:
        return column.is_null() if leaf.op == "is_unknown" else ~column.is_null()
    if not leaf.by_segment:
        return _test(leaf, leaf.value)
    segment = nw.col("segment")
    named = ((segment == name) & _test(leaf, part) for name, part in leaf.value.items())
    # Not a plain disjunction: an unknown segment stays unknown even where no segment's threshold is reached.
    return nw.when(~segment.is_null()).then(reduce(operator.or_, named))


def _test(leaf: Condition, threshold: Any) -> nw.Expr:
    signal, column = leaf.compared, nw.col(leaf.compared.name)
    if signal.kind == "text":
        found = reduce(operator.or_, (_is_word(signal, word) for word in _words(leaf, threshold)))
        return ~found if leaf.op == "!=" else found
    if leaf.op == "between":
        low, high = _operands(signal, threshold)
        tested: nw.Expr = (column >= low) & (column <= high)
    elif leaf.op == "in":
        tested = reduce(operator.or_, (column == one for one in _operands(signal, threshold)))
    else:
        tested = _COMPARE[str(leaf.op)](column, operand(signal, threshold))
    return tested


def _is_word(signal: Signal, word: str) -> nw.Expr:
    if not signal.several:
        # Words of a closed list, as those of a segment, are in small letters already.
        is_plain = bool(signal.words) or signal.name == "segment"
        columns = [nw.col(name) if is_plain else nw.col(name).str.to_lowercase() for name in signal.columns]
        return reduce(operator.or_, (column == word for column in columns))
    # Only a list's own quotes have a bracket, comma or space before them: a quote inside of a word has a backslash.
    quoted, text = json.dumps(word, ensure_ascii=False), nw.col(signal.name).str.to_lowercase()
    return reduce(operator.or_, (text.str.contains(f"{before}{quoted}", literal=True) for before in "[, "))


def _words(leaf: Condition, threshold: Any) -> list[Any]:
    return _operands(leaf.compared, threshold if leaf.op == "in" else [threshold])


def _operands(signal: Signal, threshold: list[Any]) -> list[Any]:
    return [operand(signal, one) for one in threshold]


def truth(condition: Condition, values: Mapping[str, Value]) -> bool | None:
    """The same answer for one account's values; None is unknown. Reasons are told with it, never decisions made."""
    if condition.signal is not None:
        return _leaf_truth(condition, values)
    parts = [truth(child, values) for child in condition.children()]
    if condition.not_ is not None:
        return None if parts[0] is None else not parts[0]
    settles = condition.any is not None
    if settles in parts:
        return settles
    return None if None in parts else not settles


def _leaf_truth(leaf: Condition, values: Mapping[str, Value]) -> bool | None:
    value, segment = values.get(leaf.compared.name), values.get("segment")
    threshold = leaf.value
    if leaf.op in {"is_known", "is_unknown"}:
        return (value is None) == (leaf.op == "is_unknown")
    if leaf.by_segment and segment is None:
        return None
    if leaf.by_segment:
        if segment not in leaf.value:
            return False
        threshold = leaf.value[segment]
    if value is None:
        return None
    return _holds_word(leaf, values, threshold) if leaf.compared.kind == "text" else _holds(leaf, value, threshold)


def _holds_word(leaf: Condition, values: Mapping[str, Value], threshold: Any) -> bool:
    signal = leaf.compared
    if signal.several:
        held = set(several_words(values[signal.name]) or ())
    else:
        held = {str(values[name]) for name in signal.columns if values.get(name) is not None}
    has = not {word.lower() for word in held}.isdisjoint(_words(leaf, threshold))
    return has != (leaf.op == "!=")


def _holds(leaf: Condition, value: Any, threshold: Any) -> bool:
    if leaf.op == "between":
        low, high = _operands(leaf.compared, threshold)
        return bool(low <= value <= high)
    if leaf.op == "in":
        return value in _operands(leaf.compared, threshold)
    return bool(_COMPARE[str(leaf.op)](value, operand(leaf.compared, threshold)))
