"""Knows how a batch of a source's records is committed together with the cursor behind it.

A batch is one transaction: either its records are in and the cursor stands behind them, or neither.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import polars as pl
from sqlalchemy import BigInteger, Boolean, Date, Integer, delete, exists, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from domain.errors import StorageError
from domain.imports import RecordName, Reject
from storage import tables
from storage.line_history import as_versions
from storage.removal import remove
from storage.staging import Importing
from storage.targets import TARGETS
from storage.types import UtcDateTime

# A ticket of an unknown customer is kept and counted as unlinked; it is linked when its customer is.
_MAY_STAY_UNLINKED: dict[RecordName, tuple[str, ...]] = {
    "ticket": ("account_id",), "survey": ("account_id",), "article_view": ("account_id", "ticket_id"),
}  # fmt: skip


@dataclass(frozen=True)
class CursorStep:
    """A stream's way from the committed cursor `before` to `after`.

    `completes` says that the walk is at its end; of the kinds in `snapshot_of` it has then met all there are.
    """

    connection: str
    stream: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    rows_read: int
    completes: bool = False
    snapshot_of: tuple[RecordName, ...] = ()


@dataclass
class Batch:
    """Records of one source: frames by kind, with `line` and `changed_at`; what is gone and when; what was unusable."""

    source: str
    rows: Mapping[RecordName, pl.DataFrame] = field(default_factory=dict)
    gone: Sequence[tuple[RecordName, str, datetime | None]] = ()
    unusable: Sequence[tuple[RecordName, str, Reject]] = ()


@dataclass
class Committed:
    """What a batch came to."""

    changed: int = 0
    unchanged: int = 0
    waiting: int = 0
    removed: int = 0


def commit(transaction: Importing, batch: Batch, step: CursorStep | None, now: datetime) -> Committed:
    """Write a batch and move the cursor.

    Raises:
        StorageError: another process has moved the cursor meanwhile.
    """
    done = Committed()
    if step:
        # First, because it takes the lock that a second process waits for.
        _move_cursor(transaction, step, now)
    for record in TARGETS:
        if record in batch.rows:
            _write(transaction, batch.source, record, _newest(record, batch.rows[record]), now, done)
    for record, external_id, gone_at in batch.gone:
        done.removed += remove(transaction.connection, batch.source, record, external_id, gone_at, now)
    if step and step.snapshot_of:
        _note_sightings(transaction, batch, step)
        if step.completes:
            done.removed += _sweep(transaction, batch.source, step, now)
    _note_unusable(transaction, batch)
    return done


def retry_waiting(transaction: Importing, source: str, now: datetime) -> Committed:
    """Write what waited for a record that has come in meanwhile; the rest goes on waiting.

    What waits for a ticket that its source has deleted waits no longer.
    """
    done, waiting = Committed(), tables.waiting_records
    mine = waiting.c.source == source
    rows = transaction.connection.execute(select(waiting).where(mine).order_by(waiting.c.changed_at)).mappings().all()
    transaction.connection.execute(delete(waiting).where(mine))
    deleted = _deleted_tickets(transaction, source) if rows else set()
    rows = [row for row in rows if row["body"].get("ticket_ref") not in deleted]
    for record in TARGETS:
        bodies = [{**row["body"], "changed_at": _text(row["changed_at"])} for row in rows if row["record"] == record]
        if bodies:
            _write(transaction, source, record, _newest(record, _from_text(record, bodies)), now, done)
    return done


def _deleted_tickets(transaction: Importing, source: str) -> set[str]:
    grave = tables.tombstones
    query = select(grave.c.external_id).where(grave.c.source == source, grave.c.record == "ticket")
    return set(transaction.connection.scalars(query))


def _write(
    transaction: Importing, source: str, record: RecordName, rows: pl.DataFrame, now: datetime, done: Committed
) -> None:
    staging = transaction.stage(record, source)
    staging.append(_with_versions(transaction, source, rows) if "onwards" in rows.columns else rows)
    settled = staging.settle(now, _MAY_STAY_UNLINKED.get(record, ()))
    done.changed += settled.changed
    done.unchanged += settled.unchanged + settled.repeated
    missing = {reject.line: f"{reject.column} {reject.found}"[:200] for reject in settled.rejects}
    if missing:
        late = rows.filter(pl.col("line").is_in(list(missing)))
        _keep_waiting(transaction, source, record, late, missing, now)
        done.waiting += late.height


def _with_versions(transaction: Importing, source: str, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows as they are written: what holds from its first day on becomes versions of the lines in the books."""
    plain = rows.filter(~pl.col("onwards")).drop("onwards")
    return pl.concat([plain, as_versions(transaction.connection, source, rows.filter("onwards").drop("onwards"))])


def _newest(record: RecordName, rows: pl.DataFrame) -> pl.DataFrame:
    """One row for each key: the newest, and of equally new ones the last that came in.

    Of what holds onwards it is the first: who says something else of the same moment knows less of the days before.
    """
    ordered, key = rows.sort("changed_at", nulls_last=False, maintain_order=True), list(TARGETS[record].key)
    if "onwards" not in rows.columns:
        return ordered.unique(subset=key, keep="last", maintain_order=True)
    plain, onwards = ordered.filter(~pl.col("onwards")), ordered.filter("onwards")
    return pl.concat(
        [plain.unique(key, keep="last", maintain_order=True), onwards.unique(key, keep="first", maintain_order=True)]
    )


