"""Knows the moments of a clock's story that are worth a line: messages, changes, warnings, deadlines, its end, now."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from console.plain_text import tidy
from console.sla.verdict import why, zone_of
from console.sla.words import both, target
from rules.sla.story import ClockStory, Retarget

Kind = Literal[
    "began", "message", "status", "priority", "merged", "outreach", "terms", "warning", "deadline", "breach", "over",
    "now",
]  # fmt: skip
# What is said first of one moment.
_ORDER: tuple[Kind, ...] = (
    "began", "message", "status", "priority", "merged", "outreach", "terms", "warning", "deadline", "breach", "over",
    "now",
)  # fmt: skip
# What one line for all of them is mostly about, the last one most.
IMPORTANCE: tuple[Kind, ...] = (
    "message", "outreach", "status", "priority", "merged", "warning", "terms", "now", "began", "over", "deadline",
    "breach",
)  # fmt: skip


@dataclass(frozen=True)
class Mark:
    """A moment; `who` wrote, of a message; `is_ahead`: it has not come yet."""

    at: datetime
    kind: Kind
    said: str
    who: str = ""
    is_ahead: bool = False


def marks(story: ClockStory, as_of: datetime) -> tuple[Mark, ...]:
    """All marks of a story, in order."""
    found = [
        Mark(story.wait.started_at, "began", f"the clock starts: {story.wait.because}"),
        *(Mark(each.at, each.kind, tidy(each.said), each.who) for each in story.happenings),
        *(_retarget(each, story) for each in story.retargets),
        *_warnings(story),
        *_deadline(story, as_of),
        *_end(story, as_of),
    ]
    return tuple(sorted(found, key=lambda mark: (mark.at, _ORDER.index(mark.kind))))


def _retarget(change: Retarget, story: ClockStory) -> Mark:
    before, after, zone = change.before, change.after, zone_of(story)
    parts = []
    if before.priority != after.priority:
        parts.append(f"priority {before.priority} → {after.priority}")
    elif because := why(after):
        parts.append(tidy(because))
    old, new = ("none" if each.target is None else target(each.target) for each in (before, after))
    parts.append(f"target {old} → {new}" if old != new else f"target {new} as before")
    old, new = ("none" if each.deadline_at is None else both(each.deadline_at, zone) for each in (before, after))
    parts.append(f"deadline {old} → {new}" if old != new else f"deadline {new} as before")
    if after.graced and after.terms is not None and after.computed_at is not None:
        parts.append(f"by itself {both(after.computed_at, zone)}, already past: {target(after.terms.grace)} of grace")
    return Mark(after.since, "terms", "; ".join(parts))


def _warnings(story: ClockStory) -> Iterator[Mark]:
    deadline_at = story.deadline_at
    for each in story.warnings:
        at = each.at
        # Nobody was warned of a target before it was promised, nor is of one that ends with a grace.
        if at is None or at < story.shown.since or (deadline_at is not None and at > deadline_at):
            continue
        if each.is_reached or deadline_at is not None:
            is_ahead = not each.is_reached
            yield Mark(at, "warning", f"{each.percent} % of the target", is_ahead=is_ahead)


def _deadline(story: ClockStory, as_of: datetime) -> Iterator[Mark]:
    if story.deadline_at is None:
        return
    promised = "" if story.shown.target is None else f": the target, {target(story.shown.target)}, has been counted"
    said = "deadline, with grace" if story.shown.graced else f"deadline{promised}"
    yield Mark(story.deadline_at, "deadline", said, is_ahead=story.deadline_at > story.looked_at)
    if story.breached_at is not None:
        yield Mark(story.breached_at, "breach", "breached: it had not come by then")


def _end(story: ClockStory, as_of: datetime) -> Iterator[Mark]:
    if story.wait.over_at is not None:
        word = "the clock stops" if story.wait.fulfilled_at else "the wait ends"
        yield Mark(story.wait.over_at, "over", f"{word}: {story.wait.over_because}")
    elif story.looked_at == as_of:
        yield Mark(as_of, "now", "now")
