"""Knows which words of a message its author wrote for it: neither markup, quoted mail, a signature nor a footer."""

import re
from collections.abc import Sequence

from rules.text.cleaning.footers import without_footers, without_links_that_track
from rules.text.cleaning.machine_text import without_machine_text
from rules.text.cleaning.markup import is_markup, text_of
from rules.text.cleaning.quotes import before_inline_quote, unquoted
from rules.text.cleaning.signatures import unsigned

# What a message is about stands at its beginning; what follows is neither cleaned nor read.
READ_CHARACTERS = 20_000

_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufffc]"
)
# Joiners stay between the parts of an emoji.
_JOINER = re.compile("(?<![\ufe0f\u2640\u2642\U0001f000-\U0001faff])\u200d")


def cleaned(bodies: Sequence[str]) -> list[str]:
    """What each message's author wrote for it, in order; see `cleaned_body`. Equal bodies are read once."""
    read = {body: cleaned_body(body) for body in dict.fromkeys(bodies)}
    return [read[body] for body in bodies]


def prose(bodies: Sequence[str]) -> list[str]:
    """Like `cleaned`, without code, logs and stack traces, so that their words are not read as the author's mood.

    Empty where a message is nothing else.
    """
    read = {body: cleaned_body(body, machine_text=False) for body in dict.fromkeys(bodies)}
    return [read[body] for body in bodies]


def cleaned_body(body: str, *, machine_text: bool = True) -> str:
    """The author's own words, line by line: no markup, quoted mail, signature, disclaimer or invisible characters.

    Plain prose comes back as it is apart from white space. Where nothing would be left (a forwarded mail without a
    word), all of the message's words stand. `machine_text=False` leaves out code, logs and stack traces as well. Only
    the first 20,000 characters of words are read, and 200,000 of markup.
    """
    lines = own_lines(body, READ_CHARACTERS)
    if not any(lines):
        lines = _all_lines(body)
    if machine_text is False:
        lines = without_machine_text(lines)
    return _joined(lines)


def own_lines(body: str, length: int, *, names_alone: bool = False) -> list[str]:
    """The author's own lines, stripped, empty ones included; only the first `length` characters of words are read.

    `names_alone`: see `signatures.unsigned`.
    """
    return _own(_lines(text_of(body) if is_markup(body) else text_of(body[:length]), length), names_alone)


def _all_lines(body: str) -> list[str]:
    """Where nothing of the author's was found: what a quoting container holds of it, or else all that can be seen."""
    everything = _lines(text_of(body, quoted=True), READ_CHARACTERS)
    own = _own(everything, names_alone=False)
    return own if any(own) else everything


def _own(lines: list[str], names_alone: bool) -> list[str]:
    if len(lines) == 1 and lines[0]:
        lines = [before_inline_quote(lines[0])]
        if lines[0][0] not in "<>#-_*([":
            return lines
    kept = without_footers(unquoted(lines))
    return unsigned(kept, names_alone=names_alone) if any(kept) else []


def _lines(text: str, length: int) -> list[str]:
    text = text[:length]
    if not text.isascii() or not text.replace("\n", "").isprintable():
        text = _INVISIBLE.sub("", text)
        text = _JOINER.sub("", text) if "\u200d" in text else text
    return [without_links_that_track(" ".join(line.split())) for line in text.strip().splitlines()]


def _joined(lines: Sequence[str]) -> str:
    """Lines with at most one empty one between them."""
    kept = [line for number, line in enumerate(lines) if line or (number and lines[number - 1])]
    return "\n".join(kept).strip()
