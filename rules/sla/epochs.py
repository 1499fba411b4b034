"""Knows which terms and which priority each ticket had, and since when."""

from dataclasses import dataclass, field

import numpy as np

from rules.sla.blocks import Block
from rules.sla.promises import NONE
from rules.sla.ragged import Happened, bounds, first_reaching
from rules.sla.zones import Ints

_AS_BEFORE = -2


@dataclass(frozen=True)
class Timeline:
    """A row per epoch, sorted by owner and time; the first of each owner is at its creation, and each differs from
    the one before it. `terms` is a place in the sorted hashes or NONE, `priority` one in PRIORITIES.
    """

    owner: Ints
    since: Ints
    terms: Ints
    priority: Ints
    owners: int
    first: Ints = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "first", bounds(self.owner, self.owners))

    def begun_until(self, owner: Ints, moment: Ints) -> Ints:
        """The place of the epoch that is in force at a moment."""
        return first_reaching(self.since, self.first[owner] + 1, self.first[owner + 1], moment + 1) - 1


def timeline(block: Block) -> Timeline:
    """The epochs of a block's tickets: cut at each assignment but the first, and at each change of priority."""
    tickets = np.arange(len(block.ids))
    first_terms, later = _first_assigned(block)
    changes = block.priorities
    owner = np.concatenate([tickets, later.owner, changes.owner])
    at = np.concatenate([block.created, later.at, changes.at])
    unset = np.full(len(later) + len(changes), _AS_BEFORE)
    terms = np.concatenate([first_terms, later["terms"], unset[: len(changes)]])
    priority = np.concatenate([_first_priority(block), unset[: len(later)], changes["after"]])
    # The sort is stable: a ticket's beginning stands before what happened at the same moment.
    order = np.lexsort((at, owner))
    return _cleaned(owner[order], at[order], _carried(terms[order]), _carried(priority[order]), len(tickets))


def _first_assigned(block: Block) -> tuple[Ints, Happened]:
    assigned = block.assigned
    begins = bounds(assigned.owner, len(block.ids))
    some = begins[:-1] < begins[1:]
    terms = np.full(len(block.ids), NONE)
    terms[some] = assigned["terms"][begins[:-1][some]]
    later = np.ones(len(assigned), dtype=np.bool_)
    later[begins[:-1][some]] = False
    return terms, assigned.where(later)


def _first_priority(block: Block) -> Ints:
    begins = bounds(block.priorities.owner, len(block.ids))
    changed = begins[:-1] < begins[1:]
    priority = block.priority.copy()
    priority[changed] = block.priorities["before"][begins[:-1][changed]]
    return priority


def _carried(values: Ints) -> Ints:
    place = np.maximum.accumulate(np.where(values == _AS_BEFORE, 0, np.arange(len(values))))
    return values[place]


def _cleaned(owner: Ints, since: Ints, terms: Ints, priority: Ints, owners: int) -> Timeline:
    lasting = np.append((owner[1:] != owner[:-1]) | (since[1:] != since[:-1]), True)[: len(owner)]
    owner, since, terms, priority = owner[lasting], since[lasting], terms[lasting], priority[lasting]
    other = (owner[1:] != owner[:-1]) | (terms[1:] != terms[:-1]) | (priority[1:] != priority[:-1])
    new = np.append(True, other)[: len(owner)]
    return Timeline(owner[new], since[new], terms[new], priority[new], owners)
