"""Knows which word was probably meant, so that an error can name it."""

from collections.abc import Iterable
from difflib import get_close_matches

_LISTED = 25


def unknown_word(word: object, allowed: Iterable[str], what: str, near: str | None = None) -> str:
    """The sentence for a word that is not one of `allowed`.

    It names `near` where that is known, otherwise the nearest word; where none is near all words, or the first of many.
    """
    words = list(allowed)
    near = near or next(iter(get_close_matches(str(word).lower(), words, n=1, cutoff=0.6)), None)
    some = ", ".join(words[:_LISTED]) + (f" or {len(words) - _LISTED} more" if len(words) > _LISTED else "")
    hint = f"did you mean {near!r}?" if near else f"use one of {some}"
    return f"unknown {what} {str(word)[:60]!r}; {hint}"


def segment_word(segment: str) -> str:
    """How a segment is written inside Keepline: `Mid-Market` is mid_market."""
    return "_".join(segment.strip().lower().replace("-", " ").split())
