"""Knows when something was learned, and keeps of contracts, exchange rates and accounts what was known before it.

What was there before any figure was published counts as known always: nothing told without it could be held against
it. From then on, what comes in was learned after all that was published without it, whatever its source says of when
it knew it; so what was published can always be made again from what was known.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Table,
    and_,
    case,
    delete,
    exists,
    false,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from storage import tables
from storage.types import UtcDateTime

ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)
_MOMENT = timedelta(microseconds=1)
_CONTRACT = (
    "account_id", "account_ref", "starts_on", "renews_on", "notice_on", "ends_on", "arr_cents", "currency",
    "product_lines", "auto_renew",
)  # fmt: skip
_RATE = ("base", "quote", "on", "rate")
_ACCOUNT = ("name", "segment", "industry", "region", "csm", "parent_ref")
_KEY = ("source", "external_id")


@dataclass(frozen=True)
class Learning:
    """A moment of learning. `published_at` is when figures were last published, None where none ever were."""

    at: datetime
    published_at: datetime | None

    @property
    def first(self) -> datetime:
        """Since when something counts as known of which nothing was known."""
        return ALWAYS if self.published_at is None else self.at


def learning(connection: Connection, now: datetime) -> Learning:
    """Learning at `now`, or just after the last publication where that is later."""
    published_at = connection.scalar(select(func.max(tables.published_figures.c.published_at)))
    return Learning(now if published_at is None else max(now, published_at + _MOMENT), published_at)


def learned_late(learned: Learning, recorded_at: ColumnElement[datetime]) -> ColumnElement[Any]:
    """`learned_at` of lines: NULL but where their source recorded them before figures were published without them."""
    if learned.published_at is None:
        return null()
    late = recorded_at <= literal(learned.published_at, UtcDateTime)
    return case((late, literal(learned.at, UtcDateTime)), else_=null())


def learn_contracts(connection: Connection, learned: Learning, among: Table | None = None) -> int:
    """Keep what contracts (all, or those that a staged table names) say, where it is new. Returns how many do."""
    said = {name: tables.contracts.c[name] for name in _CONTRACT} | {"gone": false()}
    return _learn(connection, learned, tables.contracts, tables.contract_versions, said, among)


def learn_rates(connection: Connection, learned: Learning, among: Table | None = None) -> int:
    """Keep what exchange rates say, where it is new. Returns how many do."""
    said = {name: tables.fx_rates.c[name] for name in _RATE} | {"gone": false()}
    return _learn(connection, learned, tables.fx_rates, tables.fx_rate_versions, said, among)


def learn_accounts(connection: Connection, learned: Learning, among: Table | None = None) -> int:
    """Keep what accounts say of themselves, and which other one they turned out to be, where it is new."""
    accounts, known = tables.accounts, tables.account_identities
    another = (known.c.source == accounts.c.source, known.c.external_id == accounts.c.external_id)
    is_id = select(known.c.account_id).where(*another, known.c.account_id != accounts.c.id).scalar_subquery()
    if learned.published_at is None:
        # Nobody was told anything while they were thought to be two.
        _set_everywhere(connection, tables.account_versions, "is_id", _of_account(is_id))
    said = {name: accounts.c[name] for name in _ACCOUNT} | {"is_id": is_id}
    return _learn(connection, learned, accounts, tables.account_versions, said, among)


def learn_contract_owners(connection: Connection, learned: Learning) -> int:
    """Keep whose contracts are after accounts were linked otherwise."""
    contracts, versions = tables.contracts, tables.contract_versions
    if learned.published_at is None:
        same = (contracts.c[name] == versions.c[name] for name in _KEY)
        owner = select(contracts.c.account_id).where(*same).scalar_subquery()
        _set_everywhere(connection, versions, "account_id", func.coalesce(owner, versions.c.account_id))
    return learn_contracts(connection, learned)


def release_account(connection: Connection, learned: Learning, account: int) -> None:
    """Let former versions of contracts go with whose they are now, or not at all, where nobody was told of them."""
    if learned.published_at is not None:
        return
    contracts, versions = tables.contracts, tables.contract_versions
    same = and_(*(contracts.c[name] == versions.c[name] for name in _KEY))
    owner, mine = select(contracts.c.account_id).where(same).scalar_subquery(), versions.c.account_id == account
    connection.execute(delete(versions).where(mine, ~exists().where(same)))
    connection.execute(update(versions).where(mine).values(account_id=owner))


def keep_owners(connection: Connection, learned: Learning, moving: ColumnElement[bool]) -> None:
    """Note whose the subscription lines were that are about to become another account's."""
    lines, moves = tables.subscription_lines, tables.line_moves
    if learned.published_at is None:
        return
    columns = ["line_id", "account_id", "moved_at"]
    rows = select(lines.c.id, lines.c.account_id, literal(learned.at, UtcDateTime)).where(moving)
    # Of two moves at one moment the first says whose the line was.
    connection.execute(_insert(connection, moves).from_select(columns, rows).on_conflict_do_nothing())


