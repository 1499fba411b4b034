"""Knows in which directions a team's own questions differ, and places texts there: near ones are about the same."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from rules.text.issues.sparse import Floats, Rows, weighed
from rules.text.issues.wording import letter_pieces, word_pieces

DIRECTIONS = 50
MOST_FITTED = 3_000
_MOST_PIECES = 10_000
_SPARE = 10
# The mean of fewer texts is no more than the texts themselves.
_FEWEST_WITH_A_CENTRE = 50
_ROUNDS = 3
_SEED = 20_260_101
Cutter = Callable[[str], list[str]]


@dataclass(frozen=True)
class _Kind:
    """One way to cut texts into pieces, with what the team's texts say of each piece's rarity."""

    cut: Cutter
    known: dict[str, int]
    rarity: Floats

    def rows(self, texts: Sequence[str]) -> Rows:
        return weighed([self.cut(text) for text in texts], self.known, self.rarity)


@dataclass(frozen=True)
class Space:
    """Where texts stand: vectors of length one, or of zeros where nothing in a text was ever seen before."""

    kinds: tuple[_Kind, ...]
    bases: tuple[Floats, ...]
    centre: Floats

    def vectors(self, texts: Sequence[str]) -> Floats:
        """A row per text."""
        placed = np.zeros((len(texts), len(self.centre)), dtype=np.float32)
        for kind, basis in zip(self.kinds, self.bases, strict=True):
            placed += kind.rows(texts).times(basis)
        known = np.abs(placed).sum(axis=1) > 0
        return _of_length_one(np.where(known[:, None], placed - self.centre, 0))


def fitted(background: Sequence[str], most: int = MOST_FITTED) -> Space:
    """The space of a team's texts: word and character TF-IDF, seen in the directions in which they differ most.

    The order of the texts does not matter; of more than `most` different ones so many, evenly chosen, are looked at.
    """
    texts = evenly(background, most)
    kinds = (_kind(word_pieces, texts), _kind(letter_pieces, texts))
    rows = [kind.rows(texts) for kind in kinds]
    bases = _bases(rows)
    placed = sum((each.times(basis) for each, basis in zip(rows, bases, strict=True)), np.zeros((1, 1), np.float32))
    centre = (
        placed.mean(axis=0) if len(texts) >= _FEWEST_WITH_A_CENTRE else np.zeros(bases[0].shape[1], dtype=np.float32)
    )
    return Space(kinds, bases, centre.astype(np.float32))


def evenly(texts: Sequence[str], most: int) -> list[str]:
    """At most so many of the different texts, in their alphabetical order, from its whole length."""
    different = sorted(set(texts))
    return [different[at] for at in np.linspace(0, len(different) - 1, min(len(different), most)).astype(int)]


def _kind(cut: Cutter, texts: Sequence[str]) -> _Kind:
    """Pieces that at least two texts have: no other links any two."""
    seen = Counter(piece for text in texts for piece in set(cut(text)))
    often = sorted((-count, piece) for piece, count in seen.items() if count > 1)[:_MOST_PIECES]
    rarity = np.log((len(texts) + 1) / (np.array([-count for count, _ in often], dtype=np.float64) + 1))
    return _Kind(cut, {piece: column for column, (_, piece) in enumerate(often)}, rarity.astype(np.float32))


def _bases(rows: Sequence[Rows]) -> tuple[Floats, ...]:
    """The leading right singular vectors of the rows set side by side, by randomised subspace iteration.

    Source: Halko, Martinsson, Tropp (2011), "Finding structure with randomness", algorithm 4.4.
    """
    widths = [each.width for each in rows]
    kept = max(min(DIRECTIONS, rows[0].height - 1, sum(widths)), 1)
    draw = np.random.default_rng(_SEED)
    basis = draw.standard_normal((sum(widths), min(kept + _SPARE, max(sum(widths), 1)))).astype(np.float32)
    for _ in range(_ROUNDS):
        basis = _orthogonal(_back(rows, _forth(rows, basis)))
    right = np.linalg.svd(_forth(rows, basis), full_matrices=False)[2]
    directions = (basis @ right.T)[:, :kept]
    return tuple(np.split(directions, np.cumsum(widths)[:-1], axis=0))


def _forth(rows: Sequence[Rows], basis: Floats) -> Floats:
    parts = np.split(basis, np.cumsum([each.width for each in rows])[:-1], axis=0)
    return np.asarray(np.sum([each.times(part) for each, part in zip(rows, parts, strict=True)], axis=0))


def _back(rows: Sequence[Rows], seen: Floats) -> Floats:
    return np.concatenate([each.turned_times(seen) for each in rows])


def _orthogonal(columns: Floats) -> Floats:
    return np.asarray(np.linalg.qr(columns)[0], dtype=np.float32)


def _of_length_one(rows: Floats) -> Floats:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return (rows / np.where(lengths > 1e-6, lengths, np.inf)).astype(np.float32)
