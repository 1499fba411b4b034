"""Knows how a weekly digest is written: as plain text for any mail, as one HTML document, as data."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from console.digest_layout import Fact, Row, Section, moment
from console.digest_sections import sections
from console.plain_text import WIDTH, cut, left, right, tidy, wrapped
from retention.digest import DigestContent
from retention.digest.content import Figure, RatePoint
from retention.digest.weeks import period_words

DEMO = "DEMO DATA: a made-up company; every name and number here is invented"
_LABEL, _AMOUNT, _BAR = 24, 20, 16
_LONGEST_NAME = 60
_TALLEST_BAR = 48
_STEP = 0.05


def as_json(content: DigestContent) -> dict[str, Any]:
    """The content as plain data; amounts are decimal strings."""
    return content.model_dump(mode="json")


def as_html(content: DigestContent) -> str:
    """One self-contained document: no script, nothing loaded from elsewhere, readable on a phone and in a mail."""
    return _template().render(
        content=content,
        sections=sections(content),
        seen=moment(content.as_of),
        trends=_trends(content),
        demo=DEMO,
        longest_name=_LONGEST_NAME,
    )


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("console"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"tidy": tidy, "cut": cut}
    return environment.get_template("digest.html")


@dataclass(frozen=True)
class Bar:
    """A month's rate; `height` of the tallest bar's pixels, 0 where the rate is unknown."""

    month: str
    initial: str
    shown: str
    height: int


@dataclass(frozen=True)
class Trend:
    """A rate month by month; bars begin at `floor` percent."""

    name: str
    floor: int
    bars: tuple[Bar, ...]


def _trends(content: DigestContent) -> tuple[Trend, ...]:
    points = content.retention.trend
    if not points:
        return ()
    return _trend("GRR", points, [point.grr for point in points]), _trend(
        "NRR", points, [point.nrr for point in points]
    )


def _trend(name: str, points: tuple[RatePoint, ...], rates: list[float | None]) -> Trend:
    floor, top = _scale(rates)
    bars = tuple(
        Bar(
            month=period_words(point.period),
            initial=period_words(point.period)[:3],
            shown="–" if rate is None else f"{100 * rate:.1f}",
            height=0 if rate is None else max(1, round(_TALLEST_BAR * (rate - floor) / (top - floor))),
        )
        for point, rate in zip(points, rates, strict=True)
    )
    return Trend(name, round(100 * floor), bars)


def _scale(rates: list[float | None]) -> tuple[float, float]:
    """Where bars begin, a whole step below the lowest, and the highest."""
    known = [rate for rate in rates if rate is not None] or [1.0]
    floor = max(0.0, (min(known) // _STEP - 1) * _STEP)
    return floor, max(*known, floor + _STEP)


def as_text(content: DigestContent) -> str:
    """80 columns of plain text that survive being forwarded."""
    lines = [*_banner(content), *_head(content)]
    for section in sections(content):
        lines += ["", *_section(section, content)]
    lines += ["", *_foot(content)]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _banner(content: DigestContent) -> list[str]:
    return ["*" * WIDTH, DEMO.center(WIDTH), "*" * WIDTH, ""] if content.is_demo else []


def _head(content: DigestContent) -> list[str]:
    title = f"{cut(content.company, 50)}: support and revenue"
    week = f"Week {content.week.label}, {content.week.words}. Seen on {moment(content.as_of)}. Amounts are ARR."
    headlines = [line for said in content.headlines for line in wrapped(said, indent="  ", first="* ")]
    return [
        title,
        "=" * WIDTH,
        *wrapped(week),
        "",
        *headlines,
        "",
        *(line for figure in content.figures for line in _figure(figure)),
    ]


def _figure(figure: Figure) -> list[str]:
    return _fact(Fact(figure.label, figure.shown, figure.note))


def _section(section: Section, content: DigestContent) -> list[str]:
    lines = [section.title.upper(), "-" * WIDTH]
    lines += [line for fact in section.facts for line in _fact(fact)]
    if section.has_trend:
        lines += ["", *_trend_lines(content)]
    if section.facts and section.rows:
        lines.append("")
    lines += [line for row in section.rows for line in _row(row)]
    if section.more:
        lines.append(f"  … and {section.more} more")
    if not section.rows and section.empty:
        lines += wrapped(section.empty, indent="  ", first="  ")
    return [*lines, f"  > {section.command}"]


def _fact(fact: Fact) -> list[str]:
    label = left(fact.label, _LABEL)
    if len(fact.shown) > _AMOUNT:
        return [f"  {label}  {fact.shown}", *wrapped(fact.note, indent=" " * (_LABEL + 4), first=" " * (_LABEL + 4))]
    head = f"  {label}{right(fact.shown, _AMOUNT)}  "
    return wrapped(fact.note, indent=" " * len(head), first=head) or [head]


def _row(row: Row) -> list[str]:
    mark = f"[{row.mark}] " if row.mark else ""
    head = f"  {left(row.title, 36)} {right(row.amount, 18)}  {cut(row.when, 21)}"
    return [head, *wrapped(mark + row.detail, indent=" " * 6, first=" " * 4)]


def _trend_lines(content: DigestContent) -> list[str]:
    """A line per month with both rates and a bar for each."""
    trends = _trends(content)
    floors = ", ".join(f"{trend.name} from {trend.floor} %" for trend in trends)
    lines = [f"  bars begin at: {floors}"]
    for gross, net in zip(*(trend.bars for trend in trends), strict=True):
        cells = (f"{right(bar.shown, 6)} {left(_hashes(bar), _BAR)}" for bar in (gross, net))
        lines.append(f"  {left(gross.month, 15)}GRR{'   NRR'.join(cells)}")
    return lines


def _hashes(bar: Bar) -> str:
    return "#" * round(_BAR * bar.height / _TALLEST_BAR)


def _foot(content: DigestContent) -> list[str]:
    lines = ["HOW TO READ THIS", "-" * WIDTH]
    lines += [line for said in content.conventions for line in wrapped(said, indent="  ", first="- ")]
    lines.append("")
    for command in content.commands:
        lines += wrapped(f"{command.command}  ({command.opens})", indent="    ", first="  > ")
    return lines
