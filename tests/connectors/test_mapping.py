"""What a mapping document may say, and how it says what is wrong with it."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.files import SHIPPED_MAPPINGS
from connectors.headers import find_column, zone_in
from connectors.mapping import FieldRule, Mapping
from connectors.shapes import RECORDS, fields_of
from tests.connectors.exports import a_mapping, shipped

_ACCOUNT = {"external_id": "id", "name": "name"}
_LINE = {
    "external_id": "id", "account_ref": "account", "amount_cents": "price", "interval_months": "every",
    "starts_on": "start",
}  # fmt: skip


@pytest.mark.parametrize(
    ("record", "fields", "told"),
    [
        ("account", _ACCOUNT | {"segmnt": "size"}, "account has no field 'segmnt'; did you mean 'segment'"),
        ("account", {"external_id": "id"}, "account needs name"),
        ("account", _ACCOUNT | {"segment": {"column": "a", "unit": "cents"}}, "segment takes no unit 'cents'; leave"),
        ("subscription_line", _LINE | {"amount_cents": {"column": "a", "unit": "years"}}, "allowed are dollars, cents"),
        ("account", _ACCOUNT | {"segment": {}}, "exactly one of column, constant and template"),
        ("account", _ACCOUNT | {"segment": {"column": "a", "constant": "b"}}, "exactly one of"),
        ("account", _ACCOUNT | {"segment": {"column": "a", "plus": {"column": "b"}}}, "is no time"),
        ("account", _ACCOUNT | {"signed_up_on": {"column": "a", "format": "%H"}}, "no strptime format"),
        ("account", _ACCOUNT | {"signed_up_on": {"column": "a", "time_zone": "Berlin"}}, "'Berlin' is not a time zone"),
    ],
)
def test_a_wrong_field_is_named_with_what_would_be_right(record: str, fields: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        a_mapping(record, fields)


@pytest.mark.parametrize(
    ("defaults", "told"),
    [
        ({"currency": "EURO"}, "'EURO' is not an ISO 4217 currency code; did you mean 'EUR'"),
        ({"encoding": "latin-99"}, "is not an encoding"),
        ({"time_zone": "Mars/Olympus"}, "is not a time zone"),
        ({"colour": "red"}, "Extra inputs"),
    ],
)
def test_a_wrong_default_is_named(defaults: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        a_mapping("account", _ACCOUNT, defaults)


def test_a_bare_name_stands_for_a_column_and_yaml_scalars_for_their_text() -> None:
    assert FieldRule.model_validate("Name") == FieldRule(column=("Name",))
    assert FieldRule.model_validate(["A", "B"]).column == ("A", "B")
    rule = FieldRule.model_validate({"column": 1, "values": {1: True, "x": None}, "default": 2})
    assert (rule.column, rule.values, rule.default) == (("1",), {"1": "true", "x": ""}, "2")


def test_without_headers_the_columns_of_required_fields_must_be_there() -> None:
    (rule,) = a_mapping("account", _ACCOUNT | {"segment": "size"}).files
    assert rule.must_have == (("id",), ("name",))


@pytest.mark.parametrize("path", sorted(SHIPPED_MAPPINGS.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_shipped_mapping_is_valid_and_called_like_its_file(path: Path) -> None:
    (mapping,) = [one for one in shipped() if one.name == path.stem]
    assert isinstance(mapping, Mapping)


def test_keepline_s_own_names_cover_every_field_of_every_record() -> None:
    (own,) = [one for one in shipped() if one.name == "keepline"]
    covered = {rule.record: set(rule.fields) for rule in own.files}
    assert covered == {record: set(fields_of(record)) for record in RECORDS}


@pytest.mark.parametrize(
    ("wanted", "header", "found"),
    [
        (["Id"], ["ID", "Id"], "Id"),
        (["ticket_id"], ["Ticket ID"], "Ticket ID"),
        (["First reply (min.)"], ["first reply min"], "first reply min"),
        (["b", "a"], ["a", "b"], "b"),
        (["Started at*"], ["Started at (Europe/Berlin)"], "Started at (Europe/Berlin)"),
        (["a"], ["ab"], None),
    ],
)
def test_a_column_is_found_apart_from_case_and_punctuation(
    wanted: list[str], header: list[str], found: str | None
) -> None:
    assert find_column(wanted, header) == found


@pytest.mark.parametrize(
    ("header", "zone"),
    [("At (UTC)", "UTC"), ("At (America/New_York)", "America/New_York"), ("Fee (EUR)", None), ("At", None)],
)
def test_a_header_may_name_its_time_zone(header: str, zone: str | None) -> None:
    assert zone_in(header) == zone
