"""Knows the file of weights as `rules.text.sentiment.network` reads it, and how to read by another than the shipped."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import rules.text.sentiment.network as runtime

Floats = NDArray[np.float32]

_LARGEST, _DIRECTIONS = 127, 4


@dataclass(frozen=True)
class Weights:
    """The words of the vocabulary and every array of the file."""

    words: Sequence[str]
    arrays: dict[str, Floats | NDArray[np.int8]]

    def write(self, path: Path) -> None:
        """Write the file."""
        words = np.frombuffer("\n".join(self.words).encode(), dtype=np.uint8)
        with path.open("wb") as file:
            np.savez_compressed(file, allow_pickle=False, words=words, **self.arrays)

    def tempered(self, temperature: float, biases: Floats) -> "Weights":
        """The same with logits times `temperature`, plus `biases`."""
        old = self.arrays
        factor = np.float32(temperature)
        changed = {name: old[name] * factor for name in ("out", "direct", "direct_bias")}
        return replace(self, arrays=old | changed | {"out_bias": old["out_bias"] * factor + biases})

    def directed(self, hidden: Floats) -> "Weights":
        """The same with the directions in which hidden layers differ most, each of unit variance."""
        mean = hidden.mean(axis=0)
        _, _, found = np.linalg.svd(hidden - mean, full_matrices=False)
        directions = found[:_DIRECTIONS].T
        directions = directions / ((hidden - mean) @ directions).std(axis=0)
        told = {"hidden_mean": mean.astype(np.float32), "directions": directions.astype(np.float32)}
        return replace(self, arrays=self.arrays | told)


def packed(words: Sequence[str], learned: dict[str, Floats]) -> Weights:
    """What the student learned, with its vectors in steps of a 127th of each column's greatest."""
    vectors = learned["vectors.weight"][: len(words)]
    scale = np.maximum(np.abs(vectors).max(axis=0) / _LARGEST, 1e-9).astype(np.float32)
    wide, hidden = vectors.shape[1], len(learned["hidden.bias"])
    filters = [learned["filters.weight"][:, at * wide : (at + 1) * wide].T for at in range(3)]
    return Weights(
        words,
        {
            "vectors": np.clip(np.round(vectors / scale), -_LARGEST, _LARGEST).astype(np.int8),
            "scale": scale,
            "filters": np.stack(filters),
            "bias": learned["filters.bias"],
            "hidden": learned["hidden.weight"].T.copy(),
            "hidden_bias": learned["hidden.bias"],
            "out": learned["out.weight"].T.copy(),
            "out_bias": learned["out.bias"],
            "direct": learned["direct.weight"].T.copy(),
            "direct_bias": learned["direct.bias"],
            "hidden_mean": np.zeros(hidden, dtype=np.float32),
            "directions": np.eye(hidden, _DIRECTIONS, dtype=np.float32),
        },
    )


@contextmanager
def read_by(path: Path | None) -> Iterator[None]:
    """Let `rules.text.sentiment` read by the weights at `path`; None: by the shipped ones."""
    shipped = runtime.WEIGHTS
    try:
        if path is not None:
            runtime.WEIGHTS = str(path.resolve())
        _forget()
        yield
    finally:
        runtime.WEIGHTS = shipped
        _forget()


def _forget() -> None:
    for each in vars(runtime).values():
        if hasattr(each, "cache_clear"):
            each.cache_clear()
