"""Knows which accounts belong to one customer, by the parents that their records name."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import narwhals as nw

from domain.conventions import LedgerConventions
from retention.ledger import Frame, LedgerFrames


def as_counted(frames: LedgerFrames, conventions: LedgerConventions) -> LedgerFrames:
    """`frames` with lines, contracts and tickets at the accounts that the ledger counts: their own or top parents."""
    if conventions.roll_up == "own":
        return frames
    tops = _tops(frames.accounts)
    return replace(
        frames,
        lines=_at_top(frames.lines, tops),
        contracts=None if frames.contracts is None else _at_top(frames.contracts, tops),
        tickets=None if frames.tickets is None else _at_top(frames.tickets, tops),
    )


def in_circles(accounts: Frame) -> list[int]:
    """The ids of the accounts that are, by way of others, their own parents; each of them stays on its own."""
    parents = _parents(accounts)
    return sorted(_circling(parents))


def top_parents(parents: Mapping[int, int]) -> dict[int, int]:
    """The topmost parent of each account that has one; `parents` says the next. A circle is cut at all its members."""
    circling = _circling(parents)
    tops: dict[int, int] = {}
    for account in parents:
        path = [account]
        while path[-1] not in tops and path[-1] in parents and path[-1] not in circling:
            path.append(parents[path[-1]])
        top = tops.get(path[-1], path[-1])
        tops.update(dict.fromkeys(path, top))
    return {account: top for account, top in tops.items() if account != top}


def _circling(parents: Mapping[int, int]) -> set[int]:
    """The accounts on circles. Each is looked at once: who was reached before leads to nothing new."""
    seen: dict[int, int] = {}
    circling: set[int] = set()
    for account in parents:
        path, at = [], account
        while at in parents and at not in seen:
            seen[at] = account
            path.append(at)
            at = parents[at]
        if seen.get(at) == account and at in path:
            circling.update(path[path.index(at) :])
    return circling


def _parents(accounts: Frame) -> dict[int, int]:
    """The parent of each account that names a known one: by its id in the same source, otherwise in any."""
    children = accounts.filter(~nw.col("parent_ref").is_null() & (nw.col("parent_ref") != "")).select(
        "id", "source", "parent_ref"
    )
    known = accounts.select("source", parent_id="id", parent_ref="external_id")
    within = children.join(known, on=["source", "parent_ref"], how="left")
    anywhere = known.group_by("parent_ref").agg(any_id=nw.col("parent_id").min())
    found = within.join(anywhere, on="parent_ref", how="left").select("id", parent=nw.coalesce("parent_id", "any_id"))
    rows: list[Any] = found.filter(~nw.col("parent").is_null()).collect().rows()
    return {int(account): int(parent) for account, parent in rows if account != parent}


def _tops(accounts: Frame) -> Frame:
    collected = accounts.select("id").collect()
    tops = top_parents(_parents(accounts))
    columns = {"account_id": list(tops), "_top": list(tops.values())}
    schema = {"account_id": nw.Int64(), "_top": nw.Int64()}
    return nw.from_dict(columns, schema, backend=collected.implementation).lazy()


def _at_top(facts: Frame, tops: Frame) -> Frame:
    """The same facts; nothing but `account_id` changes."""
    moved = facts.join(tops, on="account_id", how="left").with_columns(account_id=nw.coalesce("_top", "account_id"))
    return moved.drop("_top")
