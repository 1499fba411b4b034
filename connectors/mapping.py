"""Knows what a mapping document may say: how a file is recognised and which column becomes which field.

A minimal document, as it stands in YAML:

    name: our-crm
    source: crm
    files:
      - record: account
        fields: {external_id: Customer No, name: Company}
"""

import re
from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, Literal

import polars as pl
from polars.exceptions import PolarsError
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator
from rapidfuzz import process

from connectors.headers import is_zone
from connectors.shapes import Kind, fields_of
from connectors.vocabulary import CURRENCIES
from domain.imports import RecordName
from domain.records import Name

EndsOnIs = Literal["first_day_without", "last_day_with"]
Unit = Literal["dollars", "cents", "months", "quarters", "years"]
Span = Literal["seconds", "minutes", "hours", "days"]
_UNITS: dict[Kind, tuple[Unit, ...]] = {"cents": ("dollars", "cents"), "months": ("months", "quarters", "years")}


def _known_zone(name: str) -> str:
    if not is_zone(name):
        raise ValueError(f"{name!r} is not a time zone; write one like UTC or Europe/Berlin")
    return name


def _known_currency(code: str) -> str:
    if code not in CURRENCIES:
        raise ValueError(f"{code!r} is not an ISO 4217 currency code; {nearest(code, sorted(CURRENCIES))}")
    return code


def _as_text(value: Any) -> Any:
    """YAML reads `1` and `true` as number and flag; a cell is text."""
    if value is None:
        return ""
    return (
        str(value).lower()
        if isinstance(value, bool)
        else str(value)
        if isinstance(value, int | float | date)
        else value
    )


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str | int | float) else value