def _move_cursor(transaction: Importing, step: CursorStep, now: datetime) -> None:
    table = tables.sync_cursors
    values = {
        "cursor": dict(step.after),
        "rows_read": table.c.rows_read + step.rows_read,
        "moved_at": now,
        "completed_at": now if step.completes else table.c.completed_at,
    }
    here = (table.c.connection == step.connection, table.c.stream == step.stream)
    moved = transaction.connection.execute(
        update(table).where(*here, table.c.cursor == dict(step.before)).values(**values)
    ).rowcount
    if moved:
        return
    is_there = transaction.connection.scalar(select(func.count()).select_from(table).where(*here))
    if is_there or step.before:
        raise StorageError(f"another sync of {step.connection} is under way; wait for it, or stop it")
    first = {**values, "rows_read": step.rows_read, "completed_at": now if step.completes else None}
    transaction.connection.execute(insert(table).values(connection=step.connection, stream=step.stream, **first))


def _keep_waiting(
    transaction: Importing,
    source: str,
    record: RecordName,
    late: pl.DataFrame,
    missing: Mapping[int, str],
    now: datetime,
) -> None:
    table = tables.waiting_records
    rows = [
        {
            "source": source,
            "record": record,
            "external_id": row["external_id"],
            "version": _text(row.get("recorded_at") or row["changed_at"]) or "",
            "body": json.dumps({name: _text(value) for name, value in row.items()}, ensure_ascii=False),
            "changed_at": row["changed_at"],
            "missing": missing[row["line"]],
            "since": now,
        }
        for row in late.iter_rows(named=True)
    ]
    dialect = postgresql if transaction.connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(table)
    new = {name: statement.excluded[name] for name in ("body", "changed_at", "missing")}
    key = ["source", "record", "external_id", "version"]
    transaction.connection.execute(statement.on_conflict_do_update(index_elements=key, set_=new), rows)


def _from_text(record: RecordName, bodies: list[dict[str, str | None]]) -> pl.DataFrame:
    flags = ["onwards"] if record == "subscription_line" else []
    names = ["line", "changed_at", *TARGETS[record].fields, *flags]
    rows = pl.DataFrame(bodies, schema=dict.fromkeys(names, pl.String))
    numbered = rows.with_columns(line=pl.int_range(1, pl.len() + 1))
    kinds = {column.name: column.type for column in TARGETS[record].table.c} | dict.fromkeys(flags, Boolean())
    return numbered.with_columns(_typed(name, kinds[name]) for name in names if name in kinds)


def _typed(name: str, kind: Any) -> pl.Expr:
    text = pl.col(name)
    if isinstance(kind, UtcDateTime):
        return text.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f%:z", time_unit="us", time_zone="UTC")
    if isinstance(kind, Date):
        return text.str.to_date("%Y-%m-%d")
    if isinstance(kind, Boolean):
        return text == "True"
    return text.cast(pl.Int64) if isinstance(kind, BigInteger | Integer) else text


def _text(value: Any) -> str | None:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return value.isoformat() if isinstance(value, date) else None if value is None else str(value)


def _note_sightings(transaction: Importing, batch: Batch, step: CursorStep) -> None:
    seen = [
        {"source": batch.source, "stream": step.stream, "record": record, "external_id": external_id}
        for record, external_ids in _met(batch)
        if record in step.snapshot_of
        for external_id in external_ids
    ]
    if seen:
        dialect = postgresql if transaction.connection.dialect.name == "postgresql" else sqlite
        transaction.connection.execute(dialect.insert(tables.sightings).on_conflict_do_nothing(), seen)


def _met(batch: Batch) -> Iterable[tuple[RecordName, list[str]]]:
    yield from ((record, rows["external_id"].to_list()) for record, rows in batch.rows.items())
    # What could not be read is at the source all the same.
    yield from ((record, [external_id]) for record, external_id, _ in batch.unusable)


def _sweep(transaction: Importing, source: str, step: CursorStep, now: datetime) -> int:
    removed, seen = 0, tables.sightings
    walk = (seen.c.source == source, seen.c.stream == step.stream)
    for record in step.snapshot_of:
        table = TARGETS[record].table
        was_met = exists().where(*walk, seen.c.record == record, seen.c.external_id == table.c.external_id)
        gone = transaction.connection.scalars(
            select(table.c.external_id).where(table.c.source == source, ~was_met)
        ).all()
        for external_id in gone:
            removed += remove(transaction.connection, source, record, external_id, None, now)
    transaction.connection.execute(delete(seen).where(*walk))
    return removed


def _note_unusable(transaction: Importing, batch: Batch) -> None:
    """Keep what could not be read; what can be read again is no reject any more."""
    kept = tables.rejects
    mine = kept.c.file.startswith(f"{batch.source}/", autoescape=True)
    known = set(transaction.connection.scalars(select(kept.c.file).where(mine)))
    places = {_place(batch.source, record, each) for record, ids in _met(batch) for each in ids} & known
    if places:
        transaction.connection.execute(delete(kept).where(kept.c.file.in_(sorted(places))))
    rows = [
        {**reject.model_dump(), "file": _place(batch.source, record, external_id), "record": record}
        for record, external_id, reject in batch.unusable
    ]
    if rows:
        transaction.connection.execute(insert(kept), rows)


def _place(source: str, record: str, external_id: str) -> str:
    return f"{source}/{record}/{external_id}"
