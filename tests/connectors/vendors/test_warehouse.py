"""A warehouse obeys the laws of every connector, on a real SQLite file and a real PostgreSQL."""

import shutil
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    MetaData,
    Numeric,
    String,
    Table,
    Text,
    make_url,
    text,
)

from connectors.mapping import TableRule
from connectors.shapes import RECORDS, Kind, fields_of
from connectors.vendors.warehouse import walking
from connectors.vendors.warehouse.database import Database
from domain.errors import ConnectorError, CredentialsRejected, Retriable
from domain.imports import RecordName
from jobs import sync as syncing
from keepline.proving.contract_suite import SOURCE, START_OF_TIME, WrongClock
from storage.store import Store
from storage.sync_book import SyncBook
from tests.connectors.sites.landed import TICKETS, Landed

MANY = 13


@pytest.fixture(autouse=True)
def few_rows_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """Thirteen rows are three pages, each committed for itself."""
    monkeypatch.setattr(walking, "PAGE_ROWS", 5)
    monkeypatch.setattr(syncing, "_BATCH_RECORDS", 1)


@pytest.fixture
def landed(database_url: str, sqlite_template: Path, tmp_path: Path) -> Iterator[Landed]:
    path = shutil.copy(sqlite_template, tmp_path / "facts.db")
    with closing(Store(f"sqlite:///{path}")) as store:
        yield Landed(database_url, store)


def on_the_nth_page(number: int, happens: Any) -> Any:
    """A report that lets something happen once that many pages are committed."""
    seen: list[int] = []

    def report(_stream: str, _read: int, _total: int | None) -> None:
        seen.append(1)
        # The first report comes before any page.
        if len(seen) == number + 1:
            happens()

    return report


def test_an_empty_table_is_read_without_complaint(landed: Landed) -> None:
    assert landed.sync_well().changed == 0
    assert landed.brought() == {}


@pytest.mark.parametrize("count", [1, 4, 5, 6, 10, MANY])
def test_any_number_of_rows_of_one_moment_is_read_whole(landed: Landed, count: int) -> None:
    landed.add(count)
    assert landed.sync_well().read == count
    landed.assert_same()
    landed.assert_nothing_put_aside()


def test_a_second_sync_changes_nothing(landed: Landed) -> None:
    landed.add(MANY)
    landed.sync_well()
    assert landed.sync_well().changed == 0
    landed.assert_same()


def test_a_later_sync_reads_what_changed_and_the_overlap_alone(landed: Landed) -> None:
    landed.add(MANY)
    landed.clock.pass_by(days=1)
    landed.sync_well()
    landed.add(2)
    landed.change(3, status="hold")
    landed.sync_well()
    assert landed.sync_well().read == 3
    landed.assert_same()


@pytest.mark.parametrize("page", [1, 2, 3])
def test_a_row_that_changes_in_mid_walk_is_neither_lost_nor_stale(landed: Landed, page: int) -> None:
    landed.add(MANY)

    def busy() -> None:
        landed.change(1, status="solved")
        landed.change(MANY, status="pending")
        landed.add(1)

    landed.sync(report=on_the_nth_page(page, busy))
    landed.sync_well()
    landed.assert_same()


def test_what_is_marked_as_deleted_goes(landed: Landed) -> None:
    landed.add(MANY)
    landed.sync_well()
    landed.delete(2)
    landed.delete(7)
    landed.sync_well()
    assert not {"2", "7"} & landed.brought().keys()
    landed.assert_same()


def test_what_is_marked_in_mid_walk_goes(landed: Landed) -> None:
    landed.add(MANY)
    landed.sync(report=on_the_nth_page(2, lambda: landed.delete(1)))
    landed.sync_well()
    landed.assert_same()


def test_what_is_marked_while_a_first_walk_lasts_for_days_goes(landed: Landed) -> None:
    landed.add(MANY)

    def much_happens() -> None:
        landed.delete(1)
        landed.clock.pass_by(days=2)
        landed.add(1)

    landed.sync(report=on_the_nth_page(1, much_happens))
    landed.sync_well()
    landed.assert_same()


def test_a_mark_that_is_taken_off_brings_the_row_back(landed: Landed) -> None:
    landed.add(3)
    landed.sync_well()
    landed.delete(2)
    landed.sync_well()
    landed.change(2, _fivetran_deleted=False)
    landed.sync_well()
    landed.assert_same()
    assert len(landed.brought()) == 3


