"""What was promised stays on record, and so does what was broken."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import narwhals as nw
import polars as pl
import pytest

from domain.sla import SlaTerms
from storage.histories import Histories
from storage.removal import remove
from storage.sla import SlaBook
from storage.store import Store
from tests.builders import NOON, staged

_UTC = pl.Datetime("us", "UTC")
HOUR = timedelta(hours=1)
READER = "a reader"


def put(store: Store, record: Any, *rows: dict[str, Any]) -> None:
    with store.importing() as transaction:
        staging = transaction.stage(record, "test")
        staging.append(staged(record, *rows))
        staging.settle(NOON)


def assigned(*rows: dict[str, Any]) -> nw.DataFrame[Any]:
    blank = {
        "source": "files", "ticket_ref": "T", "since": NOON, "terms_hash": "a", "because": "the default applies",
        "inputs": "{}", "recorded_at": NOON,
    }  # fmt: skip
    frame = pl.DataFrame([{**blank, **row} for row in rows], schema_overrides={"terms_hash": pl.String})
    return nw.from_native(frame.with_columns(pl.col("since", "recorded_at").cast(_UTC)), eager_only=True)


def broken(*rows: dict[str, Any]) -> nw.DataFrame[Any]:
    blank = {
        "source": "files", "ticket_ref": "T", "account_ref": "A", "metric": "first_reply", "started_at": NOON,
        "breached_at": NOON + HOUR, "target_seconds": 3600, "counting": "elapsed", "policy": "default",
        "terms_hash": "a", "recorded_at": NOON + 2 * HOUR,
    }  # fmt: skip
    frame = pl.DataFrame([{**blank, **row} for row in rows], schema_overrides={"account_ref": pl.String})
    return nw.from_native(frame.with_columns(pl.col("started_at", "breached_at", "recorded_at").cast(_UTC)))


@pytest.fixture
def book(store: Store) -> SlaBook:
    return SlaBook(store.engine)


@pytest.fixture
def a_ticket(store: Store) -> Callable[..., None]:
    put(store, "account", {"external_id": "A"})

    def add(external_id: str = "T", **row: Any) -> None:
        put(store, "ticket", {"external_id": external_id, **row})

    return add


def test_terms_are_kept_once_by_their_hash(book: SlaBook) -> None:
    terms = [SlaTerms(terms_hash=name, policy="default", content={"n": 1}, recorded_at=NOON) for name in ("a", "b")]
    assert book.keep_terms(terms) == 2
    assert book.keep_terms([terms[0].model_copy(update={"content": {"n": 2}, "recorded_at": NOON + HOUR})]) == 0
    assert book.terms() == {each.terms_hash: each for each in terms}


def test_a_ticket_keeps_what_was_promised_from_a_moment_on(book: SlaBook) -> None:
    assert book.assign(assigned({}, {"since": NOON + HOUR, "terms_hash": None, "inputs": '{"acv": "1"}'})) == 2
    assert book.assign(assigned({"terms_hash": "other"}, {"ticket_ref": "U"})) == 1
    told = [(each.since, each.terms_hash, each.inputs) for each in book.assignments("files", "T")]
    assert told == [(NOON, "a", {}), (NOON + HOUR, None, {"acv": "1"})]
    assert book.assign(assigned({}).head(0)) == 0


def test_a_breach_stays_as_it_was_first_seen(book: SlaBook) -> None:
    assert book.record_breaches(broken({}, {"metric": "resolution"})) == 2
    assert book.record_breaches(broken({"breached_at": NOON, "recorded_at": NOON + 9 * HOUR})) == 0
    assert [(each.metric, each.breached_at) for each in book.breaches()] == [
        ("first_reply", NOON + HOUR),
        ("resolution", NOON + HOUR),
    ]
    assert book.breaches(until=NOON) == book.breaches(since=NOON + 2 * HOUR) == []


def test_a_hundred_thousand_assignments_go_in_at_once_and_only_once(book: SlaBook) -> None:
    rows = assigned({}).to_native()
    many = rows.select(pl.exclude("ticket_ref")).join(
        pl.DataFrame({"ticket_ref": [f"T{number}" for number in range(100_000)]}), how="cross"
    )
    assert book.assign(nw.from_native(many, eager_only=True)) == 100_000
    assert book.assign(nw.from_native(many.with_columns(because=pl.lit("again")), eager_only=True)) == 0


def test_what_is_interrupted_is_not_half_written(book: SlaBook) -> None:
    with pytest.raises(Exception, match=r"(?i)null"):
        book.assign(assigned({}, {"ticket_ref": None}))
    assert book.assignments("files", "T") == []
    assert book.assign(assigned({})) == 1


def test_a_deleted_ticket_takes_what_was_promised_along_and_leaves_what_was_broken(
    store: Store, book: SlaBook, a_ticket: Callable[..., None]
) -> None:
    a_ticket()
    book.assign(assigned({}, {"ticket_ref": "U"}, {"source": "elsewhere"}))
    book.record_breaches(broken({}))
    assert book.deleted_tickets() == set()
    with store.engine.begin() as connection:
        assert remove(connection, "files", "ticket", "T", None, NOON) == 1
    assert book.assignments("files", "T") == []
    assert len(book.assignments("files", "U") + book.assignments("elsewhere", "T")) == 2
    [breach] = book.breaches()
    assert breach.account_ref == "A"
    assert book.deleted_tickets() == {("files", "T")}
    assert book.deleted_tickets(until=NOON) == set()
    account = store.facts().accounts().collect()["id"].to_list()
    assert store.facts().sla_breaches().collect()["account_id"].to_list() == account


def test_signals_read_what_was_broken_and_since_when_an_account_was_promised_anything(
    store: Store, book: SlaBook, a_ticket: Callable[..., None]
) -> None:
    a_ticket("T")
    a_ticket("U", account_ref=None)
    a_ticket("V")
    [account] = store.facts().accounts().collect()["id"].to_list()
    book.assign(
        assigned({"since": NOON + HOUR}, {"ticket_ref": "U"}, {"ticket_ref": "V", "since": NOON, "terms_hash": None})
    )
    book.record_breaches(broken({"account_ref": None}, {"ticket_ref": "U", "account_ref": None}))
    assert store.facts().sla_promised().collect().rows() == [(account, NOON + HOUR)]
    breached = store.facts().sla_breaches().collect().select("account_id", "breached_at", "ticket_ref").rows()
    assert set(breached) == {(account, NOON + HOUR, "T"), (None, NOON + HOUR, "U")}


def test_sources_that_tell_no_statuses_are_named(store: Store, book: SlaBook, a_ticket: Callable[..., None]) -> None:
    a_ticket("T")
    a_ticket("U", source="elsewhere", account_ref=None)
    put(store, "ticket_event", {"external_id": "E", "kind": "priority"})
    assert book.sources_without_history() == ["elsewhere", "files"]
    put(store, "ticket_event", {"external_id": "F", "kind": "status"})
    assert book.sources_without_history() == ["elsewhere"]


class TestHistories:
    """The span is [NOON, NOON + 1 h]."""

    def ids(self, store: Store) -> list[str]:
        frame = Histories(store.engine, NOON, NOON + HOUR).tickets().collect()
        return sorted(frame["external_id"].to_list())

    def test_a_ticket_is_in_where_it_was_not_solved_at_some_moment_of_the_span(
        self, store: Store, a_ticket: Callable[..., None]
    ) -> None:
        before, early = NOON - HOUR, NOON - 2 * HOUR
        a_ticket("open", created_at=early)
        a_ticket("reopened", created_at=early, resolved_at=before)
        a_ticket("solved before", created_at=early, status="solved", resolved_at=before)
        a_ticket("solved in it", created_at=early, status="closed", resolved_at=NOON)
        a_ticket("created in it", status="solved", resolved_at=NOON)
        a_ticket("created after it", created_at=NOON + 2 * HOUR)
        a_ticket("solved, who knows when", created_at=early, status="solved")
        assert self.ids(store) == ["created in it", "open", "reopened", "solved in it"]
        put(store, "ticket_event", {"external_id": "E", "ticket_ref": "solved, who knows when"})
        assert "solved, who knows when" in self.ids(store)

    def test_messages_come_with_what_one_reader_read_in_them_and_without_their_text(
        self, store: Store, a_ticket: Callable[..., None]
    ) -> None:
        a_ticket()
        put(
            store,
            "message",
            {"external_id": "M"},
            {"external_id": "N"},
            {"external_id": "L", "sent_at": NOON + 2 * HOUR},
        )
        with store.engine.begin() as connection:
            for reader, impactful in ((READER, False), ("another", True)):
                connection.exec_driver_sql(
                    f"INSERT INTO message_readings (message_id, reader, impactful) SELECT id, '{reader}', "  # noqa: S608
                    f"{'true' if impactful else 'false'} FROM messages WHERE external_id = 'M'"
                )
        read = Histories(store.engine, NOON, NOON + HOUR).messages(READER).sort("id").collect()
        assert read.columns == ["id", "ticket_id", "author_kind", "public", "impactful", "sent_at"]
        assert read["impactful"].to_list() == [False, None]

    def test_status_and_priority_are_those_of_the_moment_that_is_looked_at(
        self, store: Store, a_ticket: Callable[..., None]
    ) -> None:
        a_ticket(status="solved", priority="urgent")
        later = {"ticket_ref": "T", "happened_at": NOON + HOUR}
        put(
            store,
            "ticket_event",
            {**later, "external_id": "1", "kind": "priority", "from_value": "low", "to_value": "high"},
            {**later, "external_id": "2", "kind": "status", "from_value": "pending", "to_value": "solved"},
            {**later, "external_id": "3", "kind": "priority", "from_value": "high", "to_value": "urgent",
             "happened_at": NOON + 2 * HOUR},
        )  # fmt: skip

        def seen(until: datetime) -> list[tuple[str, str]]:
            return Histories(store.engine, NOON, until).tickets().select("status", "priority").collect().rows()

        assert seen(NOON) == [("pending", "low")]
        assert seen(NOON + HOUR) == [("solved", "high")]
        assert seen(NOON + 2 * HOUR) == [("solved", "urgent")]

    @pytest.mark.parametrize(
        ("status", "last", "hours", "is_told"),
        [("closed", "open", 1, True), ("closed", "open", 0, False), ("open", "open", 1, False),
         ("closed", "solved", 1, False)],
    )  # fmt: skip
    def test_a_solving_that_the_events_forgot_is_told_by_the_ticket(
        self, store: Store, a_ticket: Callable[..., None], status: str, last: str, hours: int, is_told: bool
    ) -> None:
        a_ticket(status=status, resolved_at=NOON + hours * HOUR)
        row = {"ticket_ref": "T", "external_id": "1", "kind": "status", "from_value": "new", "to_value": last}
        put(store, "ticket_event", {**row, "happened_at": NOON})

        def told(until: datetime) -> list[Any]:
            events = Histories(store.engine, NOON, until).events().filter(nw.col("id") < 0)
            return events.select("kind", "from_value", "to_value", "happened_at").collect().rows()

        solved = [("status", "open", "closed", NOON + HOUR)]
        assert told(NOON + HOUR) == (solved if is_told else [])
        assert told(NOON) == []

    def test_events_that_no_clock_reads_are_left_out(self, store: Store, a_ticket: Callable[..., None]) -> None:
        a_ticket()
        put(
            store, "ticket_event", {"external_id": "E", "kind": "assignee"}, {"external_id": "F", "kind": "priority"},
            {"external_id": "G", "happened_at": NOON + 2 * HOUR}, {"external_id": "H"},
        )  # fmt: skip
        kinds = Histories(store.engine, NOON, NOON + HOUR).events().sort("id").collect()["kind"].to_list()
        assert kinds == ["priority", "status"]

    def test_outreach_is_success_s_first_call_with_the_account_since_the_ticket_came(
        self, store: Store, a_ticket: Callable[..., None]
    ) -> None:
        a_ticket("T", created_at=NOON)
        a_ticket("U", created_at=NOON - 2 * HOUR)
        a_ticket("V", account_ref=None)
        put(
            store, "touch", {"external_id": "1", "happened_at": NOON - HOUR}, {"external_id": "2"},
            {"external_id": "3", "happened_at": NOON + HOUR / 2}, {"external_id": "4", "kind": "playbook_step"},
            {"external_id": "5", "happened_at": NOON + 2 * HOUR},
        )  # fmt: skip
        histories = Histories(store.engine, NOON - 3 * HOUR, NOON + HOUR)
        names = dict(histories.tickets().select("id", "external_id").collect().iter_rows())
        called = {names[ticket]: at for ticket, at in histories.outreach().collect().iter_rows()}
        assert called == {"T": NOON, "U": NOON - HOUR}

    def test_assignments_lead_to_their_tickets(
        self, store: Store, book: SlaBook, a_ticket: Callable[..., None]
    ) -> None:
        a_ticket("T")
        book.assign(
            assigned({}, {"since": NOON + HOUR, "terms_hash": None}, {"since": NOON + 2 * HOUR}, {"ticket_ref": "gone"})
        )
        histories = Histories(store.engine, NOON, NOON + HOUR)
        [ticket] = histories.tickets().collect()["id"].to_list()
        rows = histories.assignments().sort("since").collect().rows()
        assert rows == [(ticket, NOON, "a"), (ticket, NOON + HOUR, None)]
        told = histories.assignments("because", "inputs").sort("since").collect().rows()
        assert told == [(*row, "the default applies", "{}") for row in rows]


def test_moments_keep_their_microseconds(book: SlaBook) -> None:
    at = datetime(2026, 3, 29, 1, 59, 59, 999_999, tzinfo=UTC)
    book.record_breaches(broken({"started_at": at, "breached_at": at + timedelta(microseconds=1)}))
    [breach] = book.breaches()
    assert (breach.started_at, breach.breached_at) == (at, at + timedelta(microseconds=1))
