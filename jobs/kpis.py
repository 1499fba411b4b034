"""Measures support's key figures from the stored facts, and opens one into the tickets and answers behind it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, get_args

import narwhals as nw

from domain.errors import KeeplineError
from domain.sla import Metric
from jobs.evaluate import look
from jobs.rulebook import Rulebook
from jobs.sla.watching import all_terms, ticket_histories
from retention.digest.content import KpiLine, SupportKpis
from rules.kpis import Cut, Figure, Kpi, KpiFacts, Window, kpi_report, kpis, rows_behind
from rules.kpis.catalogue import time_unit
from rules.kpis.facts import Results
from rules.sla.clock import clocks
from rules.sla.histories import TicketHistories
from rules.sla.terms import Terms
from storage.frames import Frame
from storage.store import Store

_STANDING = ("segment", "days_to_renewal")
_OF_ACCOUNTS: tuple[Cut, ...] = ("segment", "renewal")
_ANY: tuple[Metric, ...] = ("first_reply",)
_INSTANT = timedelta(microseconds=1)
_WEEK = timedelta(days=7)
_IN_THE_DIGEST = ("first_reply", "resolution", "first_contact_resolution", "attainment", "csat")


@dataclass(frozen=True)
class Asked:
    """Which figures of which window are wanted, seen from when, and cut by what."""

    shown: Sequence[Kpi]
    window: Window
    as_of: datetime
    by: Cut | None = None

    @property
    def reaches_back_to(self) -> datetime:
        """The beginning of what the figures are compared with: the window before, or the week or month before."""
        unit = time_unit(self.by)
        return (self.window.cut_by(unit)[0] if unit else self.window).before.since

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """The clocks that are read."""
        promised = any(kpi.family == "promise" and kpi.metric is None for kpi in self.shown)
        named = {kpi.metric for kpi in self.shown if kpi.metric is not None}
        return tuple(metric for metric in get_args(Metric) if promised or metric in named)


def seen_until(as_of: datetime) -> datetime:
    """The first moment that is not seen any more: what happens at `as_of` is."""
    return as_of + _INSTANT


def require_by_agent(rulebook: Rulebook, by: Cut | None) -> None:
    """Refuse a cut by agent where it is not switched on.

    Raises:
        KeeplineError: it is not; the message says why, and where to.
    """
    if by == "agent" and not rulebook.kpis.by_agent:
        raise KeeplineError(
            "figures by agent are switched off: agents get different tickets, and few of them look like a difference "
            "between people; to see them all the same, set by_agent: true in kpis.yaml, or cut by team"
        )


def measured(store: Store, rulebook: Rulebook, asked: Asked) -> list[Figure]:
    """The figures that are asked for.

    Raises:
        KeeplineError: a cut by agent is not switched on.
    """
    require_by_agent(rulebook, asked.by)
    return kpi_report(_facts(store, rulebook, asked), asked.window, asked.shown, rulebook.kpis, asked.by)


def week_kpis(
    store: Store, rulebook: Rulebook, as_of: datetime, week_ends_at: datetime, weeks: int
) -> SupportKpis | None:
    """The few figures that the digest shows, of the weeks up to a week's end; None where no ticket is known then."""
    begun, settings = store.facts().first_ticket_at(), rulebook.kpis
    if begun is None or begun >= week_ends_at:
        return None
    window = Window(week_ends_at - weeks * _WEEK, week_ends_at)
    shown = [kpi for kpi in kpis(settings).values() if (kpi.graded_as or kpi.name) in _IN_THE_DIGEST]
    last = week_ends_at - _INSTANT
    figures = measured(store, rulebook, Asked(shown, window, as_of))
    return SupportKpis(
        lines=tuple(_line(figure) for figure in figures if figure.n or figure.kpi in _IN_THE_DIGEST),
        weeks=weeks,
        counting=settings.counting,
        command=f"keepline kpis --since {window.since:%Y-%m-%d} --until {last:%Y-%m-%d}",
    )


def _line(figure: Figure) -> KpiLine:
    change = figure.change
    return KpiLine(
        title=figure.title,
        kind=figure.kind,
        value=figure.value,
        n=figure.n,
        tier=figure.grade.tier if figure.grade else None,
        change=change.verdict if change else None,
        before=change.before if change else None,
    )


def behind(store: Store, rulebook: Rulebook, asked: Asked) -> list[dict[str, Any]]:
    """The cases behind the one KPI that is asked for: whose they are, what they say, and how long they took.

    Raises:
        KeeplineError: a cut by agent is not switched on.
    """
    require_by_agent(rulebook, asked.by)
    facts, [kpi] = _facts(store, rulebook, asked), asked.shown
    rows = rows_behind(facts, asked.window, kpi, rulebook.kpis, asked.by)
    found = _told(store, facts, rows.with_row_index("_row")).sort("_row")
    names = (
        "slice",
        "source",
        "ticket",
        "article",
        "subject",
        "account",
        "state",
        "began_at",
        "at",
        "business",
        "elapsed",
        "score",
    )
    return [dict(row) for row in found.select(*names).iter_rows(named=True)]


