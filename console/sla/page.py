"""Knows how the explanation of a ticket's deadlines is written: as text for a terminal, as one HTML page."""

from collections.abc import Iterator
from datetime import datetime
from functools import cache
from itertools import groupby
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from console.digest_page import DEMO
from console.plain_text import WIDTH, folded, left, right, tidy
from console.sla import facts
from console.sla.lines import Line, lines
from console.sla.timeline import timeline
from console.sla.verdict import verdict, zone_of
from console.sla.words import clock, clock_time, day, metric, percent, utc_stamp, zone_at
from jobs.sla.explaining import SlaExplanation
from rules.sla.story import ClockStory

_LABEL = 16
_TOTAL, _SHARE = 10, 8
_MOST_LINES = 70


def as_text(explained: SlaExplanation) -> str:
    """80 columns for a terminal: the sentence, what it rests on, and the leading clock second by second."""
    found = [*_head(explained)]
    for fact in facts.about(explained):
        found += _labelled(fact.label, fact.shown)
    story = explained.leading
    if story is not None:
        found += ["", *_deadlines(story), *_seconds(story, explained.as_of)]
    found += [*_others(explained), *_steps(explained)]
    return "\n".join(line.rstrip() for line in found) + "\n"


def _head(explained: SlaExplanation) -> list[str]:
    demo = ["*" * WIDTH, DEMO.center(WIDTH), "*" * WIDTH, ""] if explained.is_demo else []
    return [*demo, *folded(facts.title(explained), WIDTH), "=" * WIDTH, *folded(facts.sentence(explained), WIDTH), ""]


def _labelled(label: str, shown: str) -> list[str]:
    return _hanging(shown, left(label, _LABEL), _LABEL)


def _hanging(text: str, first: str, indent: int) -> list[str]:
    """The text behind `first`, its further lines indented."""
    head, *more = folded(text, WIDTH - indent)
    return [f"{first}{head}", *(f"{' ' * indent}{line}" for line in more)]


def _titled(words: str) -> list[str]:
    return [words.upper(), "-" * WIDTH]


def _deadlines(story: ClockStory) -> Iterator[str]:
    """Each deadline that it has had, where there was more than one."""
    moved = facts.moves(story)
    if len(moved) < 2:
        return
    yield from _titled("Its deadlines")
    for each in moved:
        grace = f" ({each.grace}; by itself {each.computed})" if each.grace else ""
        yield from _hanging(f"from {each.since}: {each.target}, {each.because}", "  ", 2)
        yield from _hanging(f"deadline {each.deadline}{grace}", "    → ", 6)
    yield ""


def _seconds(story: ClockStory, as_of: datetime) -> Iterator[str]:
    here = zone_of(story)
    yield from _titled(f"{metric(story.metric, story.cycle)}, second by second")
    utc = "" if here.key == "UTC" else "UTC"
    times = f"  {zone_at(story.wait.started_at, here):<10}{utc}".ljust(WIDTH - _TOTAL - _SHARE)
    yield f"{times}{right('clock', _TOTAL)}{right('target', _SHARE)}"
    told = lines(story, as_of)
    for date, group in groupby(_shortened(told), key=lambda line: _date(line, here)):
        yield f"  {date}"
        for line in group:
            yield from _line(line, here)
    if len(told) > _MOST_LINES:
        yield "  All of it: --format html or --json"


def _shortened(told: tuple[Line, ...]) -> Iterator[Line]:
    """Of a very long story its beginning and its end."""
    if len(told) <= _MOST_LINES:
        yield from told
        return
    half = _MOST_LINES // 2
    yield from told[:half]
    left_out = told[half : len(told) - half]
    total = next((line.total for line in reversed(left_out) if line.total is not None), None)
    yield Line(left_out[0].starts_at, left_out[-1].ends_at, "left out", f"… {len(left_out)} more lines …", total)
    yield from told[len(told) - half :]


def _date(line: Line, here: ZoneInfo) -> str:
    return f"{day(line.starts_at, here)}, {zone_at(line.starts_at, here)}"


def _line(line: Line, here: ZoneInfo) -> Iterator[str]:
    at = line.starts_at.astimezone(here)
    beside = "" if here.key == "UTC" else f"  {utc_stamp(line.starts_at)}"
    times = f"  {at:%H:%M:%S}{beside}  "
    said = line.said if line.ends_at is None else f"{line.said}, until {_until(line, here)}"
    mark = "* " if line.ends_at is None else "  "
    ahead = "(ahead) " if line.is_ahead else ""
    width = WIDTH - len(times) - _TOTAL - _SHARE
    first, *more = folded(ahead + tidy(said), width - 3)
    total = "" if line.total is None else clock(line.total)
    yield f"{times}{left(mark + first, width)}{right(total, _TOTAL)}{right(percent(line.share), _SHARE)}"
    for part in more:
        yield f"{' ' * len(times)}  {part}"


def _until(line: Line, here: ZoneInfo) -> str:
    ends_at = line.ends_at or line.starts_at
    at = f"{ends_at.astimezone(here):%H:%M:%S}"
    return at if day(ends_at, here) == day(line.starts_at, here) else f"{day(ends_at, here)[:-5]} {at}"


def _others(explained: SlaExplanation) -> Iterator[str]:
    others = facts.overview(explained)[1:]
    if not others:
        return
    yield ""
    yield from _titled("Its other clocks")
    for each in others:
        due = f"due {each.deadline}" if each.deadline else ""
        promised = f"of {each.target}" if each.target != "none" else "without a target"
        yield f"  {left(each.name, 24)}{left(each.state, 10)}{right(each.spent, 9)} {left(promised, 35)}".rstrip()
        if due:
            yield f"  {'':24}{due}"


def _steps(explained: SlaExplanation) -> Iterator[str]:
    asked = facts.steps(explained)
    if not asked:
        return
    yield ""
    yield from _titled("What its account's escalations ask for")
    for fact in asked:
        yield from _hanging(f"{fact.label}: {fact.shown}", "  ", 4)


def as_html(explained: SlaExplanation) -> str:
    """One self-contained page: no script, nothing loaded from elsewhere, light and dark, for a phone and for paper."""
    stories = sorted(explained.stories, key=lambda story: story is not explained.leading)
    return _template().render(
        explained=explained,
        demo=DEMO,
        facts=facts,
        sections=[_section(story, explained.as_of) for story in stories if story.shown.target or len(stories) == 1],
        without=[metric(each.metric, each.cycle) for each in stories if each.shown.target is None],
    )


def _section(story: ClockStory, as_of: datetime) -> dict[str, object]:
    return {
        "name": metric(story.metric, story.cycle),
        "story": story,
        "zone": zone_of(story),
        "verdict": verdict(story, as_of),
        "moves": facts.moves(story),
        "lines": lines(story, as_of),
        "picture": timeline(story, as_of),
    }


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("console"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "tidy": tidy, "clock": clock, "percent": percent, "utc_stamp": utc_stamp, "day": day, "clock_time": clock_time,
        "zone_at": zone_at,
    }  # fmt: skip
    return environment.get_template("sla.html")