def test_a_first_walk_leaves_alone_what_was_deleted_before_it(landed: Landed) -> None:
    landed.add(3)
    landed.delete(2)
    pages = [page for stream in landed.connector().streams() for page in stream.pages({})]
    assert [gone for page in pages for gone in page.gone] == []
    landed.sync_well()
    landed.assert_same()


@pytest.mark.parametrize("late", [timedelta(0), timedelta(minutes=1), timedelta(minutes=59)])
def test_what_lands_late_with_an_old_or_equal_moment_is_read(landed: Landed, late: timedelta) -> None:
    landed.add(3)
    (tenth,) = landed.add(1)
    landed.sync_well()
    # A smaller key, so that only reading again from before the moment finds it.
    row = {"id": -1, "subject": "Late", "status": "open", "created_at": START_OF_TIME, "_fivetran_deleted": False}
    landed.land(landed.tickets, {**row, "_fivetran_synced": START_OF_TIME + timedelta(seconds=14) - late})
    landed.sync_well()
    assert {"-1", str(tenth)} <= landed.brought().keys()
    landed.assert_same()


@pytest.mark.parametrize("page", [1, 2])
def test_a_walk_that_is_stopped_goes_on_behind_its_last_page(landed: Landed, page: int) -> None:
    landed.add(MANY)

    def ctrl_c() -> None:
        raise KeyboardInterrupt

    assert landed.sync(report=on_the_nth_page(page, ctrl_c)).stopped
    assert len(landed.brought()) == 5 * page
    assert landed.sync_well().read == MANY - 5 * page
    landed.assert_same()


def test_a_table_that_is_away_for_a_while_loses_nothing(landed: Landed) -> None:
    landed.add(MANY)

    def rename(old: str, new: str) -> None:
        with landed.engine.begin() as connection:
            connection.execute(text(f"ALTER TABLE {old} RENAME TO {new}"))

    done = landed.sync(report=on_the_nth_page(1, lambda: rename("ticket", "ticket_swapped")))
    assert isinstance(done.error, ConnectorError)
    assert "Export no." not in str(done.error)
    assert len(landed.brought()) == 5
    rename("ticket_swapped", "ticket")
    assert landed.sync_well().read == MANY - 5
    landed.assert_same()


@pytest.mark.parametrize("hours", [-26, 26])
def test_a_clock_that_is_off_loses_nothing(landed: Landed, hours: int) -> None:
    wrong = WrongClock(landed.clock, hours)
    landed.add(MANY, created_at=landed.clock.now())
    landed.sync_well(wrong)
    landed.change(1, status="solved")
    landed.add(1, created_at=landed.clock.now())
    landed.sync_well(wrong)
    landed.assert_same()
    landed.assert_nothing_put_aside()


def test_a_row_that_cannot_be_read_is_put_aside_and_the_rest_goes_on(landed: Landed) -> None:
    landed.add(3)
    landed.add(1, created_at=None)
    landed.add(1, status="on fire")
    landed.add(3)
    assert landed.sync_well().unusable == 2
    rejects = {each.file: each for each in landed.store.rejects()}
    assert rejects[f"{SOURCE}/ticket/4"].expected == "a value; every created_at is needed"
    assert (rejects[f"{SOURCE}/ticket/5"].column, rejects[f"{SOURCE}/ticket/5"].found) == ("status", "on fire")
    assert sorted(landed.brought(), key=int) == ["1", "2", "3", "6", "7", "8"]
    landed.change(4, created_at=START_OF_TIME)
    landed.change(5, status="open")
    landed.sync_well()
    landed.assert_same()
    landed.assert_nothing_put_aside()


def test_a_marked_row_whose_other_cells_are_empty_goes(landed: Landed) -> None:
    """Loaders that read a log of changes keep of a deleted row its key alone."""
    landed.add(3)
    landed.sync_well()
    landed.change(2, _fivetran_deleted=True, subject=None, status=None, created_at=None)
    landed.sync_well()
    landed.assert_nothing_put_aside()
    landed.assert_same()


