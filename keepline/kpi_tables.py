"""Knows how support's key figures are laid out at a terminal: by figure, by slice, and case by case."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from keepline import show
from keepline.wording import length
from rules.kpis import Cut, Figure, Kpi, Times, Window
from rules.kpis.catalogue import time_unit

_NONE = "–"
_MOST_CASES = 25
_MINUTE = 60
_LATE_ATTAINMENT = "attainment_"


def print_figures(figures: Sequence[Figure], window: Window, minimum: int) -> None:
    """Every figure of a window: times, shares, counts; and below why some are not known."""
    if not any(each.n or each.pending or each.unknown for each in figures):
        show.line(f"Nothing of this is known of {_span(window)}: give another --since, --until, --period or --as-of.")
        return
    show.line(f"From {_named(window)}.")
    told = [each for each in figures if _is_told(each)]
    for title, layout, kinds in _PARTS:
        chosen = [each for each in told if each.kind in kinds]
        if chosen:
            show.line()
            show.table(title, *layout(chosen))
    show.line()
    _print_notes(told, minimum)


def print_metric(figures: Sequence[Figure], window: Window, by: Cut) -> None:
    """One figure, slice by slice."""
    if not figures:
        show.line(f"Nothing to cut by {by} in this window.")
        return
    kind, title = figures[0].kind, f"{figures[0].title} by {by}, {_named(window, by)}"
    layout = next(layout for _, layout, kinds in _PARTS if kind in kinds)
    columns, rows, numbers = layout(figures)
    show.table(
        title,
        [by.capitalize(), *columns[1:]],
        [[each.slice or _NONE, *row[1:]] for each, row in zip(figures, rows, strict=True)],
        numbers,
    )


def print_cut(figures: Sequence[Figure], window: Window, by: Cut, minimum: int) -> None:
    """The headline figures side by side, a line a slice; each with the number of its cases."""
    slices = list(dict.fromkeys(each.slice for each in figures))
    titles = list(dict.fromkeys(each.title for each in figures))
    if not slices:
        show.line(f"Nothing to cut by {by} in this window.")
        return
    cells = {(each.slice, each.title): _with_cases(each, minimum) for each in figures}
    rows = [[name or _NONE, *(cells.get((name, title), _NONE) for title in titles)] for name in slices]
    show.table(f"Support's figures by {by}, {_named(window, by)}", [by.capitalize(), *titles], rows, numbers=titles)
    show.line(f"Times are medians; in brackets the cases; ! marks fewer than {minimum}. One figure alone: --metric KPI")


def print_cases(kpi: Kpi, cases: Sequence[dict[str, Any]], window: Window, by: Cut | None) -> None:
    """The tickets and answers behind a figure, the longest or newest first."""
    if not cases:
        why = "" if kpi.kind in {"count", "stock"} else f": {kpi.unknown_when}"
        show.line(f"Nothing stands behind {kpi.title} in {_span(window)}{why}.")
        return
    columns = [
        *([by.capitalize()] if by else []),
        "Ticket",
        "Subject",
        "Account",
        "Began",
        "Done",
        "Business",
        "Elapsed",
        "State",
    ]
    rows = [
        [
            *([str(each["slice"])] if by else []), _of_what(each), (each["subject"] or "")[:50],
            each["account"] or "unknown", _at(each["began_at"]), _at(each["at"]), _hours(each["business"]),
            _seconds(each["elapsed"]), _told(kpi, each),
        ]
        for each in cases[:_MOST_CASES]
    ]  # fmt: skip
    show.table(f"Behind {kpi.title}, {_span(window)}", columns, rows, numbers=["Business", "Elapsed"])
    if len(cases) > _MOST_CASES:
        show.line(f"and {len(cases) - _MOST_CASES:,} more: --json lists all")


def _of_what(case: dict[str, Any]) -> str:
    if case["article"] is not None:
        return f"article {case['article']}"
    return case["ticket"] or _NONE


def _seconds(seconds: int | None) -> str:
    return _NONE if seconds is None else length(timedelta(seconds=seconds))


def _hours(seconds: int | None) -> str:
    """Business time has no days: they would be as long as a team's hours."""
    if seconds is None:
        return _NONE
    hours, minutes = seconds // 3600, seconds // 60 % 60
    return f"{hours:,} h {minutes} min" if hours else f"{minutes} min"


Table = tuple[list[str], list[list[str]], list[str]]


def _times_table(figures: Sequence[Figure]) -> Table:
    columns = [
        "",
        "Median",
        "Mean",
        "P90",
        "Median elapsed",
        "Mean elapsed",
        "P90 elapsed",
        "n",
        "Waiting",
        "Target",
        "Change",
    ]
    rows = [
        [
            each.title, *_spread(each.business, _hours), *_spread(each.elapsed), f"{each.n:,}", f"{each.pending:,}",
            _grade(each), _change(each),
        ]
        for each in figures
    ]  # fmt: skip
    return columns, rows, columns[1:9]


