"""What a source brings is committed with the cursor behind it, whatever the order in which it comes."""

import shutil
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.contract import Found
from connectors.frames import frames
from domain.accounts import Account
from domain.errors import StorageError
from domain.imports import RecordName, Reject
from domain.records import Sourced
from domain.revenue import Contract, SubscriptionLine
from domain.tickets import Message, Survey, Ticket
from storage.brought import rows_of
from storage.store import Store
from storage.sync_book import SyncBook
from storage.synced import Batch, Committed, CursorStep, commit, retry_waiting
from tests.builders import NOON

MINUTE = timedelta(minutes=1)


def a_ticket(external_id: str = "T", **fields: Any) -> Ticket:
    return Ticket.model_validate({"source": "desk", "external_id": external_id, "created_at": NOON, **fields})


def a_message(external_id: str = "M", ticket: str = "T", **fields: Any) -> Message:
    given = {"ticket_ref": ticket, "author_kind": "customer", "text": "It fails.", "sent_at": NOON, **fields}
    return Message.model_validate({"source": "desk", "external_id": external_id, **given})


def a_line(**fields: Any) -> SubscriptionLine:
    given = {"account_ref": "A", "product": "Core", "amount_cents": 100, "currency": "USD", "interval_months": 1}
    times = {"starts_on": date(2026, 1, 1), "recorded_at": NOON}
    return SubscriptionLine.model_validate({"source": "desk", "external_id": "L", **given, **times, **fields})


AN_ACCOUNT = Account(source="desk", external_id="A", name="Acme")


def put(store: Store, *found: Sourced | Found, **parts: Any) -> Committed:
    """Commit records, given with or without the moment of their change."""
    rows = frames(each if isinstance(each, Found) else Found(each, NOON) for each in found)
    step, now = parts.pop("step", None), parts.pop("now", NOON)
    with store.importing() as transaction:
        return commit(transaction, Batch("desk", rows, **parts), step, now)


def there(store: Store, record: RecordName) -> dict[str, dict[str, Any]]:
    return rows_of(store.engine, "desk")[record]


def waiting(store: Store) -> int:
    return SyncBook(store.engine).counts("desk")["waiting"]


def test_an_older_version_that_comes_late_changes_nothing(store: Store) -> None:
    put(store, Found(a_ticket(status="solved"), NOON + MINUTE))
    assert put(store, Found(a_ticket(status="open"), NOON)).changed == 0
    assert there(store, "ticket")["T"]["status"] == "solved"


def test_of_equally_old_versions_the_last_that_came_in_stands(store: Store) -> None:
    put(store, Found(a_ticket(status="open"), NOON))
    put(store, Found(a_ticket(status="pending"), NOON))
    assert there(store, "ticket")["T"]["status"] == "pending"


def test_a_version_without_a_time_takes_the_place_and_keeps_the_time(store: Store) -> None:
    put(store, Found(a_ticket(status="open"), NOON + MINUTE))
    put(store, Found(a_ticket(status="pending")))
    put(store, Found(a_ticket(status="new"), NOON))
    assert there(store, "ticket")["T"]["status"] == "pending"


def test_the_newest_of_a_batch_stands_wherever_in_it_it_is(store: Store) -> None:
    put(store, *(Found(a_ticket(subject=f"{minute}"), NOON + minute * MINUTE) for minute in (2, 5, 1)))
    assert there(store, "ticket")["T"]["subject"] == "5"


@settings(max_examples=20, deadline=None)
@given(
    versions=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 9)), min_size=1, max_size=12),
    order=st.randoms(use_true_random=False),
    cut=st.integers(1, 5),
)
def test_order_and_batches_of_arrival_do_not_matter(
    versions: list[tuple[int, int]], order: Any, cut: int, sqlite_template: Path
) -> None:
    found = [Found(a_ticket(f"T{key}", subject=f"{key} at {at}"), NOON + at * MINUTE) for key, at in versions]
    ends = []
    for each in (found, order.sample(found, len(found))):
        with TemporaryDirectory() as folder:
            store = Store(f"sqlite:///{shutil.copy(sqlite_template, folder)}")
            for start in range(0, len(each), cut):
                put(store, *each[start : start + cut])
            ends.append(there(store, "ticket"))
            store.close()
    assert ends[0] == ends[1]