def test_rows_without_a_moment_are_counted_out(landed: Landed) -> None:
    landed.add(2)
    row = {"id": 90, "subject": "Timeless", "status": "open", "created_at": START_OF_TIME, "_fivetran_deleted": False}
    landed.land(landed.tickets, row)
    assert list(landed.sync_well().remarks) == ["ticket: 1 rows have no _fivetran_synced and are not read"]


def test_a_mark_is_seen_though_the_source_s_own_time_does_not_move(landed: Landed) -> None:
    landed.rules = [{**TICKETS, "changed_at": "updated_at"}]
    landed.add(3)
    done = landed.sync_well()
    assert list(done.remarks) == [
        "ticket is read by _fivetran_synced, which also moves when a row is marked as deleted"
    ]
    landed.delete(2)
    landed.sync_well()
    landed.assert_same()


def test_a_changed_mapping_reads_the_table_anew(landed: Landed) -> None:
    landed.add(MANY)
    landed.sync_well()
    landed.clock.pass_by(days=3)
    landed.add(1)
    landed.sync_well()
    landed.rules = [{**TICKETS, "fields": {**TICKETS["fields"], "workflow": {"constant": "export"}}}]
    assert landed.sync_well().read == MANY + 1
    assert {each["workflow"] for each in landed.brought().values()} == {"export"}
    assert landed.sync_well().read == 1


def test_what_the_mapping_leaves_out_is_no_record_any_more(landed: Landed) -> None:
    landed.rules = [{**TICKETS, "only_if": {"subject": ["billing"]}}]
    landed.add(2, subject="billing")
    landed.add(2, subject="spam")
    landed.sync_well()
    assert sorted(landed.brought()) == ["1", "2"]
    landed.change(1, subject="spam")
    landed.change(3, subject="billing")
    landed.sync_well()
    assert sorted(landed.brought()) == ["2", "3"]


def test_a_table_without_moments_is_read_whole_and_what_left_it_is_gone(landed: Landed) -> None:
    landed.rules = [{name: value for name, value in TICKETS.items() if name not in {"changed_at", "deleted"}}]
    landed.add(MANY)
    landed.sync_well()
    with landed.engine.begin() as connection:
        connection.execute(landed.tickets.delete().where(landed.tickets.c.id.in_([1, 9])))
    landed.change(2, status="hold")
    assert landed.sync_well().read == MANY - 2
    landed.assert_same()
    assert landed.sync_well().changed == 0


def test_two_tables_may_give_one_kind_of_record(landed: Landed) -> None:
    other = Table("old_ticket", MetaData(), Column("key", String, primary_key=True), Column("opened", String))
    other.create(landed.engine)
    landed.land(other, {"key": "old-1", "opened": "2025-11-05 08:30:00"})
    old = {"record": "ticket", "table": "old_ticket", "fields": {"external_id": "key", "created_at": "opened"}}
    landed.rules = [TICKETS, old]
    landed.add(3)
    landed.sync_well()
    landed.sync_well()
    assert sorted(landed.brought()) == ["1", "2", "3", "old-1"]


def test_a_table_may_be_read_twice_with_other_conditions(landed: Landed) -> None:
    landed.rules = [
        {**TICKETS, "only_if": {"status": ["open"]}, "fields": {**TICKETS["fields"], "workflow": {"constant": "a"}}},
        {**TICKETS, "only_if": {"status": ["solved"]}, "fields": {**TICKETS["fields"], "workflow": {"constant": "b"}}},
    ]
    landed.add(1)
    landed.add(1, status="solved")
    assert set(landed.sync_well().streams) == {"ticket from ticket", "ticket from ticket (2)"}
    assert {key: each["workflow"] for key, each in landed.brought().items()} == {"1": "a", "2": "b"}


_TYPES: dict[Kind, Any] = {
    "integer": BigInteger, "months": BigInteger, "cents": Numeric(14, 2), "date": Date, "flag": Boolean,
    "moment": DateTime(timezone=True), "decimal": Numeric(18, 8),
}  # fmt: skip
_VALUES: dict[Kind, Any] = {
    "integer": 3, "months": 12, "cents": Decimal("1234.50"), "date": date(2026, 1, 5), "flag": True,
    "moment": datetime(2026, 1, 5, 12, tzinfo=UTC), "decimal": Decimal("1.25"), "list": '["Core", "Insights"]',
    "currency": "EUR", "name": "x", "text": "some text",
}  # fmt: skip
_OWN: dict[RecordName, dict[str, Any]] = {
    "ticket_event": {"kind": "status"},
    "fx_rate": {"base": "EUR", "quote": "USD"},
    "survey": {"score": 4, "scale_min": 1, "scale_max": 5},
    "account": {"external_id": "A"},
    "ticket": {"external_id": "T"},
    "subscription_line": {"external_id": "S", "ends_on": date(2026, 6, 1)},
}
_REFERENCES = {"account_ref": "A", "ticket_ref": "T", "subscription_ref": "S"}