def _shares_table(figures: Sequence[Figure]) -> Table:
    columns = ["", "Share", "95 % between", "n", "Undecided", "Unknown", "Target", "Change"]
    rows = [
        [
            each.title, _value(each), _between(each), f"{each.n:,}", f"{each.pending:,}", f"{each.unknown:,}",
            _grade(each), _change(each),
        ]
        for each in figures
    ]  # fmt: skip
    return columns, rows, columns[1:6]


def _counts_table(figures: Sequence[Figure]) -> Table:
    columns = ["", "Number", "Median age", "P90 age", "Unknown", "Change"]
    rows = [
        [
            each.title, _value(each), *_spread(each.elapsed)[::2], f"{each.unknown:,}", _change(each),
        ]
        for each in figures
    ]  # fmt: skip
    return columns, rows, columns[1:5]


_PARTS: tuple[tuple[str, Callable[[Sequence[Figure]], Table], frozenset[str]], ...] = (
    ("Times", _times_table, frozenset({"time"})),
    ("Shares", _shares_table, frozenset({"share", "points"})),
    ("Tickets", _counts_table, frozenset({"count", "stock"})),
)


def _is_told(figure: Figure) -> bool:
    """Attainment of one metric is told where it has any clock; all else always."""
    return bool(figure.n or figure.pending or not figure.kpi.startswith(_LATE_ATTAINMENT))


def _print_notes(figures: Sequence[Figure], minimum: int) -> None:
    untold = [each for each in figures if each.withheld]
    for why in dict.fromkeys(each.withheld for each in untold):
        show.line(f"No figure for {', '.join(each.title for each in untold if each.withheld == why)}: {why}.", "yellow")
    for each in figures:
        if each.references:
            show.line(f"Reference for {each.title}: {'; '.join(each.references)}.")
    targets = dict.fromkeys((each.title, each.grade.target) for each in figures if each.grade)
    for title, target in targets:
        show.line(f"Target for {title}: {target}.")
    for each in figures:
        if each.mean is not None:
            show.line(f"{each.title}: the mean answer is {each.mean:.1f} on a scale from 0 to 100.")
    show.line(f"Fewer than {minimum} cases are too few for a tier or a verdict.")


def _span(window: Window) -> str:
    last = window.until - timedelta(microseconds=1)
    return f"{window.since:%Y-%m-%d} to {last:%Y-%m-%d} UTC"


def _named(window: Window, by: Cut | None = None) -> str:
    days = (window.until - window.since) / timedelta(days=1)
    before = f"the {by} before" if time_unit(by) else f"the {days:.3g} days before"
    return f"{_span(window)} against {before}"


def _spread(times: Times | None, written: Callable[[int | None], str] = _seconds) -> list[str]:
    return [_NONE] * 3 if times is None else [written(each) for each in (times.median, round(times.mean), times.p90)]


def _value(figure: Figure) -> str:
    if figure.value is None:
        return "unknown"
    return _written(figure, figure.value)


def _written(figure: Figure, value: float, sign: str = "") -> str:
    """A value in its figure's unit; with `sign` `+`, a difference."""
    if figure.kind == "time":
        mark = ("−" if value < 0 else "+") if sign else ""
        return mark + (f"{abs(value):.0f} s" if sign and abs(value) < _MINUTE else _hours(round(abs(value))))
    if figure.kind == "share":
        return f"{value * 100:{sign}.1f} {'points' if sign else '%'}".replace("-", "−")
    return f"{value:{sign},.0f}".replace("-", "−")


def _between(figure: Figure) -> str:
    if figure.low is None or figure.high is None:
        return _NONE
    scale = 100 if figure.kind == "share" else 1
    return f"{figure.low * scale:.0f} to {figure.high * scale:.0f}".replace("-", "−")


def _grade(figure: Figure) -> str:
    return figure.grade.tier if figure.grade else _NONE


def _change(figure: Figure) -> str:
    change = figure.change
    if figure.value is None:
        return _NONE
    if change is None:
        return "nothing before"
    if change.difference is None:
        return change.verdict
    return f"{change.verdict}, {_written(figure, change.difference, '+')}"


def _with_cases(figure: Figure, minimum: int) -> str:
    if figure.value is None:
        return _NONE
    if figure.kind in {"count", "stock"}:
        return _value(figure)
    return f"{_value(figure)} ({figure.n:,}{'!' if figure.n < minimum else ''})"


def _at(moment: datetime | None) -> str:
    return _NONE if moment is None else f"{moment:%Y-%m-%d %H:%M}"


def _told(kpi: Kpi, case: dict[str, Any]) -> str:
    if case["state"] != "counted" or case["score"] is None:
        return {"counted": "done", "pending": "open", "unknown": "unknown"}[case["state"]]
    if kpi.kind == "points":
        return {1: "promoter", 0: "passive", -1: "detractor"}[case["score"]]
    return "yes" if case["score"] else "no"
