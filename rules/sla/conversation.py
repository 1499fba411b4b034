"""Knows who spoke when and whose turn it was: customers' questions, agents' answers, and solving, in one order."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rules.sla.blocks import Block
from rules.sla.promises import NONE
from rules.sla.ragged import NEVER, Bools, Happened, bounds, first_reaching, following
from rules.sla.status_history import StatusHistory
from rules.sla.zones import Ints

_QUESTION, _ANSWER, _SOLVING, _REOPENING = range(4)
# A message that helpdesks keep beside the ticket that it made may have been stamped a second later.
_WITH_THE_TICKET = 1_000_000


@dataclass(frozen=True)
class Conversation:
    """A row per mark, sorted by owner and time; at one moment a ticket's creation comes first, then what was said,
    then solving or reopening. `summary` marks a reply that only the ticket's summary tells.

    `of_agents` has all that agents wrote, internal notes too.
    """

    owner: Ints
    at: Ints
    kind: Ints
    impactful: Bools
    summary: Bools
    of_agents: Happened

    @property
    def is_answer(self) -> Bools:
        """Which marks are agents' public messages."""
        result: Bools = self.kind == _ANSWER
        return result

    @property
    def is_solving(self) -> Bools:
        """Which marks are entries of solved or closed."""
        result: Bools = self.kind == _SOLVING
        return result

    def waits(self, wanted: Bools) -> tuple[Ints, Ints]:
        """The marks that begin and end each wait for an answer, sorted; the number of marks where nothing has ended it.

        Questions that follow each other are one wait. Solving ends it unless the next mark answers, or opens the ticket
        again: then the question still waits. Only `wanted` answers count.
        """
        marks = np.flatnonzero(~self.is_answer | wanted)
        owner, kind = self.owner[marks], self.kind[marks]
        after = _of_same(owner, np.arange(len(marks)), following(kind != _SOLVING))
        kind_after = np.append(kind, _QUESTION)[after]
        ending = (kind == _ANSWER) | ((kind == _SOLVING) & (kind_after == _QUESTION))
        asking = kind == _QUESTION
        chosen = np.flatnonzero(ending | asking)
        marks, owner, asking = marks[chosen], owner[chosen], asking[chosen]
        follows = np.append(False, (owner[1:] == owner[:-1]) & asking[:-1])[: len(asking)]
        begins = np.flatnonzero(asking & ~follows)
        ends = _of_same(owner, begins, following(~asking)[begins])
        return marks[begins], np.append(marks, len(self.owner))[ends]

    def next_update(self, begins: Ints) -> Ints:
        """The answer or solving after each of these marks, or the number of marks."""
        return _of_same(self.owner, begins, following(self.is_answer | self.is_solving)[begins])


def _of_same(owner: Ints, rows: Ints, places: Ints) -> Ints:
    """The places that have the owner of their rows; otherwise the number of all rows."""
    same = np.append(owner, NONE)[places] == owner[rows]
    return np.where(same, places, len(owner))


def conversation(block: Block, statuses: StatusHistory) -> Conversation:
    """The marks of a block's tickets. A ticket that a customer made asks by being created."""
    said = _with_summaries(block)
    asked = np.flatnonzero(~_made_by_agents(block))
    public = said.where(said["public"])
    first = bounds(public.owner, len(block.ids))
    solved = statuses.is_solved
    turning = np.flatnonzero(solved | np.append(False, solved[:-1] & (statuses.owner[1:] == statuses.owner[:-1])))
    owner, at = statuses.owner[turning], statuses.at[turning]
    turning_place = first_reaching(public.at, first[owner], first[owner + 1], at + 1)
    # Places among the messages; a ticket's creation stands before the turn that has the same place.
    place = np.concatenate([first[asked], turning_place])
    order = np.lexsort((np.concatenate([asked, owner]), place))
    inserted = place[order] + np.arange(len(order))
    new_kind = np.append(np.full(len(asked), _QUESTION), np.where(solved[turning], _SOLVING, _REOPENING))

    def mixed(messages: NDArray[Any], others: NDArray[Any]) -> NDArray[Any]:
        return _mixed(messages, others[order], inserted)

    nothing = np.zeros(len(order), dtype=np.bool_)
    return Conversation(
        mixed(public.owner, np.concatenate([asked, owner])),
        mixed(public.at, np.concatenate([block.created[asked], at])),
        mixed(np.where(public["agent"], _ANSWER, _QUESTION), new_kind),
        mixed(public["impactful"], nothing),
        mixed(public["summary"], nothing),
        said.where(said["agent"]),
    )


def _mixed(messages: NDArray[Any], others: NDArray[Any], inserted: Ints) -> NDArray[Any]:
    result = np.empty(len(messages) + len(others), dtype=messages.dtype)
    is_message = np.ones(len(result), dtype=np.bool_)
    is_message[inserted] = False
    result[inserted], result[is_message] = others, messages
    return result


def _made_by_agents(block: Block) -> Bools:
    """The tickets whose first message is an agent's and came with the ticket itself."""
    first = bounds(block.said.owner, len(block.ids))
    some = np.flatnonzero(first[:-1] < first[1:])
    began = first[some]
    result = np.zeros(len(block.ids), dtype=np.bool_)
    result[some] = block.said["agent"][began] & (block.said.at[began] <= block.created[some] + _WITH_THE_TICKET)
    return result


def _with_summaries(block: Block) -> Happened:
    """What was said; where no public reply is known, also the first one that the ticket itself tells of."""
    said = block.said
    replied = np.zeros(len(block.ids), dtype=np.bool_)
    replied[said.owner[said["agent"] & said["public"]]] = True
    moment = np.maximum(block.first_replied, block.created)
    told = np.flatnonzero(~replied & (moment < np.minimum(block.merged, NEVER)))
    known, new = np.zeros(len(said), dtype=np.bool_), np.ones(len(told), dtype=np.bool_)
    owner, at = np.concatenate([said.owner, told]), np.concatenate([said.at, moment[told]])
    order = np.lexsort((at, owner)) if len(told) else slice(None)
    columns = {name: np.concatenate([said[name], new]) for name in ("agent", "public", "impactful")}
    return Happened(owner, at, {**columns, "summary": np.concatenate([known, new])}).where(order)
