"""Knows how a clock's seconds are told in few lines: what is alike is one line, nights and weekends are counted."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from console.sla.marks import IMPORTANCE, Mark, marks
from console.sla.words import clock, counted, listed
from rules.sla.story import ClockStory, Span

# So many stretches stand on lines of their own; more of them are one line.
_FEW = 3


@dataclass(frozen=True)
class Line:
    """A moment, or a stretch of time up to `ends_at`.

    * kind: a mark's, or what a stretch was: counting, closed, paused, solved
    * total, share: what the clock shows at the end of a stretch, and its share of the target
    """

    starts_at: datetime
    ends_at: datetime | None
    kind: str
    said: str
    total: timedelta | None = None
    share: float | None = None
    is_ahead: bool = False


def lines(story: ClockStory, as_of: datetime) -> tuple[Line, ...]:
    """The story in order: stretches, cut at each of its marks, and the marks between them.

    Of a wait that is over, what would have come until the deadline is one line.
    """
    over_at = story.wait.over_at
    noted = [mark for mark in marks(story, as_of) if over_at is None or mark.at <= over_at or mark.kind == "deadline"]
    cuts = sorted({mark.at for mark in noted})
    found: list[Line] = []
    told = [list(group) for _, group in groupby(noted, key=lambda mark: mark.at)]
    for run in _runs(story.cut(cuts), cuts):
        while told and told[0][0].at <= run[0].starts_at:
            found.append(_of_marks(told.pop(0), story))
        is_ahead = run[0].starts_at >= story.looked_at
        found += _in_one(run, is_ahead) if is_ahead and over_at is not None else _of_run(run, is_ahead)
    return (*found, *(_of_marks(group, story) for group in told))


def _of_marks(group: Sequence[Mark], story: ClockStory) -> Line:
    """What happened at one moment; what began or ended the wait is not told twice."""
    last = max(group, key=lambda mark: IMPORTANCE.index(mark.kind))
    turns = {mark.kind for mark in group} & {"began", "over"}
    twice = {"message", "outreach", "merged"} if turns else set()
    if "over" in turns and story.wait.over_because.startswith("the ticket was"):
        twice.add("status")
    if "terms" in {mark.kind for mark in group}:
        twice.add("priority")
    said = [mark.said for mark in group if mark.kind not in twice]
    return Line(last.at, None, last.kind, "; ".join(dict.fromkeys(said)), is_ahead=all(mark.is_ahead for mark in group))


def _runs(spans: Sequence[Span], cuts: Sequence[datetime]) -> Iterator[list[Span]]:
    """Spans that follow each other without a mark between them, counting and closed ones together."""
    run: list[Span] = []
    for span in spans:
        alike = {"counting", "closed"}
        if run and (span.starts_at in cuts or span.what not in alike or run[-1].what not in alike):
            yield run
            run = []
        run.append(span)
    if run:
        yield run


def _of_run(run: Sequence[Span], is_ahead: bool) -> Iterator[Line]:
    joined = list(_closed_together(run))
    if len(joined) > _FEW:
        yield from _in_one(run, is_ahead)
        return
    for group in joined:
        yield _line(group, _said(group), is_ahead)


def _in_one(run: Sequence[Span], is_ahead: bool) -> Iterator[Line]:
    """One line for all of it, with how often it was closed and why."""
    joined = list(_closed_together(run))
    counting = [group for group in joined if group[0].what == "counting"]
    closed = [group for group in joined if group[0].what == "closed"]
    if not counting or len(joined) == 1:
        for group in joined:
            yield _line(group, _said(group), is_ahead)
        return
    stretches = "" if len(counting) == 1 else f" in {len(counting)} stretches"
    said = f"counting {clock(run[-1].total - run[0].total + run[0].counted)}{stretches}; closed: {_gaps(closed)}"
    yield _line(run, said, is_ahead, kind="counting")


def _closed_together(run: Sequence[Span]) -> Iterator[list[Span]]:
    group: list[Span] = []
    for span in run:
        if group and not (span.what == group[-1].what == "closed"):
            yield group
            group = []
        group.append(span)
    if group:
        yield group


def _line(group: Sequence[Span], said: str, is_ahead: bool, kind: str | None = None) -> Line:
    last = group[-1]
    return Line(group[0].starts_at, last.ends_at, kind or last.what, said, last.total, last.share, is_ahead)


def _said(group: Sequence[Span]) -> str:
    span = group[-1]
    if span.what == "counting":
        return f"counting {clock(span.counted)}"
    if span.what == "closed":
        return f"closed: {_gap(group)}"
    worked = f", {clock(span.working)} of it in open hours" if span.working != span.ends_at - span.starts_at else ""
    word = "stopped" if span.what == "solved" else "paused"
    return f"{word} while {span.why.replace('_', ' ')} {clock(span.ends_at - span.starts_at)}{worked}"


def _gaps(closed: Sequence[Sequence[Span]]) -> str:
    kinds = Counter(_gap(group) for group in closed)
    plain = {"night", "break", "weekend", "day off"}
    return listed(
        (counted(amount, kind).replace("day offs", "days off") if kind in plain else kind)
        for kind, amount in kinds.items()
    )


def _gap(group: Sequence[Span]) -> str:
    """What lies between two open periods: a break, a night, a weekend, a holiday by its name."""
    special = dict.fromkeys(_special(span) for span in group if span.why in {"holiday", "special day"})
    if special:
        return listed(special)
    if any(span.why == "day off" for span in group):
        return "weekend" if _days(group) > 1 else "day off"
    return "break" if all(span.why == "break" for span in group) else "night"


def _special(span: Span) -> str:
    return f"{span.name} (holiday)" if span.name and span.name != "holiday" else span.why


def _days(group: Sequence[Span]) -> int:
    return round(sum((span.ends_at - span.starts_at) / timedelta(days=1) for span in group if span.why == "day off"))
