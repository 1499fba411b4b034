"""How cells become a record's fields, and why a row is put aside."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.field_reading import clean, read_field
from connectors.mapping import Defaults, FieldRule
from connectors.shapes import RECORDS, fields_of
from domain.imports import RecordName, Reject
from tests.connectors.exports import NOW, a_mapping, read_cells, read_file

_ACCOUNT = {"external_id": "id", "name": "name"}
_LINE: dict[str, Any] = {
    "external_id": "id", "account_ref": "account", "amount_cents": "price", "interval_months": "every",
    "starts_on": "start", "ends_on": "end", "currency": "currency", "plan": "plan",
}  # fmt: skip
_LINE_HEADER = ("id", "account", "price", "every", "start", "end", "currency", "plan")
_TICKET = {"external_id": "id", "created_at": "opened", "status": "state", "priority": "prio", "tags": "tags"}


def _line(**cells: str) -> tuple[str, ...]:
    usual = {
        "id": "S1", "account": "A", "price": "10", "every": "monthly", "start": "2024-01-01", "end": "",
        "currency": "USD", "plan": "Pro",
    }  # fmt: skip
    return tuple((usual | cells)[name] for name in _LINE_HEADER)


def _lines(tmp_path: Path, *rows: tuple[str, ...], **defaults: Any) -> tuple[pl.DataFrame, list[Reject]]:
    return read_cells(tmp_path, "subscription_line", _LINE, [_LINE_HEADER, *rows], **defaults)


def _tickets(tmp_path: Path, *rows: tuple[str, ...], **defaults: Any) -> tuple[pl.DataFrame, list[Reject]]:
    return read_cells(tmp_path, "ticket", _TICKET, [("id", "opened", "state", "prio", "tags"), *rows], **defaults)


def _wrong(rejects: list[Reject]) -> list[tuple[int, str, str]]:
    return [(reject.line, reject.column, reject.found) for reject in rejects]


@pytest.mark.parametrize("record", list(RECORDS))
def test_rows_have_the_line_and_every_field_of_the_record_in_its_shape(tmp_path: Path, record: RecordName) -> None:
    known = fields_of(record)
    fields = {
        name: {"constant": "x"} for name, field in known.items() if field.must_be_mapped and name != "external_id"
    }
    path = tmp_path / "x.csv"
    path.write_text("id\nnothing here\n", encoding="utf-8")
    rows, _ = read_file(path, a_mapping(record, fields | {"external_id": "id"}))
    assert list(rows.schema.items()) == [("line", pl.Int64()), *((name, field.dtype) for name, field in known.items())]


@pytest.mark.parametrize("cell", ["", "  ", "-", "null", "N/A", " n/a ", "#N/A"])
def test_a_cell_that_says_nothing_is_missing(cell: str) -> None:
    assert clean(pl.Series([cell])).to_list() == [None]


@pytest.mark.parametrize("cell", ["NA", "0", "None Ltd", "=1+1", "@home", "+49", "-5"])
def test_other_short_cells_are_text_as_they_are(cell: str) -> None:
    assert clean(pl.Series([f" {cell} "])).to_list() == [cell]


def test_control_characters_are_removed_and_line_ends_are_one_kind() -> None:
    assert clean(pl.Series(["a\0\x07b\r\nc\rd\te"])).to_list() == ["ab\nc\nd\te"]


def test_a_line_is_filled_with_what_the_file_does_not_say(tmp_path: Path) -> None:
    rows, rejects = _lines(tmp_path, _line(), _line(id="S2", plan=""))
    assert rejects == []
    assert rows["product"].to_list() == ["Pro", "subscription"]
    assert rows.select("source", "recorded_at", "trial", "seats").row(0) == ("crm", NOW, False, None)


@pytest.mark.parametrize(
    ("cells", "column", "expected"),
    [
        ({"price": "-5"}, "price", "0 or more"),
        ({"price": "NaN"}, "price", "an amount"),
        ({"price": "€5"}, "price", "the row's currency"),
        ({"price": "5 XYZ"}, "price", "the row's currency"),
        ({"price": "1.234"}, "price", "decimal_comma"),
        ({"price": ""}, "price", "every amount is needed"),
        ({"currency": "Taler"}, "currency", "ISO 4217"),
        ({"currency": ""}, "currency", "under the mapping's defaults"),
        ({"every": "fortnightly"}, "every", "monthly, quarterly"),
        ({"every": "0"}, "every", "1 or more"),
        ({"every": "121"}, "every", "120 or less"),
        ({"start": "31.02.2024"}, "start", "a date such as"),
        ({"start": "1969-12-31"}, "start", "from 1970-01-01 on"),
        ({"end": "2036-01-06"}, "end", "until 2036-01-05"),
        ({"end": "2023-12-31"}, "end", "on or after the start"),
        ({"id": " "}, "id", "every external_id is needed"),
        ({"account": "x" * 501}, "account", "at most 500"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_wrong_cell_puts_its_row_aside_and_says_what_would_be_right(
    tmp_path: Path, cells: dict[str, str], column: str, expected: str
) -> None:
    rows, rejects = _lines(tmp_path, _line(id="good"), _line(**cells))
    assert rows["external_id"].to_list() == ["good"]
    (reject,) = rejects
    assert (reject.file, reject.line, reject.column) == ("export.csv", 3, column)
    assert expected in reject.expected
    assert reject.row == _line(**cells)


@pytest.mark.parametrize(
    ("cells", "field", "value"),
    [
        ({"end": "2024-01-01"}, "ends_on", date(2024, 1, 1)),
        ({"end": "2036-01-05"}, "ends_on", date(2036, 1, 5)),
        ({"start": "1970-01-01"}, "starts_on", date(1970, 1, 1)),
        ({"start": "2030-01-01"}, "starts_on", date(2030, 1, 1)),
        ({"price": "0"}, "amount_cents", 0),
        ({"price": "500", "currency": "jpy"}, "amount_cents", 500),
        ({"price": "$1,234.50"}, "amount_cents", 123_450),
        ({"every": "Two years"}, "interval_months", 24),
        ({"every": "semi-annual"}, "interval_months", 6),
        ({"every": "12.0"}, "interval_months", 12),
    ],
    ids=lambda value: str(value)[:30],
)
def test_what_is_just_right_goes_in(tmp_path: Path, cells: dict[str, str], field: str, value: object) -> None:
    rows, rejects = _lines(tmp_path, _line(**cells))
    assert rejects == []
    assert rows[field].to_list() == [value]


def test_a_row_with_several_wrong_cells_is_one_reject_that_names_them_all(tmp_path: Path) -> None:
    _, (reject,) = _lines(tmp_path, _line(price="many", start="soon"))
    assert reject.column == "start"
    assert "also price: found 'many'" in reject.expected


def test_the_currency_is_the_row_s_then_the_sign_s_then_the_mapping_s(tmp_path: Path) -> None:
    rows = [_line(id="1"), _line(id="2", currency="", price="£5"), _line(id="3", currency="", price="5")]
    read, _ = _lines(tmp_path, *rows, currency="EUR")
    assert read["currency"].to_list() == ["USD", "GBP", "EUR"]


def test_an_end_may_be_the_last_day_with_service(tmp_path: Path) -> None:
    rows, _ = _lines(tmp_path, _line(end="2024-01-31"), ends_on_is="last_day_with")
    assert rows["ends_on"].to_list() == [date(2024, 2, 1)]


@pytest.mark.parametrize(
    ("prio", "read"), [("high", "high"), ("Medium", "normal"), ("P1", "urgent"), ("CRITICAL", "urgent"), ("", None)]
)
def test_common_words_for_a_priority_are_known(tmp_path: Path, prio: str, read: str | None) -> None:
    rows, _ = _tickets(tmp_path, ("1", "2024-01-01", "In progress", prio, ""))
    assert rows.select("status", "priority").row(0) == ("open", read)


def test_an_unknown_word_is_put_aside_with_the_nearest_known_one(tmp_path: Path) -> None:
    _, (reject,) = _tickets(tmp_path, ("1", "2024-01-01", "clsoed", "high", ""))
    assert "one of new, open, pending, on_hold, solved, closed; did you mean 'closed'?" in reject.expected


@pytest.mark.parametrize(
    ("opened", "goes_in"), [("2026-01-05 12:00:00", True), ("2026-01-05 12:00:01", False), ("2026-01-06", False)]
)
def test_a_ticket_cannot_be_opened_after_now(tmp_path: Path, opened: str, goes_in: bool) -> None:
    rows, rejects = _tickets(tmp_path, ("1", opened, "", "", ""))
    assert (rows.height, len(rejects)) == ((1, 0) if goes_in else (0, 1))


def test_a_time_zone_holds_unless_the_cell_or_the_header_names_one(tmp_path: Path) -> None:
    fields = {"external_id": "id", "created_at": "opened", "resolved_at": "done (UTC)"}
    cells = [
        ("id", "opened", "done (UTC)"),
        ("1", "2024-07-01 12:00", "2024-07-01 12:00"),
        ("2", "2024-07-01T12:00Z", ""),
    ]
    rows, _ = read_cells(tmp_path, "ticket", fields, cells, time_zone="Europe/Berlin")
    assert rows["created_at"].to_list() == [datetime(2024, 7, 1, 10, tzinfo=UTC), datetime(2024, 7, 1, 12, tzinfo=UTC)]
    assert rows["resolved_at"].to_list() == [datetime(2024, 7, 1, 12, tzinfo=UTC), None]


def test_a_span_in_another_column_is_added_to_a_time(tmp_path: Path) -> None:
    reply = {"column": "opened", "plus": {"column": "minutes"}}
    cells = [
        ("id", "opened", "minutes"),
        ("1", "2024-07-01 12:00", "90"),
        ("2", "2024-07-01", ""),
        ("3", "2024-07-01", "soon"),
    ]
    fields = {"external_id": "id", "created_at": "opened", "first_replied_at": reply}
    rows, rejects = read_cells(tmp_path, "ticket", fields, cells)
    assert rows["first_replied_at"].to_list() == [datetime(2024, 7, 1, 13, 30, tzinfo=UTC), None]
    assert _wrong(rejects) == [(4, "minutes", "soon")]


def test_values_translate_a_cell_a_missing_cell_and_any_other(tmp_path: Path) -> None:
    state = {"column": "closed", "values": {"": "open", "never": "open", "*": "closed"}}
    cells = [("id", "closed"), ("1", ""), ("2", "Never"), ("3", "2024-01-02")]
    fields = {"external_id": "id", "created_at": {"constant": "2024-01-01"}, "status": state}
    rows, _ = read_cells(tmp_path, "ticket", fields, cells)
    assert rows["status"].to_list() == ["open", "open", "closed"]


def test_a_value_translated_to_nothing_is_missing(tmp_path: Path) -> None:
    fields = _LINE | {"ends_on": {"column": "end", "values": {"9999-12-31": ""}}}
    rows, rejects = read_cells(tmp_path, "subscription_line", fields, [_LINE_HEADER, _line(end="9999-12-31")])
    assert (rows["ends_on"].to_list(), rejects) == ([None], [])
    required = _LINE | {"account_ref": {"column": "account", "values": {"unknown": ""}}}
    _, (reject,) = read_cells(tmp_path, "subscription_line", required, [_LINE_HEADER, _line(account="unknown")])
    assert reject.column == "account"


def test_of_several_columns_the_first_filled_one_counts(tmp_path: Path) -> None:
    fields = _ACCOUNT | {"name": ["legal", "name"]}
    cells = [("id", "legal", "name"), ("1", "Acme Ltd", "Acme"), ("2", "", "Blue"), ("3", "", "")]
    rows, rejects = read_cells(tmp_path, "account", fields, cells)
    assert rows["name"].to_list() == ["Acme Ltd", "Blue"]
    assert _wrong(rejects) == [(4, "legal", "")]


def test_a_template_joins_columns_and_is_missing_where_one_is(tmp_path: Path) -> None:
    fields = _ACCOUNT | {"external_id": {"template": "{id}/{the: key}"}}
    rows, rejects = read_cells(
        tmp_path, "account", fields, [("id", "the: key", "name"), ("1", "b", "x"), ("2", "", "y")]
    )
    assert rows["external_id"].to_list() == ["1/b"]
    assert (rejects[0].line, rejects[0].expected) == (
        3,
        "values in id and the: key, which make the external_id together",
    )


def test_rows_that_a_rule_is_not_for_are_left_out_without_a_word(tmp_path: Path) -> None:
    path = tmp_path / "deals.csv"
    path.write_text("id,name,stage,paid\n1,a,Closed Won,1\n2,b,Lost,1\n3,c,closed won,\n", encoding="utf-8")
    only = {"stage": ["Closed Won"], "paid": "present"}
    rows, rejects = read_file(path, a_mapping("account", _ACCOUNT, only_if=only))
    assert (rows["external_id"].to_list(), rejects) == (["1"], [])


@pytest.mark.parametrize(
    ("unit", "cents"), [("dollars", [123_400, 150]), ("cents", [1_234, None])], ids=["with decimals", "in cents"]
)
def test_the_unit_of_money_is_whole_units_unless_the_mapping_says_cents(
    tmp_path: Path, unit: str, cents: list[int | None]
) -> None:
    fields = _LINE | {"amount_cents": {"column": "price", "unit": unit}}
    rows, _ = read_cells(tmp_path, "subscription_line", fields, [_LINE_HEADER, _line(price="1234"), _line(price="1.5")])
    assert rows["amount_cents"].to_list() == [amount for amount in cents if amount is not None]


@pytest.mark.parametrize(("kind", "scale"), [("CSAT", (1, 5)), ("ces", (1, 7)), ("nps", (0, 10))])
def test_a_survey_without_a_scale_has_the_usual_one_of_its_kind(
    tmp_path: Path, kind: str, scale: tuple[int, int]
) -> None:
    fields = {"external_id": "id", "kind": "kind", "score": "score", "answered_at": "at"}
    cells = [
        ("id", "kind", "score", "at"),
        ("1", kind, str(scale[1]), "2024-01-01"),
        ("2", kind, str(scale[1] + 1), "2024-01-01"),
    ]
    rows, rejects = read_cells(tmp_path, "survey", fields, cells)
    assert rows.select("scale_min", "scale_max").rows() == [scale]
    assert _wrong(rejects) == [(3, "score", str(scale[1] + 1))]


@pytest.mark.parametrize(
    ("rate", "read"),
    [("1.0850", "1.085"), ("007", "7"), ("0.00000001", "0.00000001"), ("0", None), ("1.123456789", None)],
)
def test_a_rate_is_plain_digits_above_zero(rate: str, read: str | None) -> None:
    field = fields_of("fx_rate")["rate"]
    found = read_field(field, pl.Series([rate]), FieldRule(column=("rate",)), "rate", Defaults())
    assert found.values.to_list() == [read]


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1, max_size=8), max_size=5))
def test_a_list_is_the_json_text_that_python_writes(items: list[str]) -> None:
    tags = fields_of("ticket")["tags"]
    given_as_json = read_field(tags, clean(pl.Series([json.dumps(items)])), FieldRule(column=("t",)), "t", Defaults())
    plain = [item.strip() for item in items if item.strip()]
    assert given_as_json.values[0] == json.dumps(plain, ensure_ascii=False)
    words = [item for item in plain if not set(item) & set(",;|") and not item.startswith("[") and item != "-"]
    joined = clean(pl.Series([", ".join(words)], dtype=pl.String))
    read = read_field(tags, joined, FieldRule(column=("t",)), "t", Defaults())
    assert (read.values[0] or "[]") == json.dumps(words, ensure_ascii=False) or len(words) == 1
