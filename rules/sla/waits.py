"""Knows when each metric's wait begins and what fulfils or ends it: the cycles of all tickets."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby

import numpy as np

from domain.sla import Metric
from rules.sla.blocks import Block
from rules.sla.conversation import Conversation, conversation
from rules.sla.epochs import Timeline
from rules.sla.promises import Promises
from rules.sla.ragged import NEVER, Bools, Happened, bounds
from rules.sla.status_history import StatusHistory
from rules.sla.zones import Ints


@dataclass(frozen=True)
class Cycles:
    """A row per cycle, sorted by owner and start; `fulfilled` and `ended` are NEVER where they did not happen.

    `asked`: a customer's message began it, so that only statuses which are entered later stop its clock.
    """

    owner: Ints
    start: Ints
    fulfilled: Ints
    ended: Ints
    asked: bool = False

    @property
    def over(self) -> Ints:
        """When it was fulfilled or ended."""
        return np.minimum(self.fulfilled, self.ended)

    @property
    def number(self) -> Ints:
        """Which of its ticket's cycles each is, from 1."""
        places = np.arange(len(self.owner))
        begins = np.append(True, self.owner[1:] != self.owner[:-1])[: len(places)]
        return places - np.maximum.accumulate(np.where(begins, places, 0)) + 1

    def where(self, wanted: Bools | Ints) -> "Cycles":
        """Some of the rows."""
        return Cycles(self.owner[wanted], self.start[wanted], self.fulfilled[wanted], self.ended[wanted], self.asked)


@dataclass(frozen=True)
class Sources:
    """What cycles are made of."""

    block: Block
    statuses: StatusHistory
    epochs: Timeline
    promises: Promises

    @cached_property
    def talk(self) -> Conversation:
        """Who spoke when."""
        return conversation(self.block, self.statuses)

    @cached_property
    def solved(self) -> Ints:
        """Since when each ticket is solved, NEVER for those that are not."""
        return self.statuses.final_solving()


def alike(metrics: Iterable[Metric]) -> list[list[Metric]]:
    """The metrics, together where they have the same cycles."""
    ordered = sorted(metrics, key=lambda metric: (_MAKERS[metric].__name__, metric))
    return [list(group) for _, group in groupby(ordered, key=_MAKERS.__getitem__)]


def cycles(metric: Metric, sources: Sources) -> Cycles:
    """The cycles of one metric; a merge ends those that are not over, and nothing begins after it."""
    found = _MAKERS[metric](sources)
    ended = np.minimum(found.ended, sources.block.merged[found.owner])
    # What fulfils a wait at the moment at which another thing ends it comes first.
    ended = np.where(found.fulfilled <= ended, NEVER, ended)
    return Cycles(found.owner, found.start, np.where(ended < NEVER, NEVER, found.fulfilled), ended, found.asked)


def _first_reply(sources: Sources) -> Cycles:
    return _replies(sources.talk, sources.talk.is_answer, is_first=True)


def _first_impactful_reply(sources: Sources) -> Cycles:
    return _replies(sources.talk, sources.talk.impactful, is_first=True)


def _next_reply(sources: Sources) -> Cycles:
    return _replies(sources.talk, sources.talk.is_answer, is_first=False)


def _replies(talk: Conversation, answers: Bools, is_first: bool) -> Cycles:
    """Each ticket's first wait for one of these answers, or all others."""
    begins, ends = talk.waits(answers)
    owner = talk.owner[begins]
    some = np.append(True, owner[1:] != owner[:-1])[: len(owner)] == is_first
    return replace(_until(talk, begins[some], ends[some]), asked=True)


def _periodic_update(sources: Sources) -> Cycles:
    talk = sources.talk
    begins = np.flatnonzero(talk.is_answer & ~talk.summary)
    found = _until(talk, begins, talk.next_update(begins))
    return found.where(~sources.statuses.is_solved[sources.statuses.entered_until(found.owner, found.start)])


def _until(talk: Conversation, begins: Ints, ends: Ints) -> Cycles:
    at, answered = np.append(talk.at, NEVER)[ends], np.append(talk.is_answer, False)[ends]
    return Cycles(talk.owner[begins], talk.at[begins], np.where(answered, at, NEVER), np.where(answered, NEVER, at))


def _resolution(sources: Sources) -> Cycles:
    block, statuses = sources.block, sources.statuses
    tickets = np.arange(len(block.ids))
    again = _reopened_afresh(sources)
    owner = np.concatenate([tickets, statuses.owner[again]])
    start = np.concatenate([block.created, statuses.at[again]])
    order = np.argsort(owner, kind="stable")
    owner, start = owner[order], start[order]
    fulfilled = sources.solved[owner]
    followed = np.flatnonzero(owner[1:] == owner[:-1])
    fulfilled[followed] = _solved_before(statuses, again)
    return Cycles(owner, start, fulfilled, np.full(len(owner), NEVER))


def _reopened_afresh(sources: Sources) -> Ints:
    """The entries with which a solved ticket was opened again under terms by which its resolution starts again."""
    statuses = sources.statuses
    solved = statuses.is_solved
    reopened = ~solved[1:] & solved[:-1] & (statuses.owner[1:] == statuses.owner[:-1])
    places = np.flatnonzero(reopened) + 1
    epoch = sources.epochs.begun_until(statuses.owner[places], statuses.at[places])
    return places[sources.promises.restarts[sources.epochs.terms[epoch]]]


def _solved_before(statuses: StatusHistory, reopened: Ints) -> Ints:
    """Since when the ticket had been solved that each of these entries opened again."""
    solved = statuses.is_solved
    began = solved & ~np.append(False, solved[:-1] & (statuses.owner[1:] == statuses.owner[:-1]))
    place = np.maximum.accumulate(np.where(began, np.arange(len(began)), 0))
    return statuses.at[place[reopened - 1]]


def _once(sources: Sources, deeds: Happened) -> Cycles:
    """One cycle a ticket, from its creation to the first of these deeds; a ticket that stays solved ends it."""
    tickets = np.arange(len(sources.block.ids))
    begins = bounds(deeds.owner, len(tickets))
    done = begins[:-1] < begins[1:]
    fulfilled = np.full(len(tickets), NEVER)
    fulfilled[done] = deeds.at[begins[:-1][done]]
    ended = np.where(done, NEVER, sources.solved)
    return Cycles(tickets, sources.block.created, fulfilled, ended)


def _internal_review(sources: Sources) -> Cycles:
    return _once(sources, sources.talk.of_agents)


def _outreach(sources: Sources) -> Cycles:
    return _once(sources, sources.block.outreach)


_MAKERS: Mapping[Metric, Callable[[Sources], Cycles]] = {
    "first_reply": _first_reply,
    "first_impactful_reply": _first_impactful_reply,
    "next_reply": _next_reply,
    "periodic_update": _periodic_update,
    "resolution": _resolution,
    "requester_wait": _resolution,
    "agent_work": _resolution,
    "internal_review": _internal_review,
    "outreach": _outreach,
}
