"""Knows how records become the frames in which storage takes them."""

import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import polars as pl

from connectors.contract import Found
from connectors.shapes import RECORDS, fields_of
from domain.imports import RecordName
from domain.records import Sourced

_NAMES: dict[type[Sourced], RecordName] = {kind: name for name, kind in RECORDS.items()}


def record_name(fact: Sourced) -> RecordName:
    """What kind of record a fact is."""
    return _NAMES[type(fact)]


def frames(found: Iterable[Found]) -> dict[RecordName, pl.DataFrame]:
    """One frame a kind of record: its fields, `line` from 1 in order of arrival, `changed_at`; lines have `onwards`."""
    rows: dict[RecordName, list[dict[str, Any]]] = {}
    for each in found:
        of_kind = rows.setdefault(record_name(each.fact), [])
        own = {"line": len(of_kind) + 1, "changed_at": each.changed_at, "onwards": each.onwards}
        of_kind.append({**own, **_cells(each.fact)})
    return {record: pl.DataFrame(each, schema=schema(record)) for record, each in rows.items()}


def schema(record: RecordName) -> dict[str, Any]:
    """The columns of a kind's frame."""
    moment = pl.Datetime("us", "UTC")
    own: dict[str, Any] = {name: field.dtype for name, field in fields_of(record).items()}
    onwards = {"onwards": pl.Boolean()} if record == "subscription_line" else {}
    return {"line": pl.Int64(), "changed_at": moment, **own, **onwards}


def _cells(fact: Sourced) -> dict[str, Any]:
    return {name: _cell(value) for name, value in fact}


def _cell(value: object) -> object:
    if isinstance(value, tuple):
        return json.dumps(value, ensure_ascii=False)
    return f"{value:f}" if isinstance(value, Decimal) else value
