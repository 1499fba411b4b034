"""Knows which parties are linked to which accounts, and points their facts there.

A fact keeps its source's reference to the customer. Where that leads is said by `account_identities` alone, so that
linking, unlinking and linking otherwise are the same: identities are set, and all facts follow them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    Engine,
    RowMapping,
    Select,
    Table,
    and_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    select,
    true,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from domain.parties import Link, LinkDecision, Party
from storage import tables
from storage.account_refs import account_refs
from storage.targets import link_of
from storage.versions import Learning, keep_owners, learn_accounts, learn_contract_owners, learning

Key = tuple[str, str]
# Money and use are somebody's: where nobody is known any more, they stay with whom they were.
_MUST_HAVE_AN_ACCOUNT = (
    tables.contracts,
    tables.subscription_lines,
    tables.usage_days,
    tables.touches,
    tables.churn_reports,
)
_MAY_BE_WITHOUT = (tables.tickets, tables.surveys, tables.article_views)


@dataclass
class Pointed:
    """What a change of links came to: facts that lead to another account than before, and links old and new."""

    facts: int = 0
    added: int = 0
    changed: int = 0
    removed: int = 0


class Links:
    """The links of one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def parties(self) -> list[Party]:
        """All customers as each system names them. What a file said of an id is among the names that a party has.

        Beside the customers of connected systems, the accounts that files brought are those of the CRM.
        """
        with self._engine.connect() as connection:
            given = _given(connection)
            rows = [dict(row) for row in connection.execute(select(tables.parties)).mappings()]
            rows += [_as_party(row) for row in connection.execute(_of_files()).mappings()] if rows else []
        return [
            Party.model_validate({
                **{name: row[name] for name in Party.model_fields},
                "known_as": [*row["known_as"], *given.get((row["source"], row["external_id"]), ())],
            })
            for row in rows
        ]  # fmt: skip

    def decisions(self) -> list[LinkDecision]:
        """What persons said, in the order in which they said it."""
        table = tables.link_decisions
        with self._engine.connect() as connection:
            rows = connection.execute(select(table).order_by(table.c.id)).mappings().all()
        return [LinkDecision.model_validate({name: row[name] for name in LinkDecision.model_fields}) for row in rows]

    def decide(self, decisions: Sequence[LinkDecision]) -> None:
        """Keep what a person said; it counts from the next linking on."""
        if decisions:
            with self._engine.begin() as connection:
                connection.execute(insert(tables.link_decisions), [each.model_dump() for each in decisions])

    def take_back(self, decision: LinkDecision) -> None:
        """Forget the last answer of that content, as if it had not been given."""
        table = tables.link_decisions
        same = and_(*(table.c[name] == value for name, value in decision.model_dump().items() if value is not None))
        with self._engine.begin() as connection:
            last = connection.scalar(select(func.max(table.c.id)).where(same))
            connection.execute(delete(table).where(table.c.id == last))

    def links(self) -> list[Link]:
        """The links as they stand."""
        table = tables.party_links
        with self._engine.connect() as connection:
            rows = connection.execute(select(table).order_by(table.c.source, table.c.external_id)).mappings().all()
        return [Link.model_validate({name: row[name] for name in Link.model_fields}) for row in rows]

    def tickets_by_customer(self) -> dict[Key, int]:
        """How many tickets each customer has, by the ids that the tickets' source gives."""
        ticket = tables.tickets.c
        query = select(ticket.source, ticket.account_ref, func.count()).where(ticket.account_ref.is_not(None))
        with self._engine.connect() as connection:
            rows = connection.execute(query.group_by(ticket.source, ticket.account_ref)).all()
        return {(source, ref): count for source, ref, count in rows}

    def account_of(self) -> dict[Key, int]:
        """The account that each known customer's facts lead to, by source and id there."""
        known = tables.account_identities.c
        with self._engine.connect() as connection:
            rows = connection.execute(select(known.source, known.external_id, known.account_id)).all()
        return {(source, external_id): account for source, external_id, account in rows}

    def accounts_with_helpdesk(self) -> set[int]:
        """The accounts that have a ticket, or a customer in a helpdesk."""
        known, parties, tickets = tables.account_identities, tables.parties, tables.tickets
        same = and_(parties.c.source == known.c.source, parties.c.external_id == known.c.external_id)
        asking = select(known.c.account_id).join(parties, same).where(parties.c.role == "helpdesk")
        having = select(tickets.c.account_id).where(tickets.c.account_id.is_not(None))
        with self._engine.connect() as connection:
            return set(connection.scalars(asking.union(having)))

    def ticket_counts(self) -> tuple[int, int]:
        """How many tickets there are, and how many of them belong to no account."""
        account = tables.tickets.c.account_id
        with self._engine.connect() as connection:
            all_, linked = connection.execute(
                select(func.count(), func.count(account)).select_from(tables.tickets)
            ).one()
        return all_, all_ - linked

    def replace(self, links: Sequence[Link], now: datetime) -> Pointed:
        """Put links in the place of those that stand, and point all facts where they now lead, or nothing at all.

        A link that says what it said before keeps the moment of its decision. Whose facts were until `now` stays known.
        """
        done = Pointed()
        with self._engine.connect().execution_options(preserve_rowcount=True) as connection, connection.begin():
            _write(connection, links, done)
            moved = _set_identities(connection)
            if moved or done.added or done.changed or done.removed or _are_misled(connection):
                learned = learning(connection, now)
                done.facts = _point(connection, learned)
                _move_work(connection)
                learn_contract_owners(connection, learned)
                learn_accounts(connection, learned)
        return done


