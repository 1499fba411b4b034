"""Knows how a batch of text cells becomes rows of one record, and why the other rows do not."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from connectors.event_words import in_words_of_tickets
from connectors.field_reading import (
    Expected,
    Problem,
    Reading,
    added_span,
    clean,
    currency_in_cells,
    read_field,
    read_money,
    shifted,
    within_bounds,
)
from connectors.headers import find_column
from connectors.laws import row_problems, time_problems, with_usual_scale
from connectors.mapping import Defaults, Limits, Plus, RecordRule, columns_in
from connectors.raw_rows import RawBatch
from connectors.shapes import Field, fields_of
from connectors.vocabulary import MISSING
from domain.imports import RecordName, Reject

_FOUND_LENGTH = 200


@dataclass(frozen=True)
class Batch:
    """Rows of one record: Int64 `line` and every field of the record; the rejects of the same stretch of the file.

    Times are Datetime("us", "UTC"), days Date, cents and counts Int64, flags Boolean; lists are JSON text, decimals
    plain digits, both String.
    """

    record: RecordName
    rows: pl.DataFrame
    rejects: list[Reject]


@dataclass(frozen=True)
class RowReader:
    """Reads batches of one file as one record. `source` and `now` fill what the file does not say.

    `habits` is how this file writes things: the mapping's defaults, completed by what the file itself shows.
    """

    rule: RecordRule
    source: str
    habits: Defaults
    limits: Limits
    file: str
    now: datetime

    def read(self, raw: RawBatch) -> Batch:
        """The good rows and the rejects, the broken rows of `raw` among them."""
        raw = self._wanted(raw)
        rows, problems = _Sheet(self, raw.cells).rows()
        bad = pl.repeat(False, raw.cells.height, dtype=pl.Boolean, eager=True)
        for problem in problems:
            bad |= problem.rows
        rows = rows.insert_column(0, raw.lines.alias("line"))
        rejects = [*raw.broken, *_rejects(raw, problems, self.file)] if raw.broken or bad.any() else []
        return Batch(
            self.rule.record, rows.filter(~bad) if bad.any() else rows, sorted(rejects, key=lambda one: one.line)
        )

    def _wanted(self, raw: RawBatch) -> RawBatch:
        """Only the rows that the rule's `only_if` lets through."""
        keep = pl.repeat(True, raw.cells.height, dtype=pl.Boolean, eager=True)
        for name, allowed in self.rule.only_if.items():
            column = find_column([name], raw.cells.columns)
            if column is None:
                return RawBatch(raw.lines.clear(), raw.cells.clear(), raw.broken)
            text = raw.cells[column].str.strip_chars()
            if allowed == "present":
                keep &= ~text.is_in(MISSING)
            else:
                keep &= text.str.to_lowercase().is_in([value.strip().lower() for value in allowed])
        return RawBatch(raw.lines.filter(keep), raw.cells.filter(keep), raw.broken)


