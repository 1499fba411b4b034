"""Knows how a file's rows become facts: staged beside the tables, freed of doubles, linked, then written at once.

Everything happens in the caller's transaction and in SQL, so an interrupted import leaves the database as it was, and
rows that say nothing new change nothing.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import polars as pl
from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    FromClause,
    Index,
    Table,
    and_,
    delete,
    exists,
    false,
    func,
    literal,
    not_,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from domain.imports import RecordName, Reject
from storage import tables
from storage.loading import Loader, loader
from storage.targets import TARGETS, Target, link_of, references
from storage.types import UtcDateTime
from storage.versions import Learning, learn_accounts, learn_contracts, learn_rates, learned_late, learning

_LEARNED: dict[RecordName, Callable[[Connection, Learning, Table], int]] = {
    "account": learn_accounts,
    "account_identity": learn_accounts,
    "contract": learn_contracts,
    "fx_rate": learn_rates,
}


@dataclass
class Settled:
    """What became of the staged rows: `staged = changed + unchanged + repeated + len(rejects)`."""

    changed: int = 0
    unchanged: int = 0
    repeated: int = 0
    rejects: list[Reject] = field(default_factory=list)


@contextmanager
def importing(engine: Engine) -> Iterator["Importing"]:
    """One transaction for a file: what is staged in it becomes facts together, or not at all."""
    with engine.connect().execution_options(preserve_rowcount=True) as connection:
        transaction = Importing(connection)
        try:
            with connection.begin():
                yield transaction
        except BaseException:
            # Whatever was interrupted in the middle of whatever: a new connection is certain to be well.
            connection.invalidate()
            raise
        finally:
            transaction.close()


class Importing:
    """The transaction of one file, which may feed several kinds of record."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._loaders: list[Loader] = []

    def stage(self, record: RecordName, file: str) -> "Staging":
        """Make room for the rows of one kind of record."""
        return Staging(self.connection, record, file, self.loader(TARGETS[record]))

    def loader(self, target: Target) -> Loader:
        """Make room for rows beside a table; what becomes of them is the caller's."""
        self._loaders.append(loader(self.connection, target))
        return self._loaders[-1]

    def close(self) -> None:
        """Throw away what was staged."""
        for each in self._loaders:
            each.close()