def test_what_refers_to_something_unknown_waits_until_it_is_known(store: Store) -> None:
    assert put(store, a_message(), a_line()).waiting == 2
    assert (there(store, "message"), there(store, "subscription_line"), waiting(store)) == ({}, {}, 2)
    put(store, a_ticket(), AN_ACCOUNT)
    with store.importing() as transaction:
        assert retry_waiting(transaction, "desk", NOON).changed == 2
    assert (len(there(store, "message")), len(there(store, "subscription_line")), waiting(store)) == (1, 1, 0)


def test_a_row_that_waited_is_the_row_that_came(store: Store) -> None:
    line = a_line(
        seats=3, trial=True, ends_on=date(2026, 9, 1), recorded_at=NOON + timedelta(microseconds=7), plan='"ü"'
    )
    put(store, line)
    put(store, AN_ACCOUNT)
    with store.importing() as transaction:
        retry_waiting(transaction, "desk", NOON)
    assert there(store, "subscription_line")["L"] == line.model_dump()


def test_what_waits_still_waits_after_a_try(store: Store) -> None:
    put(store, a_message())
    with store.importing() as transaction:
        retry_waiting(transaction, "desk", NOON)
    assert waiting(store) == 1


def test_a_ticket_of_an_unknown_customer_is_kept_without_one(store: Store) -> None:
    put(store, a_ticket(account_ref="nobody"))
    assert there(store, "ticket")["T"]["account_ref"] == "nobody"
    assert store.link_tickets() == (0, 1)


def test_a_deleted_ticket_goes_with_all_that_was_said_in_it(store: Store) -> None:
    survey = Survey(
        source="desk", external_id="S", ticket_ref="T", kind="csat", score=1, scale_min=0, scale_max=1, answered_at=NOON
    )
    put(store, a_ticket(), a_message(), survey, a_ticket("other"))
    assert put(store, gone=[("ticket", "T", NOON + MINUTE)]).removed == 1
    assert (list(there(store, "ticket")), there(store, "message"), there(store, "survey")) == (["other"], {}, {})


def test_an_older_version_does_not_bring_a_deleted_record_back(store: Store) -> None:
    put(store, a_ticket())
    put(store, gone=[("ticket", "T", NOON + MINUTE)])
    put(store, Found(a_ticket(), NOON + MINUTE / 2))
    assert there(store, "ticket") == {}


def test_a_deletion_that_is_told_first_holds(store: Store) -> None:
    put(store, gone=[("ticket", "T", NOON + MINUTE)])
    put(store, Found(a_ticket(), NOON))
    assert there(store, "ticket") == {}


def test_a_record_that_was_restored_after_its_deletion_is_back(store: Store) -> None:
    put(store, a_ticket())
    put(store, gone=[("ticket", "T", NOON + MINUTE)])
    put(store, Found(a_ticket(status="open"), NOON + 2 * MINUTE))
    assert list(there(store, "ticket")) == ["T"]


def test_a_deletion_older_than_the_record_changes_nothing(store: Store) -> None:
    put(store, Found(a_ticket(), NOON + MINUTE))
    assert put(store, gone=[("ticket", "T", NOON)]).removed == 0
    assert list(there(store, "ticket")) == ["T"]


def test_an_account_with_money_in_the_books_stays_there(store: Store) -> None:
    put(store, AN_ACCOUNT, a_line(), Account(source="desk", external_id="B", name="Nobody"))
    put(store, gone=[("account", "A", NOON + MINUTE), ("account", "B", NOON + MINUTE)])
    assert list(there(store, "account")) == ["A"]


