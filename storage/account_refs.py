"""Knows the one name by which everything above storage calls an account: its id at its source, made unique.

Two vendors may give the same id to two customers. The account that came first keeps it; a later one is called
`SOURCE:ID`. An account that turned out to be another one goes by that one's name.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Subquery, and_, case, func, select

from storage import tables
from storage.versions import as_known


def account_refs(known_on: datetime | None = None) -> Subquery:
    """Of each account: `account_id`, `own_ref`, the account that it is (`is_id`, mostly itself) and the `ref` of it.

    With `known_on` the account that it was known to be then.
    """
    accounts = tables.accounts
    place = func.row_number().over(partition_by=accounts.c.external_id, order_by=accounts.c.id)
    ref = case((place == 1, accounts.c.external_id), else_=accounts.c.source + ":" + accounts.c.external_id)
    other: ColumnElement[int]
    if known_on is None:
        known = tables.account_identities
        is_it = and_(known.c.source == accounts.c.source, known.c.external_id == accounts.c.external_id)
        other, named_by = known.c.account_id, select(accounts.c.id, ref.label("ref")).outerjoin(known, is_it)
    else:
        then = as_known(tables.account_versions, ["account_id"], known_on)
        is_it = then.c.account_id == accounts.c.id
        other, named_by = then.c.is_id, select(accounts.c.id, ref.label("ref")).outerjoin(then, is_it)
    named = named_by.add_columns(func.coalesce(other, accounts.c.id).label("is_id")).subquery()
    own = named.alias()
    return (
        select(named.c.id.label("account_id"), named.c.ref.label("own_ref"), own.c.ref, named.c.is_id)
        .join(own, own.c.id == named.c.is_id)
        .subquery("account_refs")
    )


def ids_by_ref(connection: Connection) -> dict[str, int]:
    """The account that each name means, former names among them."""
    refs = account_refs()
    return dict(connection.execute(select(refs.c.own_ref, refs.c.is_id)).all())
