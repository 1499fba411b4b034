"""Knows what a clock's whole story is: every second of its wait, what happened meanwhile, and what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import get_args

from domain.sla import ClockState, Counting, Metric
from rules.durations import Length
from rules.sla.story.epochs import Epoch, epochs
from rules.sla.story.happenings import Happening, happenings
from rules.sla.story.past import TicketPast
from rules.sla.story.waits import Wait, waits
from rules.sla.story.walk import Span, counted, reached, spans

METRICS: tuple[Metric, ...] = get_args(Metric)


@dataclass(frozen=True)
class Warned:
    """A share of the target at which the ticket's people are warned; `at` None: the clock stands still before it."""

    percent: int
    at: datetime | None
    is_reached: bool


@dataclass(frozen=True)
class Retarget:
    """A change that moved, set or lifted a deadline: the epoch before it and the one that it began."""

    before: Epoch
    after: Epoch


@dataclass(frozen=True)
class ClockStory:
    """One metric and cycle of a ticket.

    * epochs: with each change of terms or priority; `shown` is the one that decides: that of the breach, or the last
    * looked_at: when the wait was over, or else the moment that the story is told at
    * spent: what the clock shows by then, in the target's counting; business and elapsed: the same, counted both ways
    * paused: time on the wall's clock in which it stood still because of the ticket's status
    * spans: all from the wait's beginning to `looked_at`, or to the deadline where that is later
    """

    metric: Metric
    cycle: int
    state: ClockState
    wait: Wait
    epochs: tuple[Epoch, ...]
    shown: Epoch
    looked_at: datetime
    spent: timedelta
    business: timedelta
    elapsed: timedelta
    paused: timedelta
    breached_at: datetime | None
    warnings: tuple[Warned, ...]
    spans: tuple[Span, ...]
    happenings: tuple[Happening, ...]

    @property
    def counting(self) -> Counting:
        """How it counts; by the hours where there is no target."""
        return _counting(self.shown)

    @property
    def deadline_at(self) -> datetime | None:
        """The deadline that was kept or broken, or that is ahead; None without a target, or while it stands still."""
        return self.shown.deadline_at

    @property
    def paused_working(self) -> timedelta:
        """How much business time lay in its pauses until now: by so much they moved a deadline of business hours."""
        stood = (span for span in self.spans if span.what in {"paused", "solved"} and span.starts_at < self.looked_at)
        return sum((span.working for span in stood), timedelta(0))

    @property
    def retargets(self) -> tuple[Retarget, ...]:
        """The changes that made another promise: another target, other hours or other pauses."""
        return tuple(Retarget(old, new) for old, new in pairwise(self.epochs) if _promises(old) != _promises(new))

    def cut(self, moments: Sequence[datetime]) -> tuple[Span, ...]:
        """The spans, cut at these moments too, and no further than the last of all."""
        ends_at = self.spans[-1].ends_at if self.spans else self.looked_at
        cuts = [at for at in moments if at < ends_at]
        length = self.shown.target.time if self.shown.target else None
        return spans(self.shown.calendar, self.shown.phases, [*cuts, self.looked_at, ends_at], self.counting, length)


def tell(past: TicketPast, as_of: datetime, metrics: Sequence[Metric] = METRICS) -> tuple[ClockStory, ...]:
    """The stories of all clocks of a ticket at a moment, by metric and cycle; what is later is not known.

    Source: docs/sla.md, "Clocks".
    """
    known = past.until(as_of)
    return tuple(
        _story(known, metric, cycle, wait, as_of)
        for metric in metrics
        for cycle, wait in enumerate(waits(known, metric), start=1)
    )


def _story(past: TicketPast, metric: Metric, cycle: int, wait: Wait, as_of: datetime) -> ClockStory:
    all_epochs = epochs(past, metric, wait, as_of)
    broken = next((epoch for epoch in all_epochs if epoch.is_broken(wait.over_at, as_of)), None)
    shown = broken or all_epochs[-1]
    looked_at = wait.over_at or as_of
    counting, target = _counting(shown), shown.target
    spent = counted(shown.calendar, shown.phases, looked_at, counting)
    elapsed = counted(shown.calendar, shown.phases, looked_at, "elapsed")
    # Cut at the look, so that what was and what is to come are never one span.
    ends_at = (*(at for at in (looked_at, shown.deadline_at) if at is not None and at >= looked_at),)
    return ClockStory(
        metric=metric,
        cycle=cycle,
        state=_state(wait, shown, broken is not None),
        wait=wait,
        epochs=all_epochs,
        shown=shown,
        looked_at=looked_at,
        spent=spent,
        business=counted(shown.calendar, shown.phases, looked_at, "business"),
        elapsed=elapsed,
        paused=looked_at - wait.started_at - elapsed,
        breached_at=None if broken is None else broken.deadline_at,
        warnings=_warnings(shown, spent),
        spans=spans(shown.calendar, shown.phases, ends_at, counting, target.time if target else None),
        happenings=happenings(past, wait, max(ends_at)),
    )


def _state(wait: Wait, shown: Epoch, is_broken: bool) -> ClockState:
    if is_broken:
        return "breached"
    if shown.target is None:
        return "no_target"
    if wait.over_at is not None:
        return "met" if wait.fulfilled_at else "ended"
    return "paused" if shown.deadline_at is None else "running"


def _warnings(shown: Epoch, spent: timedelta) -> tuple[Warned, ...]:
    if shown.target is None or shown.terms is None:
        return ()
    found = []
    for percent in sorted(shown.terms.warnings):
        share = Length(shown.target.time * percent // 100, shown.target.counting)
        at = reached(shown.calendar, shown.phases, share)
        found.append(Warned(percent, at, spent >= share.time))
    return tuple(found)


def _counting(epoch: Epoch) -> Counting:
    return epoch.target.counting if epoch.target else "business"


def _promises(epoch: Epoch) -> tuple[object, ...]:
    by_hours = epoch.target is not None and epoch.target.counting == "business"
    return epoch.target, epoch.calendar if by_hours else None, frozenset(epoch.pauses)
