"""Knows which fields each record has and in which shape a frame carries them, read off the records themselves."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import polars as pl
from pydantic import AwareDatetime
from pydantic.fields import FieldInfo

from domain.accounts import Account, AccountField, AccountIdentity
from domain.escalations import Touch
from domain.imports import RecordName
from domain.knowledge import Article, ArticleView
from domain.parties import Party
from domain.records import Sourced
from domain.revenue import ChurnReport, Contract, FxRate, Payment, SubscriptionLine
from domain.tickets import Message, Survey, Ticket, TicketEvent
from domain.usage import UsageDay

Kind = Literal[
    "name", "text", "integer", "cents", "months", "date", "moment", "flag", "list", "choice", "currency", "decimal"
]  # fmt: skip

# In this order files go in: what others refer to comes first.
RECORDS: dict[RecordName, type[Sourced]] = {
    "account": Account,
    "account_identity": AccountIdentity,
    "fx_rate": FxRate,
    "contract": Contract,
    "subscription_line": SubscriptionLine,
    "churn_report": ChurnReport,
    "ticket": Ticket,
    "message": Message,
    "ticket_event": TicketEvent,
    "survey": Survey,
    "usage_day": UsageDay,
    "touch": Touch,
    "party": Party,
    "article": Article,
    "article_view": ArticleView,
    "payment": Payment,
    "account_field": AccountField,
}

# Required by the record, yet never by a file: the reader knows what to put there.
_FILLED = {"source", "recorded_at", "currency", "product", "scale_min", "scale_max"}

_DTYPES: dict[Kind, pl.DataType] = {
    "integer": pl.Int64(),
    "cents": pl.Int64(),
    "months": pl.Int64(),
    "date": pl.Date(),
    "moment": pl.Datetime("us", "UTC"),
    "flag": pl.Boolean(),
}


@dataclass(frozen=True)
class Field:
    """One field of a record: what it may hold. `default` is in the frame's shape (`"[]"` for an empty list)."""

    name: str
    kind: Kind
    nullable: bool
    default: str | bool | int | None
    choices: tuple[str, ...] = ()
    at_least: int | None = None
    at_most: int | None = None

    @property
    def dtype(self) -> pl.DataType:
        """The Polars type of the field's column."""
        return _DTYPES.get(self.kind, pl.String())

    @property
    def must_be_mapped(self) -> bool:
        """That a file without a column for it cannot give this record."""
        return not self.nullable and self.default is None and self.name not in _FILLED


@cache
def fields_of(record: RecordName) -> dict[str, Field]:
    """The fields of `record` by name, in the record's order."""
    return {name: _field(name, info) for name, info in RECORDS[record].model_fields.items()}


def _field(name: str, info: FieldInfo) -> Field:
    plain, nullable = _without_none(info.annotation)
    kind, choices = _kind(name, plain, info.metadata)
    return Field(
        name=name,
        kind=kind,
        nullable=nullable,
        default=_default(info, kind),
        choices=choices,
        at_least=next((rule.ge for rule in info.metadata if hasattr(rule, "ge")), None),
        at_most=next((rule.le for rule in info.metadata if hasattr(rule, "le")), None),
    )


def _without_none(annotation: Any) -> tuple[Any, bool]:
    if get_origin(annotation) in {Union, UnionType}:
        (plain,) = (part for part in get_args(annotation) if part is not NoneType)
        return plain, True
    return annotation, False


def _kind(name: str, annotation: Any, metadata: list[Any]) -> tuple[Kind, tuple[str, ...]]:
    if get_origin(annotation) is Annotated:
        annotation, *more = get_args(annotation)
        metadata = [*metadata, *more]
    if get_origin(annotation) is Literal:
        return "choice", get_args(annotation)
    if get_origin(annotation) is tuple:
        return "list", ()
    if annotation is int:
        return ("cents" if name.endswith("_cents") else "months" if name.endswith("_months") else "integer"), ()
    if annotation is str:
        return _text_kind(metadata), ()
    plain: dict[Any, Kind] = {
        bool: "flag", date: "date", datetime: "moment", AwareDatetime: "moment", Decimal: "decimal"
    }  # fmt: skip
    return plain[annotation], ()


def _text_kind(metadata: list[Any]) -> Kind:
    if any(getattr(rule, "pattern", None) for rule in metadata):
        return "currency"
    return "name" if any(getattr(rule, "min_length", None) for rule in metadata) else "text"


def _default(info: FieldInfo, kind: Kind) -> str | bool | int | None:
    if kind == "list":
        return "[]"
    if info.is_required():
        return "" if kind == "text" else None
    default = info.default
    return default if isinstance(default, str | bool | int) else None
