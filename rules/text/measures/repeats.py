"""Knows how well groups of texts agree with the issues that persons see in them."""

from collections import Counter
from collections.abc import Hashable, Sequence

_Key = tuple[Hashable, Hashable]


def pair_f1(
    groups: Sequence[Hashable], issues: Sequence[Hashable], accounts: Sequence[Hashable] | None = None
) -> tuple[float, float, float] | None:
    """Precision, recall and F1 of saying "these two are the same"; of one account's texts where accounts are given.

    None where no two texts are about the same issue.
    """
    whose = accounts or [None] * len(groups)
    together = _pairs(Counter(zip(whose, zip(groups, issues, strict=True), strict=True)))
    grouped = _pairs(Counter(zip(whose, groups, strict=True)))
    same = _pairs(Counter(zip(whose, issues, strict=True)))
    if not same:
        return None
    precision = together / grouped if grouped else 0.0
    return precision, together / same, 2 * together / (grouped + same)


def repeat_f1(
    groups: Sequence[Hashable], issues: Sequence[Hashable], accounts: Sequence[Hashable] | None = None
) -> tuple[float, float, float] | None:
    """Precision, recall and F1 of saying "this came before", text by text in the order in which they were written.

    A hit needs only that an earlier text is about the same issue, not that the right one was found. None without
    repeats.
    """
    whose = accounts or [None] * len(groups)
    found = _came_before(list(zip(whose, groups, strict=True)))
    true = _came_before(list(zip(whose, issues, strict=True)))
    hits = sum(one and other for one, other in zip(found, true, strict=True))
    if not any(true):
        return None
    return hits / sum(found) if any(found) else 0.0, hits / sum(true), 2 * hits / (sum(found) + sum(true))


def _pairs(counts: Counter[tuple[Hashable, Hashable]]) -> int:
    return sum(count * (count - 1) // 2 for count in counts.values())


def _came_before(keys: Sequence[_Key]) -> list[bool]:
    seen: set[_Key] = set()
    before = []
    for key in keys:
        before.append(key in seen)
        seen.add(key)
    return before
