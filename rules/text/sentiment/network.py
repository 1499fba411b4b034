"""Knows the shipped weights, and how they turn the pieces of texts and their cues into chances.

Word vectors go through filters of three neighbouring words ("no longer works"); each filter's greatest and mean answer,
the mean vector and the cues go through one small layer. What a text gets does not depend on the texts beside it: the
filters are laid out per word beforehand, so that reading adds rows of a table, and matrices are multiplied in blocks of
one shape.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from io import BytesIO

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

WEIGHTS = "sentiment.npz"
_BLOCK = 64
_TOKENS_AT_ONCE = 500
# A word that the vocabulary lacks is read by what of it the vocabulary knows.
_PIECE_LETTERS, _LONGEST_PIECE, _MOST_PIECES, _PIECES_COUNT = 3, 12, 6, 0.7


@dataclass(frozen=True)
class Network:
    """The weights as they are used.

    `table` has a row per word of the vocabulary and one of zeros after them: what the word adds to each filter as the
    earlier, the middle and the later of three words, and its vector.
    """

    words: dict[str, int]
    table: Floats
    filters: int
    bias: Floats
    hidden: tuple[Floats, Floats]
    out: tuple[Floats, Floats]
    direct: tuple[Floats, Floats]
    hidden_mean: Floats
    directions: Floats

    def logits(self, texts: Sequence[Sequence[str]], cues: Floats) -> tuple[Floats, Floats]:
        """Three logits per text (negative, neutral, positive) and its hidden layer; `cues` has a row per text."""
        pooled = np.hstack([self._pooled(texts), cues])
        hidden = np.maximum(in_blocks(pooled, *self.hidden), 0)
        return in_blocks(hidden, *self.out) + in_blocks(pooled, *self.direct), hidden

    def _pooled(self, texts: Sequence[Sequence[str]]) -> Floats:
        found = [self._pooled_at_once(some) for some in _some(texts)]
        return np.vstack(found) if len(found) > 1 else found[0]

    def _pooled_at_once(self, texts: Sequence[Sequence[str]]) -> Floats:
        lengths = np.array([max(len(tokens), 1) for tokens in texts])
        places, unknown = self._places(texts)
        rows = self.table.take(places, axis=0)
        for place, token in unknown:
            rows[place] = _row_of_unknown(token)
        # Between texts lies the row of zeros, so that no filter sees two texts.
        begins = np.concatenate([[0], np.cumsum(lengths + 1)])[:-1] + 1
        return self._pool(rows, begins, lengths)

    def _places(self, texts: Sequence[Sequence[str]]) -> tuple[NDArray[np.int64], list[tuple[int, str]]]:
        get, zero = self.words.get, len(self.words)
        places, unknown = [zero], list[tuple[int, str]]()
        for tokens in texts:
            found = [get(token, -1) for token in tokens] or [zero]
            if -1 in found:
                unknown += [(len(places) + at, tokens[at]) for at, place in enumerate(found) if place < 0]
            places += found
            places.append(zero)
        return np.maximum(np.array(places), 0), unknown

    def _pool(self, rows: Floats, begins: NDArray[np.int64], lengths: NDArray[np.int64]) -> Floats:
        wide = self.filters
        answers = rows[:, wide : 2 * wide] + self.bias
        answers[1:] += rows[:-1, :wide]
        answers[:-1] += rows[1:, 2 * wide : 3 * wide]
        np.maximum(answers, 0, out=answers)
        ends = begins + lengths
        answers[np.append(begins - 1, ends[-1])] = 0
        roots = (0.5 / np.sqrt(lengths)).astype(np.float32)[:, None]
        return np.hstack([
            np.maximum.reduceat(answers, begins),
            np.add.reduceat(answers, begins) * roots,
            np.add.reduceat(rows[:, 3 * wide :], begins) * roots,
        ])  # fmt: skip


def _some(texts: Sequence[Sequence[str]]) -> Iterator[Sequence[Sequence[str]]]:
    """Texts in order, in portions of about as many tokens as the processor's cache has room for."""
    begins = tokens = 0
    for ends, text in enumerate(texts):
        if tokens > _TOKENS_AT_ONCE:
            yield texts[begins:ends]
            begins, tokens = ends, 0
        tokens += len(text) + 1
    yield texts[begins:]


@lru_cache(maxsize=8_000)
def _row_of_unknown(token: str) -> Floats:
    """The row of a word that the vocabulary lacks: the mean of its known pieces."""
    table, found = network().table, _pieces(token)
    row: Floats = table[-1]
    if found:
        row = np.add.reduce(table.take(found, axis=0), axis=0) / np.float32(len(found)) * np.float32(_PIECES_COUNT)
    return row


@lru_cache(maxsize=50_000)
def _pieces(token: str) -> tuple[int, ...]:
    """The places of the longest known pieces of a word, from its beginning on."""
    words, found, at = network().words, list[int](), 0
    while at < len(token) and len(found) < _MOST_PIECES:
        for length in range(min(_LONGEST_PIECE, len(token) - at), _PIECE_LETTERS - 1, -1):
            place = words.get(token[at : at + length])
            if place is not None:
                found.append(place)
                at += length
                break
        else:
            at += 1
    return tuple(found)


@cache
def network() -> Network:
    """The shipped weights. The first call reads them."""
    stored = np.load(BytesIO(files("rules.text.weights").joinpath(WEIGHTS).read_bytes()), allow_pickle=False)
    words = bytes(stored["words"]).decode().split("\n")
    vectors = np.vstack([stored["vectors"] * stored["scale"], np.zeros((1, stored["vectors"].shape[1]))])
    table = np.hstack([*(vectors @ part for part in stored["filters"]), vectors]).astype(np.float32)
    return Network(
        {word: place for place, word in enumerate(words)},
        table,
        stored["filters"].shape[2],
        stored["bias"],
        (stored["hidden"], stored["hidden_bias"]),
        (stored["out"], stored["out_bias"]),
        (stored["direct"], stored["direct_bias"]),
        stored["hidden_mean"],
        stored["directions"],
    )


def in_blocks(rows: Floats, weights: Floats, bias: Floats) -> Floats:
    """Rows times weights, in blocks of one shape: the sum of a row is then added up alike, whatever is beside it."""
    found = np.empty((len(rows), weights.shape[1]), dtype=np.float32)
    for begins in range(0, len(rows), _BLOCK):
        block = rows[begins : begins + _BLOCK]
        if len(block) < _BLOCK:
            block = np.vstack([block, np.zeros((_BLOCK - len(block), rows.shape[1]), dtype=np.float32)])
        found[begins : begins + _BLOCK] = (block @ weights)[: len(rows) - begins]
    return found + bias
