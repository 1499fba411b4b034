"""Knows which first replies are a standing text: one that goes to many customers alike, whatever they have asked."""

import re
from collections.abc import Sequence
from datetime import timedelta
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

# The same text to so many tickets within the span, and no more than a tenth of what begins like it goes on otherwise.
FEWEST_TICKETS = 20
ALIKE_RATIO = 0.9
SPAN = timedelta(days=90)

_OPENING, _WHOLE = 60, 400
# Customers and tickets are named; the rest stands.
_ADDRESSES = re.compile(r"\s*[^\s,!:]+(?: [^\s,!:]+){0,3}[,!:]\s")
_NUMBERS = re.compile(r"\d+")


def fingerprint(text: str) -> tuple[int, int]:
    """Of a text's opening and of its first 400 characters, without whom it addresses and with all numbers alike."""
    addressed = _ADDRESSES.match(text[:80])
    begun = text[addressed.end() : 1_200] if addressed else text[:1_200]
    plain = _NUMBERS.sub("0", " ".join(begun.lower().split()))
    return _hash(plain[:_OPENING]), _hash(plain[:_WHOLE])


def _hash(text: str) -> int:
    return int.from_bytes(blake2b(text.encode("utf-8", "replace"), digest_size=8).digest(), "big", signed=True)


def standing_texts(sent_at: Sequence[int], prints: Sequence[tuple[int, int]]) -> list[bool]:
    """Which of some first replies, one a ticket, are standing texts by what had been sent until then.

    `sent_at` counts seconds from any moment. A reply is looked at beside those of the 90 days before it and none of
    later, so that the answer for it never changes.
    """
    openings, wholes = (np.array([each[place] for each in prints], np.int64) for place in (0, 1))
    seconds = np.array(sent_at, np.int64)
    alike = _sent_before(wholes, seconds)
    stands: list[bool] = ((alike >= FEWEST_TICKETS) & (alike >= ALIKE_RATIO * _sent_before(openings, seconds))).tolist()
    return stands


def _sent_before(kinds: NDArray[np.int64], sent_at: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many of each row's kind were sent in the span that ends with it, itself included."""
    if not len(kinds):
        return np.empty(0, np.int64)
    span = SPAN // timedelta(seconds=1)
    _, kind = np.unique(kinds, return_inverse=True)
    since = sent_at - sent_at.min()
    key = kind * (since.max() + span + 1) + since
    ordered = np.sort(key)
    counted: NDArray[np.int64] = np.searchsorted(ordered, key, side="right").astype(np.int64)
    counted -= np.searchsorted(ordered, key - span, side="right")
    return counted
