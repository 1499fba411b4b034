"""Keeps since when the conditions of rules have been true, for the rules that must hold or stay on."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import narwhals as nw
from sqlalchemy import Connection, Engine, delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from domain.playbooks import RuleSpell
from storage import tables
from storage.account_refs import account_refs, ids_by_ref
from storage.frames import read_frame

_SPELLS = tables.rule_spells
_KEY = ("rule_hash", "account_id", "ticket_ref", "true_since")


@dataclass(frozen=True)
class KeptSpells:
    """What the look at `as_of` made of the spells of these rules."""

    rule_hashes: frozenset[str]
    spells: Sequence[RuleSpell]
    as_of: datetime


class SpellBook:
    """The spells of one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def begun_before(self, rule_hashes: Collection[str], moment: datetime) -> nw.DataFrame[Any]:
        """The spells of these rules that began before a moment and had not ended before it, as they are known today.

        rule_hash, account_id, account_ref (both of the account that it is today), ticket_ref, true_since, on_since,
        ended_at; what happened at or after the moment is in them.
        """
        refs, spells = account_refs(), _SPELLS.c
        query = (
            select(
                spells.rule_hash, refs.c.is_id.label("account_id"), refs.c.ref.label("account_ref"),
                spells.ticket_ref, spells.true_since, spells.on_since, spells.ended_at,
            )
            .join(refs, refs.c.account_id == spells.account_id)
            .where(spells.rule_hash.in_(sorted(rule_hashes)), spells.true_since < moment)
            .where(or_(spells.ended_at.is_(None), spells.ended_at >= moment))
        )  # fmt: skip
        found = read_frame(self._engine, query).collect()
        return found.with_columns(nw.col("ticket_ref").fill_null(""))

    def ended(self, rule_hashes: Collection[str], since: datetime, before: datetime) -> list[RuleSpell]:
        """The spells in which these rules had been on, that ended in `[since, before)`."""
        refs, spells = account_refs(), _SPELLS.c
        query = (
            select(*(each for each in _SPELLS.columns if each.name != "account_ref"), refs.c.ref.label("account_ref"))
            .join(refs, refs.c.account_id == spells.account_id)
            .where(spells.rule_hash.in_(sorted(rule_hashes)), spells.on_since.is_not(None))
            .where(spells.ended_at >= since, spells.ended_at < before)
        )
        with self._engine.connect() as connection:
            rows = connection.execute(query).mappings().all()
        return [RuleSpell.model_validate({name: row[name] for name in RuleSpell.model_fields}) for row in rows]


def keep_spells(connection: Connection, kept: KeptSpells) -> None:
    """Put what the newest look made of the spells of its rules in the place of what stood.

    A former look at the same moment leaves nothing behind.
    """
    if not kept.rule_hashes:
        return
    refs, ours = account_refs(), _SPELLS.c.rule_hash.in_(sorted(kept.rule_hashes))
    connection.execute(delete(_SPELLS).where(ours, _SPELLS.c.true_since >= kept.as_of))
    # An account that turned out to be another one goes on under that one's name.
    merged = select(refs.c.account_id).where(refs.c.account_id != refs.c.is_id)
    is_open = _SPELLS.c.ended_at.is_(None)
    connection.execute(
        update(_SPELLS).where(ours, is_open, _SPELLS.c.account_id.in_(merged)).values(ended_at=kept.as_of)
    )
    if not kept.spells:
        return
    ids = ids_by_ref(connection)
    rows = [{**spell.model_dump(), "account_id": ids[spell.account_ref]} for spell in kept.spells]
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(_SPELLS)
    written = {name: statement.excluded[name] for name in ("account_ref", "on_since", "ended_at")}
    connection.execute(statement.on_conflict_do_update(index_elements=list(_KEY), set_=written), rows)
