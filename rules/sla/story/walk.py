"""Knows how a clock goes through time: what each stretch of a wait was, and what it counted for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from domain.sla import Counting
from rules.durations import Length
from rules.sla.calendar import Calendar
from rules.sla.story.days import Piece, Why, pieces
from rules.sla.story.past import DONE

Going = Literal["running", "paused", "solved"]
What = Literal["counting", "closed", "paused", "solved"]
_NOTHING = timedelta(0)


@dataclass(frozen=True)
class Phase:
    """A stretch in which the ticket's status lets a clock run, or not; `ends_at` None: until something changes."""

    starts_at: datetime
    ends_at: datetime | None
    going: Going
    status: str


@dataclass(frozen=True)
class Span:
    """A stretch of a wait.

    * what, why: it counted; or it was closed (why: night, break, day off, holiday, special day), paused or solved
      (why: the ticket's status). `name` is the holiday's.
    * counted: what it added to the clock; working: how much of it was business time, also where the clock stood
    * total: what the clock shows at its end; share: of the target, None where there is none
    """

    starts_at: datetime
    ends_at: datetime
    what: What
    why: str
    name: str
    counted: timedelta
    working: timedelta
    total: timedelta
    share: float | None


@dataclass(frozen=True)
class Slice:
    """What one piece of the calendar and one phase of the ticket have in common."""

    starts_at: datetime
    ends_at: datetime
    piece: Piece
    phase: Phase

    @property
    def length(self) -> timedelta:
        """How long it takes on the wall's clock."""
        return self.ends_at - self.starts_at

    def counted(self, counting: Counting) -> timedelta:
        """What it adds to a clock that counts so."""
        counts = self.phase.going == "running" and (counting == "elapsed" or self.piece.is_open)
        return self.length if counts else _NOTHING

    @property
    def working(self) -> timedelta:
        """How much of it is business time."""
        return self.length if self.piece.is_open else _NOTHING

    def meaning(self, counting: Counting) -> tuple[What, Why | str, str]:
        """What it was, why, and the name of the holiday."""
        if self.phase.going != "running":
            return self.phase.going, self.phase.status, ""
        if counting == "elapsed" or self.piece.is_open:
            return "counting", "", ""
        return "closed", self.piece.why, self.piece.name


def phases(starts_at: datetime, statuses: Sequence[tuple[datetime, str]], pauses: Sequence[str]) -> tuple[Phase, ...]:
    """The wait's phases from `starts_at` on; `statuses` are (since, status), the first one in force at the start."""
    found: list[Phase] = []
    ends: list[datetime | None] = [since for since, _ in statuses[1:]]
    for (since, status), ends_at in zip(statuses, [*ends, None], strict=True):
        begins_at = max(since, starts_at)
        if ends_at is None or ends_at > begins_at:
            found.append(Phase(begins_at, ends_at, _going(status, pauses), status))
    return tuple(found)


def _going(status: str, pauses: Sequence[str]) -> Going:
    if status in DONE:
        return "solved"
    return "paused" if status in pauses else "running"


def reached(calendar: Calendar, ahead: Sequence[Phase], length: Length) -> datetime | None:
    """The earliest moment at which a clock that starts with the first phase has counted `length`.

    None: it stands still, and has not counted so much yet.
    """
    left = length.time
    if not left:
        return ahead[0].starts_at
    for each in slices(calendar, ahead):
        if each.phase.ends_at is None and each.phase.going != "running":
            return None
        counted = each.counted(length.counting)
        if counted >= left:
            return each.starts_at + left
        left -= counted
    return None


def counted(calendar: Calendar, ahead: Sequence[Phase], until: datetime, counting: Counting) -> timedelta:
    """What the clock shows at a moment."""
    return sum((each.counted(counting) for each in _cut(calendar, ahead, until)), _NOTHING)


def spans(
    calendar: Calendar,
    ahead: Sequence[Phase],
    cuts: Sequence[datetime],
    counting: Counting,
    target: timedelta | None,
) -> tuple[Span, ...]:
    """Every second from the first phase's beginning to the last of `cuts`, what it was and what it counted for.

    No span goes on over a cut.
    """
    found: list[Span] = []
    total = _NOTHING
    for each in _cut(calendar, ahead, *cuts):
        gain, (what, why, name) = each.counted(counting), each.meaning(counting)
        total += gain
        share = total / target if target else None
        span = Span(each.starts_at, each.ends_at, what, why, name, gain, each.working, total, share)
        last = found[-1] if found and found[-1].ends_at not in cuts else None
        if last is not None and (last.what, last.why, last.name) == (what, why, name):
            found.pop()
            began, gain, working = last.starts_at, last.counted + gain, last.working + each.working
            span = replace(span, starts_at=began, counted=gain, working=working)
        found.append(span)
    return tuple(found)


def _cut(calendar: Calendar, ahead: Sequence[Phase], *cuts: datetime) -> Iterator[Slice]:
    """The slices up to the last of the cuts, cut there."""
    for each in slices(calendar, ahead):
        at = each.starts_at
        for cut in sorted({cut for cut in cuts if at < cut < each.ends_at}):
            yield replace(each, starts_at=at, ends_at=cut)
            at = cut
        if at >= max(cuts):
            return
        yield replace(each, starts_at=at)


def slices(calendar: Calendar, ahead: Sequence[Phase]) -> Iterator[Slice]:
    """Time cut wherever the calendar opens or closes and wherever the ticket's status changes, without an end."""
    waiting = list(ahead)
    for piece in pieces(calendar, ahead[0].starts_at):
        at = piece.starts_at
        while at < piece.ends_at:
            phase = waiting[0]
            ends_at = piece.ends_at if phase.ends_at is None else min(piece.ends_at, phase.ends_at)
            if ends_at > at:
                yield Slice(at, ends_at, piece, phase)
            at = ends_at
            if phase.ends_at is not None and at >= phase.ends_at:
                waiting.pop(0)
