"""Which of an agent's messages move their issue on, by which words, and when that is unknown."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.text.impact import impact_readings, impactful, read_impact
from tests.rules.text.labelled import of_the_demo, quality, sorted_by_hand


@pytest.mark.parametrize(
    ("text", "because"),
    [
        ("We have received your request.", "acknowledges: received your request"),
        ("Hi Anna, we will get back to you within 24 hours.", "promises to answer: back to you"),
        ("I'm out of the office until 14 July.", "automatic: out of the office"),
        ("A colleague is looking into it.", "looks into it: looking into"),
        ("I have forwarded it to our engineers.", "passes it on: forwarded it to our engineers"),
        ("Please bear with us.", "asks to wait: bear with"),
        ("Thank you for your mail!", "thanks: thank you for your mail"),
    ],
)
def test_what_holds_off_is_told_by_the_words_that_do(text: str, because: str) -> None:
    reading = read_impact(text)
    assert (reading.impactful, reading.because) == (False, because)


@pytest.mark.parametrize(
    "text",
    [
        "Which version do you use?",
        "Please open the settings and press Reconnect.",
        "Please follow https://docs.example.com/sso to renew it.",
        "The cause was an expired certificate.",
        "We have fixed it.",
        "The fix will be released on Tuesday.",
        "The limit is 500 MB.",
        "Our lamps glow in nine colours.",
    ],
)
@pytest.mark.parametrize(
    "opening", ["", "Hi Anna, ", "Hi Anna,\n\nthank you for contacting us. We have received your request.\n\n"]
)
@pytest.mark.parametrize("ending", ["", "\n\nKind regards,\nTom\nNorthwind Support"])
def test_a_question_a_step_a_cause_a_fix_or_a_date_counts_after_a_polite_opening(
    text: str, opening: str, ending: str
) -> None:
    assert read_impact(opening + text + ending).impactful


@pytest.mark.parametrize(
    "text",
    [
        "We will let you know once it is fixed.",
        "As soon as the refund has been approved, we will contact you.",
        "We have not found the cause yet.",
        "I've opened a ticket with our developers.",
    ],
)
def test_what_is_not_done_yet_moves_nothing(text: str) -> None:
    assert read_impact(text).impactful is False


@pytest.mark.parametrize(
    "quoted",
    [
        "> Please open the settings and press Reconnect.",
        "On Mon, 2 June 2025 at 10:04, Tom wrote:\nPlease open the settings and press Reconnect.",
        "-----Original Message-----\nPlease open the settings and press Reconnect.",
        "From: Tom\nSent: Monday\nPlease open the settings and press Reconnect.",
        "<blockquote>Please open the settings and press Reconnect.</blockquote>",
    ],
)
def test_quoted_words_are_not_the_author_s(quoted: str) -> None:
    assert read_impact(f"We are looking into it.\n\n{quoted}").impactful is False


def test_an_answer_below_a_quote_is_the_author_s() -> None:
    assert read_impact("On 2 June Tom wrote:\n> It fails.\n\nPlease open the settings and press Reconnect.").impactful


@pytest.mark.parametrize(
    "signature",
    [
        "--\nTry our new app today!",
        "Kind regards,\nTom\nGo to our shop and save 20 %",
        "Best,\nTom Brook\ntom@x.example",
    ],
)
def test_a_signature_says_nothing(signature: str) -> None:
    assert read_impact(f"Thank you for your message.\n\n{signature}").impactful is False


def test_a_postscript_is_no_signature() -> None:
    assert read_impact("Thanks!\n\nKind regards,\nTom\n\nPS: the limit is 500 MB.").impactful


@pytest.mark.parametrize("text", ["", " \n", "\u200b", "> all quoted", "👍", "!!!", "確認中です。", "<p>&nbsp;</p>"])
def test_no_words_of_its_own_is_unknown(text: str) -> None:
    assert read_impact(text).impactful is None


def test_a_question_is_one_in_every_language_but_other_languages_are_unknown() -> None:
    assert read_impact("Welke versie gebruikt u?").impactful
    assert read_impact("Wij hebben uw bericht ontvangen en nemen zo snel mogelijk contact met u op.").impactful is None


@given(st.text(max_size=400))
def test_every_text_is_read_and_told_why(text: str) -> None:
    reading = read_impact(text)
    assert reading.because
    assert impact_readings([text, text]) == [reading, reading]


@given(st.sampled_from([text for text, _ in sorted_by_hand("tuned on")]))
def test_markup_changes_nothing(text: str) -> None:
    marked = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\n", "<br>")
    if ">" not in text:
        assert read_impact(f"<div>{marked}</div>").impactful == read_impact(text).impactful


@pytest.mark.parametrize(
    "text", ["(" * 1_000_000, "we will " * 200_000, "<" * 1_000_000, "a" * 1_000_000, "!? " * 500_000, "> \n" * 300_000]
)
def test_a_text_of_a_megabyte_is_read_quickly(text: str) -> None:
    started = time.process_time()
    read_impact(text)
    assert time.process_time() - started < 2


def test_a_standing_text_is_boilerplate_unless_a_phrase_shows_that_it_helps() -> None:
    vague, step, foreign = map(
        read_impact, ["Our lamps glow in nine colours.", "Please restart it.", "お待ちください。"]
    )
    assert [impactful(each) for each in (vague, step, foreign)] == [True, True, None]
    assert [impactful(each, stands=True) for each in (vague, step, foreign)] == [False, True, False]


@pytest.mark.parametrize(
    ("which", "held", "holding", "moving"), [("tuned on", 0.98, 0.93, 0.98), ("held out", 0.9, 0.45, 0.95)]
)
def test_answers_are_seldom_taken_for_holding_replies(which: str, held: float, holding: float, moving: float) -> None:
    """What docs/sla.md claims; what is in doubt counts as a reply, so that few holding replies are found."""
    texts = sorted_by_hand(which)
    precision, recall = quality(texts, label=False)
    assert precision >= held
    assert recall >= holding
    assert quality(texts, label=True)[1] >= moving


def test_the_demo_s_replies_are_told_apart() -> None:
    assert quality(of_the_demo(1_500), label=False) == (1, 1)