def forget(connection: Connection, learned: Learning, record: str, row: Mapping[str, Any]) -> None:
    """Note that a contract or exchange rate is about to be gone."""
    kept = {"contract": (tables.contract_versions, _CONTRACT), "fx_rate": (tables.fx_rate_versions, _RATE)}
    if record not in kept:
        return
    versions, names = kept[record]
    same = (versions.c[name] == row[name] for name in _KEY)
    newest = connection.scalar(select(func.max(versions.c.recorded_at)).where(*same))
    values = {name: row[name] for name in (*_KEY, *names)} | {"gone": True}
    recorded_at = learned.first if newest is None else max(learned.at, newest + _MOMENT)
    connection.execute(insert(versions).values(**values, recorded_at=recorded_at))


def newest_knowledge(connection: Connection) -> datetime | None:
    """When the last of all that figures are made from was learned; None where there is nothing."""
    lines, segments = tables.subscription_lines, tables.account_segments
    former = segments.alias("former")
    # The first segment that is known of an account counts for all time before.
    was_another = exists().where(former.c.account_id == segments.c.account_id, former.c.since < segments.c.since)
    moments = [
        func.coalesce(lines.c.learned_at, lines.c.recorded_at, type_=UtcDateTime()),
        tables.contract_versions.c.recorded_at,
        tables.fx_rate_versions.c.recorded_at,
        tables.account_versions.c.recorded_at,
        case((was_another, segments.c.since)),
        tables.line_moves.c.moved_at,
    ]
    found = [connection.scalar(select(func.max(moment, type_=UtcDateTime()))) for moment in moments]
    return max((moment for moment in found if moment is not None), default=None)


def as_known(versions: Table, key: Sequence[str], known_on: datetime) -> FromClause:
    """The newest version of each row that was known on a moment, those that were gone among them."""
    newest = (
        select(*(versions.c[name] for name in key), func.max(versions.c.recorded_at).label("recorded_at"))
        .where(versions.c.recorded_at <= known_on)
        .group_by(*(versions.c[name] for name in key))
        .subquery()
    )
    same = and_(*(versions.c[name] == newest.c[name] for name in (*key, "recorded_at")))
    return select(*versions.columns).join(newest, same).subquery(f"known_{versions.name}")


def _learn(
    connection: Connection,
    learned: Learning,
    table: Table,
    versions: Table,
    said: Mapping[str, ColumnElement[Any]],
    among: Table | None,
) -> int:
    """Append a version of each row that says something else than its newest version.

    One that was learned at the same moment, or by another clock later, is corrected in place: it is not published yet.
    """
    known, every = versions.alias("known"), versions.alias("every")
    keys = {"account_id": table.c.id} if "is_id" in said else {name: table.c[name] for name in _KEY}
    newest = select(func.max(every.c.recorded_at)).where(*(every.c[name] == key for name, key in keys.items()))
    same = and_(*(known.c[name] == key for name, key in keys.items()), known.c.recorded_at == newest.scalar_subquery())
    at = literal(learned.at, UtcDateTime)
    recorded_at = case(
        (known.c.recorded_at.is_(None), literal(learned.first, UtcDateTime)),
        (known.c.recorded_at > at, known.c.recorded_at),
        else_=at,
    )
    differs = or_(*(known.c[name].is_distinct_from(value) for name, value in said.items()))
    rows = select(*keys.values(), recorded_at, *said.values()).select_from(table.outerjoin(known, same))
    rows = rows.where(differs if among is None else and_(differs, _is_among(table, among)))
    statement = _insert(connection, versions).from_select([*keys, "recorded_at", *said], rows)
    corrected = {name: statement.excluded[name] for name in said}
    statement = statement.on_conflict_do_update(index_elements=[*keys, "recorded_at"], set_=corrected)
    return connection.execute(statement).rowcount


def _is_among(table: Table, among: Table) -> ColumnElement[bool]:
    return exists().where(*(among.c[name] == table.c[name] for name in _KEY))


def _of_account(is_id: ColumnElement[Any]) -> ColumnElement[Any]:
    accounts, versions = tables.accounts, tables.account_versions
    return select(is_id).where(accounts.c.id == versions.c.account_id).scalar_subquery()


def _set_everywhere(connection: Connection, versions: Table, name: str, value: ColumnElement[Any]) -> None:
    changed = versions.c[name].is_distinct_from(value)
    connection.execute(update(versions).where(changed).values({name: value}))


def _insert(connection: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)
