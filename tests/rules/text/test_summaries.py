"""What a summary quotes, and what it never does."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.summaries import FILES, WAYS, held
from domain.tickets import Message
from rules.text import cleaned, masked, summary
from rules.text.summaries import Thread, TicketFacts, gist, matters, summarise
from rules.text.summaries.matters import subject_words
from rules.text.summaries.sentences import is_code, quotable
from tests.rules.text.threads import BEGINS, said, threads

HOUR = timedelta(hours=1)
EXPORT = [
    said(
        "customer",
        "Hi,\n\nSince Monday the export stops after 10,000 rows. We bill from it on Friday.\n\nThanks, Ada",
        0,
    ),
    said("agent", "Hello Ada, thank you for your message.\nCould you tell us which list it is?", 1),
    said("customer", "The order list. The customer list is complete.", 2),
    said("agent", "We found a limit that was meant for the screen only. A fix goes live on Thursday.", 3),
    said("customer", "It works again, but the column for cost centres is empty.", 4),
]


def lines(messages: Sequence[Message], most: int = 5) -> list[str]:
    return [each.line for each in summary(messages, sentences=most)]


def test_it_tells_what_is_wrong_what_was_done_and_what_was_said_last() -> None:
    told = lines(EXPORT)
    assert "Since Monday the export stops after 10,000 rows." in told
    assert "We found a limit that was meant for the screen only." in told
    assert told[-1] == "It works again, but the column for cost centres is empty."


def test_each_sentence_says_who_wrote_it_when_and_where() -> None:
    [first, *_] = summary(EXPORT)
    assert (first.ticket_ref, first.message_ref, first.author_kind, first.sent_at) == ("T-1", "m0", "customer", BEGINS)
    assert first.because


def test_sentences_stand_in_the_order_of_the_thread() -> None:
    moments = [each.sent_at for each in summary(EXPORT)]
    assert moments == sorted(moments)


@pytest.mark.parametrize("most", [-1, 0, 1, 2, 3, 5, 100, 100_000])
def test_it_never_quotes_more_than_was_asked_for(most: int) -> None:
    assert len(summary(EXPORT, sentences=most)) <= min(max(most, 0), 100)


def test_one_sentence_alone_is_the_customer_s_problem() -> None:
    assert lines(EXPORT, 1) == ["Since Monday the export stops after 10,000 rows."]


@pytest.mark.parametrize(
    "text",
    [
        "Hello,", "Dear support team,", "Hi there!", "Kind regards,\nAda Lovelace", "Thanks in advance!", "Many thanks",
        "Ada Lovelace\nHead of Operations", "[2026-02-09 08:14:11] INFO user 99121 created",
        "java.lang.OutOfMemoryError: Failed to allocate", "at com.example.camera.Encoder.encode(Encoder.java:88)",
        'Traceback (most recent call last):\n  File "a.py", line 3, in <module>', '{"error": "denied", "code": 403}',
        "POST /hooks/orders HTTP/1.1", "SELECT id FROM orders WHERE total > 3;", "for (i = 0; i < n; i++) {",
        "```\nthe export is down and urgent\n```", "Guten Tag,", "Mit freundlichen Grüßen", "Cordialement",
    ],
)  # fmt: skip
def test_code_logs_greetings_and_signatures_are_never_quoted(text: str) -> None:
    assert lines([said("customer", text)]) == []


@pytest.mark.parametrize(
    "text",
    [
        "Hi team the portal is down for everyone.", "We use v2.3 of the app, e.g. on tablets, and it crashes.",
        "From our side it looks like the firewall blocks it.", "The total is 1,188.00 EUR instead of 990.00 EUR.",
    ],
)  # fmt: skip
def test_a_sentence_stays_whole(text: str) -> None:
    assert [each.text for each in quotable(text)] == [text]


def test_a_sentence_that_a_mail_program_broke_is_one() -> None:
    text = "The export of the order list has been stopping after ten thousand\nrows since Monday. We need all."
    assert [each.text for each in quotable(text)] == [
        "The export of the order list has been stopping after ten thousand\nrows since Monday.", "We need all.",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "more", [{"public": False}, {"automatic": True}, {"author_kind": "bot"}, {"author_kind": "system"}]
)
def test_notes_and_machines_are_not_quoted(more: dict[str, object]) -> None:
    other = said("customer", "The whole site is down and urgent.", 1).model_copy(update=more)
    assert all("whole site" not in line for line in lines([*EXPORT, other]))


def test_personal_data_are_masked() -> None:
    text = (
        "Please write to ada@example.com or call +44 20 7946 0958, the export of the invoices is broken since Monday."
    )
    [line] = lines([said("customer", text)])
    assert "ada@example.com" not in line
    assert "7946" not in line


def test_the_same_is_not_told_twice() -> None:
    again = [said("customer", "The export of the order list stops after 10,000 rows.", number) for number in range(20)]
    assert len(summary(again)) == 1


def test_a_reply_that_only_holds_off_is_no_move() -> None:
    thread = [
        said("customer", "The import of our price list stops at line 40.", 0),
        said("agent", "The list was saved as UTF-16, save it as UTF-8 and import it again.", 1),
        said("agent", "Thank you for your patience, we will get back to you.", 2),
    ]
    assert "save it as UTF-8" in lines(thread)[-1]


@pytest.mark.parametrize("text", ["", "   ", "👍", "ok", "\x00\x01", "—" * 50])
def test_what_says_nothing_gives_nothing(text: str) -> None:
    assert lines([said("customer", text)]) == []


def test_no_messages_give_no_summary() -> None:
    assert summary([]) == []
    assert summarise([]).messages == 0


def test_a_message_of_a_megabyte_is_read_at_its_beginning() -> None:
    text = "The portal is down since Monday for all our users. " + "a pasted row of numbers 1 2 3, " * 34_000
    found = summarise([said("customer", text)])
    assert found.quotes[0].line == "The portal is down since Monday for all our users."
    assert all(len(each.sentence) <= 400 for each in found.quotes)


def test_a_thread_without_end_is_sampled_and_says_so() -> None:
    thread = [
        said("customer", f"Row {number} of the export number {number} is wrong today.", number) for number in range(700)
    ]
    found = summarise(thread)
    assert (found.messages, found.sampled) == (700, True)
    assert found.read <= 400
    assert found.quotes[0].message_ref == "m0"


WORDS = st.sampled_from(
    [
        "the",
        "export",
        "portal",
        "fails",
        "stops",
        "since",
        "Monday",
        "urgent.",
        "again?",
        "thanks,",
        "\n\n-",
        "403",
        "> {x}",
    ]
)
TEXTS = st.lists(WORDS, max_size=40).map(" ".join) | st.text(max_size=200)
MESSAGES = st.lists(st.tuples(st.sampled_from(["customer", "agent"]), TEXTS), max_size=8)


@given(MESSAGES, st.integers(0, 8), st.randoms())
@settings(deadline=None, max_examples=80)
def test_the_laws_of_a_summary(written: list[tuple[str, str]], most: int, dice: object) -> None:
    """Verbatim, none twice, no more than asked for, in order, and the same however the messages came."""
    messages = [said(author, text, number) for number, (author, text) in enumerate(written)]  # type: ignore[arg-type]
    found = summary(messages, sentences=most)
    own = dict(
        zip([each.external_id for each in messages], masked(cleaned([each.text for each in messages])), strict=True)
    )
    assert all(each.sentence in own[each.message_ref] for each in found)
    assert len(found) <= most
    assert len({each.line.lower() for each in found}) == len(found)
    assert [each.sent_at for each in found] == sorted(each.sent_at for each in found)
    shuffled = list(messages)
    dice.shuffle(shuffled)  # type: ignore[attr-defined]
    assert summary(shuffled, sentences=most) == found


@given(st.text(max_size=3_000))
@settings(deadline=None, max_examples=80)
def test_each_sentence_is_a_part_of_its_text(text: str) -> None:
    for each in quotable(text):
        assert text[each.begins_at : each.ends_at] == each.text
    is_code(text)


class TestGist:
    """One line of facts."""

    def test_who_is_to_move(self) -> None:
        ticket, now = TicketFacts("open", BEGINS), BEGINS + timedelta(days=5)
        told = gist(ticket, EXPORT, now)
        assert told.startswith("open 5 days, 2 replies, waiting for us; last customer word: “It works again")
        assert "waiting for the customer" in gist(ticket, EXPORT[:4], now)

    def test_a_solved_ticket_waits_for_nobody(self) -> None:
        ticket = TicketFacts("solved", BEGINS, BEGINS + 5 * HOUR)
        assert gist(ticket, EXPORT, BEGINS + timedelta(days=9)).startswith("solved after 5 hours, 2 replies; last")

    def test_a_ticket_solved_later_was_open_then(self) -> None:
        ticket = TicketFacts("solved", BEGINS, BEGINS + 100 * HOUR)
        assert gist(ticket, EXPORT, BEGINS + 3 * HOUR).startswith("open 3 hours, 2 replies, waiting for the customer")

    def test_what_is_not_known_is_said_to_be_unknown(self) -> None:
        assert gist(TicketFacts("closed", BEGINS), [], BEGINS) == (
            "closed, nobody knows since when, no reply yet; the customer wrote nothing readable"
        )


def a_thread(ref: str, subject: str, text: str, days: int = 0, issue: str | None = None, open_: bool = False) -> Thread:
    at = BEGINS + timedelta(days=days)
    message = said("customer", text).model_copy(update={"ticket_ref": ref, "external_id": f"{ref}-1", "sent_at": at})
    return Thread(ref, subject, "open" if open_ else "solved", at, None if open_ else at + HOUR, (message,), issue)


class TestMatters:
    """What an account wrote about."""

    LATER = BEGINS + timedelta(days=30)

    def test_the_gravest_comes_first(self) -> None:
        found = matters(
            [
                a_thread("1", "Colour of charts", "Is there a way to change the colour of a chart?"),
                a_thread("2", "Contract", "We want to cancel our contract because nobody answers us.", 1, open_=True),
            ],
            self.LATER,
        )
        assert [each.tickets for each in found] == [("2",), ("1",)]
        assert found[0].quotes[0].ticket_ref == "2"
        assert "1 ticket, 1 open" in found[0].because

    def test_what_makes_a_matter_grave_is_quoted(self) -> None:
        chatter = "The colours of the chart with orders per day and store are hard to tell apart on the wall."
        leaving = "We will cancel our contract at the end of the quarter."
        threads = [a_thread(str(number), "Charts", chatter, number) for number in range(4)]
        [found] = matters([*threads, a_thread("9", "Charts", leaving, 9)], self.LATER, sentences=1)
        assert [each.line for each in found.quotes] == [leaving]
        assert "churn intent" in found.because

    def test_tickets_about_one_issue_are_one_matter(self) -> None:
        text = "The export of the order list fails with an error."
        found = matters(
            [
                a_thread("1", "Re: Export fails #12", text), a_thread("2", "Export fails", text, 3),
                a_thread("3", "No rows", text, 4, "export"), a_thread("4", "Lost rows", text, 5, "export"),
            ],
            self.LATER,
        )  # fmt: skip
        assert sorted((each.label, each.tickets) for each in found) == [
            ("export", ("3", "4")), ("export fails", ("1", "2")),
        ]  # fmt: skip

    def test_a_ticket_without_words_is_named_by_its_id(self) -> None:
        [found] = matters([a_thread("7", "", "")], self.LATER)
        assert (found.label, found.quotes) == ("ticket 7", ())

    def test_no_tickets_are_no_matters(self) -> None:
        assert matters([], self.LATER) == []

    @pytest.mark.parametrize(
        "subject", ["Export fails", "RE: export  fails", "Fwd: AW: Export fails #123", "export fails 7"]
    )
    def test_subjects_are_compared_by_their_words(self, subject: str) -> None:
        assert subject_words(subject) == "export fails"


@pytest.mark.parametrize(("title", "least"), [("tuned on", 0.8), ("held out", 0.65)])
def test_a_summary_holds_more_of_what_is_wanted_than_simple_ways(title: str, least: float) -> None:
    """docs/text.md states these figures; `python -m benchmarks.summaries` prints them."""
    found = {name: held(threads(FILES[title]), way).recall for name, way in WAYS.items()}
    assert found.pop("ours") >= max(least, *(recall + 0.1 for recall in found.values()))