def test_a_deleted_subscription_keeps_its_past_and_carries_nothing(store: Store) -> None:
    put(store, AN_ACCOUNT, a_line())
    put(store, gone=[("subscription_line", "L", NOON + MINUTE)])
    line = there(store, "subscription_line")["L"]
    assert (line["starts_on"], line["ends_on"]) == (date(2026, 1, 1), date(2026, 1, 1))
    lines = store.facts(known_on=NOON).lines().collect().to_native()
    assert lines["ends_on"].to_list() == [None], "as it was known before"


def test_a_deleted_contract_goes(store: Store) -> None:
    contract = Contract(
        source="desk", external_id="C", account_ref="A", starts_on=date(2026, 1, 1), arr_cents=5, currency="USD"
    )
    put(store, AN_ACCOUNT, contract)
    put(store, gone=[("contract", "C", None)])
    assert there(store, "contract") == {}


def a_step(before: dict[str, Any], after: dict[str, Any], **parts: Any) -> CursorStep:
    return CursorStep("desk", "tickets", before, after, rows_read=1, **parts)


def test_the_cursor_moves_with_the_records(store: Store) -> None:
    put(store, a_ticket(), step=a_step({}, {"page": 2}))
    position = SyncBook(store.engine).position("desk", "tickets")
    assert position is not None
    assert (position.cursor, position.rows_read, position.completed_at) == ({"page": 2}, 1, None)


def test_a_second_process_that_read_the_same_page_is_told_so(store: Store) -> None:
    put(store, a_ticket(), step=a_step({}, {"page": 2}))
    with pytest.raises(StorageError, match="another sync of desk is under way"):
        put(store, a_ticket("late"), step=a_step({}, {"page": 2}))
    assert list(there(store, "ticket")) == ["T"], "nothing of the loser's is written"


def test_a_batch_that_fails_leaves_neither_records_nor_cursor(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("storage.synced._note_unusable", fail)
    with pytest.raises(RuntimeError):
        put(store, a_ticket(), step=a_step({}, {"page": 2}))
    assert there(store, "ticket") == {}
    assert SyncBook(store.engine).position("desk", "tickets") is None


def test_what_a_whole_walk_did_not_meet_is_gone(store: Store) -> None:
    walk = {"snapshot_of": ("ticket",)}
    put(store, a_ticket("1"), a_ticket("2"), step=a_step({}, {"page": 2}, **walk))
    put(store, a_ticket("3"), step=a_step({"page": 2}, {}, completes=True, **walk))
    put(store, a_ticket("1"), step=a_step({}, {"page": 2}, **walk))
    assert sorted(there(store, "ticket")) == ["1", "2", "3"], "the walk is not at its end"
    done = put(store, a_ticket("3"), step=a_step({"page": 2}, {}, completes=True, **walk), now=NOON + MINUTE)
    assert (done.removed, sorted(there(store, "ticket"))) == (1, ["1", "3"])


def test_what_could_not_be_read_is_kept_until_it_can(store: Store) -> None:
    reject = Reject(file="-", line=0, column="created_at", found="'soon'", expected="a date and time")
    put(store, unusable=[("ticket", "T", reject)])
    (kept,) = store.rejects()
    assert (kept.file, kept.column, kept.found) == ("desk/ticket/T", "created_at", "'soon'")
    put(store, unusable=[("ticket", "T", reject)])
    assert len(store.rejects()) == 1
    put(store, a_ticket())
    assert store.rejects() == []


def test_a_row_that_could_not_be_read_is_at_the_source_all_the_same(store: Store) -> None:
    reject = Reject(file="-", line=0, column="created_at", found="'soon'", expected="a date and time")
    put(store, a_ticket())
    step = a_step({}, {}, completes=True, snapshot_of=("ticket",))
    put(store, unusable=[("ticket", "T", reject)], step=step)
    assert list(there(store, "ticket")) == ["T"]


def test_a_file_import_and_a_sync_of_one_source_agree_on_the_row(store: Store) -> None:
    put(store, Found(a_ticket(status="open"), datetime(2026, 1, 1, tzinfo=NOON.tzinfo)))
    assert put(store, Found(a_ticket(status="open"))).changed == 0
