"""Knows which version of each line, contract, exchange rate and account was known on a moment in the past."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, Subquery, Table, and_, cast, false, func, null, select

from storage import tables
from storage.account_refs import account_refs
from storage.types import UtcDateTime
from storage.versions import as_known

_KEY = ("source", "external_id")


class FormerFacts:
    """Queries of what was known on a moment, with the columns of the tables of today, all set-based."""

    def __init__(self, known_on: datetime) -> None:
        self._known_on = known_on

    def accounts(self) -> Select[Any]:
        """Accounts that were known and not yet known to be another one, as they were described.

        Domains, sign-up and what the sources claim of their plan and state are those of today.
        """
        accounts, refs = tables.accounts, account_refs(self._known_on)
        then = as_known(tables.account_versions, ["account_id"], self._known_on)
        columns = [
            refs.c.ref.label(each.name) if each.name == "external_id" else then.c.get(each.name, each)
            for each in accounts.columns
        ]
        itself = and_(refs.c.account_id == accounts.c.id, refs.c.is_id == accounts.c.id)
        return select(*columns).join(refs, itself).join(then, then.c.account_id == accounts.c.id)

    def segments(self) -> Select[Any]:
        """The history of segments until then."""
        segments = tables.account_segments
        return select(*segments.columns).where(segments.c.since <= self._known_on)

    def contracts(self) -> Select[Any]:
        """Contracts that were known and not gone; one that is not there any more has a negative id."""
        contracts, refs = tables.contracts, account_refs(self._known_on)
        then = as_known(tables.contract_versions, _KEY, self._known_on)
        place = func.row_number().over(order_by=[then.c[name] for name in _KEY])
        columns: dict[str, ColumnElement[Any]] = {
            "id": func.coalesce(contracts.c.id, -place, type_=contracts.c.id.type),
            "account_ref": refs.c.ref,
            "changed_at": cast(null(), UtcDateTime()),
        }
        same = and_(*(contracts.c[name] == then.c[name] for name in _KEY))
        shown = [
            columns[each.name].label(each.name) if each.name in columns else then.c[each.name]
            for each in contracts.columns
        ]
        query = select(*shown).select_from(then.outerjoin(contracts, same))
        return query.join(refs, refs.c.account_id == then.c.account_id).where(then.c.gone == false())

    def rates(self) -> Select[Any]:
        """Exchange rates that were known: source, base, quote, on, rate."""
        then = as_known(tables.fx_rate_versions, _KEY, self._known_on)
        return select(then.c.source, then.c.base, then.c.quote, then.c.on, then.c.rate).where(then.c.gone == false())

    def lines(self) -> Select[Any]:
        """The newest version of each subscription line that was known, with whose it was."""
        lines, refs, owners = tables.subscription_lines, account_refs(self._known_on), self._owners()
        owner = func.coalesce(owners.c.account_id, lines.c.account_id)
        columns = {"account_id": owner.label("account_id"), "account_ref": refs.c.ref.label("account_ref")}
        newest, same = newest_lines(self._known_on)
        query = select(*(columns.get(each.name, each) for each in lines.columns)).join(newest, same)
        return query.outerjoin(owners, owners.c.line_id == lines.c.id).join(refs, refs.c.account_id == owner)

    def _owners(self) -> Subquery:
        """Whose the lines were that were moved later: line_id, account_id."""
        moves = tables.line_moves
        later = (
            select(moves.c.line_id, func.min(moves.c.moved_at).label("moved_at"))
            .where(moves.c.moved_at > self._known_on)
            .group_by(moves.c.line_id)
            .subquery()
        )
        first = and_(moves.c.line_id == later.c.line_id, moves.c.moved_at == later.c.moved_at)
        return select(moves.c.line_id, moves.c.account_id).join(later, first).subquery("owners")


def newest_lines(known_on: datetime | None = None) -> tuple[FromClause, ColumnElement[bool]]:
    """What to join subscription lines with, and on what, to have the newest version of each that was known."""
    lines = tables.subscription_lines
    query = select(*(lines.c[name] for name in _KEY), func.max(lines.c.recorded_at).label("recorded_at"))
    if known_on is not None:
        query = query.where(func.coalesce(lines.c.learned_at, lines.c.recorded_at, type_=UtcDateTime()) <= known_on)
    newest = query.group_by(*(lines.c[name] for name in _KEY)).subquery("newest")
    return newest, and_(*(lines.c[name] == newest.c[name] for name in (*_KEY, "recorded_at")))


def of_accounts(table: Table, refs: Subquery) -> Select[Any]:
    """The rows of a table, with the name that their account goes by in the place of the source's reference."""
    columns = [refs.c.ref.label(each.name) if each.name == "account_ref" else each for each in table.columns]
    return select(*columns).join(refs, refs.c.account_id == table.c.account_id)
