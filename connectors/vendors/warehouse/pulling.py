"""Knows how the tables of a warehouse become streams: new rows as records, marked ones as gone."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import polars as pl
from pydantic import ValidationError
from sqlalchemy import literal, select

from connectors.contract import Checked, Cursor, Found, Gone, Page, Site, SiteField, Stream, Unusable
from connectors.mapping import FieldRule, Limits, RecordRule, TableRule
from connectors.parsing import RowReader
from connectors.raw_rows import RawBatch
from connectors.shapes import RECORDS, fields_of
from connectors.vendors.warehouse.cells import cell, frame, is_marked
from connectors.vendors.warehouse.database import Database
from connectors.vendors.warehouse.walking import PAGE_ROWS, Rows, TableWalk
from domain.errors import ConnectorError
from domain.imports import RecordName, Reject

_A_TIME = "a time; name a column that says when a row was written"
_UNMAPPED = "no tables are mapped; name them under connections.{}.tables in connectors.yaml"


@dataclass
class Warehouse:
    """One database with tables that a loader has landed."""

    site: Site

    @cached_property
    def database(self) -> Database:
        return Database(self.site.secrets["url"])

    def check(self) -> Checked:
        self.database.rows(select(literal(1)))
        missing = [] if self.site.tables else [_UNMAPPED.format(self.site.name)]
        for walk in map(self._walk, self.site.tables):
            try:
                walk.names  # noqa: B018 - looks for the table and each column
            except ConnectorError as error:
                missing.append(str(error))
        return Checked(self.database.label, tuple(missing))

    def calls_per_minute(self) -> int | None:
        return None

    def site_fields(self) -> Sequence[SiteField]:
        return list(self.database.fields())

    def streams(self) -> Sequence[Stream]:
        if not self.site.tables:
            return (Stream("tables", self._nothing),)
        order = list(RECORDS)
        rules = sorted(self.site.tables, key=lambda rule: order.index(rule.record))
        return [self._stream(rule, rules, number) for number, rule in enumerate(rules)]

    def _stream(self, rule: TableRule, rules: Sequence[TableRule], number: int) -> Stream:
        walk, title = self._walk(rule), f"{rule.record} from {rule.table}"
        before = [each for each in rules[:number] if (each.record, each.table) == (rule.record, rule.table)]
        alone = sum(each.record == rule.record for each in rules) == 1
        return Stream(
            f"{title} ({len(before) + 1})" if before else title,
            RecordReader(self.site, walk).pages,
            # Of several tables with one kind of record, none knows all that there are.
            snapshot_of=(rule.record,) if rule.changed_at is None and alone else (),
            total=walk.count,
            page_rows=PAGE_ROWS,
        )

    def _walk(self, rule: TableRule) -> TableWalk:
        return TableWalk(self.database, rule, self.site.table_defaults)

    def _nothing(self, _cursor: Cursor) -> Iterator[Page]:
        raise ConnectorError(_UNMAPPED.format(self.site.name))


@dataclass
class RecordReader:
    """Reads the rows of one table as records."""

    site: Site
    walk: TableWalk

    def pages(self, cursor: Cursor) -> Iterator[Page]:
        remarks = self._remarks() if not cursor else []
        for rows in self.walk.pages(cursor):
            yield self._page(rows, remarks)
            remarks = []

    def _page(self, read: Rows, remarks: list[str]) -> Page:
        walk, record = self.walk, self.walk.rule.record
        rows = [dict(zip(walk.names, values, strict=True)) for values in read.rows]
        written = [walk.written_at(row) for row in rows]
        cells = frame(walk.names, read.rows)
        ids = self._ids(cells)
        unstamped = {at for at, moment in enumerate(written) if walk.stamp and moment is None}
        marked = {at for at, row in enumerate(rows) if walk.deleted and is_marked(row[walk.deleted])} - unstamped
        usable = [at for at in range(len(rows)) if at not in marked | unstamped]
        batch = self._reader(walk.rule, written).read(_raw(cells, usable))
        found, unusable = self._facts(batch.rows, written, ids)
        unusable += [_unusable(record, ids[each.line], each) for each in batch.rejects]
        unusable += [
            Unusable(record, ids[at], walk.stamp or "", cells[walk.stamp or ""][at], _A_TIME)
            for at in sorted(unstamped)
        ]
        # What the mapping leaves out may have been a record before.
        left_out = set(usable) - set(batch.rows["line"]) - {each.line for each in batch.rejects}
        gone = sorted(marked | (left_out if walk.stamp else set()))
        return Page(
            cursor=read.after,
            found=found,
            gone=[Gone(record, ids[at], written[at]) for at in gone if self._may_be_known(written[at], read.began)],
            unusable=unusable,
            remarks=remarks,
            read=len(rows),
            complete=read.complete,
        )

    def _may_be_known(self, written_at: datetime | None, began: datetime | None) -> bool:
        # A first walk has brought nothing of what was gone before it began.
        return began is None or written_at is None or written_at > began

    def _ids(self, cells: pl.DataFrame) -> list[str]:
        """The external id of each row; for one without, its key, so that a person finds it."""
        fields = {"external_id": self.walk.rule.fields["external_id"], "account_ref": FieldRule(constant="-")}
        rule = RecordRule(record="account_identity", fields=fields)
        found = self._reader(rule, []).read(_raw(cells, range(cells.height))).rows
        known = dict(found.select("line", "external_id").iter_rows())
        keys = cells.select(pl.concat_str(self.walk.key, separator="/")).to_series()
        return [known.get(at) or keys[at] or "without an id" for at in range(cells.height)]

    def _reader(self, rule: RecordRule, written: Sequence[datetime | None]) -> RowReader:
        # Our clock may be behind; what the rows say of themselves is true all the same.
        now = max([self.site.clock.now(), *(each for each in written if each)])
        defaults = self.walk.defaults
        # Numbers of a database have a point; texts that have a comma say so in the mapping.
        habits = defaults.model_copy(update={"decimal_comma": bool(defaults.decimal_comma)})
        return RowReader(rule, self.site.name, habits, Limits(), self.walk.rule.table, now)

    def _facts(
        self, rows: pl.DataFrame, written: Sequence[datetime | None], ids: Sequence[str]
    ) -> tuple[list[Found], list[Unusable]]:
        record, kinds = self.walk.rule.record, fields_of(self.walk.rule.record)
        lists = [name for name, field in kinds.items() if field.kind == "list"]
        found, unusable = list[Found](), list[Unusable]()
        for row in rows.iter_rows(named=True):
            at = row.pop("line")
            row |= {name: json.loads(row[name]) for name in lists}
            if "recorded_at" in kinds and "recorded_at" not in self.walk.rule.fields and written[at]:
                row["recorded_at"] = written[at]
            try:
                found.append(Found(RECORDS[record].model_validate(row), written[at]))
            except ValidationError as error:
                first = error.errors(include_url=False)[0]
                column = ".".join(map(str, first["loc"])) or record
                unusable.append(Unusable(record, ids[at], column, cell(first["input"])[:80], first["msg"]))
        return found, unusable

    def _remarks(self) -> list[str]:
        walk, told = self.walk, list[str]()
        lacking = walk.unstamped()
        if lacking:
            told.append(f"{walk.rule.table}: {lacking:,} rows have no {walk.stamp} and are not read")
        if walk.rule.changed_at and walk.stamp != walk.rule.changed_at:
            told.append(f"{walk.rule.table} is read by {walk.stamp}, which also moves when a row is marked as deleted")
        return told


def _raw(cells: pl.DataFrame, at: Sequence[int]) -> RawBatch:
    lines = pl.Series("line", list(at), dtype=pl.Int64)
    return RawBatch(lines, cells[list(at)] if len(at) < cells.height else cells)


def _unusable(record: RecordName, external_id: str, reject: Reject) -> Unusable:
    return Unusable(record, external_id, reject.column, reject.found, reject.expected)