def test_a_warehouse_gives_every_kind_of_record(landed: Landed) -> None:
    landed.rules = []
    for record in RECORDS:
        fields = {name: field for name, field in fields_of(record).items() if name != "source"}
        columns = [Column(name, _TYPES.get(field.kind, Text)) for name, field in fields.items()]
        table = Table(f"every_{record}", landed.metadata, *columns, Column("loaded_at", DateTime(timezone=True)))
        table.create(landed.engine)
        usual = {name: field.choices[0] if field.choices else _VALUES[field.kind] for name, field in fields.items()}
        refs = {name: ref for name, ref in _REFERENCES.items() if name in fields}
        landed.land(table, {**usual, **refs, **_OWN.get(record, {}), "loaded_at": START_OF_TIME})
        mapping = {name: name for name in fields}
        landed.rules.append({"record": record, "table": table.name, "changed_at": "loaded_at", "fields": mapping})
    landed.sync_well()
    landed.assert_nothing_put_aside()
    assert SyncBook(landed.store.engine).counts(SOURCE)["waiting"] == 0
    (line,) = landed.brought("subscription_line").values()
    assert (line["amount_cents"], line["currency"], line["interval_months"]) == (123_450, "EUR", 12)
    (usage,) = landed.brought("usage_day").values()
    assert (usage["used_on"], usage["quantity"], usage["account_ref"]) == (date(2026, 1, 5), 3, "A")
    assert landed.brought("contract")["x"]["product_lines"] == ["Core", "Insights"]
    assert all(landed.brought(record) for record in RECORDS)


def test_days_of_use_need_no_id_of_their_own(landed: Landed) -> None:
    days = Table(
        "usage", MetaData(), Column("account", String), Column("day", Date), Column("logins", BigInteger),
        Column("loaded_at", DateTime(timezone=True)),
    )  # fmt: skip
    days.create(landed.engine)
    landed.rules = [
        {
            "record": "usage_day", "table": "usage", "changed_at": "loaded_at",
            "fields": {
                "external_id": {"template": "{account}-{day}"}, "account_ref": "account", "used_on": "day",
                "feature": {"constant": "login"}, "quantity": "logins",
            },
        },
        {"record": "account", "table": "usage", "changed_at": "loaded_at", "key": ["account", "day"],
         "fields": {"external_id": "account", "name": "account"}},
    ]  # fmt: skip
    rows = [{"account": name, "day": date(2026, 1, day), "logins": day} for name in "AB" for day in range(1, 8)]
    landed.land(days, *({**row, "loaded_at": START_OF_TIME} for row in rows))
    landed.sync_well()
    assert {key: each["quantity"] for key, each in landed.brought("usage_day").items()} == {
        f"{name}-2026-01-{day:02d}": day for name in "AB" for day in range(1, 8)
    }


def test_a_corrected_line_is_a_new_version_known_since_it_was_written(landed: Landed) -> None:
    lines = Table(
        "subscription", MetaData(), Column("id", String, primary_key=True), Column("account", String),
        Column("cents", BigInteger), Column("start", Date), Column("loaded_at", DateTime(timezone=True)),
    )  # fmt: skip
    lines.create(landed.engine)
    landed.rules = [
        {"record": "account", "table": "subscription", "changed_at": "loaded_at",
         "fields": {"external_id": "account", "name": "account"}},
        {"record": "subscription_line", "table": "subscription", "changed_at": "loaded_at",
         "fields": {"external_id": "id", "account_ref": "account", "amount_cents": {"column": "cents", "unit": "cents"},
                    "currency": {"constant": "USD"}, "interval_months": {"constant": 1}, "starts_on": "start"}},
    ]  # fmt: skip
    row = {"id": "S1", "account": "A", "cents": 9900, "start": date(2026, 1, 1), "loaded_at": START_OF_TIME}
    landed.land(lines, row)
    landed.sync_well()
    with landed.engine.begin() as connection:
        later = START_OF_TIME + timedelta(days=2)
        connection.execute(lines.update().values(cents=12_900, loaded_at=later))
    landed.sync_well()
    (line,) = landed.brought("subscription_line").values()
    assert (line["amount_cents"], line["recorded_at"]) == (12_900, START_OF_TIME + timedelta(days=2))


