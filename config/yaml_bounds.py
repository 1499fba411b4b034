"""Knows how much a YAML file may ask of its reader: what nobody writes by hand is refused before it takes long."""

import re
from typing import Any

from ruamel.yaml.constructor import RoundTripConstructor
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

_MOST_BYTES = 128 * 1024
_MOST_PARTS = 20_000
_DEEPEST = 40
_MOST_MARKS = 6_000
_OPENING, _CLOSING = frozenset("[{"), frozenset("]}")
# Dashes, question marks and indentation at a line's beginning.
_INDENTED = re.compile(r"^[ \-?]{200}", re.MULTILINE)


class OutOfBounds(Exception):
    """The file asks for too much: what was found, what would be right, and the line where that is known."""

    def __init__(self, found: str, remedy: str, line: int | None = None) -> None:
        self.found, self.remedy, self.line = found, remedy, line
        super().__init__(found)


def require_modest(text: str) -> None:
    """Refuse a text that is very long or very deep, by a look at its characters alone; brackets in words count too.

    Raises:
        OutOfBounds: it is.
    """
    size = len(text.encode())
    if size > _MOST_BYTES:
        raise OutOfBounds(f"{size:,} bytes", f"keep it below {_MOST_BYTES:,}; data in bulk has no place in it")
    # Each mark makes a part; to take a long text apart only to count them would take seconds.
    if max(text.count(","), text.count(": "), text.count("- "), text.count("*")) > _MOST_MARKS:
        raise OutOfBounds(f"more than {_MOST_MARKS:,} entries", "write fewer; data in bulk has no place in it")
    depth = deepest = 0
    for character in text:
        if character in _OPENING:
            depth += 1
            deepest = max(deepest, depth)
        elif character in _CLOSING:
            depth -= 1
    if deepest > 5 * _DEEPEST or _INDENTED.search(text):
        raise _too_deep()


class BoundedConstructor(RoundTripConstructor):
    """Looks at the whole document before anything is made of it."""

    def construct_object(self, node: Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep=deep)
        except (ValueError, OverflowError) as error:
            # A number with more digits, or a date with more months, than there are.
            found = f"{str(node.value)[:40]!r}"
            raise OutOfBounds(found, "write a number or day that exists, or text in quotes", _line(node)) from error

    def construct_document(self, node: Node) -> Any:
        _Walk().over(node, 0)
        return super().construct_document(node)


class _Walk:
    """Counts the parts of a document; one that an alias names is counted each time."""

    def __init__(self) -> None:
        self._parts = 0

    def over(self, node: Node, depth: int) -> None:
        self._parts += 1
        if depth > _DEEPEST:
            raise _too_deep(_line(node))
        if self._parts > _MOST_PARTS:
            raise OutOfBounds(f"more than {_MOST_PARTS:,} parts", "write fewer, and repeat no anchor over and over")
        if isinstance(node, SequenceNode):
            for part in node.value:
                self.over(part, depth + 1)
        if isinstance(node, MappingNode):
            for key, part in node.value:
                if not isinstance(key, ScalarNode):
                    raise OutOfBounds("a list or mapping as a key", "write a word as the key", _line(key))
                self.over(part, depth + 1)


def _line(node: Node) -> int:
    return int(node.start_mark.line) + 1


def _too_deep(line: int | None = None) -> OutOfBounds:
    return OutOfBounds(f"more than {_DEEPEST} levels inside each other", "write it with fewer levels", line)
