"""Knows how texts become scores: which are read at all, in what portions, and what is told of those that are not."""

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rules.text.languages import language, supported
from rules.text.sentiment.cues import NAMES, cues
from rules.text.sentiment.tokens import has_word, tokens_of

# Names what was read how; other weights, tokens or tests of language make another reader, whose readings stand apart.
READER = "sentiment-3"

# Texts read at once: enough for the arithmetic to be quick, few enough for little memory.
_PORTION = 128
_SHOWN_CUES = ("textblob_polarity", "praise", "complaint", "worst", "asks", "tokens")
_DIRECTIONS = 4
CALIBRATION_FEATURES = (
    "negative_over_neutral", "positive_over_neutral", *_SHOWN_CUES, *(f"direction_{n + 1}" for n in range(_DIRECTIONS)),
)  # fmt: skip

Chances = tuple[float, float, float]
Unread = Literal["empty", "no word", "language"]


class Readings(NamedTuple):
    """Of n texts that are read: their chances (n × 3), cues (n × c) and hidden layers (n × h)."""

    chances: NDArray[np.float64]
    logits: NDArray[np.float32]
    cues: NDArray[np.float32]
    hidden: NDArray[np.float32]


def score(texts: Sequence[str], *, clean: bool = False) -> list[float | None]:
    """How each text sounds, in order: −100 (worst) to 100 (best) in tenths; None where it cannot be known.

    100 times the chance that it is positive less the chance that it is negative. Unknown is a text that is empty, has
    no word, or whose language is not supported or not sure. The first 4,000 characters are read; equal texts are read
    once; no text changes another's score. With `clean`, quotes, signatures, markup, code and logs are taken off first.

    Source: docs/text.md, "Sentiment".
    """
    if clean:
        from rules.text.cleaning import prose

        texts = prose(texts)
    return [None if each is None else points(each) for each in probabilities(texts)]


def probabilities(texts: Sequence[str]) -> list[Chances | None]:
    """The chances that each text is negative, neutral or positive, in order; None where `score` is None."""
    found: dict[str, Chances | None] = dict.fromkeys(texts)
    wanted = [text for text, why in zip(found, why_unread(list(found)), strict=True) if why is None]
    for portion in _portions(wanted):
        chances = readings(portion).chances
        found |= {text: (each[0], each[1], each[2]) for text, each in zip(portion, chances.tolist(), strict=True)}
    return [found[text] for text in texts]


def sentiment_scores(texts: Sequence[str]) -> list[int | None]:
    """`score`, rounded to whole points."""
    return [None if each is None else round(each) for each in score(texts)]


def features_for_calibration(texts: Sequence[str]) -> NDArray[np.float64]:
    """Twelve figures per text, one row each, mostly between −3 and 3, from which few labels can learn.

    The columns are `CALIBRATION_FEATURES`: how much likelier negative, and positive, is than neutral (logarithms of the
    odds, halved); TextBlob's polarity, doubled; the logarithms of the sums of praise and of complaint by the support
    lexicon; its worst rating, halved; whether the text ends with a question; how long it is; and the four principal
    directions of the network's hidden layer, each of unit variance over the texts that it was trained on. A text that
    cannot be read has a row like any other: leave out those whose `score` is None.
    """
    rows = [_features(readings(portion)) for portion in _portions(texts)]
    return np.vstack(rows) if rows else np.zeros((0, len(CALIBRATION_FEATURES)))


def why_unread(texts: Sequence[str]) -> list[Unread | None]:
    """Why each text is not read, or None where it is."""
    return [
        ("no word" if text.strip() else "empty") if not has_word(text)
        else None if supported(found)
        else "language"
        for text, found in zip(texts, language(texts), strict=True)
    ]  # fmt: skip


def readings(texts: Sequence[str]) -> Readings:
    """What the network makes of texts, whatever their language."""
    from rules.text.sentiment.network import network

    tokens = [tokens_of(text) for text in texts]
    figures = np.array([cues(text, each) for text, each in zip(texts, tokens, strict=True)], dtype=np.float32)
    logits, hidden = network().logits(tokens, figures)
    return Readings(_chances(logits), logits, figures, hidden)


def points(chances: Chances) -> float:
    """The score that chances stand for."""
    return round(100 * (chances[2] - chances[0]), 1) + 0.0


def _chances(logits: NDArray[np.float32]) -> NDArray[np.float64]:
    # Beyond six digits lies the noise of floating point.
    powers = np.exp(logits.astype(np.float64) - logits.max(axis=1, keepdims=True))
    chances: NDArray[np.float64] = np.round(powers / powers.sum(axis=1, keepdims=True), 6)
    return chances


def _features(read: Readings) -> NDArray[np.float64]:
    from rules.text.sentiment.network import network

    centred = read.hidden - network().hidden_mean
    shown = read.cues[:, [NAMES.index(name) for name in _SHOWN_CUES]]
    odds = (read.logits[:, [0, 2]] - read.logits[:, [1]]) / 2
    return np.hstack([odds, shown, centred @ network().directions]).astype(np.float64)


def _portions(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    for begins in range(0, len(texts), _PORTION):
        yield texts[begins : begins + _PORTION]
