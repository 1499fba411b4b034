"""The resolution clocks in a plain Python loop over tickets, on a share of them; only for terms that never change.

Business time is found by bisection in Keepline's own segments.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from benchmarks.clocks.made_histories import AS_OF, all_terms, histories
from benchmarks.clocks.ours import COMPARED
from benchmarks.contest import Answer, Stopwatch
from rules.sla.open_time import open_time
from rules.sla.terms import Terms
from rules.sla.zones import micros

_NOW = micros(AS_OF)
_DONE = {"solved", "closed"}
_PAUSED = {"pending", *_DONE}
_KEYS = {"tickets": "id", "events": "ticket_id", "assignments": "ticket_id"}
_Rows = Mapping[int, list[dict[str, Any]]]
_Known = Mapping[str, _Rows]


@dataclass(frozen=True)
class Hours:
    """A calendar's open segments and the open time before each."""

    starts: list[int]
    ends: list[int]
    before: list[int]

    @classmethod
    def of(cls, terms: Terms) -> "Hours":
        begin, end = AS_OF - timedelta(days=400), AS_OF + timedelta(days=400)
        starts, ends = zip(*open_time(terms.calendar, begin, end).segments(micros(begin), micros(end)), strict=True)
        before, total = [], 0
        for opens, closes in zip(starts, ends, strict=True):
            before.append(total)
            total += closes - opens
        return cls(list(starts), list(ends), before)

    def until(self, moment: int) -> int:
        place = bisect_right(self.starts, moment) - 1
        return self.before[place] + min(moment, self.ends[place]) - self.starts[place]

    def reached(self, opened: int) -> int:
        place = bisect_left(self.before, opened) - 1
        return self.starts[place] + opened - self.before[place]


def contend(watch: Stopwatch, folder: str) -> Answer:
    """The resolution of some tickets; the making of the loop's objects is timed, but not the reading of the files."""
    terms = all_terms()
    hours = {name: Hours.of(each) for name, each in terms.items()}
    frames = {name: _frame(folder, name, key) for name, key in _KEYS.items()}
    with watch.part("objects"):
        known = {name: _rows(frame, _KEYS[name]) for name, frame in frames.items()}
    with watch.part("clocks"):
        found = [_clock(ticket, known, terms, hours) for ticket in known["tickets"]]
    return Answer.of(found, share=1 / COMPARED)


def _frame(folder: str, name: str, key: str) -> pl.DataFrame:
    frame: pl.LazyFrame = getattr(histories(folder), name).to_native()
    return frame.filter(pl.col(key) % COMPARED == 0).collect()


def _rows(frame: pl.DataFrame, key: str) -> _Rows:
    """The rows of some tickets, by ticket."""
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in frame.iter_rows(named=True):
        found[row[key]].append(row)
    return found


def _clock(ticket: int, known: _Known, terms: Mapping[str, Terms], hours: Mapping[str, Hours]) -> list[Any]:
    [one], [promised] = known["tickets"][ticket], known["assignments"][ticket]
    entries = _entries(one, known["events"][ticket])
    fulfilled = None
    for at, status in entries:
        fulfilled = (fulfilled or at) if status in _DONE else None
    over, open_ = fulfilled or _NOW, hours[promised["terms"]]
    target = terms[promised["terms"]].targets["resolution"][one["priority"]].seconds * 1_000_000
    spent, deadline = _walk(entries, over, target, open_)
    state = "met" if fulfilled else "running" if deadline else "paused"
    breached = deadline if deadline is not None and deadline < over else None
    moments = [_moment(each) for each in (fulfilled, deadline, breached)]
    return [f"{ticket} resolution 1", "breached" if breached else state, *moments, f"{spent // 1_000_000}"]


def _entries(one: Mapping[str, Any], events: Iterable[Mapping[str, Any]]) -> list[tuple[int, str]]:
    known = [each for each in events if each["happened_at"] <= AS_OF]
    known.sort(key=lambda each: (each["happened_at"], each["id"]))
    first = known[0]["from_value"] if known else "open"
    moved = [(micros(each["happened_at"]), each["to_value"]) for each in known]
    return [(micros(one["created_at"]), first), *moved]


def _walk(entries: list[tuple[int, str]], over: int, target: int, hours: Hours) -> tuple[int, int | None]:
    spent, deadline = 0, None
    active = [(at, status) for at, status in entries if at < over] or entries[:1]
    for place, (at, status) in enumerate(active):
        is_last = place == len(active) - 1
        if status in _PAUSED:
            continue
        begins, ends = hours.until(at), hours.until(over if is_last else active[place + 1][0])
        if deadline is None and (is_last or spent + ends - begins >= target):
            deadline = hours.reached(begins + target - spent)
        spent += ends - begins
    return spent, deadline


def _moment(since: int | None) -> str:
    return "None" if since is None else f"{datetime.fromtimestamp(since / 1_000_000, UTC)}"
