"""Knows to which issue a new ticket belongs: its account's own, one that troubles other accounts, or a new one."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256

import numpy as np

from rules.text.issues.grouping import normal
from rules.text.issues.joining import Groups, groups_of
from rules.text.issues.space import evenly, fitted
from rules.text.issues.sparse import Floats
from rules.text.issues.threshold import across_accounts, least_similarity
from rules.text.issues.wording import plain_words

# Enough to tell what differs among a team's questions, and done in a second.
_FITTED = 1_500


@dataclass(frozen=True)
class Asked:
    """What a ticket asks: its subject and the first words of the customer; `issue_id` where it has been placed."""

    ticket_id: int
    ref: str
    account_id: int | None
    text: str
    issue_id: str | None = None


@dataclass(frozen=True)
class Placing:
    """Where a ticket belongs, and how much it resembles the issue's others (mean similarity, 0..1)."""

    ticket_id: int
    issue_id: str
    similarity: float


@dataclass
class _Bundle:
    """New tickets of one account about the same."""

    rows: list[int]
    mean: Floats
    alike: dict[int, float] = field(default_factory=dict)


def place(new: Sequence[Asked], old: Sequence[Asked], background: Sequence[str] = ()) -> list[Placing]:
    """Where each new ticket with a text belongs, in their order.

    A ticket joins the issue of its own account that it resembles most. Those that resemble none are grouped within the
    account; such a group joins the issue of other accounts that it resembles, by a stricter bound, or those groups of
    other accounts. A new issue is named after its first ticket, so that the same tickets give the same names again.
    """
    rows = [ticket for ticket in new if plain_words(ticket.text)]
    if not rows:
        return []
    texts = [normal(ticket.text) for ticket in (*rows, *old)]
    team = evenly([*texts, *map(normal, background)], _FITTED)
    vectors = fitted(team, _FITTED).vectors([*texts, *team])
    vectors, sample = vectors[: len(texts)], vectors[len(texts) :]
    accounts = _by_account([*rows, *old])
    least = least_similarity(sample, [vectors[each] for each in accounts.values()])
    found: dict[int, tuple[str, float]] = {}
    bundles = list[_Bundle]()
    for members in accounts.values():
        bundles += _within(members, rows, old, vectors, least, found)
    _across(bundles, rows, old, vectors, max(across_accounts(sample), least), found)
    return [Placing(ticket.ticket_id, *found[row]) for row, ticket in enumerate(rows)]


def _by_account(tickets: Sequence[Asked]) -> dict[object, list[int]]:
    found: dict[object, list[int]] = {}
    for row, ticket in enumerate(tickets):
        key = ("nobody's", row) if ticket.account_id is None else ticket.account_id
        found.setdefault(key, []).append(row)
    return found


def _within(
    members: list[int], new: Sequence[Asked], old: Sequence[Asked], vectors: Floats, least: float,
    found: dict[int, tuple[str, float]],
) -> list[_Bundle]:  # fmt: skip
    """Place an account's new tickets among its own issues; the others come back in bundles."""
    fresh = [row for row in members if row < len(new)]
    placed = [row for row in members if row >= len(new)]
    names = sorted({str(old[row - len(new)].issue_id) for row in placed})
    same = {normal(old[row - len(new)].text): str(old[row - len(new)].issue_id) for row in placed}
    groups = Groups(vectors.shape[1], len(names))
    for row in placed:
        groups.add(names.index(str(old[row - len(new)].issue_id)), vectors[row])
    left = list[int]()
    for row in fresh:
        if normal(new[row].text) in same:
            found[row] = same[normal(new[row].text)], 1.0
            continue
        group, alike = groups.nearest(vectors[row])
        if group >= 0 and alike >= least:
            groups.add(group, vectors[row])
            found[row] = names[group], _share(alike)
        else:
            left.append(row)
    return _bundled(left, new, vectors, least)


def _bundled(rows: list[int], new: Sequence[Asked], vectors: Floats, least: float) -> list[_Bundle]:
    """Rows about the same; the same words are always about the same."""
    if not rows:
        return []
    same: dict[str, list[int]] = {}
    for row in rows:
        same.setdefault(normal(new[row].text), []).append(row)
    texts = list(same.values())
    sizes = np.array([len(each) for each in texts], dtype=np.int64)
    gathered: dict[int, list[int]] = {}
    for each, label in zip(texts, groups_of(vectors[[each[0] for each in texts]], least, sizes), strict=True):
        gathered.setdefault(label, []).extend(each)
    bundles = []
    for each in gathered.values():
        mean = vectors[each].mean(axis=0)
        others = (vectors[each] @ mean * len(each) - 1) / max(len(each) - 1, 1)
        bundles.append(_Bundle(each, mean, {row: _share(float(s)) for row, s in zip(each, others, strict=True)}))
    return bundles


def _across(
    bundles: Sequence[_Bundle], new: Sequence[Asked], old: Sequence[Asked], vectors: Floats, least: float,
    found: dict[int, tuple[str, float]],
) -> None:  # fmt: skip
    """Place bundles in the issues of other accounts, or open new issues for them together."""
    names = {name: number for number, name in enumerate(sorted({str(ticket.issue_id) for ticket in old}))}
    groups = Groups(vectors.shape[1], len(names))
    for row, ticket in enumerate(old, start=len(new)):
        groups.add(names[str(ticket.issue_id)], vectors[row])
    known, left = list(names), list[_Bundle]()
    for bundle in bundles:
        group, alike = groups.nearest(bundle.mean)
        if group >= 0 and alike >= least:
            found |= {row: (known[group], _share(alike)) for row in bundle.rows}
        else:
            left.append(bundle)
    if not left:
        return
    left.sort(key=lambda bundle: (-len(bundle.rows), new[bundle.rows[0]].ref))
    sizes = np.array([len(bundle.rows) for bundle in left], dtype=np.int64)
    opened: dict[int, str] = {}
    labels = groups_of(np.array([bundle.mean for bundle in left]), least, sizes)
    for bundle, label in zip(left, labels, strict=True):
        name = opened.setdefault(label, issue_id(new[bundle.rows[0]].ref))
        found |= {row: (name, bundle.alike[row]) for row in bundle.rows}


def issue_id(ref: str) -> str:
    """The name of the issue that begins with this ticket (`source:external id`), or with this decision."""
    return f"I-{sha256(ref.encode()).hexdigest()[:10]}"


def _share(similarity: float) -> float:
    return round(min(max(similarity, 0.0), 1.0), 4)