class Staging:
    """The rows of one file on their way into one table."""

    def __init__(self, connection: Connection, record: RecordName, file: str, loader: Loader) -> None:
        self._connection = connection
        self._record = record
        self._target = TARGETS[record]
        self._file = file
        self._loader = loader
        self._stage = loader.table
        self._settled = Settled()
        self._key_hashes = [pl.Series(dtype=pl.UInt64)]
        self._line_hashes = [pl.Series(dtype=pl.UInt64)]

    def append(self, rows: pl.DataFrame) -> None:
        """Stage rows of the record's fields plus `line`; times are UTC, lists JSON text, decimals plain digits.

        A column `changed_at` says when the source last changed the row; without it the row replaces any other.
        """
        if not rows.is_empty():
            links = (pl.lit(None, pl.Int64).alias(name) for name in self._target.links)
            known = pl.col("changed_at") if "changed_at" in rows.columns else pl.lit(None, pl.Datetime("us", "UTC"))
            versions = (known.alias(name) for name in self._target.versions)
            self._loader.append(rows.select("line", *self._target.fields, *versions, *links))
            self._key_hashes.append(rows.select(self._target.key).hash_rows())
            if self._target.append_only:
                self._line_hashes.append(rows.select(self._identity).hash_rows())

    def settle(self, now: datetime, unlinked: Collection[str] = ()) -> Settled:
        """Write the staged rows; one that cannot be linked, or comes twice with other content, is put aside by line.

        The links named in `unlinked` may lead nowhere: the row is written, and linked once its account is known.
        """
        self._loader.loaded()
        self._put_aside_doubles()
        self._forget_deleted()
        self._link(unlinked)
        staged = self._connection.scalar(select(func.count()).select_from(self._stage)) or 0
        learned = learning(self._connection, now)
        self._settled.changed = self._write(learned)
        self._settled.unchanged += staged - self._settled.changed
        self._learn(learned)
        return self._settled

    def _learn(self, learned: Learning) -> None:
        """Keep what was known before what came."""
        if self._target.table is tables.accounts:
            self._learn_identities()
            self._learn_segments(learned.at)
        learn = _LEARNED.get(self._record)
        if learn and self._settled.changed:
            learn(self._connection, learned, self._stage)

    def _put_aside_doubles(self) -> None:
        # Without two equal hashes there are no two equal keys, and the database need not sort them to know it.
        if not pl.concat(self._key_hashes).is_duplicated().any():
            return
        stage, key = self._stage, self._target.key
        first = select(*(stage.c[name] for name in key), func.min(stage.c.line).label("line"))
        twice = first.group_by(*(stage.c[name] for name in key)).having(func.count() > 1).subquery()
        kept = stage.alias("kept")
        query = (
            select(stage.c.line, stage.c.external_id, twice.c.line, _differs(stage, kept, self._target.fields))
            .join(twice, and_(*(stage.c[name] == twice.c[name] for name in key), stage.c.line > twice.c.line))
            .join(kept, and_(kept.c.line == twice.c.line, *(kept.c[name] == twice.c[name] for name in key)))
        )
        doubles = self._connection.execute(query).all()
        for line, external_id, first_line, differs in doubles:
            if differs:
                self._reject(line, "external_id", external_id, f"an id of its own; line {first_line} has this one too")
        self._settled.repeated = sum(not row[3] for row in doubles)
        self._forget([row[0] for row in doubles])

    def _forget_deleted(self) -> None:
        """Drop what its source has deleted since; a version from after the deletion has been restored there."""
        if not self._target.versions:
            return
        grave, stage = tables.tombstones, self._stage
        buried = (
            grave.c.source == stage.c.source,
            grave.c.record == self._record,
            grave.c.external_id == stage.c.external_id,
        )
        older = or_(stage.c.changed_at.is_(None), stage.c.changed_at <= grave.c.gone_at)
        dropped = self._connection.execute(delete(stage).where(exists().where(*buried, older)))
        self._settled.unchanged += dropped.rowcount
        self._connection.execute(delete(grave).where(exists().where(*buried)))

    def _link(self, unlinked: Collection[str]) -> None:
        """Fill in the ids that the rows' references lead to; put aside the rows whose reference leads nowhere."""
        for name in self._target.links:
            self._connection.execute(update(self._stage).values({name: link_of(name, self._stage)}))
            refs = [self._stage.c[ref] for ref in references(name, self._stage)]
            if name in unlinked:
                continue
            given = func.coalesce(*refs, literal(None))
            asked = given.is_not(None) if self._target.table.c[name].nullable else true()
            lost = select(self._stage.c.line, given).where(self._stage.c[name].is_(None), asked)
            rows = self._connection.execute(lost).all()
            what = refs[-1].name.removesuffix("_ref")
            for line, reference in rows:
                remedy = f"a known {what}; import the {what}s first or mend the id"
                self._reject(line, refs[0].name, reference or "nothing", remedy)
            self._forget([row[0] for row in rows])

    def _write(self, learned: Learning) -> int:
        table, columns = self._target.table, [*self._target.fields, *self._target.versions, *self._target.links]
        # SQLite needs a WHERE between SELECT and ON CONFLICT, to tell the latter from a join.
        rows = select(*(self._stage.c[name] for name in columns)).where(true())
        if self._target.append_only:
            rows = rows.where(~self._is_known())
        if "learned_at" in table.columns:
            rows = rows.add_columns(learned_late(learned, self._stage.c.recorded_at))
            columns.append("learned_at")
        statement = self._insert(table).from_select(columns, rows)
        if self._target.append_only:
            return self._connection.execute(statement.on_conflict_do_nothing()).rowcount
        new: dict[str, ColumnElement[Any]] = {
            name: statement.excluded[name] for name in columns if name not in self._target.key
        }
        is_older: ColumnElement[bool] = false()
        for name in self._target.versions:
            # A file says nothing of versions: it takes the place of what is there, and the row keeps its version.
            new[name] = func.coalesce(statement.excluded[name], table.c[name])
            is_older = func.coalesce(statement.excluded[name] < table.c[name], false())
        wanted = and_(not_(is_older), or_(*(table.c[name].is_distinct_from(value) for name, value in new.items())))
        statement = statement.on_conflict_do_update(index_elements=list(self._target.key), set_=new, where=wanted)
        return self._connection.execute(statement).rowcount

    @property
    def _identity(self) -> list[str]:
        return [name for name in self._target.key if name != "recorded_at"]

    def _is_known(self) -> ColumnElement[bool]:
        """That the newest version of a staged row says the same already."""
        known, newer = self._target.table.alias("known"), self._target.table.alias("newer")
        said = [name for name in self._target.fields if name not in self._target.key]
        superseded = exists().where(
            *(newer.c[name] == known.c[name] for name in self._identity), newer.c.recorded_at > known.c.recorded_at
        )
        return exists().where(
            *(known.c[name] == self._stage.c[name] for name in self._identity),
            ~superseded,
            ~_differs(known, self._stage, said),
            *self._nothing_between(known),
        )

    def _nothing_between(self, known: FromClause) -> list[ColumnElement[bool]]:
        """That no version is staged with it that comes before it; what went and came back is news twice."""
        if not pl.concat(self._line_hashes).is_duplicated().any():
            return []
        index = Index(None, *(self._stage.c[name] for name in self._target.key))
        index.create(self._connection)
        # The stage's description outlives this transaction, the index does not.
        self._stage.indexes.discard(index)
        between = self._stage.alias("between")
        return [
            ~exists().where(
                *(between.c[name] == self._stage.c[name] for name in self._identity),
                between.c.recorded_at > known.c.recorded_at,
                between.c.recorded_at < self._stage.c.recorded_at,
            )
        ]

    def _learn_identities(self) -> None:
        accounts = tables.accounts
        own = select(accounts.c.source, accounts.c.external_id, accounts.c.id, accounts.c.external_id).where(true())
        columns = ["source", "external_id", "account_id", "account_ref"]
        statement = self._insert(tables.account_identities).from_select(columns, own)
        self._connection.execute(statement.on_conflict_do_nothing())

    def _learn_segments(self, now: datetime) -> None:
        accounts, segments = tables.accounts, tables.account_segments
        latest = (
            select(segments.c.segment)
            .where(segments.c.account_id == accounts.c.id)
            .order_by(segments.c.since.desc())
            .limit(1)
            .scalar_subquery()
        )
        moved = select(accounts.c.id, accounts.c.segment, literal(now, UtcDateTime)).where(
            accounts.c.segment.is_not(None), accounts.c.segment.is_distinct_from(latest)
        )
        statement = self._insert(segments).from_select(["account_id", "segment", "since"], moved)
        self._connection.execute(
            statement.on_conflict_do_update(
                index_elements=["account_id", "since"], set_={"segment": statement.excluded.segment}
            )
        )

    def _insert(self, table: Table) -> postgresql.Insert | sqlite.Insert:
        return postgresql.insert(table) if self._connection.dialect.name == "postgresql" else sqlite.insert(table)

    def _reject(self, line: int, column: str, found: str, expected: str) -> None:
        self._settled.rejects.append(Reject(file=self._file, line=line, column=column, found=found, expected=expected))

    def _forget(self, lines: Sequence[int]) -> None:
        for start in range(0, len(lines), 10_000):
            self._connection.execute(delete(self._stage).where(self._stage.c.line.in_(lines[start : start + 10_000])))


def _differs(one: FromClause, other: FromClause, fields: Iterable[str]) -> ColumnElement[bool]:
    return or_(*(one.c[name].is_distinct_from(other.c[name]) for name in fields))
