"""Knows which waits a ticket has had for each metric: since when, what ended them, and whether that was due."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from domain.sla import Metric
from rules.sla.story.past import DONE, TicketPast, promised, standing

# A message that a helpdesk keeps beside the ticket that it made may have been stamped a second later.
_WITH_THE_TICKET = timedelta(seconds=1)


@dataclass(frozen=True)
class Wait:
    """One cycle of a metric.

    * because: what began it; over_because: what fulfilled or ended it
    * fulfilled_at: it got what was due; ended_at: it was over without that
    * asked: a customer's message began it, and the status in which the ticket was then does not stop its clock
    """

    started_at: datetime
    because: str
    fulfilled_at: datetime | None = None
    ended_at: datetime | None = None
    over_because: str = ""
    asked: bool = False

    @property
    def over_at(self) -> datetime | None:
        """When it was fulfilled or ended; None: it goes on."""
        return self.fulfilled_at or self.ended_at

    def cut(self, merged_at: datetime | None) -> "Wait":
        """The wait as a merge leaves it; what was due at that very moment was still given."""
        if merged_at is None or (self.over_at is not None and self.over_at <= merged_at):
            return self
        return replace(self, fulfilled_at=None, ended_at=merged_at, over_because="merged into another ticket")


def waits(past: TicketPast, metric: Metric) -> list[Wait]:
    """The cycles of one metric, the oldest first."""
    return [wait.cut(past.merged_at) for wait in _MAKERS[metric](past)]


@dataclass(frozen=True)
class _Mark:
    """Something by which a wait for a reply begins or ends."""

    at: datetime
    kind: Literal["asked", "answered", "solved", "reopened"]
    because: str
    impactful: bool = True
    told: bool = False


def _marks(past: TicketPast) -> list[_Mark]:
    """Questions, answers, solvings and reopenings; at one moment the ticket itself first, then messages."""
    marks = [] if _made_by_an_agent(past) else [_Mark(past.created_at, "asked", "the customer opened the ticket")]
    for each in past.heard:
        if each.answers:
            how = "the first reply that the helpdesk reports" if each.told else "an agent's public reply"
            marks.append(_Mark(each.at, "answered", how, each.impactful is not False, each.told))
        elif each.asks:
            marks.append(_Mark(each.at, "asked", "the customer's message"))
    was_done = False
    for at, status in past.statuses:
        if status in DONE:
            marks.append(_Mark(at, "solved", f"the ticket was {status}"))
        elif was_done:
            marks.append(_Mark(at, "reopened", "the ticket was reopened"))
        was_done = status in DONE
    return sorted(marks, key=lambda mark: (mark.at, mark.kind in {"solved", "reopened"}))


def _made_by_an_agent(past: TicketPast) -> bool:
    first = next((each for each in past.heard if not each.told), None)
    return first is not None and first.author == "agent" and first.at <= past.created_at + _WITH_THE_TICKET


def _replies(marks: Sequence[_Mark]) -> list[Wait]:
    """From each question to its answer; solving ends it too, unless the ticket is answered or reopened after it."""
    found: list[Wait] = []
    is_waiting = False
    for number, mark in enumerate(marks):
        if mark.kind == "asked" and not is_waiting:
            found.append(Wait(mark.at, mark.because, asked=True))
            is_waiting = True
        elif is_waiting and (mark.kind == "answered" or (mark.kind == "solved" and _stays_solved(marks[number:]))):
            found[-1] = _over(found[-1], mark)
            is_waiting = False
    return found


def _stays_solved(marks: Sequence[_Mark]) -> bool:
    """Whether nothing but a new question comes after the solving."""
    after = next((mark for mark in marks if mark.kind != "solved"), None)
    return after is None or after.kind == "asked"


def _over(wait: Wait, mark: _Mark) -> Wait:
    if mark.kind == "answered":
        return replace(wait, fulfilled_at=mark.at, over_because=mark.because)
    return replace(wait, ended_at=mark.at, over_because=f"{mark.because} without a reply")


def _first_reply(past: TicketPast) -> list[Wait]:
    return _replies(_marks(past))[:1]


def _next_reply(past: TicketPast) -> list[Wait]:
    return _replies(_marks(past))[1:]


def _first_impactful_reply(past: TicketPast) -> list[Wait]:
    return _replies([mark for mark in _marks(past) if mark.kind != "answered" or mark.impactful])[:1]


def _periodic_update(past: TicketPast) -> Iterator[Wait]:
    """From each public reply to the next one, while the ticket is not solved."""
    marks = [mark for mark in _marks(past) if mark.kind in {"answered", "solved"}]
    for number, mark in enumerate(marks):
        if mark.kind == "answered" and not mark.told and standing(past.statuses, mark.at) not in DONE:
            wait = Wait(mark.at, mark.because)
            yield _over(wait, marks[number + 1]) if number + 1 < len(marks) else wait


def _resolution(past: TicketPast) -> Iterator[Wait]:
    """From the ticket's creation until it is solved and stays so; or anew after each reopening."""
    wait = Wait(past.created_at, "the ticket was created")
    solved_at: datetime | None = None
    for at, status in past.statuses:
        if status in DONE:
            solved_at = solved_at or at
        else:
            if solved_at is not None and _starts_again(past, at):
                yield replace(wait, fulfilled_at=solved_at, over_because="the ticket was solved")
                wait = Wait(at, "the ticket was reopened")
            solved_at = None
    yield wait if solved_at is None else replace(wait, fulfilled_at=solved_at, over_because="the ticket was solved")


def _starts_again(past: TicketPast, at: datetime) -> bool:
    promise = promised(past.promises, at)
    return promise is not None and promise.terms is not None and promise.terms.reopened == "restart"


def _internal_review(past: TicketPast) -> list[Wait]:
    return _once(past, [each.at for each in past.heard if each.author == "agent"], "an agent wrote, maybe a note")


def _outreach(past: TicketPast) -> list[Wait]:
    return _once(past, past.outreach, "success or sales spoke to the account")


def _once(past: TicketPast, deeds: Sequence[datetime], because: str) -> list[Wait]:
    wait = Wait(past.created_at, "the ticket was created")
    if deeds:
        return [replace(wait, fulfilled_at=deeds[0], over_because=because)]
    if past.solved_since is not None:
        return [replace(wait, ended_at=past.solved_since, over_because="the ticket was solved before")]
    return [wait]


_MAKERS: Mapping[Metric, Callable[[TicketPast], Iterator[Wait] | list[Wait]]] = {
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