def _of_files() -> Select[Any]:
    """The accounts of sources that have no customers of their own."""
    accounts, parties = tables.accounts, tables.parties
    columns = (accounts.c.source, accounts.c.external_id, accounts.c.name, accounts.c.domains)
    return select(*columns).where(~exists().where(parties.c.source == accounts.c.source))


def _as_party(account: RowMapping) -> dict[str, Any]:
    return {**dict.fromkeys(Party.model_fields), **account, "role": "crm", "known_as": []}


def _given(connection: Connection) -> dict[Key, list[str]]:
    """The accounts that files and connectors gave for an id, as `SOURCE:ID`; not what was learned from a link."""
    known, accounts, links = tables.account_identities, tables.accounts, tables.party_links
    learned = exists().where(
        links.c.source == known.c.source,
        links.c.external_id == known.c.external_id,
        links.c.own,
        links.c.account_source == accounts.c.source,
        links.c.account_ref == accounts.c.external_id,
    )
    itself = and_(known.c.source == accounts.c.source, known.c.external_id == accounts.c.external_id)
    query = (
        select(known.c.source, known.c.external_id, accounts.c.source, accounts.c.external_id)
        .join(accounts, accounts.c.id == known.c.account_id)
        .where(~learned, ~itself)
    )
    found: dict[Key, list[str]] = {}
    for source, external_id, account_source, account_ref in connection.execute(query):
        found.setdefault((source, external_id), []).append(f"{account_source}:{account_ref}")
    return found


def _write(connection: Connection, links: Sequence[Link], done: Pointed) -> None:
    table = tables.party_links
    given = _given(connection)
    stand = {(row["source"], row["external_id"]): dict(row) for row in connection.execute(select(table)).mappings()}
    wanted = {(one.source, one.external_id): one.model_dump() | {"own": True} for one in links}
    for key in wanted.keys() & given.keys():
        wanted[key]["own"] = False
    new = {key: row for key, row in wanted.items() if key not in stand or _says_else(stand[key], row)}
    old = [key for key in stand if key in new or key not in wanted]
    done.added = len(new.keys() - stand.keys())
    done.changed = len(new.keys() & stand.keys())
    done.removed = len(stand.keys() - wanted.keys())
    _delete(connection, tables.account_identities, [key for key in old if stand[key]["own"] and key not in given])
    _delete(connection, table, old)
    if new:
        connection.execute(insert(table), list(new.values()))


def _says_else(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    return any(old[name] != value for name, value in new.items() if name != "decided_at")


def _delete(connection: Connection, table: Table, keys: Sequence[Key]) -> None:
    statement = delete(table).where(
        table.c.source == bindparam("its_source"), table.c.external_id == bindparam("its_id")
    )
    if keys:
        connection.execute(statement, [{"its_source": source, "its_id": external_id} for source, external_id in keys])


def _set_identities(connection: Connection) -> int:
    """Each account is itself, but for those that a link says are another. Returns how many lead elsewhere now."""
    known, accounts, links = tables.account_identities, tables.accounts, tables.party_links
    columns = ["source", "external_id", "account_id", "account_ref"]
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    itself = select(accounts.c.source, accounts.c.external_id, accounts.c.id, accounts.c.external_id).where(true())
    own = connection.execute(dialect.insert(known).from_select(columns, itself).on_conflict_do_nothing())
    account = and_(accounts.c.source == links.c.account_source, accounts.c.external_id == links.c.account_ref)
    linked = select(links.c.source, links.c.external_id, accounts.c.id, accounts.c.external_id)
    statement = dialect.insert(known).from_select(columns, linked.join(accounts, account).where(links.c.own))
    new = {name: statement.excluded[name] for name in ("account_id", "account_ref")}
    differs = known.c.account_id.is_distinct_from(statement.excluded.account_id)
    set_ = statement.on_conflict_do_update(index_elements=["source", "external_id"], set_=new, where=differs)
    return own.rowcount + connection.execute(set_).rowcount


def _are_misled(connection: Connection) -> bool:
    """Whether tickets came before the customers of their source, and were taken for exports that name another's ids."""
    tickets, parties, known = tables.tickets, tables.parties, tables.account_identities
    has_own = exists().where(parties.c.source == tickets.c.source)
    is_known = exists().where(known.c.source == tickets.c.source, known.c.external_id == tickets.c.account_ref)
    misled = select(tickets.c.id).where(tickets.c.account_id.is_not(None), has_own, ~is_known).limit(1)
    return connection.scalar(misled) is not None


def _point(connection: Connection, learned: Learning) -> int:
    """Lead all facts to the accounts that their references mean now. Tickets come before what hangs on them."""
    moved = 0
    for table in (*_MUST_HAVE_AN_ACCOUNT, *_MAY_BE_WITHOUT):
        found = link_of("account_id", table)
        elsewhere = table.c.account_id.is_distinct_from(found)
        if table in _MUST_HAVE_AN_ACCOUNT:
            elsewhere = and_(elsewhere, found.is_not(None))
        if table is tables.subscription_lines:
            keep_owners(connection, learned, elsewhere)
        moved += connection.execute(update(table).where(elsewhere).values(account_id=found)).rowcount
    return moved


def _move_work(connection: Connection) -> None:
    """Decisions, escalations and episodes of an account that turned out to be another go on under its name."""
    refs = account_refs()
    for table in (tables.decisions, tables.escalations, tables.episodes):
        merged = and_(refs.c.account_id == table.c.account_id, refs.c.is_id != refs.c.account_id)
        new = {
            "account_id": select(refs.c.is_id).where(merged).scalar_subquery(),
            "account_ref": select(refs.c.ref).where(merged).scalar_subquery(),
        }
        connection.execute(update(table).where(exists().where(merged)).values(new))
