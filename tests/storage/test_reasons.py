"""What persons say of losses and workflows stays on record; the paths of losses are read from what is there."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import narwhals as nw
import polars as pl
import pytest

from domain.reasons import ReasonDecision, WorkflowChange
from storage.reasons import PathReader, ReasonBook
from storage.sla import SlaBook
from storage.store import Store
from tests.builders import NOON, staged

DAY = timedelta(days=1)


def put(store: Store, record: Any, *rows: dict[str, Any]) -> None:
    with store.importing() as transaction:
        staging = transaction.stage(record, "test")
        staging.append(staged(record, *rows))
        staging.settle(NOON)


def said(reason: str | None, days: int = 0, outcome_id: str = "o1") -> ReasonDecision:
    return ReasonDecision(
        outcome_id=outcome_id, reason=reason, note="n", decided_by="Ada", decided_at=NOON + days * DAY
    )


def a_change(change_id: str = "billing-1", on: date = date(2026, 1, 2)) -> WorkflowChange:
    return WorkflowChange(
        change_id=change_id, workflow="billing", changed_on=on, hope="fewer", noted_by="Ada", noted_at=NOON
    )  # fmt: skip


@pytest.fixture
def book(store: Store) -> ReasonBook:
    return ReasonBook(store.engine)


@pytest.fixture
def tickets(store: Store) -> Callable[..., None]:
    put(store, "account", {"external_id": "A"}, {"external_id": "B"})

    def add(*rows: dict[str, Any]) -> None:
        put(store, "ticket", *rows)

    return add


def test_answers_are_kept_in_the_order_in_which_they_came(book: ReasonBook) -> None:
    answers = [said("price"), said(None, 1), said("competitor", 2, "o2")]
    for answer in answers:
        book.decide(answer)
    assert book.decisions() == answers
    assert book.decisions(until=NOON + DAY) == answers[:2]


def test_a_change_is_kept_until_it_is_withdrawn_and_on_record_then(book: ReasonBook) -> None:
    book.note_change(a_change("b", date(2026, 2, 1)))
    book.note_change(a_change("a"))
    assert [change.change_id for change in book.changes()] == ["a", "b"]
    assert book.withdraw_change("a", NOON + DAY)
    assert not book.withdraw_change("a", NOON + 2 * DAY)
    assert [change.change_id for change in book.changes()] == ["b"]
    assert [change.withdrawn_at for change in book.changes(withdrawn=True)] == [NOON + DAY, None]


def test_a_change_that_is_not_there_cannot_be_withdrawn(book: ReasonBook) -> None:
    assert not book.withdraw_change("nothing", NOON)


@pytest.mark.parametrize(
    ("kind", "before", "after", "is_seen"),
    [
        ("status", "solved", "open", True),
        ("status", "closed", "pending", True),
        ("status", "solved", "closed", False),
        ("status", "open", "solved", False),
        ("assignee", "Ada", "Bo", True),
        ("team", "europe", "americas", True),
        ("assignee", None, "Ada", False),
        ("assignee", "Ada", None, False),
        ("priority", "low", "high", False),
    ],
)
def test_reopenings_and_hand_offs_are_read(
    store: Store, tickets: Callable[..., None], kind: str, before: str | None, after: str | None, is_seen: bool
) -> None:
    tickets({"external_id": "T"})
    put(store, "ticket_event", {"external_id": "e", "kind": kind, "from_value": before, "to_value": after})
    assert len(PathReader(store.engine).changes(NOON - DAY, NOON).collect()) == is_seen
    assert len(PathReader(store.engine).changes(NOON, NOON + DAY).collect()) == 0


def test_customers_words_are_those_of_the_accounts_asked_for(store: Store, tickets: Callable[..., None]) -> None:
    tickets({"external_id": "T", "subject": "One"}, {"external_id": "U", "subject": "Two", "account_ref": "B"})
    put(
        store, "message",
        {"external_id": "m1", "text": "ours"}, {"external_id": "m2", "text": "agent", "author_kind": "agent"},
        {"external_id": "m3", "text": "internal", "public": False},
        {"external_id": "m4", "text": "theirs", "ticket_ref": "U"},
        {"external_id": "m5", "text": "later", "sent_at": NOON + DAY},
    )  # fmt: skip
    [mine] = store.facts().accounts().filter(nw.col("external_id") == "A").collect()["id"]
    texts = PathReader(store.engine).customer_texts([mine], NOON - DAY, NOON).collect()
    assert sorted(texts["text"].to_list()) == ["One", "ours"]
    assert set(texts["ref"].to_list()) == {"T"}
    assert len(PathReader(store.engine).customer_texts([], NOON - DAY, NOON).collect()) == 0


def test_broken_promises_name_their_ticket_also_when_it_is_gone(store: Store, tickets: Callable[..., None]) -> None:
    tickets({"external_id": "T"})
    blank = {
        "source": "files", "account_ref": "A", "metric": "first_reply", "started_at": NOON, "breached_at": NOON,
        "target_seconds": 60, "counting": "elapsed", "policy": "p", "terms_hash": "h", "recorded_at": NOON,
    }  # fmt: skip
    rows = pl.DataFrame([blank | {"ticket_ref": "T"}, blank | {"ticket_ref": "gone"}])
    times = pl.col("started_at", "breached_at", "recorded_at").cast(pl.Datetime("us", "UTC"))
    SlaBook(store.engine).record_breaches(nw.from_native(rows.with_columns(times), eager_only=True))
    found = PathReader(store.engine).breaches(NOON - DAY, NOON).collect().sort("ticket_ref")
    assert found["ticket_ref"].to_list() == ["T", "gone"]
    assert found["account_id"].n_unique() == 1
    assert [each is None for each in found["ticket_id"].to_list()] == [False, True]
