"""How a text sounds, and when that is unknown."""

import subprocess
import sys
import time
from importlib.metadata import version

import pytest
from textblob import TextBlob

from rules.text.sentiment import READER, sentiment_scores


def score(text: str) -> int | None:
    return sentiment_scores([text])[0]


def test_angry_is_below_and_grateful_above_zero() -> None:
    angry, grateful = sentiment_scores(["This is terrible, I am very disappointed.", "Thanks, that works great now!"])
    assert angry is not None
    assert grateful is not None
    assert -100 <= angry <= -35
    assert 35 <= grateful <= 100


@pytest.mark.parametrize(
    "text",
    [
        "The export is broken again and it is not good.",
        "Really happy with this.",
        "It is quite slow. Very annoying!",
        "no.",
    ],
)
def test_the_score_is_textblob_s_own(text: str) -> None:
    blob = TextBlob(text)
    assert score(text) == (round(blob.sentiment.polarity * 100) if blob.sentiment_assessments.assessments else None)


@pytest.mark.parametrize("text", ["", "  \n", "Ticket 4711 from Monday", "😀😀", "\x00\x01\x02", "!!!", "请尽快回复"])
def test_a_text_without_a_known_word_is_unknown_not_neutral(text: str) -> None:
    assert score(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "Das ist fast super, aber wir warten noch immer auf eine Antwort.",
        "C'est important pour nous, le service est possible ?",
        "La exportación es terrible desde ayer, gracias.",
    ],
)
def test_a_text_in_another_language_is_unknown(text: str) -> None:
    assert score(text) is None


@pytest.mark.parametrize("text", ["Terrible service since 9am EST", "Still broken.", "Great!\u202e", "bad\x07 service"])
def test_a_short_english_text_is_read(text: str) -> None:
    assert score(text) is not None


@pytest.mark.parametrize(
    "text", ["(" * 1_000_000, "great " * 200_000, "\n" * 1_000_000, "a" * 1_000_000, "!?" * 500_000]
)
def test_a_text_of_a_megabyte_is_read_quickly(text: str) -> None:
    started = time.perf_counter()
    score(text)
    assert time.perf_counter() - started < 2


def test_scores_come_in_the_order_of_the_texts() -> None:
    assert sentiment_scores(["great", "", "great", "terrible"]) == [80, None, 80, -100]
    assert sentiment_scores([]) == []


def test_the_reader_s_name_carries_the_version_of_what_reads() -> None:
    assert READER.startswith(f"textblob-{version('textblob').rsplit('.', 1)[0]}-")


def test_the_costly_library_is_loaded_only_when_a_text_is_read() -> None:
    program = "import sys, rules.text.sentiment; sys.exit('textblob' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
