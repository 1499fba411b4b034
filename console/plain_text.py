"""Knows how text stands in columns: what may be shown of a foreign name, how wide it is and where it is cut."""

import re
import unicodedata
from textwrap import TextWrapper

WIDTH = 80
# Marks that turn the direction of the text around them; letters of right-to-left scripts need none of them.
_TURNING = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F])
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff]+")


def tidy(text: str) -> str:
    """One line without control characters and direction marks: no name can move what stands beside it."""
    return " ".join(_CONTROL.sub(" ", text.translate(_TURNING)).split())


def columns(text: str) -> int:
    """How many columns of a terminal `text` takes: wide East Asian characters two, combining marks none."""
    return sum(map(_columns, text))


def _columns(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1


def cut(text: str, width: int) -> str:
    """`text`, tidied; cut with an ellipsis where it is wider than `width`."""
    line = tidy(text)
    if columns(line) <= width:
        return line
    while line and columns(line) > width - 1:
        line = line[:-1]
    return line.rstrip() + "…"


def left(text: str, width: int) -> str:
    """Cut or filled up to exactly `width` columns."""
    line = cut(text, width)
    return line + " " * (width - columns(line))


def right(text: str, width: int) -> str:
    """As `left`, with the text at the right."""
    line = cut(text, width)
    return " " * (width - columns(line)) + line


def wrapped(text: str, indent: str = "", first: str | None = None) -> list[str]:
    """The lines of a paragraph within `WIDTH`, each behind `indent`, the first behind `first`."""
    wrapper = TextWrapper(
        width=WIDTH, initial_indent=indent if first is None else first, subsequent_indent=indent, break_on_hyphens=False
    )
    return wrapper.wrap(tidy(text))


def folded(text: str, width: int) -> list[str]:
    """`text`, tidied, as lines of at most `width` columns; a word that is wider than that is broken."""
    lines = [""]
    for word in tidy(text).split():
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if columns(longer) <= width:
            lines[-1] = longer
            continue
        lines += [word] if lines[-1] else []
        while columns(rest := lines[-1] or word) > width:
            fitting = _fitting(rest, width)
            lines[-1:] = [fitting, rest[len(fitting) :]]
    return lines


def _fitting(word: str, width: int) -> str:
    """As much of a word as fits, at least one character."""
    while columns(word) > width and len(word) > 1:
        word = word[:-1]
    return word
