"""Knows how the background of a week is told: the rates, support's load, and what the numbers rest on."""

from collections.abc import Iterator

from console.digest_layout import Fact, Section, day
from retention.digest import DigestContent
from retention.digest.content import KpiLine, RatePoint, Source, SupportKpis, Workload
from retention.digest.paths import counted
from retention.digest.weeks import period_words
from retention.digest.words import NO_FIGURE, money, percent

_UNKNOWN_NAMED = 4


def retention(content: DigestContent) -> Section:
    rates = content.retention
    known = [point for point in (rates.month, rates.quarter, rates.year) if point is not None]
    empty = "No complete month of paid subscriptions is known: import subscription lines."
    return Section(
        "Retention", rates.command, tuple(_rates(point, content) for point in known), (), 0, "" if known else empty,
        has_trend=bool(rates.trend),
    )  # fmt: skip


def _rates(point: RatePoint, content: DigestContent) -> Fact:
    graded = f"graded {point.grr_tier} and {point.nrr_tier}; " if point.grr_tier and point.nrr_tier else ""
    opening, closing = money(point.opening, content.currency), money(point.closing, content.currency)
    opened = f"{graded}MRR {opening} at the start, {closing} at the end"
    months = content.retention.rolling_months
    rolling = f"{months}-month mean GRR {percent(point.grr_rolling)}, NRR {percent(point.nrr_rolling)}"
    shown = NO_FIGURE if point.grr is None else f"GRR {percent(point.grr)}, NRR {percent(point.nrr)}"
    is_month = content.retention.month is point
    return Fact(period_words(point.period), shown, f"{rolling}; {opened}" if is_month else opened)


def load(content: DigestContent) -> Section:
    work = content.load
    known = work.week.tickets or work.before or work.week.csat_answers
    return Section(
        "Support's week", work.command, tuple(_work_facts(content)) if known else (),
        empty="" if known else "No ticket is known: import your helpdesk's tickets.",
    )  # fmt: skip


def _work_facts(content: DigestContent) -> Iterator[Fact]:
    week, before, weeks = content.load.week, content.load.before, content.load.weeks_before
    usual = f"a week before ({counted(weeks, 'week')})"
    yield Fact("New tickets", f"{week.tickets:,.0f}", f"{before.tickets:,.1f} {usual}" if before else "no week before")
    yield Fact("Resolved", f"{week.resolved:,.0f}", f"{before.resolved:,.1f} {usual}" if before else "")
    if content.kpis:
        return
    yield Fact("First reply, median", _hours(week), f"{_hours(before)} before" if before else "")
    yield Fact("CSAT, mean", _csat(week), f"{_csat(before)} before" if before else "")


def _hours(work_done: Workload) -> str:
    hours = work_done.first_reply_hours
    return NO_FIGURE if hours is None else f"{hours:,.1f} h"


def _csat(work_done: Workload) -> str:
    if work_done.csat is None or work_done.csat_scale is None:
        return NO_FIGURE
    return f"{work_done.csat:.2f} of {work_done.csat_scale[1]} (n = {work_done.csat_answers:,})"


def kpis(measured: SupportKpis) -> Section:
    title = f"Support's key figures, {counted(measured.weeks, 'week')}"
    return Section(title, measured.command, tuple(_kpi(line) for line in measured.lines))


def _kpi(line: KpiLine) -> Fact:
    if line.value is None:
        return Fact(line.title, NO_FIGURE, "docs/kpis.md says when there is none")
    known = [f"n = {line.n:,}", line.tier or "", _since_before(line)]
    return Fact(line.title, _in_its_unit(line, line.value), "; ".join(part for part in known if part))


def _since_before(line: KpiLine) -> str:
    if line.change is None or line.before is None:
        return ""
    return f"{line.change}, {_in_its_unit(line, line.before)} before"


def _in_its_unit(line: KpiLine, value: float) -> str:
    if line.kind == "time":
        return f"{value / 3600:,.1f} h"
    return percent(value) if line.kind == "share" else f"{value:,.0f}"


def health(content: DigestContent) -> Section:
    return Section("What these numbers rest on", content.health.command, tuple(_facts_about_facts(content)))


def _age(days: int | None) -> str:
    if days is None:
        return "imported after this moment"
    return f"{counted(days, 'day')} old" if days else "less than a day old"


def _facts_about_facts(content: DigestContent) -> Iterator[Fact]:
    known = content.health
    if not known.sources:
        yield Fact("Imported files", "none", "bring in your exports with: keepline import FOLDER")
    yield from _sources(known.sources)
    if known.newest_ticket_at:
        yield Fact(
            "Newest ticket", day(known.newest_ticket_at.date()), _age((content.as_of - known.newest_ticket_at).days)
        )
    yield Fact("Unlinked tickets", f"{known.tickets_unlinked:,}", f"of {known.tickets:,}; they count for no account")
    if known.arr_without_helpdesk:
        alone = money(known.arr_without_helpdesk, content.currency)
        yield Fact("ARR without a helpdesk customer", alone, "no ticket leads to it; keepline links shows what may")
    yield Fact("Rows put aside", f"{known.rejected:,}", "unreadable, or of unknown accounts")
    yield Fact("Contradictions", f"{known.contradictions:,}", "between the sources; the subscriptions are believed")
    if known.unknown_signals:
        yield _unknown(known.unknown_signals)
    if known.unconverted:
        yield Fact("Without exchange rate", ", ".join(known.unconverted), "in none of the sums above")


def _sources(sources: tuple[Source, ...]) -> Iterator[Fact]:
    """One line for each system, and one for each kind of its records that is older than it should be."""
    for system in dict.fromkeys(source.source for source in sources):
        own = [source for source in sources if source.source == system]
        newest = min(own, key=lambda source: -1 if source.age_days is None else source.age_days)
        files, rows = counted(sum(one.files for one in own), "file"), counted(sum(one.rows for one in own), "row")
        yield Fact(f"From {system}", files, f"{rows}, the newest {_age(newest.age_days)}")
        for old in own:
            if old.stale:
                label = f"{system}: {old.record.replace('_', ' ')}"
                yield Fact(label, _age(old.age_days), "older than it should be: import it again")


def _unknown(signals: dict[str, int]) -> Fact:
    most = sorted(signals.items(), key=lambda signal: (-signal[1], signal[0]))[:_UNKNOWN_NAMED]
    named = ", ".join(f"{name} for {counted(accounts, 'account')}" for name, accounts in most)
    return Fact("Unknown signals", str(len(signals)), f"{named}; a condition on an unknown one is never taken as false")
