"""Knows which texts of an account are about the same issue."""

from collections.abc import Hashable, Sequence

from rules.text.issues.joining import groups_of
from rules.text.issues.space import MOST_FITTED, evenly, fitted
from rules.text.issues.threshold import least_similarity
from rules.text.issues.wording import MOST_CHARACTERS


def issue_groups(
    texts: Sequence[str | None],
    *,
    accounts: Sequence[Hashable] | None = None,
    background: Sequence[str | None] | None = None,
    embeddings: bool = False,
) -> list[int]:
    """For each text the number of its group, in order of first appearance; see `rules.text.issue_groups`."""
    own = [normal(text) for text in texts]
    team = [text for text in map(normal, background or ()) if text] or [text for text in own if text]
    if embeddings:
        from rules.text.issues.embedding import embedded

        place = embedded(team)
    else:
        place = fitted(team).vectors
    rows = _rows_by_account(own, accounts)
    words = sorted({text for text in own if text})
    at = {text: number for number, text in enumerate(words)}
    vectors = place(words)
    per_account = [vectors[sorted({at[own[row]] for row in each})] for each in rows] if accounts is not None else []
    least = least_similarity(place(evenly(team, MOST_FITTED)), per_account)
    found = [0] * len(own)
    taken = 0
    for each in rows:
        different = sorted({own[row] for row in each})
        labels = groups_of(vectors[[at[text] for text in different]], least)
        group = dict(zip(different, labels, strict=True))
        for row in each:
            found[row] = taken + group[own[row]]
        taken += len(different)
    return _by_appearance([None if not text else number for text, number in zip(own, found, strict=True)])


def normal(text: str | None) -> str:
    """The text as it is compared: in lower case, with single spaces, cut to its beginning."""
    return " ".join((text or "")[:MOST_CHARACTERS].lower().split())


def _rows_by_account(own: Sequence[str], accounts: Sequence[Hashable] | None) -> list[list[int]]:
    found: dict[Hashable, list[int]] = {}
    for row, text in enumerate(own):
        if text:
            found.setdefault(accounts[row] if accounts is not None else None, []).append(row)
    return list(found.values())


def _by_appearance(numbers: Sequence[int | None]) -> list[int]:
    """Numbers from 0 on; each None is a group of its own."""
    known: dict[Hashable, int] = {}
    keys = [("alone", row) if number is None else number for row, number in enumerate(numbers)]
    return [known.setdefault(key, len(known)) for key in keys]
