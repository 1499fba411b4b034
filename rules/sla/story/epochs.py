"""Knows a wait's deadlines: one for each time that its terms or its priority changed, all from the same history."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from domain.sla import Metric
from rules.durations import Length
from rules.sla.calendar import Calendar
from rules.sla.story.past import Since, TicketPast, promised, standing
from rules.sla.story.waits import Wait
from rules.sla.story.walk import Phase, phases, reached
from rules.sla.terms import Terms, default_pauses

# Where no policy applies nothing is counted by hours; every second is as good as another.
NO_CALENDAR = Calendar.model_validate({"zone": "UTC", "hours": "always"})


@dataclass(frozen=True)
class Epoch:
    """A stretch of a wait with the same terms and the same priority; the first one begins with the wait.

    * terms None: no policy applies; target None: nothing is promised for this metric and priority
    * computed_at: the deadline from the whole history by these terms; None where the clock stands still before it
    * deadline_at: the one that counts; later than `computed_at` where the change would have put that into the past
    """

    since: datetime
    until: datetime | None
    terms: Terms | None
    priority: str
    target: Length | None
    pauses: tuple[str, ...] = ()
    because: str = ""
    inputs: Mapping[str, Any] = field(default_factory=dict)
    phases: tuple[Phase, ...] = ()
    computed_at: datetime | None = None
    deadline_at: datetime | None = None
    graced: bool = False

    @property
    def calendar(self) -> Calendar:
        """The hours by which it counts."""
        return NO_CALENDAR if self.terms is None else self.terms.calendar

    def is_broken(self, over_at: datetime | None, as_of: datetime) -> bool:
        """Whether the wait, over at `over_at`, let this deadline pass by `as_of`, while the deadline was in force."""
        at = self.deadline_at
        if at is None or at < self.since or (self.until is not None and at >= self.until):
            return False
        return at < as_of and (over_at is None or at < over_at)


def epochs(past: TicketPast, metric: Metric, wait: Wait, as_of: datetime) -> tuple[Epoch, ...]:
    """The epochs of a wait up to its end or `as_of`, each with its deadline as it was seen then."""
    found: list[Epoch] = []
    for epoch in _cut(past, metric, wait, as_of):
        found.append(_due(epoch, found[-1] if found else None))
    return tuple(found)


def _cut(past: TicketPast, metric: Metric, wait: Wait, as_of: datetime) -> Iterator[Epoch]:
    """One epoch from the wait's beginning and from each change of terms or priority before its end."""
    starts = [wait.started_at]
    for at in sorted({each.since for each in past.promises[1:]} | {since for since, _ in past.priorities}):
        # What changes at the very moment at which the wait is over does not matter to it any more.
        is_inside = at < wait.over_at if wait.over_at else at <= as_of
        if wait.started_at < at and is_inside and _in_force(past, at) != _in_force(past, starts[-1]):
            starts.append(at)
    statuses = _seen(past, wait)
    for since, until in zip(starts, [*starts[1:], None], strict=True):
        promise = promised(past.promises, since)
        terms = None if promise is None else promise.terms
        priority = standing(past.priorities, since)
        target = None if terms is None else terms.targets.get(metric, {}).get(priority)
        paused = default_pauses(metric) if terms is None else terms.paused_in(metric)
        because, inputs = ("", {}) if promise is None else (promise.because, promise.inputs)
        going = phases(wait.started_at, statuses, paused)
        yield Epoch(since, until, terms, priority, target, tuple(paused), because, inputs, going)


def _in_force(past: TicketPast, at: datetime) -> tuple[str | None, str]:
    promise = promised(past.promises, at)
    terms = None if promise is None or promise.terms is None else promise.terms.content_hash
    return terms, standing(past.priorities, at)


def _seen(past: TicketPast, wait: Wait) -> list[Since]:
    """The statuses of the wait; what is entered when it is over does not matter to it any more.

    The status in which a customer asks is `open` to this wait, whatever it had been.
    """
    over_at = wait.over_at
    later = [
        (since, status)
        for since, status in past.statuses
        if since > wait.started_at and (over_at is None or since < over_at)
    ]
    since, status = [each for each in past.statuses if each[0] <= wait.started_at][-1]
    first = (wait.started_at, "open" if wait.asked and since < wait.started_at else status)
    return [first, *later]


def _due(epoch: Epoch, before: Epoch | None) -> Epoch:
    """The epoch with its deadline: from the whole history, and with grace where the change put that into the past."""
    if epoch.target is None:
        return epoch
    at = reached(epoch.calendar, epoch.phases, epoch.target)
    if before is None or at is None or at >= epoch.since:
        return replace(epoch, computed_at=at, deadline_at=at)
    ahead = [phase for phase in epoch.phases if phase.ends_at is None or phase.ends_at > epoch.since]
    ahead[0] = replace(ahead[0], starts_at=max(ahead[0].starts_at, epoch.since))
    graced = reached(epoch.calendar, ahead, epoch.terms.grace) if epoch.terms else None
    earliest = min((each for each in (before.deadline_at, graced) if each is not None), default=None)
    return replace(epoch, computed_at=at, deadline_at=earliest, graced=True)
