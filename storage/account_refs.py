"""Knows the one name by which everything above storage calls an account: its id at its source, made unique.

Two vendors may give the same id to two customers. The account that came first keeps it; a later one is called
`SOURCE:ID`. An account that turned out to be another one goes by that one's name.
"""

from sqlalchemy import Connection, Subquery, and_, case, func, select

from storage import tables


def account_refs() -> Subquery:
    """Of each account: `account_id`, `own_ref`, the account that it is (`is_id`, mostly itself) and the `ref` of it."""
    accounts, known = tables.accounts, tables.account_identities
    place = func.row_number().over(partition_by=accounts.c.external_id, order_by=accounts.c.id)
    ref = case((place == 1, accounts.c.external_id), else_=accounts.c.source + ":" + accounts.c.external_id)
    itself = and_(known.c.source == accounts.c.source, known.c.external_id == accounts.c.external_id)
    named = (
        select(accounts.c.id, ref.label("ref"), func.coalesce(known.c.account_id, accounts.c.id).label("is_id"))
        .outerjoin(known, itself)
        .subquery()
    )
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
