"""Knows who spoke when and whose turn it was: customers' questions, agents' answers, and solving, in one order."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rules.sla.blocks import Block
from rules.sla.ragged import NEVER, Bools, Happened, bounds, first_above, following
from rules.sla.status_history import StatusHistory
from rules.sla.zones import Ints

_QUESTION, _ANSWER, _SOLVING = range(3)
# A message that helpdesks keep beside the ticket that it made may have been stamped a second later.
_WITH_THE_TICKET = 1_000_000


@dataclass(frozen=True)
class Waits:
    """A row per wait for a reply, sorted: the marks that begin and end it, −1 where nothing has ended it."""

    owner: Ints
    begins: Ints
    ends: Ints


@dataclass(frozen=True)
class Conversation:
    """A row per mark, sorted by owner and time; at one moment a ticket's creation comes first, then what was said,
    then solving. `summary` marks a reply that only the ticket's summary tells.

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

    @property
    def waits(self) -> Waits:
        """From each question that does not follow another one to the next mark that is none."""
        question = self.kind == _QUESTION
        follows = (self.owner[1:] == self.owner[:-1]) & question[:-1]
        begins = np.flatnonzero(question & ~np.append(False, follows)[: len(question)])
        ends = following(~question)[begins]
        there = ends < len(question)
        there[there] = self.owner[ends[there]] == self.owner[begins[there]]
        return Waits(self.owner[begins], begins, np.where(there, ends, -1))


def conversation(block: Block, statuses: StatusHistory) -> Conversation:
    """The marks of a block's tickets. A ticket that a customer made asks by being created."""
    said = _with_summaries(block)
    asked = np.flatnonzero(~_made_by_agents(block))
    public = said.where(said["public"])
    first = bounds(public.owner, len(block.ids))
    solving = np.flatnonzero(statuses.is_solved)
    owner, at = statuses.owner[solving], statuses.at[solving]
    solved_place = first_above(public.at, first[owner], first[owner + 1], at)
    # Places among the messages; a ticket's creation stands before the solving that has the same place.
    place = np.concatenate([first[asked], solved_place])
    order = np.lexsort((np.concatenate([asked, owner]), place))
    inserted = place[order] + np.arange(len(order))
    new_kind = np.repeat([_QUESTION, _SOLVING], [len(asked), len(solving)])

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
