"""Knows which words of a ticket tell what it is about: its subject, and the sentences that few other tickets share."""

import re
from collections import Counter
from collections.abc import Collection, Sequence

_NEXT_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
# A sentence that stands in so many tickets, at least five, is a courtesy or a haste and no issue.
_ONE_IN = 200
_AT_LEAST = 5


def widely_shared(bodies: Sequence[str]) -> frozenset[str]:
    """The sentences that stand in one of 200 tickets or more, and in five at least."""
    tickets = Counter(sentence for body in bodies for sentence in set(_sentences(body)))
    many = max(_AT_LEAST, len(bodies) // _ONE_IN)
    return frozenset(sentence for sentence, count in tickets.items() if count >= many)


def telling(subject: str, body: str, shared: Collection[str] = ()) -> str:
    """What a ticket is compared by: its subject, which counts twice beside its own sentences; or all there is."""
    own = " ".join(sentence for sentence in _sentences(body) if sentence not in shared)
    if not subject.strip():
        return own or body
    return f"{subject}\n{subject}\n{own}" if own else subject


def _sentences(body: str) -> list[str]:
    return [sentence.strip() for sentence in _NEXT_SENTENCE.split(body) if sentence.strip()]
