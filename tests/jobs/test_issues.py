"""Tickets about the same issue are found together, and what a person said of them stays said."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from jobs.issues import READER, decide, group_tickets, undo
from storage.issues import IssueBook
from storage.store import Store
from tests.builders import NOON, staged
from tests.jobs.conftest import silent

LONG_AGO = NOON - timedelta(days=300)
DAY = timedelta(days=1)
TOPICS = {
    "card": ["My card has not arrived", "The new card still has not come", "When will my card arrive?",
             "Card not arrived after two weeks", "Still waiting for the card to arrive"],
    "export": ["The CSV export fails with a timeout", "Export to CSV times out", "CSV export timeout again",
               "Timeout when I export the report as CSV", "Our export fails: timeout"],
    "password": ["I cannot reset my password", "The password reset link is broken", "Reset link for the password fails",
                 "Password reset mail never comes", "Resetting the password does not work"],
}  # fmt: skip
Ask = Callable[..., None]


@pytest.fixture
def ask(store: Store) -> Ask:
    """Puts tickets with these subjects into the account `of`."""
    count = 0

    def put(record: Any, rows: list[dict[str, Any]]) -> None:
        with store.importing() as transaction:
            staging = transaction.stage(record, "desk")
            for row in rows:
                staging.append(staged(record, row))
            staging.settle(NOON)

    def add(*subjects: str, of: str | None = "A", at: datetime = NOON, said: str = "") -> None:
        nonlocal count
        names = [f"T{number}" for number in range(count + 1, count + len(subjects) + 1)]
        count += len(subjects)
        put("ticket", [
            {"external_id": name, "account_ref": of, "subject": subject, "created_at": at}
            for name, subject in zip(names, subjects, strict=True)
        ])  # fmt: skip
        if said:
            put("message", [
                {"external_id": f"{name}-1", "ticket_ref": name, "author_kind": "customer", "text": said, "sent_at": at}
                for name in names
            ])  # fmt: skip

    put("account", [{"external_id": "A"}, {"external_id": "B"}])
    return add


@pytest.fixture
def desk(store: Store, ask: Ask) -> Store:
    """Two accounts that ask about three things, five times each."""
    for account in ("A", "B"):
        for subjects in TOPICS.values():
            ask(*subjects, of=account)
    group(store)
    return store


def group(store: Store, as_of: datetime = NOON) -> int:
    return group_tickets(store, LONG_AGO, as_of, silent)


def standing(store: Store) -> dict[str, str]:
    """The issue that each ticket is about, by its id at its source."""
    placed = store.facts().placed_tickets().collect().rows(named=True)
    ids = {row["id"]: row["external_id"] for row in store.facts().tickets().collect().rows(named=True)}
    return {ids[row["ticket_id"]]: row["issue_id"] for row in placed}


def most_of(store: Store, tickets: range) -> str:
    """The issue that most of these tickets are about."""
    issues = [standing(store)[f"T{number}"] for number in tickets]
    return max(set(issues), key=issues.count)


def test_tickets_about_the_same_thing_share_an_issue_within_and_over_accounts(desk: Store) -> None:
    cards, exports, passwords = most_of(desk, range(1, 6)), most_of(desk, range(6, 11)), most_of(desk, range(11, 16))
    assert len({cards, exports, passwords}) == 3
    assert most_of(desk, range(16, 21)) == cards


def test_a_ticket_is_placed_once_and_keeps_its_issue(desk: Store, ask: Ask) -> None:
    before = standing(desk)
    assert group(desk) == 0
    ask("CSV export timeout", of="B", at=NOON + DAY)
    assert group(desk, NOON + 2 * DAY) == 1
    after = standing(desk)
    assert {ticket: after[ticket] for ticket in before} == before
    assert after["T31"] == most_of(desk, range(6, 11))


def test_a_ticket_that_says_nothing_is_about_no_issue_and_is_not_read_again(store: Store, ask: Ask) -> None:
    ask("", "…", of="A")
    assert group(store) == 2
    assert standing(store) == {}
    assert group(store) == 0


def test_labels_are_words_of_the_tickets_without_personal_data(store: Store, ask: Ask) -> None:
    ask(*["Invoice missing for jane.roe@example.com"] * 4, of="A")
    group(store)
    [issue] = IssueBook(store.engine, READER).issues().values()
    assert issue.label == "invoice missing"
    assert not any("jane" in term or "example" in term for term in issue.terms)


def test_a_merge_holds_for_later_tickets_and_undoing_it_restores_what_was(desk: Store, ask: Ask) -> None:
    cards, exports = most_of(desk, range(1, 6)), most_of(desk, range(6, 11))
    before = standing(desk)
    decide(desk, "merge", cards, "lead", NOON, other=exports)
    assert exports not in standing(desk).values()
    ask("CSV export timeout", of="A", at=NOON + DAY)
    group(desk, NOON + DAY)
    assert standing(desk)["T31"] == cards
    undo(desk, None, NOON + 2 * DAY)
    assert {ticket: standing(desk)[ticket] for ticket in before} == before


def test_what_was_split_off_stays_apart_until_that_is_withdrawn(desk: Store, ask: Ask) -> None:
    cards = most_of(desk, range(1, 6))
    before = standing(desk)
    about_cards = [ticket for ticket, issue in before.items() if issue == cards]
    decision = decide(desk, "split", cards, "lead", NOON, tickets=["files:T1", "files:T2"], label="first cards")
    after = standing(desk)
    assert after["T1"] == after["T2"] == decision.other_issue_id
    assert {after[ticket] for ticket in about_cards if ticket not in {"T1", "T2"}} == {cards}
    ask("Card arrival", of="A", at=NOON + DAY)
    group(desk, NOON + DAY)
    assert standing(desk)["T1"] == decision.other_issue_id
    undo(desk, None, NOON + DAY)
    assert {ticket: standing(desk)[ticket] for ticket in before} == before
    assert decision.other_issue_id not in standing(desk).values()


def test_a_given_name_is_kept_and_a_move_sticks(desk: Store) -> None:
    book, cards, former = IssueBook(desk.engine, READER), most_of(desk, range(1, 6)), standing(desk)["T6"]
    told = book.issues()[cards].label
    decide(desk, "rename", cards, "lead", NOON, label="Card delivery")
    decide(desk, "move", cards, "lead", NOON, tickets=["files:T6"])
    assert book.issues()[cards].label == "Card delivery"
    assert standing(desk)["T6"] == cards
    undo(desk, 1, NOON)
    assert book.issues()[cards].label == told
    assert standing(desk)["T6"] == cards
    undo(desk, 2, NOON)
    assert standing(desk)["T6"] == former