@pytest.mark.parametrize(
    ("kind", "first", "second"),
    [
        (String, "2026-03-02T08:00:00Z", "2026-03-02T10:30:00Z"),
        (String, "2026-03-02 08:00:00.123456+00:00", "2026-03-02 10:30:00.000001+00:00"),
        (String, "2026-03-02", "2026-03-03"),
        (String, "1772438400.25", "1772447400.5"),
        (BigInteger, 1_772_438_400, 1_772_447_400),
        (BigInteger, 1_772_438_400_000, 1_772_447_400_000),
        (Numeric(20, 6), Decimal("1772438400.250000"), Decimal("1772447400.500000")),
        (Date, date(2026, 3, 2), date(2026, 3, 3)),
        (DateTime, datetime(2026, 3, 2, 8), datetime(2026, 3, 2, 10, 30)),  # noqa: DTZ001 - columns without a zone
    ],
)
def test_moments_of_any_kind_and_spelling_order_the_rows(landed: Landed, kind: Any, first: Any, second: Any) -> None:
    table = Table("spelt", MetaData(), Column("id", String, primary_key=True), Column("at", kind))
    table.create(landed.engine)
    landed.rules = [
        {"record": "account", "table": "spelt", "changed_at": "at", "fields": {"external_id": "id", "name": "id"}}
    ]
    landed.land(table, *({"id": f"a{number}", "at": first} for number in range(6)), {"id": "b", "at": second})
    landed.sync_well()
    assert len(landed.brought("account")) == 7
    landed.land(table, {"id": "a-late", "at": second})
    landed.sync_well()
    assert "a-late" in landed.brought("account")


def test_times_without_a_zone_are_in_the_mapping_s(landed: Landed) -> None:
    table = Table("naive", MetaData(), Column("id", String, primary_key=True), Column("at", DateTime))
    table.create(landed.engine)
    landed.land(table, {"id": "winter", "at": datetime(2026, 1, 5, 9)}, {"id": "summer", "at": datetime(2025, 7, 5, 9)})  # noqa: DTZ001
    landed.defaults = {"time_zone": "Europe/Berlin"}
    landed.rules = [
        {"record": "ticket", "table": "naive", "changed_at": "at", "fields": {"external_id": "id", "created_at": "at"}}
    ]
    landed.sync_well()
    assert {key: each["created_at"].hour for key, each in landed.brought().items()} == {"winter": 8, "summer": 7}


