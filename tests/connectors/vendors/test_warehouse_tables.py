"""Tables become records by the mapping: every kind, every spelling of a moment, and mistakes that are named."""

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
)

from connectors.mapping import TableRule
from connectors.shapes import RECORDS, Kind, fields_of
from connectors.vendors.warehouse.database import Database
from domain.errors import ConnectorError
from domain.imports import RecordName
from keepline.proving.contract_suite import SOURCE, START_OF_TIME
from storage.store import Store
from storage.sync_book import SyncBook
from tests.connectors.sites.landed import MANY, TICKETS, Landed

pytestmark = pytest.mark.usefixtures("few_rows_a_page")


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
    "ticket_event": {"kind": "Status", "from_value": "Waiting on customer", "to_value": "hold"},
    "fx_rate": {"base": "EUR", "quote": "USD"},
    "survey": {"score": 4, "scale_min": 1, "scale_max": 5},
    "account": {"external_id": "A"},
    "ticket": {"external_id": "T", "team": "Support"},
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
    (event,) = landed.brought("ticket_event").values()
    assert (event["kind"], event["from_value"], event["to_value"]) == ("status", "pending", "on_hold")
    assert landed.brought("ticket")["T"]["team"] == "Support"
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
