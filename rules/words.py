"""Knows which word was probably meant, so that an error can name it."""

from collections.abc import Iterable
from difflib import get_close_matches


def unknown_word(word: object, allowed: Iterable[str], what: str, near: str | None = None) -> str:
    """The sentence for a word that is not one of `allowed`.

    It names `near` where that is known, otherwise the nearest word, or all of them if none is near.
    """
    words = list(allowed)
    near = near or next(iter(get_close_matches(str(word).lower(), words, n=1, cutoff=0.6)), None)
    hint = f"did you mean {near!r}?" if near else f"use one of {', '.join(words)}"
    return f"unknown {what} {str(word)[:60]!r}; {hint}"


def segment_word(segment: str) -> str:
    """How a segment is written inside Keepline: `Mid-Market` is mid_market."""
    return "_".join(segment.strip().lower().replace("-", " ").split())
