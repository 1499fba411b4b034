"""Knows how a text sounds, from −100 (worst) to 100 (best), and when it cannot know.

A small network with shipped weights reads English; a text in another language, or in none, is unknown rather than
neutral. Each score can be opened into its phrases. TextBlob's lexicon is one of the things that the network looks at;
`textblob_score` gives it alone.
"""

from rules.text.sentiment.explaining import Explained, Phrase, explained
from rules.text.sentiment.reading import (
    CALIBRATION_FEATURES,
    READER,
    features_for_calibration,
    probabilities,
    score,
    sentiment_scores,
)
from rules.text.sentiment.textblob_alone import textblob_score

__all__ = [
    "CALIBRATION_FEATURES",
    "READER",
    "Explained",
    "Phrase",
    "explained",
    "features_for_calibration",
    "probabilities",
    "score",
    "sentiment_scores",
    "textblob_score",
]