def _told(store: Store, facts: KpiFacts, rows: Results) -> Results:
    """The rows with the ticket, or the article that was read, and whose they are."""
    of_ticket = facts.tickets.select("source", "subject", ticket_id="id", ticket="external_id", _whose="account_id")
    of_article = store.facts().articles().select("title", own_source="source", article_ref="external_id")
    named = store.facts().accounts().select(_whose="id", account="name").collect()
    told = rows.join(of_ticket.collect(), on="ticket_id", how="left")
    told = told.join(of_article.collect(), on=["own_source", "article_ref"], how="left").with_columns(
        source=nw.coalesce("source", "own_source"),
        article="article_ref",
        subject=nw.coalesce("subject", "title"),
        _whose=nw.coalesce("_whose", "account_id"),
    )
    return told.join(named, on="_whose", how="left")


def _facts(store: Store, rulebook: Rulebook, asked: Asked) -> KpiFacts:
    histories = ticket_histories(store, asked.reaches_back_to, asked.as_of)
    timed, terms = _with_default_terms(histories, all_terms(store), rulebook)
    if not asked.metrics:
        timed = replace(timed, tickets=timed.tickets.head(0))
    tickets, surveys, views = histories.tickets, store.facts().surveys(), store.facts().article_views()
    if asked.by in _OF_ACCOUNTS:
        tickets = _with_standing(store, rulebook, tickets, "created_at")
        surveys = _with_standing(store, rulebook, _answered(surveys, asked), "answered_at")
        views = _with_standing(store, rulebook, views, "viewed_at")
    else:
        surveys, views = _without_standing(surveys), _without_standing(views)
    return KpiFacts(
        as_of=asked.as_of,
        tickets=tickets,
        messages=histories.messages,
        events=histories.events,
        clocks=clocks(timed, terms, asked.as_of, asked.metrics or _ANY),
        surveys=surveys,
        views=views,
        calendars={name: each.calendar for name, each in terms.items()},
        default_calendar=rulebook.sla.calendars[rulebook.sla.calendar],
        known_since=store.facts().first_ticket_at(),
    )


def _with_default_terms(
    histories: TicketHistories, terms: dict[str, Terms], rulebook: Rulebook
) -> tuple[TicketHistories, dict[str, Terms]]:
    """A ticket that was promised nothing is measured in the hours of the default calendar."""
    name = rulebook.sla.calendar
    nothing = Terms(policy="none", calendar_name=name, calendar=rulebook.sla.calendars[name], targets={})
    assigned = histories.assignments.with_columns(nw.col("terms").fill_null(nothing.content_hash))
    alone = histories.tickets.select("created_at", ticket_id="id").join(assigned, on="ticket_id", how="anti")
    added = alone.select("ticket_id", since="created_at", terms=nw.lit(nothing.content_hash))
    both = nw.concat([assigned.select("ticket_id", "since", "terms"), added])
    return replace(histories, assignments=both), terms | {nothing.content_hash: nothing}


def _answered(surveys: Frame, asked: Asked) -> Frame:
    return surveys.filter(nw.col("answered_at") >= asked.reaches_back_to, nw.col("answered_at") <= asked.as_of)


def _without_standing(rows: Frame) -> Frame:
    return rows.with_columns(_nothing("segment", nw.String()), _nothing("days_to_renewal", nw.Int64()))


def _with_standing(store: Store, rulebook: Rulebook, rows: Frame, at: str) -> Frame:
    """`rows` with their account's `segment` and `days_to_renewal` on the day of the moment `at`, as the signals say."""
    day = nw.col(at).dt.truncate("1d")
    dated = rows.with_columns(_day=day).collect()
    days = sorted(dated.filter(~nw.col("account_id").is_null())["_day"].unique().to_list())
    if not days:
        return _without_standing(dated.drop("_day").lazy())
    signals, _ = look(store.facts(), rulebook, days[0], days[-1], _STANDING).signals_at(days)
    known = nw.concat([
        each.select("account_id", *_STANDING).with_columns(nw.lit(on).cast(dated.schema["_day"]).alias("_day"))
        for on, each in zip(days, signals, strict=True)
    ])  # fmt: skip
    return dated.join(known, on=["account_id", "_day"], how="left").drop("_day").lazy()


def _nothing(name: str, kind: nw.dtypes.DType) -> nw.Expr:
    return nw.lit(None, dtype=kind).alias(name)
