"""A ticket's life and its waits, lived through tick by tick."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from tests.rules.sla.ticks import METRICS, Ticket

DONE = frozenset({"solved", "closed"})


@dataclass
class Wait:
    metric: str
    started: int
    fulfilled: int | None = None
    ended: int | None = None

    @property
    def over(self) -> int | None:
        return self.ended if self.fulfilled is None else self.fulfilled


@dataclass
class Story:
    """What is known of a ticket at `now`, tick by tick."""

    ticket: Ticket
    now: int
    statuses: list[str] = field(default_factory=list)
    entered: list[int] = field(default_factory=list)
    merged: int | None = None

    def __post_init__(self) -> None:
        ticket, born = self.ticket, self.ticket.created
        merges = [max(tick, born) for tick, kind, *_ in ticket.changed if kind == "merged" and tick <= self.now]
        self.merged = min(merges, default=None)
        self._live_through(self._status_changes())

    def known(self, tick: int) -> bool:
        return tick <= self.now and (self.merged is None or max(tick, self.ticket.created) < self.merged)

    def _status_changes(self) -> list[tuple[int, str]]:
        ticket, born = self.ticket, self.ticket.created
        moved = [each for each in ticket.changed if each[1] == "status" and self.known(each[0])]
        self.summary = not moved
        if moved:
            ordered = sorted(moved, key=lambda each: each[0])
            return [(born, ordered[0][2] or "open"), *((max(at, born), after or "open") for at, _, _, after in ordered)]
        solved = ticket.resolved
        if solved is None and ticket.status in DONE and self.merged is None:
            signs = [each[0] for each in ticket.said if self._heard(each) and self.known(each[0])]
            signs += [each[0] for each in ticket.changed if each[1] == "priority" and self.known(each[0])]
            signs += [tick for tick in [ticket.first_replied] if tick is not None and tick <= self.now]
            solved = max(signs, default=born)
        if solved is None or not self.known(max(solved, born)):
            return [(born, "open")]
        return [(born, "open"), (max(solved, born), "solved")]

    @staticmethod
    def _heard(said: tuple[int, str, bool, bool | None]) -> bool:
        return said[1] == "agent" or (said[1] == "customer" and said[2])

    def _live_through(self, changes: list[tuple[int, str]]) -> None:
        status = ""
        for tick in range(self.ticket.created, self.now + 1):
            at_tick = [word for at, word in changes if at == tick]
            if at_tick and at_tick[-1] != status:
                status = at_tick[-1]
                self.entered.append(tick)
            self.statuses.append(status)

    def status(self, tick: int) -> str:
        return self.statuses[min(tick, self.now) - self.ticket.created]

    def messages(self) -> list[tuple[int, str, bool, bool, bool]]:
        """(tick, who, public, impactful, told by the summary only), in order."""
        born = self.ticket.created
        heard = [
            (max(tick, born), who, public, impactful is not False, False)
            for tick, who, public, impactful in sorted(self.ticket.said, key=lambda each: each[0])
            if self._heard((tick, who, public, impactful)) and self.known(tick)
        ]
        first = self.ticket.first_replied
        is_answered = any(who == "agent" and public for _, who, public, *_ in heard)
        if not is_answered and first is not None and self.known(first):
            heard.append((max(first, born), "agent", True, True, True))
        return sorted(heard, key=lambda each: each[0])

    def epoch(self, tick: int) -> tuple[int | None, str]:
        """Which promise and which priority is in force."""
        # The first one holds from the beginning.
        since = [self.ticket.created, *(since for since, _ in self.ticket.promises[1:])]
        begun = [place for place, at in enumerate(since) if at <= tick and self.known(at)]
        promise = max(begun, default=None)
        moved = [each for each in self.ticket.changed if each[1] == "priority" and self.known(each[0])]
        ordered = sorted(moved, key=lambda each: each[0])
        priority = (ordered[0][2] if ordered else None) or self.ticket.priority
        for at, _, _, after in ordered:
            if max(at, self.ticket.created) <= tick:
                priority = after
        return promise, priority or "normal"


def waits(story: Story) -> Iterator[Wait]:
    """All waits that a ticket has had until now, by living through it."""
    for metric in METRICS:
        for wait in _LIVES[metric](story, metric):
            if wait.over is None and story.merged is not None:
                wait.ended = story.merged
            yield wait


def _ticks(story: Story) -> range:
    return range(story.ticket.created, story.now + 1)


def _replies(story: Story, metric: str) -> list[Wait]:  # noqa: C901 - each line is a rule
    said, born = story.messages(), story.ticket.created
    # A tick is more than the second that a message may be late, so none is.
    first = next((each for each in said if not each[4]), None)
    by_agent = first is not None and first[1] == "agent" and first[0] == born
    found: list[Wait] = []
    waiting = stopped = None
    if not by_agent:
        waiting = Wait(metric, born)
        found.append(waiting)
    for tick in _ticks(story):
        for _, who, public, impactful, _ in (each for each in said if each[0] == tick):
            if who == "agent" and public and (impactful or metric != "first_impactful_reply"):
                if waiting:
                    waiting.fulfilled = tick
                waiting = stopped = None
            elif who == "customer":
                if waiting and stopped is not None:
                    waiting.ended, waiting = stopped, None
                stopped = None
                if not waiting:
                    waiting = Wait(metric, tick)
                    found.append(waiting)
        if tick in story.entered:
            stopped = (tick if stopped is None else stopped) if story.status(tick) in DONE else None
    if waiting and stopped is not None:
        waiting.ended = stopped
    return found[1:] if metric == "next_reply" else found[:1]


def _updates(story: Story, metric: str) -> list[Wait]:
    found: list[Wait] = []
    running: Wait | None = None
    for tick in _ticks(story):
        for _, who, public, _, told in (each for each in story.messages() if each[0] == tick):
            if who == "agent" and public and not told:
                if running:
                    running.fulfilled = tick
                running = Wait(metric, tick)
                found.append(running)
        if story.status(tick) in DONE:
            found = [wait for wait in found if wait.started != tick]
            if running and running.started != tick:
                running.ended = tick
            running = None
    return found


def _resolutions(story: Story, metric: str) -> list[Wait]:
    found = [Wait(metric, story.ticket.created)]
    for tick in _ticks(story):
        solved = story.status(tick) in DONE
        if solved and found[-1].fulfilled is None:
            found[-1].fulfilled = tick
        elif not solved and found[-1].fulfilled is not None:
            place = story.epoch(tick)[0]
            if place is not None and story.ticket.promises[place][1].restart:
                found.append(Wait(metric, tick))
            else:
                found[-1].fulfilled = None
    return found


def _once(story: Story, metric: str) -> list[Wait]:
    wait = Wait(metric, story.ticket.created)
    if metric == "outreach":
        known = [tick for tick in story.ticket.outreach if tick >= wait.started and story.known(tick)]
        deeds = sorted(known)
    else:
        deeds = [tick for tick, who, *_ in story.messages() if who == "agent"]
    if deeds:
        wait.fulfilled = deeds[0]
    else:
        wait.ended = _resolutions(_continuing(story), metric)[-1].fulfilled
    return [wait]


def _continuing(story: Story) -> Story:
    plain = tuple((since, replace(promise, restart=False)) for since, promise in story.ticket.promises)
    return Story(replace(story.ticket, promises=plain), story.now)


_LIVES = {
    "first_reply": _replies,
    "first_impactful_reply": _replies,
    "next_reply": _replies,
    "periodic_update": _updates,
    "resolution": _resolutions,
    "requester_wait": _resolutions,
    "agent_work": _resolutions,
    "internal_review": _once,
    "outreach": _once,
}
