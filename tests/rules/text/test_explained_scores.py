"""Each score can be opened into the phrases that make it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.text import explained, score

FURIOUS = "We are sick of this. It is terrible and completely useless, a nightmare, and it is getting worse. Horrible."


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("This is unacceptable, I am furious.", "unacceptable"),
        ("This is unacceptable, I am furious.", "furious"),
        (FURIOUS, "terrible"),
        (FURIOUS, "useless"),
        ("Perfect, thank you so much! The export works now.", "Perfect"),
        ("We no longer trust your product.", "no longer"),
    ],
)
def test_a_score_shows_the_words_that_make_it_also_where_each_alone_would_do(text: str, said: str) -> None:
    found = explained(text)
    assert found.score is not None
    [phrase] = [each for each in found.phrases if said in each.said]
    assert phrase.points * found.score > 0


def test_most_of_a_furious_score_stands_in_its_phrases() -> None:
    found = explained(FURIOUS)
    assert found.score is not None
    assert abs(found.rest) < abs(found.score) / 2


@given(
    st.lists(st.sampled_from("terrible thanks export fails perfect not again invoice ! ? 😡 we".split()), max_size=12)
)
@settings(deadline=None, max_examples=60)
def test_phrases_and_the_rest_add_up_to_the_score(words: list[str]) -> None:
    text = " ".join(words)
    found = explained(text)
    assert [found.score] == score([text])
    if found.score is not None:
        assert sum(each.points for each in found.phrases) + found.rest == pytest.approx(found.score, abs=0.06)
        assert all(text[each.begins_at : each.ends_at] == each.said for each in found.phrases)
    assert found == explained(text)


@pytest.mark.parametrize(
    ("text", "why"), [("", "empty"), ("…", "no word"), ("Wir warten seit neun Tagen auf eine Antwort.", "language")]
)
def test_what_is_unknown_says_why(text: str, why: str) -> None:
    found = explained(text)
    assert (found.score, found.phrases, found.unknown_because) == (None, (), why)
