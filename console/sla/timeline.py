"""Knows where everything of a clock's story lies in its picture: lanes of hours, status, messages, the clock."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import takewhile
from zoneinfo import ZoneInfo

from console.plain_text import tidy
from console.sla.marks import Mark, marks
from console.sla.verdict import zone_of
from console.sla.words import clock, clock_time, day, metric, moment, percent
from rules.sla.story import ClockStory, Span
from rules.sla.story.days import pieces

LEFT, RIGHT = 84.0, 948.0
_CHARACTER = 6.4
_ROW = 15
_CHART = 84
# How much of the target the chart shows: a little more than all, so that what came too late is seen; of more, twice.
_LOW_TOP, _HIGH_TOP = 1.15, 2.0
_STEPS = (
    *(timedelta(minutes=some) for some in (5, 15, 30)),
    *(timedelta(hours=some) for some in (1, 2, 3, 6, 12)),
    *(timedelta(days=some) for some in (1, 2, 7, 14, 28, 91, 365)),
)
_MOST_TICKS = 9
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Box:
    """A stretch in a lane; `label` is empty where it does not fit."""

    x: float
    width: float
    kind: str
    label: str
    title: str


@dataclass(frozen=True)
class Point:
    """A message, or a tick of the axis with its label in `title`."""

    x: float
    kind: str
    title: str


@dataclass(frozen=True)
class Flag:
    """A moment with a line through all lanes; `y` is that of its label, which stands before or behind the line."""

    x: float
    y: float
    kind: str
    label: str
    anchor: str
    title: str


@dataclass(frozen=True)
class Level:
    """A share of the target as a height in the chart."""

    y: float
    label: str


@dataclass(frozen=True)
class Timeline:
    """The picture; lanes lie below the flags' labels, `top` is where they begin.

    `curve` has the points of the clock's share of the target, of what was; `ahead` of what is to come.
    """

    title: str
    description: str
    top: float
    flags: tuple[Flag, ...]
    hours: tuple[Box, ...]
    statuses: tuple[Box, ...]
    messages: tuple[Point, ...]
    bars: tuple[Box, ...]
    levels: tuple[Level, ...]
    curve: str
    ahead: str
    ticks: tuple[Point, ...]


def timeline(story: ClockStory, as_of: datetime) -> Timeline | None:
    """The picture of a story; None where no time has passed in it."""
    if not story.spans:
        return None
    drawn = _Drawing(story, as_of)
    flags = drawn.flags()
    return Timeline(
        title=f"{metric(story.metric, story.cycle)}: how its clock ran",
        description=drawn.description(),
        top=max((flag.y for flag in flags), default=0) + 10,
        flags=flags,
        hours=tuple(drawn.hours()),
        statuses=tuple(drawn.statuses()),
        messages=tuple(drawn.messages()),
        bars=tuple(drawn.bars()),
        levels=tuple(drawn.levels()),
        curve=drawn.curve(is_ahead=False),
        ahead=drawn.curve(is_ahead=True),
        ticks=tuple(drawn.ticks()),
    )


class _Drawing:
    def __init__(self, story: ClockStory, as_of: datetime) -> None:
        self.story, self.as_of, self.zone = story, as_of, zone_of(story)
        self.first, self.last = story.spans[0].starts_at, story.spans[-1].ends_at
        self.marks = marks(story, as_of)
        most = max((span.share or 0.0 for span in story.spans), default=0.0)
        self.top_share = min(max(most, _LOW_TOP), _HIGH_TOP)

    def _x(self, at: datetime) -> float:
        share = (min(max(at, self.first), self.last) - self.first) / (self.last - self.first)
        # A little room on the right for what happens at the very end.
        return round(LEFT + share * (RIGHT - LEFT - 12), 1)

    def _box(self, starts_at: datetime, ends_at: datetime, kind: str, word: str, title: str) -> Box:
        x, end = self._x(starts_at), self._x(ends_at)
        label = word if len(word) * _CHARACTER < end - x - 4 else ""
        return Box(x, round(max(end - x, 0.4), 1), kind, label, tidy(title))

    def _height(self, share: float) -> float:
        """Down from the top of the chart; what goes beyond it stays at the top."""
        return round(_CHART * (1 - min(share, self.top_share) / self.top_share), 1)

    def description(self) -> str:
        """The picture in words; the table below it has all of it."""
        story = self.story
        said = [f"From {moment(self.first, self.zone)} to {moment(self.last, self.zone)}."]
        if story.deadline_at is not None:
            said.append(f"The deadline is {moment(story.deadline_at, self.zone)}.")
        if story.breached_at is not None:
            said.append("It was breached.")
        said.append(f"The clock shows {clock(story.spent)} at {moment(story.looked_at, self.zone)}.")
        return tidy(" ".join(said))

    def hours(self) -> Iterator[Box]:
        """When the hours are open, whatever the ticket's status."""
        for piece in takewhile(lambda one: one.starts_at < self.last, pieces(self.story.shown.calendar, self.first)):
            ends_at = min(piece.ends_at, self.last)
            if piece.is_open:
                yield self._box(piece.starts_at, ends_at, "open", "", f"open until {moment(ends_at, self.zone)}")
            elif piece.why in {"holiday", "special day"}:
                name = piece.name or piece.why
                yield self._box(piece.starts_at, ends_at, "holiday", name, f"{name}: {day(piece.starts_at, self.zone)}")

    def statuses(self) -> Iterator[Box]:
        """The ticket's statuses as the clock takes them."""
        for phase in self.story.shown.phases:
            ends_at = min(phase.ends_at or self.last, self.last)
            if phase.starts_at < ends_at:
                word = phase.status.replace("_", " ")
                title = f"{word} from {moment(phase.starts_at, self.zone)}"
                yield self._box(phase.starts_at, ends_at, phase.going, word, title)

    def messages(self) -> Iterator[Point]:
        """Who wrote when."""
        for mark in self.marks:
            if mark.kind == "message":
                yield Point(self._x(mark.at), _author(mark), tidy(f"{mark.said}, {moment(mark.at, self.zone)}"))

    def bars(self) -> Iterator[Box]:
        """What each stretch was."""
        for span in self.story.spans:
            title = f"{span.what} {span.why} {span.name}".strip() + f" until {moment(span.ends_at, self.zone)}"
            ahead = " ahead" if span.starts_at >= self.story.looked_at else ""
            yield self._box(span.starts_at, span.ends_at, span.what + ahead, "", title)

    def levels(self) -> Iterator[Level]:
        """The target, and the shares at which people are warned."""
        if self.story.shown.target is not None:
            for share in (*(each.percent / 100 for each in self.story.warnings), 1.0):
                is_named = share == 1.0 or share <= 0.5
                yield Level(self._height(share), percent(share) if is_named else "")

    def curve(self, *, is_ahead: bool) -> str:
        """How much of the target the clock has used, as points of a line."""
        points = []
        for span in self.story.spans:
            if span.share is not None and (span.starts_at >= self.story.looked_at) == is_ahead:
                began = span.share * ((span.total - span.counted) / span.total) if span.total else 0.0
                points.append((self._x(span.starts_at), self._height(began)))
                points += self._over_the_top(span, began)
                points.append((self._x(span.ends_at), self._height(span.share)))
        return " ".join(f"{x},{y}" for x, y in points)

    def _over_the_top(self, span: Span, began: float) -> Iterator[tuple[float, float]]:
        """Where a stretch leaves the chart, so that its line stays as steep as it is."""
        top = self.top_share
        if span.share is not None and began < top < span.share:
            at = span.starts_at + (span.ends_at - span.starts_at) * ((top - began) / (span.share - began))
            yield self._x(at), 0.0

    def flags(self) -> tuple[Flag, ...]:
        """Deadlines, the breach, the end and now; labels that would lie over each other stand in rows."""
        found: list[Flag] = []
        rows: list[float] = []
        for kind, at, label in sorted(self._flagged(), key=lambda flag: flag[1]):
            x, width = self._x(at), len(label) * _CHARACTER
            is_left = x + width + 8 > RIGHT
            begins, ends = (x - width - 6, x) if is_left else (x, x + width + 6)
            row = next((number for number, taken in enumerate(rows) if taken <= begins), len(rows))
            rows[row : row + 1] = [ends]
            title = f"{label}: {moment(at, self.zone)}"
            found.append(Flag(x, 13 + row * _ROW, kind, label, "end" if is_left else "start", tidy(title)))
        return tuple(found)

    def _flagged(self) -> Iterator[tuple[str, datetime, str]]:
        story = self.story
        for change in story.retargets:
            is_priority = change.before.priority != change.after.priority
            yield "terms", change.after.since, "priority changed" if is_priority else "terms changed"
            for at, label in (
                (change.before.deadline_at, "former deadline"),
                (change.after.computed_at, "without grace"),
            ):
                if at is not None and at != story.deadline_at and self.first <= at <= self.last:
                    yield "former", at, label
        if story.deadline_at is not None:
            word = "breached" if story.breached_at else "deadline"
            grace = " (grace)" if story.shown.graced else ""
            yield word, story.deadline_at, f"{word}{grace} {clock_time(story.deadline_at, self.zone)}"
        if story.wait.over_at is not None:
            yield "over", story.wait.over_at, "done" if story.wait.fulfilled_at else "ended"
        else:
            yield "now", self.as_of, "now"

    def ticks(self) -> Iterator[Point]:
        """Round local times, few enough to be read."""
        length = self.last - self.first
        step = next((each for each in _STEPS if length / each <= _MOST_TICKS), _STEPS[-1])
        named = ""
        for at in _round_times(self.first, self.last, step, self.zone):
            local = at.astimezone(self.zone)
            date = f"{local:%a} {local.day} {local:%b}"
            hour = f"{local:%H:%M}"
            label = hour if date == named else date if hour == "00:00" else f"{date} {hour}"
            named = date
            yield Point(self._x(at), "tick", label)


def _round_times(first: datetime, last: datetime, step: timedelta, zone: ZoneInfo) -> Iterator[datetime]:
    midnight = datetime.combine(first.astimezone(zone).date(), time())
    number = 0
    while True:
        # On the wall's clock, so that a change of clocks does not move the ticks off the hour.
        at = (midnight + number * step).replace(tzinfo=zone)
        if at > last:
            return
        if at >= first:
            yield at
        number += 1


def _author(mark: Mark) -> str:
    return "note" if "internal" in mark.said else mark.who
