"""What of a message its author wrote, and what programs, quoting and firms added."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.text.cleaning import cleaned, cleaned_body, prose

PLAIN = [
    "Thanks!",
    "Still broken.",
    "I love it <3",
    "if a < b and c > d it fails",
    "Please use List<String> here",
    "The <div> is never closed",
    "AT&T and R&D",
    "----------",
    "Anna",
    "> all quoted",
    ">:( this is bad",
    "Cheers\nthis worked like a charm",
    "You promised a refund.\nYou never paid.\nNEVER AGAIN",
    "Best,\nbut not good enough for the money that we pay you every month.",
    "On Monday your colleague wrote: we will fix it",
    "On 5 March you wrote:\nwe will refund you\nand nothing happened.",
    "From: what I can see, nothing works",
    "I want to unsubscribe",
    "Unsubscribe me please",
    "This message is for your manager.",
    "If you are not able to help, say so.",
    "Sent from the warehouse to the wrong address",
    "- first\n- second\n- third",
    "1. open it\n2. it crashes",
    "To: be honest",
    "Great app\nThanks\n@brand",
    "See https://example.com/a?b=c&copy=2 please",
    "Two lines\n\nand a gap",
    "The error is above the line.",
    "-- why does nobody answer?",
    "it costs ~$50 * 3 = $150",
    "RT @someone: this is great http://t.co/abc",
    "😡😡😡",
    "Das geht so nicht!\nViele Grüße reichen mir nicht.",
]


@pytest.mark.parametrize("text", PLAIN)
def test_plain_prose_comes_back_as_it_is(text: str) -> None:
    assert cleaned_body(text) == text
    assert cleaned_body(f"  {text}\r\n\r\n") == text


SIGNED = [
    "It fails.\n\nBest regards,\nAnna Example\nHead of Things | Example Ltd\n+49 30 1234567\nwww.example.com",
    "It fails.\n-- \nAnna Example\nExample Ltd",
    "It fails.\nThanks,\nAnna",
    "It fails.\nMit freundlichen Grüßen\nAnna Beispiel\nBeispiel GmbH",
    "It fails.\nCordialement,\nAnne Exemple",
    "It fails.\nUn saludo,\nAna",
    "It fails.\nMet vriendelijke groet,\nAnna",
    "It fails.\n\nThe finance team at Example Ltd",
    "It fails.\n\nSent from my iPhone",
    "It fails.\n\nGet Outlook for iOS",
    "It fails.\n\nVon meinem iPhone gesendet",
    "It fails.\n\nEnvoyé depuis mon iPhone",
    "It fails.\n\nThis e-mail and any attachments are confidential and intended only for the addressee.\nDelete it.",
    "It fails.\n\nCONFIDENTIALITY NOTICE: the contents are privileged.",
    "It fails.\n\nDiese E-Mail enthält vertrauliche Informationen.",
    "It fails.\n\nPlease consider the environment before printing this e-mail.",
    "CAUTION: This email originated from outside of the organization. Do not click links.\n\nIt fails.",
    "It fails.\n\nTo unsubscribe from this list, click here.",
    "It fails.\n\nYou are receiving this email because you signed up.",
]


@pytest.mark.parametrize("text", SIGNED)
def test_signatures_disclaimers_and_footers_go(text: str) -> None:
    assert cleaned_body(text) == "It fails."


def test_a_team_that_is_spoken_of_stays() -> None:
    said = "Please ask\nthe data team, they know it"
    assert cleaned_body(said) == said


def test_a_postscript_stays() -> None:
    assert cleaned_body("It fails.\nRegards,\nAnna\nPS: since Monday") == "It fails.\nPS: since Monday"


def test_words_under_a_closing_formula_stay() -> None:
    text = "It fails.\n\nBest regards,\nAnna\n\nI also wonder why nobody called me back, as you had promised."
    assert "nobody called me back" in cleaned_body(text)


OLD = "Dear Anna,\nwe are terribly sorry."
QUOTING = [
    "On Mon, Jan 5, 2026 at 10:12 AM Support <support@example.com> wrote:",
    "On Mon, Jan 5, 2026 at 10:12 AM Example Support Team\n<support@example.com> wrote:",
    "Am 05.01.2026 um 10:12 schrieb Support <support@example.com>:",
    "Am Mo., 5. Jan. 2026 um 10:12 Uhr schrieb Support <\nsupport@example.com>:",
    "Le lun. 5 janv. 2026 à 10:12, Support <support@example.com> a écrit :",
    "El lun, 5 ene 2026 a las 10:12, Support (<support@example.com>) escribió:",
    "Op ma 5 jan. 2026 om 10:12 schreef Support <support@example.com>:",
    "Il giorno lun 5 gen 2026 alle ore 10:12 Support <support@example.com> ha scritto:",
    "Em seg., 5 de jan. de 2026 às 10:12, Support <support@example.com> escreveu:",
    "Den mån 5 jan. 2026 kl 10:12 skrev Support <support@example.com>:",
    "Support <support@example.com> wrote on 5 Jan 2026 10:12:",
    "---- On Mon, 05 Jan 2026 10:12:00 +0100 Support <support@example.com> wrote ----",
    "-----Original Message-----\nFrom: Support <support@example.com>\nSent: Monday\nTo: Anna",
    "________________________________\nFrom: Support <support@example.com>\nSent: Monday, January 5\nTo: Anna",
    "From: Support <support@example.com>\nDate: Monday, January 5\nTo: Anna\nSubject: Re: x",
    "*From:* Support <support@example.com>\n*Sent:* Monday, January 5",
    "Von: Support\nGesendet: Montag, 5. Januar 2026 10:12\nAn: Anna",
    "De : Support\nEnvoyé : lundi 5 janvier 2026\nÀ : Anna",
    "Van: Support\nVerzonden: maandag 5 januari\nAan: Anna",
    "---------- Forwarded message ---------",
    "Begin forwarded message:",
    "-----Ursprüngliche Nachricht-----",
    "##- Please type your reply above this line -##",
    "##- Bitte geben Sie Ihre Antwort oberhalb dieser Zeile ein. -##",
    "##- Veuillez saisir votre réponse au-dessus de cette ligne -##",
    "--- Reply above this line ---",
    "—\nReply above this line.",
    "-- Please reply above this line --",
]


@pytest.mark.parametrize("opening", QUOTING)
def test_the_mail_that_is_answered_goes(opening: str) -> None:
    assert cleaned_body(f"It fails.\n\n{opening}\n{OLD}").rstrip("—\n") == "It fails."


def test_answers_between_quoted_lines_stay() -> None:
    text = "Hello,\n\nOn 5 Jan 2026 10:12, Support wrote:\n> did you restart?\nYes, twice.\n> and the cable?\nTwo."
    assert cleaned_body(text) == "Hello,\n\nYes, twice.\nTwo."


def test_a_reply_below_the_delimiter_stays() -> None:
    assert cleaned_body("##- Please type your reply above this line -##\n\nIt fails.") == "It fails."


@pytest.mark.parametrize(
    "quoted",
    [
        "On Mon, Jan 5, 2026 at 10:12 AM Support <support@example.com> wrote: Dear Anna",
        "-----Original Message----- From: Support",
        "From: Support <a@example.com> Sent: Monday 5 January To: Anna Subject: Re: x Dear Anna",
    ],
)
def test_a_mail_quoted_in_the_same_line_goes(quoted: str) -> None:
    assert cleaned_body(f"It fails again. {quoted}") == "It fails again."


@pytest.mark.parametrize(
    ("markup", "words"),
    [
        ("<p>It <b>really</b> fails.</p><p>Help!</p>", "It really fails.\n\nHelp!"),
        ("It fails.<br>Help!<br/>Now", "It fails.\nHelp!\nNow"),
        ("<div>one</div><div>two</div>", "one\ntwo"),
        ("<p>Steps:</p><ul><li>open</li><li>crash</li></ul>", "Steps:\n\n- open\n- crash"),
        ("<html><head><style>p{color:red}</style></head><body><script>x()</script>It fails</body></html>", "It fails"),
        ("<div>It fails.</div><blockquote type='cite'>old</blockquote>", "It fails."),
        ("<div>It fails.</div><div class='gmail_quote'>On Monday<blockquote>old</blockquote></div>", "It fails."),
        ("<div>It fails.</div><div id='divRplyFwdMsg'>From: x</div><div>old</div>", "It fails."),
        ("<div>It fails.</div><div id='appendonsend'></div><hr><div>old</div>", "It fails."),
        ("<p>It fails.</p><div class='zd-quoted'>old</div><div class='gmail_signature'>Anna</div>", "It fails."),
        ("<div style='display:none'>preview</div><p>It fails.</p>", "It fails."),
        ("<p>It fails.</p><p>From: A &lt;a@example.com&gt;</p><p>Sent: Monday</p><p>old</p>", "It fails."),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "a b"),
        ("<p>a &lt; b &amp; c&nbsp;d</p>", "a < b & c d"),
        ("<p>It\nis\n  wrapped</p>", "It is wrapped"),
    ],
)
def test_markup_becomes_lines(markup: str, words: str) -> None:
    assert cleaned_body(markup) == words


@pytest.mark.parametrize(
    "body",
    [
        "<div class='gmail_quote'>-- Forwarded message --<br>From: a@example.com<br>Date: x<br>Help me</div>",
        "<blockquote>Help me</blockquote>",
        "> Help me",
        "-----Original Message-----\nFrom: a@example.com\nTo: b@example.com\nHelp me",
    ],
)
def test_where_nothing_would_be_left_the_words_stand(body: str) -> None:
    assert "Help me" in cleaned_body(body)


def test_links_that_track_are_cut_down_to_their_site() -> None:
    link = "https://click.example.com/track/click?utm_source=a&id=" + "x" * 300
    assert cleaned_body(f"See {link} please") == "See https://click.example.com please"


def test_invisible_characters_go_and_emoji_stay_whole() -> None:
    assert cleaned_body("in\u00advis\u200bible\ufeff\u202e 👩\u200d💻") == "invisible 👩\u200d💻"


LOG = (
    "2026-03-01 10:12:33,120 ERROR [worker] db: fatal: connection refused\n"
    "Traceback (most recent call last):\n"
    '  File "/srv/app.py", line 3, in run\n'
    "ValueError: failed\n"
    "java.lang.IllegalStateException: terrible failure\n"
    "\tat com.example.Export.run(Export.java:42)\n"
    "Caused by: java.io.IOException: broken pipe\n"
    '{"error": "fatal", "code": [1, 2]}\n'
    "GET /api/v1/export HTTP/1.1\n"
    "const x = await fetch(url);"
)


def test_logs_traces_and_code_are_no_prose() -> None:
    text = f"Hello, the export does not work for us.\n{LOG}\nCan you help?"
    assert cleaned([text]) == [text.replace("\t", "").replace("  File", "File")]
    assert prose([text]) == ["Hello, the export does not work for us.\nCan you help?"]
    assert prose([LOG]) == [""]


def test_fenced_blocks_and_code_inside_a_line_are_no_prose() -> None:
    assert prose(["It says\n```\nyou are an idiot\n```\nwhen I run `kill -9 all`."]) == ["It says\nwhen I run ."]


@pytest.mark.parametrize("text", [text for text in PLAIN if text != "----------"])
def test_prose_stays_prose(text: str) -> None:
    assert prose([text]) == [text]


def test_each_body_has_its_answer_in_order() -> None:
    assert cleaned(["a\n> b", "", "c", "a\n> b"]) == ["a", "", "c", "a"]
    assert cleaned([]) == []


@given(st.text(max_size=300))
@settings(max_examples=100, deadline=None)
def test_any_text_is_read_and_never_lost(text: str) -> None:
    clean = cleaned_body(text)
    assert clean == clean.strip()
    if clean:
        assert cleaned_body(clean)


@pytest.mark.parametrize(
    "hostile",
    [
        "<div>" * 60_000,
        "".join(f"<b id={number}>" for number in range(3_000)) + "<p>x" * 30_000,
        "<p>" + "On On On On 2026 " * 60_000,
        "On 10:12 a@b.c wrote\n" * 50_000,
        "From: \n" * 100_000,
        "Thanks,\n" * 100_000,
        "> " * 500_000,
        "<" * 1_000_000,
        "&" * 1_000_000,
        "http://" * 150_000,
        "x" * 1_000_000,
        " " * 1_000_000,
        "-" * 1_000_000,
        "```\n" * 250_000,
    ],
    ids=lambda hostile: repr(hostile[:16]),
)
def test_a_megabyte_of_anything_is_cleaned_in_bounded_time(hostile: str) -> None:
    begun = time.process_time()
    assert len(cleaned_body(hostile)) <= 20_000
    prose([hostile])
    assert time.process_time() - begun < 5
