"""Knows how lines of which each is true from its first day on become versions of the lines in the books."""

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl
from sqlalchemy import Connection, or_, select

from domain.line_history import Said, Stretch, all_others, heard, whole_of
from storage import tables
from storage.targets import TARGETS

_FIELDS = TARGETS["subscription_line"].fields
_KEY = TARGETS["subscription_line"].key
_DATED = {"source", "external_id", "starts_on", "ends_on", "recorded_at"}
_TERMS = [name for name in _FIELDS if name not in _DATED]
_AT_ONCE = 5_000
# What is said of one moment differs by microseconds.
_SAME_BREATH = timedelta(microseconds=30)
_Row = Mapping[str, Any]


def as_versions(connection: Connection, source: str, said: pl.DataFrame) -> pl.DataFrame:
    """What changes in the books: versions of lines, where `said` has a row per thing said of a line.

    A row of `said` holds from its `starts_on` on; what the books have of the days before stays. `line` is that of the
    row that led to the version.
    """
    rows = sorted(said.iter_rows(named=True), key=lambda row: (row["recorded_at"], row["starts_on"]))
    books = _Books(_known(connection, source, rows), rows)
    versions = [version for row in rows for version in books.take(row)]
    return pl.DataFrame(versions, schema=said.schema).unique(_KEY, keep="last", maintain_order=True)


class _Books:
    """The lines that a batch is about, as the books have them, and by when each whole had been spoken of."""

    def __init__(self, lines: dict[str, "_Line"], rows: Iterable[_Row]) -> None:
        self.lines = lines
        self.spoken_of: dict[str, datetime] = {}
        self.parts: dict[str, list[str]] = {}
        for name, line in lines.items():
            whole, newest = whole_of(name), max(line.recorded_at.values())
            if whole:
                self.parts.setdefault(whole, []).append(name)
                self.spoken_of[whole] = max(newest, self.spoken_of.get(whole, newest))
        self.said = {(row["external_id"], row["recorded_at"]) for row in rows}

    def take(self, row: _Row) -> Iterator[dict[str, Any]]:
        """The versions that one thing said leads to."""
        name, whole = row["external_id"], whole_of(row["external_id"])
        if whole and name == all_others(whole):
            for each in self.parts.get(whole, ()):
                if (each, row["recorded_at"]) not in self.said:
                    yield from _versions({**row, "external_id": each}, self.lines[each])
            return
        if name not in self.lines:
            if self._was_missing(whole, row["recorded_at"]):
                return
            self.lines[name] = _Line()
            self.parts.setdefault(whole or "", []).append(name)
        yield from _versions(row, self.lines[name])

    def _was_missing(self, whole: str | None, said_at: datetime) -> bool:
        """Whether the books know of a whole as of then, and that it had no such line."""
        spoken_of = self.spoken_of.get(whole or "")
        return spoken_of is not None and said_at <= spoken_of + _SAME_BREATH


class _Line:
    """One line as the books have it: its stretches, and when the newest version of each was recorded."""

    def __init__(self) -> None:
        self.stretches: list[Stretch] = []
        self.recorded_at: dict[str, datetime] = {}

    def add(self, key: str, versions: Sequence[_Row]) -> None:
        """Take in a stretch by all of its versions, the newest last."""
        last = versions[-1]
        is_void = last["ends_on"] == last["starts_on"]
        same_terms = () if is_void else _run(versions, lambda row: (_terms(row), row["ends_on"] == row["starts_on"]))
        said_at = min((row["recorded_at"] for row in same_terms), default=last["recorded_at"])
        ended_at = min(row["recorded_at"] for row in _run(versions, lambda row: row["ends_on"]))
        self.stretches.append(Stretch(key, last["starts_on"], last["ends_on"], _terms(last), said_at, ended_at))
        self.recorded_at[key] = last["recorded_at"]