def test_a_column_that_says_no_moment_puts_its_rows_aside(landed: Landed) -> None:
    landed.rules = [{**TICKETS, "changed_at": "subject", "deleted": None}]
    landed.add(3)
    landed.sync_well()
    assert landed.brought() == {}
    (reject, *_) = landed.store.rejects()
    assert (reject.column, reject.found) == ("subject", "Export no. 1 fails")
    assert reject.expected == "a time; name a column that says when a row was written"


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ({"table": "tickets"}, "has no table tickets; did you mean ticket?"),
        ({"table": "nowhere.ticket"}, "has no table nowhere.ticket; did you mean ticket?"),
        ({"changed_at": "_fivetran_sinced"}, "no column '_fivetran_sinced'; did you mean '_fivetran_synced'"),
        ({"deleted": "is_deleted"}, "ticket has no column 'is_deleted'; did you mean '_fivetran_deleted'"),
        ({"fields": {**TICKETS["fields"], "assignee": "asignee"}}, "ticket has no column 'asignee'; known are"),
        ({"fields": {**TICKETS["fields"], "subject": "subjekt"}}, "no column 'subjekt'; did you mean 'subject'"),
        ({"only_if": {"stat": ["open"]}}, "ticket has no column 'stat'; did you mean 'status'"),
        ({"key": ["idd"]}, "ticket has no column 'idd'; did you mean 'id'"),
    ],
)  # fmt: skip
def test_a_table_or_column_that_is_not_there_is_named_with_the_nearest(
    landed: Landed, rule: dict[str, Any], told: str
) -> None:
    landed.rules = [{**TICKETS, **rule}]
    landed.add(1)
    assert told in str(landed.sync().error)
    assert [told in each for each in landed.connector().check().missing] == [True]


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ({"fields": {"external_id": "id"}}, "ticket needs created_at"),
        ({"fields": {**TICKETS["fields"], "sujbect": "x"}}, "did you mean 'subject'"),
        ({"changed": "updated_at"}, "Extra inputs are not permitted"),
    ],
)
def test_a_mapping_that_cannot_be_right_is_refused_before_anything_is_asked(rule: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        TableRule.model_validate({**TICKETS, **rule})


def test_names_in_a_mapping_are_never_taken_for_sql(landed: Landed) -> None:
    landed.add(1)
    for table in ('ticket"; DROP TABLE ticket; --', "ticket; DELETE FROM ticket", "ticket UNION SELECT 1"):
        landed.rules = [{**TICKETS, "table": table}]
        assert "has no table" in str(landed.sync().error)
    landed.rules = [{**TICKETS, "fields": {**TICKETS["fields"], "subject": "subject) FROM ticket; --"}}]
    landed.sync()
    landed.rules = [TICKETS]
    landed.sync_well()
    landed.assert_same()


def test_odd_names_of_tables_and_columns_are_read_as_they_are(landed: Landed) -> None:
    odd = 'Tickets; "2026" %(x)s'
    table = Table(odd, MetaData(), Column("Key'1", String, primary_key=True), Column("Opened at :when", String))
    table.create(landed.engine)
    landed.land(table, {"Key'1": "x'; --", "Opened at :when": "2026-01-05T08:00:00Z"})
    landed.rules = [
        {"record": "ticket", "table": odd, "changed_at": "Opened at :when",
         "fields": {"external_id": "Key'1", "created_at": "Opened at :when"}}
    ]  # fmt: skip
    landed.sync_well()
    landed.sync_well()
    assert list(landed.brought()) == ["x'; --"]


def test_nothing_can_be_written(landed: Landed) -> None:
    landed.add(1)
    database = Database(landed.url)
    with pytest.raises(ConnectorError):
        database.rows(landed.tickets.delete().returning(landed.tickets.c.id))
    landed.sync_well()
    landed.assert_same()


def test_what_is_connected_and_mapped_is_looked_at(landed: Landed) -> None:
    checked = landed.connector().check()
    assert checked.missing == ()
    assert checked.identity.endswith(str(make_url(landed.url).database))
    landed.rules = []
    assert "no tables are mapped; name them under connections.helm.tables" in landed.connector().check().missing[0]
    assert "no tables are mapped" in str(landed.sync().error)


def test_the_columns_of_all_tables_can_be_listed(landed: Landed) -> None:
    fields = {(each.object, each.name): each.type for each in landed.connector().site_fields()}
    assert fields["ticket", "subject"] == "varchar"
    assert ("ticket", "_fivetran_deleted") in fields


def test_how_many_rows_a_first_walk_reads_is_known(landed: Landed) -> None:
    landed.add(MANY)
    (stream,) = landed.connector().streams()
    assert (stream.name, stream.total()) == ("ticket from ticket", MANY)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("not a url", "the warehouse's URL is none"),
        ("postgresql://keepline:hush-hush@127.0.0.1:1/shop", "keepline@127.0.0.1/shop cannot be read now"),
        ("sqlite:////nowhere/at/all.db", "cannot be read now"),
        ("snowflake://keepline:hush-hush@account/shop", "there is no driver for snowflake"),
        ("mysql://keepline:hush-hush@host/shop", "install it beside Keepline"),
    ],
)
def test_a_database_that_cannot_be_opened_is_told_without_its_password(
    sqlite_store: Store, tmp_path: Path, url: str, told: str
) -> None:
    landed = Landed(f"sqlite:///{tmp_path / 'unused.db'}", sqlite_store)
    landed.url = url
    error = landed.sync().error
    assert isinstance(error, ConnectorError)
    assert told in str(error)
    assert "hush-hush" not in str(error)
    assert not Path("/nowhere").exists()


