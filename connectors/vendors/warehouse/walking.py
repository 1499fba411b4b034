"""Knows how one table is walked: by when its rows were written and by their key, from any row on."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from hashlib import sha256
from typing import Any

from sqlalchemy import Column, ColumnElement, Select, Table, and_, func, or_, select, type_coerce
from sqlalchemy.types import NullType

from connectors.contract import Cursor
from connectors.headers import find_column
from connectors.mapping import Defaults, TableRule, columns_in, nearest
from connectors.vendors.warehouse.cells import earlier, moment, packed, unpacked
from connectors.vendors.warehouse.database import Database
from domain.errors import ConnectorError

PAGE_ROWS = 5_000
# Columns that loaders set whenever they write a row. A mark of deletion moves them, and not the source's own time.
_LOADERS = ("_fivetran_synced", "_airbyte_extracted_at", "_airbyte_emitted_at", "_sdc_batched_at")


@dataclass(frozen=True)
class Rows:
    """Rows of one answer; `after` is the cursor behind the last row. `began` is set in a first walk: when it began."""

    rows: list[tuple[Any, ...]]
    after: Cursor
    complete: bool
    began: datetime | None


@dataclass
class TableWalk:
    """One table of the mapping, as the database has it."""

    database: Database
    rule: TableRule
    defaults: Defaults

    @cached_property
    def table(self) -> Table:
        return self.database.table(self.rule.table)

    @cached_property
    def stamp(self) -> str | None:
        """The column that the table is read by."""
        if self.rule.changed_at is None:
            return None
        given, loaders = self._column(self.rule.changed_at), [name for name in _LOADERS if name in self.table.c]
        return loaders[0] if self.rule.deleted and loaders else given

    @cached_property
    def deleted(self) -> str | None:
        """The column of the mark of deletion."""
        return self._column(self.rule.deleted) if self.rule.deleted else None

    @cached_property
    def key(self) -> list[str]:
        """The columns by which rows of one moment are told apart."""
        primary = [column.name for column in self.table.primary_key]
        identity = self.rule.fields["external_id"]
        of_id = columns_in(identity.template)[1::2] if identity.template else list(identity.column)
        return [self._column(name) for name in self.rule.key] or primary or [self._column(name) for name in of_id]

    @cached_property
    def names(self) -> list[str]:
        """The columns that are read.

        Raises:
            ConnectorError: one that the mapping names is not there.
        """
        if not self.key:
            raise ConnectorError(f"{self.rule.table} has no primary key; name what tells its rows apart under `key`")
        wanted = [found for group in self.rule.columns() for found in self._columns(group)]
        more = (self.stamp, self.deleted, *self.key)
        return list(dict.fromkeys([*wanted, *(each for each in more if each)]))

    @property
    def fingerprint(self) -> str:
        """The mapping, short: with another one, what was read before says nothing."""
        said = json.dumps([self.rule.model_dump(mode="json"), self.defaults.model_dump(mode="json")], sort_keys=True)
        return sha256(said.encode()).hexdigest()[:12]

    def count(self) -> int:
        """How many rows there are."""
        ((rows,),) = self.database.rows(select(func.count()).select_from(self.table))
        return int(rows)

    def unstamped(self) -> int:
        """How many rows do not say when they were written."""
        if self.stamp is None:
            return 0
        lacking = select(func.count()).select_from(self.table).where(self.table.c[self.stamp].is_(None))
        ((rows,),) = self.database.rows(lacking)
        return int(rows)

    def pages(self, cursor: Cursor) -> Iterator[Rows]:
        """The rows behind the cursor; a mapping that has changed begins anew."""
        place = dict(cursor) if cursor.get("mapping") == self.fingerprint else self._first_place()
        while True:
            rows = self.database.rows(self._query(place))
            place |= self._behind_last(rows)
            complete = len(rows) < PAGE_ROWS
            began = datetime.fromisoformat(place["began"]) if "began" in place else None
            yield Rows(rows, self._next_walk(place) if complete else dict(place), complete, began)
            if complete:
                return

    def _first_place(self) -> dict[str, Any]:
        newest = self.newest()
        return {"mapping": self.fingerprint} | ({"began": newest.isoformat()} if newest else {})

    def written_at(self, row: Mapping[str, Any]) -> datetime | None:
        """When a row was written; None where it does not say it in a way that can be read."""
        return moment(row[self.stamp], self.defaults.time_zone) if self.stamp else None

    def newest(self) -> datetime | None:
        """When the newest row was written."""
        if self.stamp is None:
            return None
        ((at,),) = self.database.rows(select(type_coerce(func.max(self.table.c[self.stamp]), NullType())))
        return moment(at, self.defaults.time_zone)

    def _behind_last(self, rows: list[tuple[Any, ...]]) -> dict[str, Any]:
        for values in reversed(rows):
            row = dict(zip(self.names, values, strict=True))
            key = [packed(row[name]) for name in self.key]
            if self.stamp is None:
                return {"key": key}
            if self.written_at(row):
                return {"key": key, "at": packed(row[self.stamp])}
        return {}

    def _next_walk(self, place: Cursor) -> Cursor:
        if self.stamp is None:
            return {"mapping": self.fingerprint}
        if "at" not in place or "key" not in place:
            return {name: value for name, value in place.items() if name != "began"}
        at = earlier(unpacked(place["at"]), timedelta(minutes=self.rule.overlap_minutes))
        return {"mapping": self.fingerprint, "at": packed(at)}

    def _query(self, place: Cursor) -> Select[Any]:
        columns = [self._raw(name) for name in self.names]
        order = [self.table.c[name] for name in ([self.stamp] if self.stamp else []) + self.key]
        query = select(*columns).order_by(*order).limit(PAGE_ROWS)
        if self.stamp:
            query = query.where(self.table.c[self.stamp].is_not(None))
        key = list(zip(self.key, map(unpacked, place["key"]), strict=True)) if "key" in place else []
        if "at" in place and self.stamp:
            at = unpacked(place["at"])
            # Said apart, so that an index on the column helps.
            query = query.where(self._raw(self.stamp) >= at)
            if key:
                query = query.where(or_(self._raw(self.stamp) > at, self._behind(key)))
        elif key:
            query = query.where(self._behind(key))
        return query

    def _behind(self, key: list[tuple[str, Any]]) -> ColumnElement[bool]:
        (name, value), *rest = key
        further = self._raw(name) > value
        return or_(further, and_(self._raw(name) == value, self._behind(rest))) if rest else further

    def _raw(self, name: str) -> ColumnElement[Any]:
        # Values as the driver gives them: what SQLite holds as a time is not always what its type says.
        column: Column[Any] = self.table.c[name]
        return type_coerce(column, NullType())

    def _columns(self, group: tuple[str, ...]) -> list[str]:
        found = [each for name in group if (each := find_column([name], list(self.table.c.keys())))]
        return found or [self._column(group[0])]

    def _column(self, name: str) -> str:
        known = list(self.table.c.keys())
        found = find_column([name], known)
        if found is None:
            raise ConnectorError(f"{self.rule.table} has no column {name!r}; {nearest(name, known)}")
        return found
