"""Knows the sentences of an agent's message that are its author's own, as phrases are looked for in them."""

import re
from collections.abc import Iterator, Sequence

from rules.text.cleaning import own_lines

# What a message is about stands at its beginning.
READ_CHARACTERS = 4_000

_LIST_MARK = re.compile(r"(?:\d{1,2}[.)]|[-*•])[ \t]+")
BULLET = "• "

_NEXT_SENTENCE = re.compile(r"(?<=[.!?…。！？])[\"'”’)\]]*\s+")
_WRAPS_FROM = 60


def own_sentences(text: str) -> list[str]:
    """The sentences that the author wrote, in order and lower case, with single spaces; items of a list begin with •.

    Only the text's first 4,000 characters are read.
    """
    lines = [line.replace("’", "'") for line in own_lines(text, READ_CHARACTERS, names_alone=True) if line]
    return [sentence for line in _unwrapped(lines) for sentence in _sentences(line)]


def _unwrapped(lines: Sequence[str]) -> Iterator[str]:
    """Lines as they were written, before a mail program broke them."""
    whole, last = "", ""
    for line in lines:
        if whole and len(last) >= _WRAPS_FROM and last[-1] not in ".!?:;" and not _LIST_MARK.match(line):
            whole = f"{whole} {line}"
        else:
            if whole:
                yield whole
            whole = line
        last = line
    if whole:
        yield whole


def _sentences(line: str) -> Iterator[str]:
    listed = _LIST_MARK.match(line)
    if listed:
        line = BULLET + line[listed.end() :]
    for sentence in _NEXT_SENTENCE.split(line.lower()):
        if sentence:
            yield " ".join(sentence.split())