Text = Annotated[str, BeforeValidator(_as_text)]
TimeZone = Annotated[str, AfterValidator(_known_zone)]
Texts = Annotated[tuple[Text, ...], BeforeValidator(_as_list)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Plus(_Part):
    """A span in another column that is added to a moment: a ticket's first reply is its creation plus minutes."""

    column: Texts
    unit: Span = "minutes"


class FieldRule(_Part):
    """Where one field comes from. In YAML a bare name stands for `{column: name}`.

    Attributes:
        column: name of the column; of several the first that is filled in the row.
        constant: the same text for each row.
        template: text with columns in braces, `{base}-{quote}`; missing where one of them is.
        values: what a cell says → what is meant; `""` is the missing cell, `"*"` any other; → `""` makes it missing.
        default: for a missing cell.
        unit: of money (`dollars`, the default, means whole units with decimals; `cents` minor units) or of an interval.
        format: strptime format of a date or time, or `unix`, `unix_ms`.
        time_zone: of times that name none; otherwise the zone in the header, otherwise the mapping's.
        separator: between the items of a list; otherwise comma, semicolon or bar. A space also stands for those.
        plus: a span in another column, added to a time.
    """

    column: Texts = ()
    constant: Text | None = None
    template: str | None = None
    values: dict[Text, Text] = {}
    default: Text | None = None
    unit: Unit | None = None
    format: str | None = None
    time_zone: TimeZone | None = None
    separator: str | None = None
    plus: Plus | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_a_bare_name(cls, given: Any) -> Any:
        return {"column": given} if isinstance(given, str | list | tuple) else given

    @field_validator("format")
    @classmethod
    def _is_a_format(cls, fmt: str | None) -> str | None:
        if fmt is not None and fmt not in {"unix", "unix_ms"}:
            try:
                pl.Series(["?"]).str.to_datetime(fmt, time_unit="us", strict=False)
            except PolarsError as error:
                raise ValueError(
                    f"{fmt!r} is no strptime format of a date, or of a date with hour and minute"
                ) from error
        return fmt

    @model_validator(mode="after")
    def _has_one_origin(self) -> "FieldRule":
        if sum((bool(self.column), self.constant is not None, self.template is not None)) != 1:
            raise ValueError("exactly one of column, constant and template says where a field comes from")
        return self


class Defaults(_Part):
    """What holds for every file of a mapping unless a field says otherwise. None: found out from the file itself."""

    time_zone: TimeZone = "UTC"
    day_first: bool | None = None
    currency: Annotated[str, AfterValidator(_known_currency)] | None = None
    encoding: str | None = None
    delimiter: str | None = Field(default=None, min_length=1, max_length=1)
    decimal_comma: bool | None = None
    ends_on_is: EndsOnIs = "first_day_without"

    @field_validator("encoding")
    @classmethod
    def _is_known(cls, encoding: str | None) -> str | None:
        if encoding is not None:
            try:
                "".encode(encoding)
            except LookupError as error:
                raise ValueError(f"{encoding!r} is not an encoding; write one like utf-8 or cp1252") from error
        return encoding


class Limits(_Part):
    """How much a reader takes in before it puts a row aside or gives a file up."""

    line_characters: int = Field(default=1 << 20, gt=0)
    batch_rows: int = Field(default=50_000, gt=0)
    batch_characters: int = Field(default=1 << 25, gt=0)
    sample_rows: int = Field(default=1_000, gt=0)
    broken_rows: int = Field(default=1_000, gt=0)
    rejected_rows: int = Field(default=20_000, gt=0)
    reread_characters: int = Field(default=1 << 26, gt=0)
    sheet_bytes: int = Field(default=1 << 30, gt=0)
    years_ahead: int = Field(default=10, ge=0)
    earliest: date = date(1970, 1, 1)


class RecordRule(_Part):
    """How rows give one kind of record.

    Attributes:
        only_if: column → the values that a row must have, or `present`; other rows do not give this record.
    """

    record: RecordName
    only_if: dict[str, Literal["present"] | tuple[Text, ...]] = {}
    ends_on_is: EndsOnIs | None = None
    fields: dict[str, FieldRule]

    @model_validator(mode="after")
    def _fits_the_record(self) -> "RecordRule":
        for problem in self._problems():
            raise ValueError(problem)
        return self

    def _problems(self) -> Iterator[str]:
        known = fields_of(self.record)
        for name, rule in self.fields.items():
            if name not in known:
                yield f"{self.record} has no field {name!r}; {nearest(name, list(known))}"
            elif rule.unit is not None and rule.unit not in _UNITS.get(known[name].kind, ()):
                yield f"{name} takes no unit {rule.unit!r}; {_allowed_units(known[name].kind)}"
            elif rule.plus is not None and known[name].kind != "moment":
                yield f"{name} is no time, so nothing can be added to it; leave `plus` out"
        missing = [name for name, field in known.items() if field.must_be_mapped and name not in self.fields]
        if missing:
            yield f"{self.record} needs {', '.join(missing)}; name a column or a constant for each"

    def columns(self) -> list[tuple[str, ...]]:
        """Every column that the rule reads, each as a list of names of which the first found counts."""
        read = [rule.column for rule in self.fields.values() if rule.column]
        read += [rule.plus.column for rule in self.fields.values() if rule.plus]
        read += [(name,) for rule in self.fields.values() if rule.template for name in columns_in(rule.template)[1::2]]
        return read + [(name,) for name in self.only_if]


class FileRule(RecordRule):
    """How one kind of file is recognised and which record its rows give.

    Attributes:
        headers: columns that the file must have, a list inside for "one of these"; left out: those of required fields.
        file: pattern of the file's name; decides only between rules whose headers fit equally well.
        beside: this rule reads the same file a second time where another rule of the mapping reads it as `beside`.
    """

    headers: tuple[Texts, ...] = ()
    file: str | None = None
    beside: RecordName | None = None

    @property
    def must_have(self) -> tuple[tuple[str, ...], ...]:
        """The columns that a file must have for this rule, each as a list of names of which one is enough."""
        if self.headers:
            return self.headers
        known = fields_of(self.record)
        return tuple(rule.column for name, rule in self.fields.items() if rule.column and known[name].must_be_mapped)


class TableRule(RecordRule):
    """Which table of a warehouse gives a record, and how what is new and what is gone is told there.

    Attributes:
        table: the table or view, with its schema: `zendesk.ticket`.
        changed_at: column that moves whenever a row is written. Left out: the table is read whole each time, and what
            is no longer in it is gone.
        deleted: column that marks a row that the source has deleted, by a flag or the time of it.
        key: columns that tell the rows apart; left out: the primary key, otherwise those of the external id.
        overlap_minutes: how much later than `changed_at` says a row may come into the table.
    """

    table: Name
    changed_at: Name | None = None
    deleted: Name | None = None
    key: Texts = ()
    overlap_minutes: int = Field(default=60, ge=0, le=60 * 24 * 31)


class Mapping(_Part):
    """How one system's exports are read. `source` names that system in every record."""

    name: Name
    source: Name
    about: str = ""
    defaults: Defaults = Defaults()
    limits: Limits = Limits()
    files: Annotated[tuple[FileRule, ...], Field(min_length=1)]


def columns_in(template: str) -> list[str]:
    """A template cut up: text, column, text, column, … text."""
    return re.split(r"\{([^{}]+)\}", template)


def nearest(word: str, known: list[str]) -> str:
    """The known name that a mistaken one may have meant, or what is known."""
    best = process.extractOne(word, known, score_cutoff=60)
    return f"did you mean {best[0]!r}?" if best else f"known are {', '.join(known[:200])}"


def _allowed_units(kind: Kind) -> str:
    allowed = _UNITS.get(kind, ())
    return f"allowed are {', '.join(allowed)}" if allowed else "leave `unit` out"
