"""Knows what goes with a record that its source has deleted, and what the books keep all the same."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, Table, and_, delete, exists, insert, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from domain.imports import RecordName
from storage import tables
from storage.targets import TARGETS
from storage.versions import Learning, forget, learning, release_account

_OF_MESSAGES = (tables.message_readings, tables.text_evidence, tables.sentiment_labels)
_OF_TICKETS = (
    tables.messages,
    tables.ticket_events,
    tables.surveys,
    tables.ticket_issues,
    tables.ticket_predictions,
    tables.article_views,
)


def remove(
    connection: Connection, source: str, record: RecordName, external_id: str, gone_at: datetime | None, now: datetime
) -> int:
    """Take a record out, unless the source changed it after `gone_at`. Returns whether it was there, as 0 or 1.

    Without a `gone_at` it is gone now, also where the source's clock is ahead of ours.

    A tombstone keeps older versions from coming back. A subscription line's past stays in the books: it is corrected
    to a line without a day in force. An account with money, tickets or work in the books stays too.
    """
    table = TARGETS[record].table
    this = and_(table.c.source == source, table.c.external_id == external_id)
    if record == "subscription_line":
        return _void(connection, this, gone_at or now, now)
    row = connection.execute(select(table).where(this)).mappings().first()
    changed_at = row["changed_at"] if row and "changed_at" in row else None
    gone_at = gone_at or max(now, changed_at or now)
    if changed_at is not None and changed_at > gone_at:
        return 0
    _bury(connection, source, record, external_id, gone_at)
    if row is None:
        return 0
    learned = learning(connection, now)
    if record == "ticket":
        _remove_ticket(connection, row["id"])
        # What was promised for it goes along; a promise that was broken stays broken.
        promised = tables.sla_assignments
        connection.execute(delete(promised).where(promised.c.source == source, promised.c.ticket_ref == external_id))
    if record == "message":
        for reading in _OF_MESSAGES:
            connection.execute(delete(reading).where(reading.c.message_id == row["id"]))
    if record == "account" and not _forget_account(connection, row["id"], learned):
        return 0
    forget(connection, learned, record, dict(row))
    connection.execute(delete(table).where(this))
    return 1


def _bury(connection: Connection, source: str, record: str, external_id: str, gone_at: datetime) -> None:
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    grave = tables.tombstones
    statement = dialect.insert(grave).values(source=source, record=record, external_id=external_id, gone_at=gone_at)
    later = {"gone_at": statement.excluded.gone_at}
    key = ["source", "record", "external_id"]
    is_later = grave.c.gone_at < statement.excluded.gone_at
    connection.execute(statement.on_conflict_do_update(index_elements=key, set_=later, where=is_later))


def _remove_ticket(connection: Connection, ticket: int) -> None:
    messages = tables.messages
    of_ticket = select(messages.c.id).where(messages.c.ticket_id == ticket)
    for table in _OF_MESSAGES:
        connection.execute(delete(table).where(table.c.message_id.in_(of_ticket)))
    for table in _OF_TICKETS:
        connection.execute(delete(table).where(table.c.ticket_id == ticket))


def _forget_account(connection: Connection, account: int, learned: Learning) -> bool:
    """Whether the account could go: nothing in the books refers to it."""
    release_account(connection, learned, account)
    own = (tables.account_identities, tables.account_segments, tables.account_versions)
    referring = [table for table in tables.metadata.sorted_tables if "account_id" in table.c and table not in own]
    in_use = or_(*(exists().where(table.c.account_id == account) for table in referring))
    if connection.scalar(select(in_use)):
        return False
    for table in own:
        connection.execute(delete(table).where(table.c.account_id == account))
    return True


def _void(connection: Connection, this: object, gone_at: datetime, now: datetime) -> int:
    lines: Table = tables.subscription_lines
    newest = connection.execute(select(lines).where(this).order_by(lines.c.recorded_at.desc())).mappings().first()  # type: ignore[arg-type]
    if newest is None or newest["recorded_at"] > gone_at or newest["ends_on"] == newest["starts_on"]:
        return 0
    recorded_at, learned = max(gone_at, newest["recorded_at"] + timedelta(microseconds=1)), learning(connection, now)
    is_late = learned.published_at is not None and recorded_at <= learned.published_at
    voided = {
        **newest,
        "ends_on": newest["starts_on"],
        "recorded_at": recorded_at,
        "learned_at": learned.at if is_late else None,
    }
    del voided["id"]
    connection.execute(insert(lines).values(**voided))
    return 1