class _Sheet:
    """One batch while its columns are read."""

    def __init__(self, reader: RowReader, cells: pl.DataFrame) -> None:
        self._reader, self._cells = reader, cells
        self._fields = fields_of(reader.rule.record)
        self._clean: dict[str, pl.Series] = {}
        self._shown: dict[str, tuple[str, pl.Series]] = {}
        self._problems: list[Problem] = []

    def rows(self) -> tuple[pl.DataFrame, list[Problem]]:
        """Every field's column, and all that is wrong."""
        found = {name: self._text(name) for name in self._fields}
        self._shown = {name: shown for name, shown in found.items() if shown is not None}
        values = {name: self._values(field) for name, field in self._fields.items() if field.kind != "cents"}
        money = [field for field in self._fields.values() if field.kind == "cents"]
        if money:
            values |= self._money(money, values["currency"])
        rows = self._completed(pl.DataFrame([values[name].alias(name) for name in self._fields]))
        self._require(rows)
        if self._reader.rule.record == "ticket_event":
            rows, problems = in_words_of_tickets(rows, self._show)
            self._problems += problems
        self._problems += row_problems(self._reader.rule.record, rows, self._show)
        return rows, self._problems

    def _text(self, name: str) -> tuple[str, pl.Series] | None:
        """The column that a field comes from, as the file names it, and its cleaned cells."""
        rule = self._reader.rule.fields.get(name)
        if rule is None:
            return None
        if rule.constant is not None:
            return "", pl.repeat(rule.constant, self._cells.height, dtype=pl.String, eager=True)
        if rule.template is not None:
            return self._templated(rule.template)
        columns = list(dict.fromkeys(filter(None, (find_column([one], self._cells.columns) for one in rule.column))))
        if not columns:
            return None
        text = self._cleaned(columns[0])
        for other in columns[1:]:
            text = text.zip_with(text.is_not_null(), self._cleaned(other))
        return columns[0], text

    def _cleaned(self, column: str) -> pl.Series:
        if column not in self._clean:
            self._clean[column] = clean(self._cells[column])
        return self._clean[column]

    def _templated(self, template: str) -> tuple[str, pl.Series] | None:
        literals, names = columns_in(template)[::2], columns_in(template)[1::2]
        columns = [column for name in names if (column := find_column([name], self._cells.columns)) is not None]
        if len(columns) < len(names):
            return None
        frame = pl.DataFrame([self._cleaned(column).alias(str(at)) for at, column in enumerate(columns)])
        pattern = "{}".join(literal.replace("{", "{{").replace("}", "}}") for literal in literals)
        return columns[0], frame.select(pl.format(pattern, *frame.columns)).to_series()

    def _values(self, field: Field) -> pl.Series:
        if field.name not in self._shown:
            return self._nothing(field)
        column, text = self._shown[field.name]
        rule = self._reader.rule.fields[field.name]
        reading = read_field(field, text, rule, column, self._reader.habits)
        if rule.plus is not None:
            reading = self._added(reading, rule.plus)
        return self._taken(field, reading, column, text)

    def _taken(self, field: Field, reading: Reading, column: str, text: pl.Series) -> pl.Series:
        values = reading.values
        if field.name == "ends_on" and self._ends_on_is == "last_day_with":
            values = shifted(values, 1)
        self._problems += reading.problems
        if field.kind in {"date", "moment"}:
            reader = self._reader
            self._problems += time_problems(reader.rule.record, field, values, column, text, reader.now, reader.limits)
        return values

    @property
    def _ends_on_is(self) -> str:
        return self._reader.rule.ends_on_is or self._reader.habits.ends_on_is

    def _added(self, reading: Reading, plus: Plus) -> Reading:
        column = find_column(plus.column, self._cells.columns)
        if column is None:
            return Reading(reading.values.clear(len(reading.values)))
        return added_span(reading, self._cleaned(column), plus.unit, column, self._reader.habits)

    def _money(self, fields: list[Field], given: pl.Series) -> dict[str, pl.Series]:
        """Amounts and their currency: the row's own, else that of the sign in an amount, else the mapping's."""
        shown = [field for field in fields if field.name in self._shown]
        fallback = self._nothing(self._fields["currency"])
        for field in shown:
            fallback = fallback.fill_null(currency_in_cells(self._shown[field.name][1]))
        if self._reader.habits.currency is not None:
            fallback = fallback.fill_null(self._reader.habits.currency)
        stated = self._show("currency")[1].is_not_null()
        currency = given.zip_with(stated, fallback)
        values = {"currency": currency} | {field.name: self._nothing(field) for field in fields}
        for field in shown:
            column, text = self._shown[field.name]
            reading = read_money(
                text, currency, given, self._reader.rule.fields[field.name], column, self._reader.habits
            )
            values[field.name] = self._taken(field, within_bounds(reading, field, column, text), column, text)
        return values

    def _nothing(self, field: Field) -> pl.Series:
        return pl.repeat(None, self._cells.height, dtype=field.dtype, eager=True)

    def _completed(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Fill what the file does not say: source, time of recording, product, scale, the record's defaults."""
        defaults = {
            name: pl.col(name).fill_null(field.default)
            for name, field in self._fields.items()
            if field.default is not None
        }
        rows = rows.with_columns(**defaults, source=pl.col("source").fill_null(self._reader.source))
        if "recorded_at" in rows.columns:
            rows = rows.with_columns(pl.col("recorded_at").fill_null(self._reader.now))
        if "product" in rows.columns:
            rows = rows.with_columns(pl.coalesce("product", "plan", pl.lit("subscription")).alias("product"))
        return with_usual_scale(rows) if self._reader.rule.record == "survey" else rows

    def _require(self, rows: pl.DataFrame) -> None:
        """Missing cells of required fields; a cell that is there and wrong has its own problem already."""
        for name, field in self._fields.items():
            if field.nullable or not rows[name].null_count():
                continue
            column, text = self._show(name)
            missing = rows[name].is_null()
            for problem in self._problems:
                missing &= ~problem.rows if problem.column == column else True
            self._problems.append(Problem(missing, column, text, _what(field, self._reader.rule)))

    def _show(self, name: str) -> tuple[str, pl.Series]:
        return self._shown.get(name) or (name, pl.repeat(None, self._cells.height, dtype=pl.String, eager=True))


def _what(field: Field, rule: RecordRule) -> str:
    """What would be right in a cell that is missing."""
    template = rule.fields[field.name].template if field.name in rule.fields else None
    if template is not None:
        return f"values in {' and '.join(columns_in(template)[1::2])}, which make the {field.name} together"
    if field.name == "currency":
        return "a currency; name its column, or set `currency` under the mapping's defaults"
    return f"a value; every {field.name.removesuffix('_cents')} is needed"


def _rejects(raw: RawBatch, problems: Iterable[Problem], file: str) -> Iterator[Reject]:
    """One reject a row: its first problem, and after it the others in words."""
    wrong: dict[int, dict[str, tuple[str, str]]] = {}
    for problem in problems:
        at = problem.rows.arg_true()
        for row, found in zip(at, problem.found.gather(at), strict=True):
            told = (found or "")[:_FOUND_LENGTH]
            wrong.setdefault(row, {}).setdefault(problem.column, (told, _told(problem.expected, told)))
    for row, by_column in wrong.items():
        (column, (found, expected)), *others = by_column.items()
        also = "".join(f"; also {name}: found {told!r}, expected {right}" for name, (told, right) in others)
        yield Reject(
            file=file,
            line=raw.lines[row],
            column=column,
            found=found,
            expected=(expected + also)[:500],
            row=raw.cells.row(row),
        )


def _told(expected: Expected, found: str) -> str:
    return expected if isinstance(expected, str) else expected(found)
