"""Every message is read once: customers' for how they sound, agents' for whether they move their issue on."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from jobs.read import read_messages, read_replies
from rules.text import impact, sentiment
from storage.store import Store
from tests.builders import NOON, staged
from tests.jobs.conftest import silent

HOUR = timedelta(hours=1)
LONG_AGO = NOON - timedelta(days=900)
Say = Callable[..., None]


@pytest.fixture
def say(store: Store) -> Say:
    """Puts a message into ticket `ticket`, and the ticket where it is new."""
    known: dict[str, int] = {}

    def put(record: Any, **row: Any) -> None:
        with store.importing() as transaction:
            staging = transaction.stage(record, "test")
            staging.append(staged(record, row))
            staging.settle(NOON)

    def add(text: str, author: str = "agent", ticket: str = "T", sent_at: datetime = NOON, **row: Any) -> None:
        if ticket not in known:
            put("ticket", external_id=ticket)
        known[ticket] = known.get(ticket, 0) + 1
        said = {"ticket_ref": ticket, "author_kind": author, "text": text, "sent_at": sent_at, **row}
        put("message", external_id=f"{ticket}-{known[ticket]}", **said)

    put("account", external_id="A")
    return add


def readings(store: Store, reader: str, what: str) -> list[Any]:
    """What the reader read, by message."""
    found: list[Any] = store.facts().readings(reader).collect().sort("message_id")[what].to_list()
    return found


def test_agents_public_messages_are_read_once(store: Store, say: Say) -> None:
    say("It fails.", author="customer")
    say("We have received your request.")
    say("Internal: seen before.", public=False)
    say("Please restart it.")
    say("👍")
    say("We received your request.", author="bot")
    assert read_replies(store, LONG_AGO, silent) == 3
    assert readings(store, impact.READER, "impactful") == [False, True, None]
    assert read_replies(store, LONG_AGO, silent) == 0
    say("The limit is 5.")
    assert read_replies(store, LONG_AGO, silent) == 1
    assert readings(store, impact.READER, "impactful") == [False, True, None, True]


def test_readers_do_not_disturb_each_other(store: Store, say: Say) -> None:
    say("This is terrible.", author="customer")
    say("Please restart it.")
    assert (read_replies(store, LONG_AGO, silent), read_messages(store, LONG_AGO, silent)) == (1, 1)
    [score] = readings(store, sentiment.READER, "sentiment")
    assert -100 <= score <= -35
    assert readings(store, sentiment.READER, "impactful") == [None]
    assert readings(store, impact.READER, "sentiment") == [None]


def test_automatic_mail_and_logs_say_nothing_of_a_mood(store: Store, say: Say) -> None:
    say("This is terrible.", author="customer", automatic=True)
    say("I am out of the office until Monday, it is terrible. For urgent matters contact Bob.", author="customer")
    say("java.lang.IllegalStateException: terrible failure", author="customer")
    say("On a terrible day.\n\nOn 5 Jan 2026 10:12, Ann wrote:\n> all is great", author="customer", automatic=False)
    assert read_messages(store, LONG_AGO, silent) == 3
    away, log, said = readings(store, sentiment.READER, "sentiment")
    assert (away, log) == (None, None)
    assert said < 0


def test_customers_messages_get_a_language_and_a_score_or_neither(store: Store, say: Say) -> None:
    say("This is terrible, it fails again.", author="customer")
    say("Der Export geht seit gestern leider nicht mehr, bitte helfen Sie uns.", author="customer")
    say("???", author="customer")
    assert read_messages(store, LONG_AGO, silent) == 3
    assert readings(store, sentiment.READER, "language") == ["en", "de", None]
    assert [score is None for score in readings(store, sentiment.READER, "sentiment")] == [False, True, True]


def test_automatic_mail_is_nobodys_mood(store: Store, say: Say) -> None:
    say("This is terrible.", author="customer", automatic=True)
    say("This is terrible.", author="customer", automatic=False)
    say("This is terrible.", author="customer")
    assert read_messages(store, LONG_AGO, silent) == 2
    assert read_messages(store, LONG_AGO, silent) == 0


def test_what_others_wrote_above_or_below_is_not_read_as_the_customers_mood(store: Store, say: Say) -> None:
    say("Thank you, that works great!", author="customer")
    quoted = "\n\nOn Mon, 1 Jun 2026 at 10:00, Support wrote:\n> This is terrible, awful, the worst ever.\n"
    say(f"Thank you, that works great!{quoted}", author="customer")
    read_messages(store, LONG_AGO, silent)
    plain, with_quote = readings(store, sentiment.READER, "sentiment")
    assert plain == with_quote


def test_older_messages_are_left_unread(store: Store, say: Say) -> None:
    say("Please restart it.")
    assert read_replies(store, NOON, silent) == 0
    assert read_replies(store, NOON - HOUR, silent) == 1


def _many(say: Say, first: int, last: int, text: str) -> None:
    for number in range(first, last):
        say(f"Hello {'abcdefgh'[number % 8]}, {text}", ticket=f"T{number}", sent_at=NOON + number * HOUR)


@pytest.mark.parametrize("cut", [0, 3, 19, 24])
def test_a_first_reply_to_twenty_tickets_alike_is_boilerplate_however_it_comes_in(
    store: Store, say: Say, cut: int
) -> None:
    text = "our lamps glow in nine colours and last for years."
    _many(say, 0, cut, text)
    read_replies(store, LONG_AGO, silent)
    _many(say, cut, 25, text)
    read_replies(store, LONG_AGO, silent)
    assert readings(store, impact.READER, "impactful") == [True] * 19 + [False] * 6


def test_a_second_reply_or_one_that_gives_a_step_is_none(store: Store, say: Say) -> None:
    for number in range(25):
        say("We have received your request.", ticket=f"T{number}", sent_at=NOON)
        say("Our lamps glow in nine colours.", ticket=f"T{number}", sent_at=NOON + HOUR)
    _many(say, 100, 125, "please restart the lamp.")
    read_replies(store, LONG_AGO, silent)
    assert readings(store, impact.READER, "impactful") == [False, True] * 25 + [True] * 25
