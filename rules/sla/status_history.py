"""Knows in which status each ticket was at any moment, and whether that is told by events or only by a summary."""

from dataclasses import dataclass, field

import numpy as np

from rules.sla.blocks import CLOSED, OPEN, SOLVED, Block
from rules.sla.ragged import NEVER, Bools, bounds, first_reaching
from rules.sla.zones import Ints


@dataclass(frozen=True)
class StatusHistory:
    """A row per entry of a status, sorted by owner and time; the first of each owner is at its creation.

    Of several entries at one moment the last one stands, and no two in a row have the same status. `first` has the
    place of each owner's first entry, and the end.
    """

    owner: Ints
    at: Ints
    status: Ints
    summary: Bools
    first: Ints = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "first", bounds(self.owner, len(self.summary)))

    @property
    def is_solved(self) -> Bools:
        """Which entries are of the statuses solved and closed."""
        result: Bools = (self.status == SOLVED) | (self.status == CLOSED)
        return result

    def entered_until(self, owner: Ints, moment: Ints) -> Ints:
        """The place of the entry that is in force at a moment."""
        return first_reaching(self.at, self.first[owner] + 1, self.first[owner + 1], moment + 1) - 1

    def final_solving(self) -> Ints:
        """For each owner the moment since which it is solved; NEVER: it is not."""
        # Solved, then closed, is one solving: it began with the first of the two.
        solved = self.is_solved
        began = solved & ~np.append([False], solved[:-1] & (self.owner[1:] == self.owner[:-1]))
        place = np.maximum.accumulate(np.where(began, np.arange(len(began)), 0))
        last = self.first[1:] - 1
        return np.where(solved[last], self.at[place[last]], NEVER)


def status_history(block: Block) -> StatusHistory:
    """The statuses of a block's tickets; without any status event a ticket is open until it was resolved."""
    told = block.statuses
    first = bounds(told.owner, len(block.ids))
    summary = first[:-1] == first[1:]
    initial = np.full(len(block.ids), OPEN)
    initial[~summary] = told["before"][first[:-1][~summary]]
    resolved = _resolved(block)
    short = np.flatnonzero(summary & (resolved < block.merged))
    owner = np.concatenate([np.arange(len(block.ids)), told.owner, short])
    order = np.argsort(owner, kind="stable")
    at = np.concatenate([block.created, told.at, resolved[short]])[order]
    status = np.concatenate([initial, told["after"], np.full(len(short), SOLVED)])[order]
    return _cleaned(owner[order], at, status, summary)


def _resolved(block: Block) -> Ints:
    """When a ticket was resolved by its own fields: if only its status says so, after the last thing that is known."""
    # A merged ticket is closed by its merge.
    said_so = ((block.status == SOLVED) | (block.status == CLOSED)) & (block.merged == NEVER)
    unknown = np.where(said_so, _last_known(block), NEVER)
    resolved = np.where(block.resolved == NEVER, unknown, block.resolved)
    return np.where(resolved > block.as_of, NEVER, np.maximum(resolved, block.created))


def _last_known(block: Block) -> Ints:
    last = np.where(block.first_replied == NEVER, block.created, block.first_replied)
    for happened in (block.said, block.priorities):
        ends = bounds(happened.owner, len(block.ids))
        some = np.flatnonzero(ends[:-1] < ends[1:])
        last[some] = np.maximum(last[some], happened.at[ends[1:][some] - 1])
    return last


def _cleaned(owner: Ints, at: Ints, status: Ints, summary: Bools) -> StatusHistory:
    lasting = np.append((owner[1:] != owner[:-1]) | (at[1:] != at[:-1]), True)
    owner, at, status = owner[lasting], at[lasting], status[lasting]
    new = np.append(True, (owner[1:] != owner[:-1]) | (status[1:] != status[:-1]))
    return StatusHistory(owner[new], at[new], status[new], summary)