class TestPostgres:
    """What only a server has: users, rights, schemas and types of its own."""

    @pytest.fixture
    def database_url(self, postgres_copy: str) -> str:
        return postgres_copy

    def test_a_user_that_is_refused_is_named(self, landed: Landed) -> None:
        landed.add(1)
        ours, landed.url = landed.url, with_user(landed.url, "nobody_here")
        error = landed.sync().error
        assert isinstance(error, CredentialsRejected)
        assert "nobody_here@" in str(error)
        landed.url = ours
        landed.sync_well()
        landed.assert_same()

    @pytest.fixture
    def reader(self, landed: Landed) -> Iterator[str]:
        """A user of the server who may do nothing yet."""
        name = f"reader_{make_url(landed.url).database}"
        execute(landed, f"CREATE ROLE {name} LOGIN PASSWORD 'proving'")
        yield name
        execute(landed, f"DROP OWNED BY {name}; DROP ROLE {name}")

    def test_a_user_without_the_right_to_read_is_told_so(self, landed: Landed, reader: str) -> None:
        landed.add(1)
        landed.url = with_user(landed.url, reader)
        error = landed.sync().error
        assert isinstance(error, CredentialsRejected)
        assert "grant SELECT" in str(error)

    def test_a_server_that_takes_nobody_in_mid_walk_loses_nothing(self, landed: Landed, reader: str) -> None:
        landed.add(MANY)
        name = make_url(landed.url).database
        execute(landed, f"GRANT SELECT ON ticket TO {reader}")
        landed.url = with_user(landed.url, reader)
        full = on_the_nth_page(1, lambda: execute(landed, f"ALTER DATABASE {name} CONNECTION LIMIT 0"))
        assert isinstance(landed.sync(report=full).error, Retriable)
        execute(landed, f"ALTER DATABASE {name} CONNECTION LIMIT -1")
        assert landed.sync_well().read == MANY - 5
        landed.assert_same()

    def test_tables_in_schemas_and_views_are_read(self, landed: Landed) -> None:
        landed.add(3)
        with landed.engine.begin() as connection:
            connection.execute(text("CREATE SCHEMA zendesk"))
            connection.execute(text("CREATE VIEW zendesk.v AS SELECT * FROM ticket WHERE id < 3"))
        landed.rules = [{**TICKETS, "table": "zendesk.v"}]
        landed.sync_well()
        assert sorted(landed.brought()) == ["1", "2"]
        landed.rules = [{**TICKETS, "table": "zendesk.w"}]
        assert "did you mean zendesk.v?" in str(landed.sync().error)
        assert ("zendesk.v", "id") in {(each.object, each.name) for each in landed.connector().site_fields()}

    def test_types_of_postgresql_are_read_as_they_are_meant(self, landed: Landed) -> None:
        with landed.engine.begin() as connection:
            connection.execute(text("CREATE TYPE size AS ENUM ('smb', 'enterprise')"))
            connection.execute(
                text(
                    "CREATE TABLE company (id uuid, name text, size size, domains text[], extra jsonb, place point,"
                    " loaded timestamptz)"
                )
            )
            connection.execute(
                text(
                    "INSERT INTO company SELECT ('00000000-0000-0000-0000-' || lpad(n::text, 12, '0'))::uuid, 'Acme',"
                    " 'enterprise', ARRAY['acme.example', 'acme.test'], '{\"a\": 1}', point(1, 2),"
                    " '2026-03-02 10:00:00+02' FROM generate_series(1, 12) n"
                )
            )
        landed.rules = [
            {"record": "account", "table": "company", "changed_at": "loaded",
             "fields": {"external_id": "id", "name": "name", "segment": "size", "domains": "domains",
                        "industry": "extra", "region": "place"}}
        ]  # fmt: skip
        landed.sync_well()
        assert landed.sync_well().changed == 0
        accounts = landed.brought("account")
        assert len(accounts) == 12
        first = accounts["00000000-0000-0000-0000-000000000001"]
        assert (first["segment"], first["domains"]) == ("enterprise", ["acme.example", "acme.test"])
        assert first["industry"] == '{"a": 1}'


def with_user(url: str, user: str) -> str:
    """The same database as another user."""
    return make_url(url).set(username=user, password="proving").render_as_string(hide_password=False)


def execute(landed: Landed, statement: str) -> None:
    """What the owner of the server does."""
    with landed.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(statement))
