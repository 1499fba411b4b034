"""Builds documents of service levels, and tickets with what is known of them, for the tests of policies."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

import narwhals as nw
import polars as pl

from rules.conditions import PolicyCondition
from rules.sla.matching import match
from rules.sla.policy import SlaDocument
from rules.sla.reasons import reasons
from rules.sla.terms import Terms

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
OFFICE = {"zone": "UTC", "hours": {"mon-fri": ["09:00-17:00"]}}
_TYPES = {
    "money": pl.Int64, "number": pl.Float64, "days": pl.Int64, "duration": pl.Int64, "text": pl.String, "date": pl.Date,
}  # fmt: skip


def a_leaf(signal: str, op: str, value: Any = None) -> dict[str, Any]:
    return {"signal": signal, "op": op} | ({} if value is None else {"value": value})


URGENT = a_leaf("priority", "==", "urgent")


def a_policy(name: str = "standard", **said: Any) -> dict[str, Any]:
    return {"id": name, "targets": {"first_reply": "2h business"}, **said}


def a_document(*policies: Mapping[str, Any], **said: Any) -> SlaDocument:
    return SlaDocument.model_validate({"policies": list(policies), **said})


@cache
def _schema() -> dict[str, Any]:
    known = {name: _TYPES[signal.kind] for name, signal in PolicyCondition.vocabulary.items()}
    return {"ticket_id": pl.Int64, **known, "account_ref": pl.String, "created_at": pl.Datetime("us", "UTC")}


def tickets(*rows: Mapping[str, Any]) -> nw.LazyFrame[Any]:
    """A row per ticket, numbered from 1; what a row does not say is unknown. `tag` is a list here."""
    texts = [
        {"ticket_id": number}
        | {name: json.dumps(value) if isinstance(value, list) else value for name, value in row.items()}
        for number, row in enumerate(rows, start=1)
    ]
    return nw.from_native(pl.DataFrame(texts, schema=_schema(), orient="row").lazy())


def chosen(document: SlaDocument, *rows: Mapping[str, Any], as_of: datetime = NOON) -> list[str | None]:
    """The policy of each ticket."""
    found: list[str | None] = match(document, tickets(*rows), as_of, "USD").tickets["policy"].to_list()
    return found


def promised(document: SlaDocument, as_of: datetime = NOON, **known: Any) -> Terms | None:
    """What one ticket is promised."""
    matched = match(document, tickets(known), as_of, "USD")
    name = matched.tickets["terms"].item()
    return None if name is None else matched.terms[name]


def seconds(terms: Terms | None) -> dict[str, dict[str, int]]:
    """The targets in seconds, by metric and priority."""
    targets = {} if terms is None else terms.targets
    return {metric: {word: target.seconds for word, target in each.items()} for metric, each in targets.items()}


def told(document: SlaDocument, *rows: Mapping[str, Any], as_of: datetime = NOON) -> Sequence[tuple[str, Any]]:
    """Why, and the values that were looked at, of each ticket."""
    found = reasons(document, tickets(*rows), as_of, "USD").sort("ticket_id")
    return [(because, json.loads(inputs)) for _, because, inputs in found.iter_rows()]
