"""Shows support's key figures of a window, whole or cut, beside those before; opens one into its cases."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from domain.errors import KeeplineError, NotFound
from jobs.kpis import Asked, behind, measured, require_by_agent, seen_until
from keepline import show
from keepline.bootstrap import Keepline
from keepline.kpi_tables import print_cases, print_cut, print_figures, print_metric
from keepline.wording import banner
from rules.kpis import Cut, Figure, Kpi, Window, kpis
from rules.kpis.catalogue import told
from rules.kpis.windows import Unit, last_whole
from rules.words import unknown_word

_DAYS = timedelta(days=28)
# How many whole weeks or months a cut by time shows.
_SHOWN: dict[Cut, tuple[Unit, int]] = {"week": ("week", 8), "month": ("month", 6)}
_SETTINGS = {"counting", "minimum", "reopen_days", "deflection_days"}
_SHORT = {"frt": "first_reply", "art": "resolution", "fcr": "first_contact_resolution", "sla": "attainment"}
# What a cut shows side by side, where no single figure is asked for.
_HEADLINES = (
    "first_reply", "next_reply", "resolution", "first_contact_resolution", "attainment", "csat", "tickets_in",
    "tickets_out", "backlog",
)  # fmt: skip


@dataclass(frozen=True)
class Question:
    """What the command line asks for; `opened` names the figure that is to be opened."""

    by: Cut | None = None
    since: datetime | None = None
    until: datetime | None = None
    period: Unit | None = None
    metric: str | None = None
    opened: str | None = None


def run(keepline: Keepline, question: Question, as_of: datetime | None, as_json: bool) -> None:
    """Print the figures, or the cases behind one of them."""
    now, rulebook = keepline.moment(as_of), keepline.rulebook
    require_by_agent(rulebook, question.by)
    window = _window(question, now)
    chosen = _chosen(keepline, question)
    asked = Asked(chosen, window, now, question.by)
    banner(keepline)
    if question.opened is not None:
        _open(keepline, asked, as_json)
        return
    figures = measured(keepline.store, rulebook, asked)
    if as_json:
        show.as_json(_printed(keepline, asked, figures))
        return
    if not keepline.store.counts()["tickets"]:
        show.line(
            "No ticket is known: keepline connect VENDOR, or keepline import FOLDER with your helpdesk's tickets."
        )
        return
    _print(figures, asked, question, rulebook.kpis.minimum)


def _window(question: Question, now: datetime) -> Window:
    """The window that is asked for: by default the last 28 days, and of a cut by time so many whole weeks or months."""
    seen = seen_until(now)
    if question.period and (question.since or question.until):
        raise KeeplineError("--period is a whole week, month or quarter: leave it out, or --since and --until")
    if question.period:
        return last_whole(question.period, seen)
    if question.since is None and question.until is None and question.by in _SHOWN:
        unit, count = _SHOWN[question.by]
        return last_whole(unit, seen, count)
    until = seen if question.until is None else min(seen, seen_until(question.until))
    since = question.since or until - _DAYS
    if since >= until:
        raise KeeplineError(
            f"nothing lies between {since:%Y-%m-%d %H:%M} and {until:%Y-%m-%d %H:%M}: give an earlier --since"
        )
    return Window(since, until)


def _chosen(keepline: Keepline, question: Question) -> list[Kpi]:
    known = kpis(keepline.rulebook.kpis)
    name = question.opened or question.metric
    if name is not None:
        word = name.lower().replace("-", "_").replace(" ", "_")
        word = _SHORT.get(word, word)
        if word not in known:
            raise NotFound(unknown_word(name, [*known, *_SHORT], "KPI"))
        return [known[word]]
    return [known[each] for each in _HEADLINES] if question.by else list(known.values())


def _print(figures: list[Figure], asked: Asked, question: Question, minimum: int) -> None:
    if asked.by is None:
        print_figures(figures, asked.window, minimum)
    elif question.metric is None:
        print_cut(figures, asked.window, asked.by, minimum)
    else:
        print_metric(figures, asked.window, asked.by)
    show.line("Open a figure into its tickets: keepline kpis --explain KPI. Definitions: docs/kpis.md")


def _open(keepline: Keepline, asked: Asked, as_json: bool) -> None:
    [kpi] = asked.shown
    cases = behind(keepline.store, keepline.rulebook, asked)
    if as_json:
        meaning = told(kpi.meaning, keepline.rulebook.kpis)
        opened = {"kpi": kpi.name, "title": kpi.title, "meaning": meaning}
        show.as_json(opened | _of(keepline, asked) | {"cases": cases})
        return
    print_cases(kpi, cases, asked.window, asked.by)


def _printed(keepline: Keepline, asked: Asked, figures: list[Figure]) -> dict[str, Any]:
    settings = keepline.rulebook.kpis.model_dump(mode="json", include=_SETTINGS)
    return _of(keepline, asked) | settings | {"figures": [figure.model_dump(mode="json") for figure in figures]}


def _of(keepline: Keepline, asked: Asked) -> dict[str, Any]:
    window = {"since": asked.window.since, "until": asked.window.until, "before_since": asked.reaches_back_to}
    mark = {"demo": True} if keepline.is_demo else {}
    return {"as_of": asked.as_of, **window, "by": asked.by, **mark}
