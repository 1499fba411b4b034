"""What the database hands out of tickets: what was said, what they are about, and the help centre's articles."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert

from storage import tables
from storage.articles import all_articles
from storage.issue_tickets import issue_tickets
from storage.store import Store
from storage.threads import LONGEST_TEXT, ThreadBook
from tests.builders import NOON, staged

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
EVER = datetime(2020, 1, 1, tzinfo=UTC)


def put(store: Store, record: Any, *rows: dict[str, Any]) -> None:
    with store.importing() as transaction:
        staging = transaction.stage(record, "test")
        staging.append(staged(record, *rows))
        staging.settle(NOON, ("account_id",) if record == "ticket" else ())


def a_desk(store: Store) -> None:
    """Tickets of A: one of today with all kinds of messages, one of last year with one of yesterday, a silent one."""
    put(store, "account", {"external_id": "A"})
    put(
        store,
        "ticket",
        {"external_id": "T", "tags": '["export"]'},
        {"external_id": "OLD", "created_at": NOON - 300 * DAY, "subject": "Old"},
        {"external_id": "DONE", "created_at": NOON - 200 * DAY},
    )
    put(
        store,
        "message",
        {"external_id": "1", "text": "x" * (LONGEST_TEXT + 5), "sent_at": NOON + HOUR},
        {"external_id": "2", "author_kind": "agent", "text": "Fixed.", "sent_at": NOON},
        {"external_id": "3", "public": False, "author_kind": "agent"},
        {"external_id": "4", "author_kind": "bot"},
        {"external_id": "5", "sent_at": NOON + 9 * DAY},
        {"external_id": "6", "ticket_ref": "OLD", "sent_at": NOON - DAY},
    )


def test_public_messages_of_persons_come_by_ticket_oldest_first(store: Store) -> None:
    a_desk(store)
    book = ThreadBook(store.engine)
    rows, count = book.of_account(1, NOON - 90 * DAY, NOON + DAY, 10)
    found = book.messages([row["id"] for row in rows], NOON + DAY)
    assert ([row["external_id"] for row in rows], count) == (["T", "OLD"], 2)
    assert [[each.external_id for each in found[row["id"]]] for row in rows] == [["2", "1"], ["6"]]
    assert len(found[rows[0]["id"]][1].text) == LONGEST_TEXT
    assert found[rows[0]["id"]][0].sent_at == NOON


def test_of_many_tickets_the_newest_are_handed_out_and_all_are_counted(store: Store) -> None:
    a_desk(store)
    rows, count = ThreadBook(store.engine).of_account(1, EVER, NOON + DAY, 1)
    assert ([row["external_id"] for row in rows], count) == (["T"], 3)


def test_a_ticket_is_about_the_issue_that_it_was_placed_in_last(store: Store) -> None:
    a_desk(store)
    [ticket] = [each for each in issue_tickets(store.engine, NOON - DAY, NOON) if each.external_id == "T"]
    assert (ticket.issue_id, ticket.label, ticket.terms, ticket.tags, ticket.replies) == (
        None,
        None,
        (),
        ("export",),
        1,
    )
    with store.engine.begin() as connection:
        for number, label in enumerate(("first", "second")):
            issue = {
                "issue_id": f"i{number}",
                "reader": f"r{number}",
                "label": label,
                "terms": [label],
                "first_seen_at": NOON,
            }
            connection.execute(insert(tables.issues), [issue])
            placed = {
                "reader": f"r{number}",
                "issue_id": f"i{number}",
                "similarity": 1.0,
                "placed_at": NOON + number * HOUR,
            }
            connection.execute(insert(tables.ticket_issues), [{"ticket_id": ticket.ticket_id, **placed}])
    [ticket] = [each for each in issue_tickets(store.engine, NOON - DAY, NOON) if each.external_id == "T"]
    assert (ticket.issue_id, ticket.label, ticket.terms) == ("i1", "second", ("second",))
    assert ThreadBook(store.engine).issue_labels([ticket.ticket_id]) == {ticket.ticket_id: "second"}


def test_articles_come_by_their_id(store: Store) -> None:
    assert all_articles(store.engine) == []
    put(
        store, "article", {"external_id": "B", "title": "Second"}, {"external_id": "A", "url": "https://help.example/a"}
    )
    assert [(each.external_id, each.title, each.url) for each in all_articles(store.engine)] == [
        ("A", "Reset a password", "https://help.example/a"), ("B", "Second", None),
    ]  # fmt: skip