def _run(versions: Sequence[_Row], what: Any) -> Iterator[_Row]:
    """The newest versions that agree in `what`."""
    for row in reversed(versions):
        if what(row) != what(versions[-1]):
            return
        yield row


def _versions(row: _Row, line: _Line) -> Iterator[dict[str, Any]]:
    said = Said(row["starts_on"], row["ends_on"], _terms(row), row["recorded_at"])
    before = {stretch.key: stretch for stretch in line.stretches}
    line.stretches = heard(row["external_id"], line.stretches, said)
    for stretch in line.stretches:
        if _dated(stretch) == _dated(before.get(stretch.key)):
            continue
        for ends_on, recorded_at in _moments(stretch, said, line.recorded_at.get(stretch.key)):
            line.recorded_at[stretch.key] = max(recorded_at, line.recorded_at.get(stretch.key, recorded_at))
            own = {"external_id": stretch.key, "starts_on": stretch.starts_on, "ends_on": ends_on}
            terms = dict(zip(_TERMS, _as_tuple(stretch.terms), strict=True))
            yield {**row, **terms, **own, "recorded_at": recorded_at}


def _moments(stretch: Stretch, said: Said, newest: datetime | None) -> Iterator[tuple[date | None, datetime]]:
    """The ends of a stretch and when each is recorded. What is told late was true before it was overruled."""
    if newest is None and stretch.ended_at > stretch.said_at:
        yield None, stretch.said_at
        yield stretch.ends_on, stretch.ended_at
        return
    yield stretch.ends_on, said.said_at
    if newest is not None and newest >= said.said_at:
        yield stretch.ends_on, newest + timedelta(microseconds=1)


def _dated(stretch: Stretch | None) -> object:
    return stretch and (stretch.starts_on, stretch.ends_on, stretch.terms)


def _terms(row: _Row) -> tuple[Hashable, ...]:
    return tuple(row[name] for name in _TERMS)


def _as_tuple(terms: Hashable) -> tuple[Hashable, ...]:
    assert isinstance(terms, tuple)  # noqa: S101 - made by _terms
    return terms


def _known(connection: Connection, source: str, rows: Sequence[_Row]) -> dict[str, _Line]:
    """The lines of the customers that `rows` are about, by name."""
    names = sorted({row["external_id"] for row in rows})
    refs = sorted({row["account_ref"] for row in rows})
    stretches: dict[str, list[_Row]] = {}
    for start in range(0, max(len(names), len(refs)), _AT_ONCE):
        for row in _stored(connection, source, names[start : start + _AT_ONCE], refs[start : start + _AT_ONCE]):
            stretches.setdefault(row["external_id"], []).append(row)
    found: dict[str, _Line] = {}
    asked, wholes = set(names), {whole_of(name) for name in names} - {None}
    for key, versions in stretches.items():
        line = key if key in asked else _line_of(key)
        if line in asked or whole_of(line) in wholes:
            unique = {row["recorded_at"]: row for row in versions}
            found.setdefault(line, _Line()).add(key, [unique[moment] for moment in sorted(unique)])
    return found


def _stored(connection: Connection, source: str, names: Sequence[str], refs: Sequence[str]) -> Iterable[_Row]:
    lines, identities = tables.subscription_lines, tables.account_identities
    # By account, because a line's later stretches have names of their own.
    of_refs = select(identities.c.account_id).where(identities.c.source == source, identities.c.external_id.in_(refs))
    of_names = select(lines.c.account_id).where(lines.c.source == source, lines.c.external_id.in_(names))
    theirs = or_(lines.c.account_id.in_(of_refs), lines.c.account_id.in_(of_names))
    query = select(*(lines.c[name] for name in _FIELDS)).where(lines.c.source == source, theirs)
    return [dict(row) for row in connection.execute(query).mappings()]


def _line_of(key: str) -> str:
    """The line of a later stretch, which is called `LINE@DAY`."""
    line, at, day = key.rpartition("@")
    try:
        date.fromisoformat(day)
    except ValueError:
        return key
    return line if at else key
