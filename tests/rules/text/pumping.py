"""Texts that make an expression work hardest, derived from the expression itself.

For each repeat inside it: what leads there, the repeated part many times over, and an end that fits nothing. That is
where a backtracking engine tries all ways in vain.
"""

import re
import warnings
from collections.abc import Iterator
from typing import Any

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from re import _constants as codes  # type: ignore[attr-defined]
    from re import _parser as parser  # type: ignore[attr-defined]

_ENDS = ("\x00", "!\n", "")
_OF_CATEGORY = {
    codes.CATEGORY_DIGIT: "1", codes.CATEGORY_NOT_DIGIT: "a", codes.CATEGORY_SPACE: " ", codes.CATEGORY_NOT_SPACE: "a",
    codes.CATEGORY_WORD: "a", codes.CATEGORY_NOT_WORD: " ",
}  # fmt: skip


def pumped(pattern: re.Pattern[str], length: int, *, most: int = 16) -> Iterator[str]:
    """Hard texts of about `length` characters for an expression; at most `most`, spread over its repeats."""
    tree = parser.parse(pattern.pattern, pattern.flags & ~re.UNICODE if isinstance(pattern.pattern, bytes) else 0)
    found = list(dict.fromkeys(_pumps(list(tree), "")))
    whole = _sample(list(tree))
    step = max(1, len(found) // most)
    for before, body in [("", whole), ("", whole[:-1]), *found[::step][:most]]:
        if body:
            times = max(1, length // len(body))
            yield from (before + body * times + end for end in _ENDS[:2])
            yield (before + body) * max(1, length // len(before + body)) + _ENDS[0]


def _pumps(tree: list[Any], before: str) -> Iterator[tuple[str, str]]:
    """What leads to each repeat, and a sample of what it repeats."""
    for code, argument in tree:
        if code in {codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT}:
            least, most, inner = argument
            body = _sample(list(inner))
            if most > 1 and body:
                yield before, body
            yield from _pumps(list(inner), before)
            before += body * least
            continue
        for inner in _inside(code, argument):
            yield from _pumps(inner, before)
        before += _sample([(code, argument)])


def _inside(code: Any, argument: Any) -> list[list[Any]]:
    if code is codes.BRANCH:
        return [list(each) for each in argument[1]]
    if code is codes.SUBPATTERN:
        return [list(argument[3])]
    if code in {codes.ASSERT, codes.ASSERT_NOT}:
        return [list(argument[1])]
    return [list(argument)] if code is codes.ATOMIC_GROUP else []


def _sample(tree: list[Any]) -> str:
    """A short text that fits, or nearly."""
    return "".join(_sample_of(code, argument) for code, argument in tree)


def _sample_of(code: Any, argument: Any) -> str:
    if code in {codes.LITERAL, codes.NOT_LITERAL}:
        return chr(argument if code is codes.LITERAL else argument + 1)
    if code in {codes.ANY, codes.IN}:
        return "a" if code is codes.ANY else _one_of(argument)
    if code in {codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT}:
        return _sample(list(argument[2])) * int(max(argument[0], min(1, argument[1])))
    if code is codes.BRANCH:
        return _sample(list(argument[1][0]))
    return _sample(_inside(code, argument)[0]) if code in {codes.SUBPATTERN, codes.ATOMIC_GROUP} else ""


def _one_of(members: list[Any]) -> str:
    if members and members[0][0] is codes.NEGATE:
        left_out = re.compile("[" + "".join(re.escape(_member(each)) for each in members[1:]) + "]")
        return next((each for each in "a 1-<\n" if not left_out.fullmatch(each)), "é")
    return _member(members[0])


def _member(member: Any) -> str:
    code, argument = member
    if code in {codes.LITERAL, codes.RANGE}:
        return chr(argument if code is codes.LITERAL else argument[0])
    return str(_OF_CATEGORY.get(argument, "a"))
