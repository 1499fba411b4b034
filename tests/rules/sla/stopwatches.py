"""A ticket's clocks kept by hand: stopwatches that somebody reads at each tick, and starts, stops and sets."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from tests.rules.sla.lives import DONE, Story, Wait, waits
from tests.rules.sla.ticks import METRICS, Promise, Ticket

_ASKED = {"first_impactful_reply", "first_reply", "next_reply"}
# No target is longer than what is open in so many ticks.
_LONG = 40 * 96


@dataclass
class Stopwatch:
    """Counts `left` down to nothing while the clock of a promise runs."""

    left: int
    promise: Promise
    elapsed: bool


class Reader:
    """Somebody who reads one wait's stopwatches at each tick."""

    def __init__(self, story: Story, wait: Wait) -> None:
        self.story, self.wait = story, wait
        over = wait.over
        self.until = story.now if over is None else min(over, story.now)
        self.is_over = over is not None and over <= story.now

    def runs(self, promise: Promise | None, tick: int) -> bool:
        """Whether the clock runs from this tick to the next one; at the end it goes on as it was."""
        if tick >= self.until:
            tick = max(self.until - 1, self.wait.started) if self.is_over else self.story.now
        since = [at for at in self.story.entered if self.wait.started <= at <= tick]
        if self.wait.metric in _ASKED and not since:
            return True
        paused = {"pending", "on_hold"} if self.wait.metric == "agent_work" else {"pending"}
        if promise is not None:
            paused = set(promise.pauses.get(self.wait.metric, paused))
        return self.story.status(tick) not in paused | DONE

    def counts(self, promise: Promise | None, elapsed: bool, tick: int) -> bool:
        is_time = elapsed or (promise is not None and promise.hours.is_open(tick))
        return is_time and self.runs(promise, tick)

    def count(self, promise: Promise | None, elapsed: bool, until: int) -> int:
        return sum(self.counts(promise, elapsed, tick) for tick in range(self.wait.started, until))

    def read(self) -> dict[str, Any]:
        """What the clock shows in the end."""
        running: list[Stopwatch] = []
        breached = None
        promised: list[tuple[Any, ...]] = []
        before: tuple[int | None, str] | None = None
        shown = self._epoch(self.wait.started)
        for tick in range(self.wait.started, self.until + 1):
            # What is over at this tick is no longer touched by what changes at it.
            if tick == self.wait.started or not (self.is_over and tick == self.until):
                shown = self._epoch(tick)
            if shown != before:
                running = self._set(shown, running, tick, is_first=before is None)
                promised.append(self._promise(shown))
                before = shown
            if tick < self.until and any(watch.left == 0 for watch in running):
                breached = tick
                break
            if tick < self.until:
                for watch in running:
                    watch.left -= self.counts(watch.promise, watch.elapsed, tick)
        return self._shown(shown, running, breached, promised)

    def _epoch(self, tick: int) -> tuple[int | None, str]:
        return self.story.epoch(tick)

    def _terms(self, epoch: tuple[int | None, str]) -> Promise | None:
        return None if epoch[0] is None else self.story.ticket.promises[epoch[0]][1]

    def _target(self, epoch: tuple[int | None, str]) -> int | None:
        promise = self._terms(epoch)
        return None if promise is None else promise.targets.get(self.wait.metric, {}).get(epoch[1])

    def _promise(self, epoch: tuple[int | None, str]) -> tuple[Any, ...]:
        promise, target = self._terms(epoch), self._target(epoch)
        elapsed = promise is not None and self.wait.metric in promise.elapsed and target is not None
        paused = {"pending", "on_hold"} if self.wait.metric == "agent_work" else {"pending"}
        pauses = frozenset(paused) if promise is None else promise.pauses.get(self.wait.metric, frozenset(paused))
        return target, elapsed, pauses, promise.hours if promise and target is not None and not elapsed else None

    def _set(
        self, epoch: tuple[int | None, str], running: list[Stopwatch], tick: int, is_first: bool
    ) -> list[Stopwatch]:
        """The stopwatches from a change on: one set to what is left, or some grace beside the old ones."""
        promise, target = self._terms(epoch), self._target(epoch)
        if promise is None or target is None:
            return []
        elapsed = self.wait.metric in promise.elapsed
        was_due = tick > self.wait.started and self.count(promise, elapsed, tick) >= target
        reached = next(
            (at for at in range(self.wait.started, tick + 1) if self.count(promise, elapsed, at) >= target), tick
        )
        if was_due and reached < tick and not is_first:
            return [*running, Stopwatch(promise.grace, promise, promise.grace_elapsed)]
        return [Stopwatch(target - self.count(promise, elapsed, tick), promise, elapsed)]

    def _shown(
        self, epoch: tuple[int | None, str], running: list[Stopwatch], breached: int | None,
        promised: Sequence[tuple[Any, ...]],
    ) -> dict[str, Any]:  # fmt: skip
        promise, target = self._terms(epoch), self._target(epoch)
        elapsed = promise is not None and self.wait.metric in promise.elapsed and target is not None
        spent = self.count(promise, elapsed, self.until)
        due, left = (breached, None) if breached is not None else self._ahead(running)
        in_force = self._last_epoch()
        state = self._state(breached, target, due)
        wall = self.count(promise, True, self.until)
        return {
            "metric": self.wait.metric, "state": state,
            "started_at": self.wait.started, "fulfilled_at": self.wait.fulfilled, "ended_at": self.wait.ended,
            "deadline_at": due, "target": target, "counting": "elapsed" if elapsed else "business",
            "spent": None if promise is None else spent,
            "remaining": None if target is None or breached is not None else left,
            "business": None if promise is None else self.count(promise, False, self.until),
            "elapsed": wall, "paused": self.until - self.wait.started - wall,
            "breached_at": breached, "breached_terms": None if breached is None else epoch[0], "terms": in_force[0],
            "warned_percent": self._warned(target, spent),
            "next_warning_at": self._next_warning(promise, elapsed, target, spent) if state == "running" else None,
            "retargets": self._retargets(),
            "history": "summary" if self.story.summary else "events",
        }  # fmt: skip

    def _last_epoch(self) -> tuple[int | None, str]:
        return self._epoch(max(self.until - 1, self.wait.started) if self.is_over else self.until)

    def _retargets(self) -> int:
        last = max(self.until - 1, self.wait.started) if self.is_over else self.until
        seen = [self._promise(self._epoch(tick)) for tick in range(self.wait.started, last + 1)]
        return sum(one != other for one, other in pairwise(seen))

    def _ahead(self, running: list[Stopwatch]) -> tuple[int | None, int | None]:
        """When the first stopwatch will have run down, and what is left on it now."""
        found: list[tuple[int, int]] = []
        # The last one set comes first among those that run down together.
        for watch in reversed(running):
            left = watch.left
            for tick in range(self.until, self.until + _LONG):
                if left == 0:
                    found.append((tick, watch.left))
                    break
                left -= self.counts(watch.promise, watch.elapsed, tick)
                if not self.runs(watch.promise, tick):
                    break
        if found:
            return min(found, key=lambda each: each[0])
        return None, running[-1].left if running else None

    def _state(self, breached: int | None, target: int | None, due: int | None) -> str:
        if breached is not None:
            return "breached"
        if target is None:
            return "no_target"
        if self.wait.fulfilled is not None:
            return "met"
        if self.wait.ended is not None:
            return "ended"
        return "paused" if due is None else "running"

    def _warned(self, target: int | None, spent: int) -> int:
        return 0 if target is None else max((each for each in (25, 50) if spent * 100 >= target * each), default=0)

    def _next_warning(self, promise: Promise | None, elapsed: bool, target: int | None, spent: int) -> int | None:
        ahead = [target * each // 100 for each in (25, 50) if target and spent * 100 < target * each]
        if not ahead:
            return None
        for tick in range(self.until, self.until + _LONG):
            if spent == ahead[0]:
                return tick
            spent += self.counts(promise, elapsed, tick)
        raise AssertionError("a running clock goes on")


def readings(ticket: Ticket, now: int) -> list[dict[str, Any]]:
    """What all clocks of a ticket show at a tick, in ticks, sorted by metric and cycle."""
    if now < ticket.created:
        return []
    story = Story(ticket, now)
    found = []
    for metric in METRICS:
        of_metric = [wait for wait in waits(story) if wait.metric == metric]
        found += [{"cycle": number, **Reader(story, wait).read()} for number, wait in enumerate(of_metric, start=1)]
    return found
