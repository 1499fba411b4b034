"""A file's rows become facts once, together, linked; what cannot be believed is put aside with its line."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.imports import RecordName
from storage.staging import Settled
from storage.store import Store
from tests.builders import NOON, staged

LATER = datetime(2026, 2, 1, tzinfo=UTC)


def put(store: Store, record: RecordName, *rows: dict[str, Any], now: datetime = NOON) -> Settled:
    """Import rows as one file of their own."""
    with store.importing() as transaction:
        staging = transaction.stage(record, f"{record}.csv")
        staging.append(staged(record, *rows))
        return staging.settle(now)


def put_and_interrupt(store: Store) -> None:
    with store.importing() as transaction:
        staging = transaction.stage("ticket", "ticket.csv")
        staging.append(staged("ticket", {"external_id": "T"}))
        staging.settle(NOON)
        raise KeyboardInterrupt


def rows_of(frame: Any) -> list[dict[str, Any]]:
    return list(frame.collect().to_native().sort("id").to_dicts())


def one_account(store: Store, name: str = "A") -> None:
    put(store, "account", {"external_id": name})


def test_rows_become_facts_that_come_back_as_they_went_in(store: Store) -> None:
    one_account(store)
    put(store, "ticket", {"external_id": "T", "tags": '["billing"]', "escalated": True, "priority": "high"})
    [ticket] = rows_of(store.facts().tickets())
    assert (ticket["external_id"], ticket["tags"], ticket["escalated"]) == ("T", '["billing"]', True)
    assert (ticket["created_at"], ticket["resolved_at"], ticket["channel"]) == (NOON, None, None)


def test_importing_the_same_rows_again_changes_nothing(store: Store) -> None:
    one_account(store)
    first = put(store, "ticket", {"external_id": "T1"}, {"external_id": "T2"})
    again = put(store, "ticket", {"external_id": "T2"}, {"external_id": "T1"})
    assert (first.changed, first.unchanged) == (2, 0)
    assert (again.changed, again.unchanged) == (0, 2)


def test_a_changed_row_takes_the_place_of_the_former_one(store: Store) -> None:
    one_account(store)
    put(store, "ticket", {"external_id": "T", "status": "open"})
    changed = put(store, "ticket", {"external_id": "T", "status": "solved", "resolved_at": LATER})
    [ticket] = rows_of(store.facts().tickets())
    assert (changed.changed, ticket["status"], ticket["resolved_at"]) == (1, "solved", LATER)


def test_an_unknown_account_puts_the_row_aside_with_its_line(store: Store) -> None:
    one_account(store)
    settled = put(store, "ticket", {"external_id": "T1"}, {"external_id": "T2", "account_ref": "Z"})
    [reject] = settled.rejects
    assert (reject.line, reject.column, reject.found) == (3, "account_ref", "Z")
    assert "known account" in reject.expected
    assert [ticket["external_id"] for ticket in rows_of(store.facts().tickets())] == ["T1"]


def test_a_ticket_without_an_account_is_kept_as_unlinked(store: Store) -> None:
    put(store, "ticket", {"external_id": "T", "account_ref": None})
    [ticket] = rows_of(store.facts().tickets())
    assert ticket["account_id"] is None


def test_an_id_that_comes_twice_with_other_content_is_put_aside(store: Store) -> None:
    settled = put(store, "account", {"external_id": "A", "name": "One"}, {"external_id": "A", "name": "Two"})
    [reject] = settled.rejects
    assert (reject.line, reject.found, reject.expected) == (3, "A", "an id of its own; line 2 has this one too")
    assert [account["name"] for account in rows_of(store.facts().accounts())] == ["One"]


def test_a_row_that_is_merely_repeated_counts_once(store: Store) -> None:
    settled = put(store, "account", {"external_id": "A"}, {"external_id": "A"}, {"external_id": "A"})
    assert (settled.changed, settled.repeated, settled.rejects) == (1, 2, [])


def test_an_interrupted_import_leaves_the_database_as_before_the_file(store: Store) -> None:
    one_account(store)
    with pytest.raises(KeyboardInterrupt):
        put_and_interrupt(store)
    assert rows_of(store.facts().tickets()) == []
    assert put(store, "ticket", {"external_id": "T"}).changed == 1


def test_one_file_may_feed_two_records_in_one_transaction(store: Store) -> None:
    one_account(store)
    with store.importing() as transaction:
        tickets, surveys = transaction.stage("ticket", "t.csv"), transaction.stage("survey", "t.csv")
        tickets.append(staged("ticket", {"external_id": "T"}))
        surveys.append(staged("survey", {"external_id": "S"}))
        assert (tickets.settle(NOON).changed, surveys.settle(NOON).changed) == (1, 1)
    [survey] = rows_of(store.facts().surveys())
    assert survey["account_id"] == rows_of(store.facts().accounts())[0]["id"]


def test_usage_is_linked_by_its_subscription(store: Store) -> None:
    one_account(store)
    put(store, "subscription_line", {"external_id": "L"})
    known = {"external_id": "U1", "account_ref": None, "subscription_ref": "L"}
    unknown = {"external_id": "U2", "account_ref": None, "subscription_ref": "ghost"}
    [reject] = put(store, "usage_day", known, unknown).rejects
    assert (reject.found, reject.expected.split(";")[0]) == ("ghost", "a known subscription")


def test_another_system_s_id_leads_to_the_account(store: Store) -> None:
    one_account(store)
    put(store, "account_identity", {"external_id": "org-9", "source": "helpdesk", "account_ref": "A"})
    assert put(store, "ticket", {"external_id": "T", "source": "helpdesk", "account_ref": "org-9"}).changed == 1


def test_a_corrected_subscription_keeps_what_was_known_before(store: Store) -> None:
    one_account(store)
    put(store, "subscription_line", {"external_id": "L", "amount_cents": 500})
    put(store, "subscription_line", {"external_id": "L", "amount_cents": 700, "recorded_at": LATER})
    assert [line["amount_cents"] for line in rows_of(store.facts().lines())] == [700]
    assert [line["amount_cents"] for line in rows_of(store.facts(known_on=NOON).lines())] == [500]


def test_a_subscription_learned_again_is_no_correction(store: Store) -> None:
    one_account(store)
    put(store, "subscription_line", {"external_id": "L"})
    again = put(store, "subscription_line", {"external_id": "L", "recorded_at": LATER})
    assert (again.changed, again.unchanged) == (0, 1)


def test_a_segment_s_history_is_kept_from_when_it_was_learned(store: Store) -> None:
    put(store, "account", {"external_id": "A", "segment": "smb"})
    put(store, "account", {"external_id": "A", "segment": "smb"}, now=LATER)
    put(store, "account", {"external_id": "A", "segment": "enterprise"}, now=LATER)
    history = store.facts().account_segments().collect().to_native().sort("since").to_dicts()
    assert [(row["segment"], row["since"]) for row in history] == [("smb", NOON), ("enterprise", LATER)]


def test_text_after_a_thousand_empty_cells_is_still_text(store: Store) -> None:
    rows: list[dict[str, Any]] = [{"external_id": f"A{n:05}"} for n in range(2_000)]
    put(store, "account", *rows, {"external_id": "Z", "industry": "FinTech", "signed_up_on": date(2025, 1, 1)})
    frame = store.facts().accounts().collect().to_native()
    assert frame.schema["industry"] == pl.String
    assert frame.schema["signed_up_on"] == pl.Date
    assert frame["industry"].drop_nulls().to_list() == ["FinTech"]


def test_an_empty_table_has_its_types(store: Store) -> None:
    schema = store.facts().tickets().collect().to_native().schema
    assert (schema["created_at"], schema["subject"], schema["account_id"]) == (
        pl.Datetime("us", "UTC"),
        pl.String,
        pl.Int64,
    )


def test_hostile_text_is_only_text(store: Store) -> None:
    name = "Robert'); DROP TABLE accounts;-- \t\\N %s {}"
    put(store, "account", {"external_id": "A", "name": name})
    assert rows_of(store.facts().accounts())[0]["name"] == name


texts = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=20)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.dictionaries(texts, texts, min_size=1, max_size=8), random=st.randoms())
def test_a_second_import_in_any_order_changes_nothing(tmp_path: Path, rows: dict[str, str], random: Any) -> None:
    store = Store(f"sqlite:///{tmp_path / uuid4().hex}.db")
    records = [{"external_id": key, "name": name} for key, name in rows.items()]
    assert put(store, "account", *records).changed == len(rows)
    random.shuffle(records)
    assert put(store, "account", *records).changed == 0
    assert {row["external_id"]: row["name"] for row in rows_of(store.facts().accounts())} == rows
    store.close()


def test_a_line_that_went_and_came_back_in_one_import_is_there(store: Store) -> None:
    one_account(store)
    put(store, "subscription_line", {"external_id": "L"})
    ended = {"external_id": "L", "ends_on": date(2026, 6, 1), "recorded_at": LATER}
    back = {"external_id": "L", "recorded_at": LATER + timedelta(days=1)}
    assert put(store, "subscription_line", ended, back).changed == 2
    [line] = rows_of(store.facts().lines())
    assert line["ends_on"] is None
