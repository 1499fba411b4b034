"""Knows which spells stood before a look, and until when a rule that stays on was last seen to apply."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import narwhals as nw

from domain.playbooks import RuleSpell
from jobs.evaluate import Evaluated
from jobs.playbooks_in_force import InForce
from rules.escalation import Matter
from rules.playbooks import Playbook
from rules.spells import stood
from storage.spells import KeptSpells, SpellBook
from storage.store import Store


def standing_spells(store: Store, force: InForce, as_of: datetime) -> nw.DataFrame[Any] | None:
    """The spells that were open before the look at `as_of`, as they stood then; None where no rule depends on any."""
    hashes = _remembering((*force.active, *force.shadow))
    return stood(SpellBook(store.engine).begun_before(hashes, as_of), as_of) if hashes else None


def spells_to_keep(evaluated: Evaluated, as_of: datetime) -> KeptSpells:
    """What the look at `as_of` made of all spells."""
    hashes = _remembering((*evaluated.by.active, *evaluated.by.shadow))
    return KeptSpells(hashes, (*evaluated.evaluation.spells, *evaluated.shadow.spells), as_of)


def last_applied(store: Store, evaluated: Evaluated, since: datetime, as_of: datetime) -> dict[Matter, datetime]:
    """Until when a rule of each matter that stays on until it is cleared was on, where that is after `since`."""
    books = {book.content_hash: book for book in evaluated.by.active if book.clear_when is not None}
    if not books:
        return {}
    now = (spell for spell in evaluated.evaluation.spells if spell.on_since is not None and spell.rule_hash in books)
    found: dict[Matter, datetime] = {}
    for spell in (*now, *SpellBook(store.engine).ended(books, since, as_of)):
        matter = (spell.account_ref, books[spell.rule_hash].family)
        last = _last_on(spell, as_of)
        found[matter] = max(last, found.get(matter, last))
    return found


def _last_on(spell: RuleSpell, as_of: datetime) -> datetime:
    return as_of if spell.ended_at is None else spell.ended_at


def _remembering(playbooks: Iterable[Playbook]) -> frozenset[str]:
    return frozenset(book.content_hash for book in playbooks if book.remembers)
