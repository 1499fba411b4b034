"""Knows in which order a digest is read: sections of facts and rows, the same for text and HTML."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from retention.digest import DigestContent
from retention.digest.content import Decided, RatePoint, RenewalRow, Workload
from retention.digest.paths import counted, work
from retention.digest.weeks import period_words
from retention.digest.words import NO_FIGURE, model_words, money, percent

Tone = Literal["plain", "good", "bad", "warn"]


@dataclass(frozen=True)
class Fact:
    """A number with its name and its meaning."""

    label: str
    shown: str
    note: str = ""


@dataclass(frozen=True)
class Row:
    """One entry of a list: whose, how much, when, and what there is to know. `mark` is a word set apart."""

    title: str
    amount: str
    when: str
    detail: str
    mark: str = ""
    tone: Tone = "plain"


@dataclass(frozen=True)
class Section:
    """A part of the digest. `empty` says what to do where there are no rows; `command` opens the numbers."""

    title: str
    command: str
    facts: tuple[Fact, ...] = ()
    rows: tuple[Row, ...] = ()
    more: int = 0
    empty: str = ""
    has_trend: bool = False


def sections(content: DigestContent) -> tuple[Section, ...]:
    """All sections, what was decided first."""
    return (
        _kept(content),
        _lost(content),
        _at_risk(content),
        _next(content),
        _ahead(content),
        _retention(content),
        _load(content),
        _health(content),
    )


def day(on: date) -> str:
    """`5 Jun 2024`."""
    return f"{on.day} {on:%b %Y}"


def moment(at: datetime) -> str:
    """`5 Jun, 14:00 UTC`."""
    return f"{at.day} {at:%b, %H:%M} UTC"


def _worth(amount: Decimal | None, content: DigestContent) -> str:
    return "ARR unknown" if amount is None else money(amount, content.currency)


def _kept(content: DigestContent) -> Section:
    saved, currency = content.saved, content.currency
    rows = tuple(
        Row(row.account, money(row.amount, currency), day(row.happened_on), row.path, row.how, _tone(row.how))
        for row in saved.kept
    )
    none_known = "No renewals are known: import contracts with a renewal date."
    none_due = "Nothing was kept this week: no renewal fell due, or all that did was lost."
    return Section(
        "What stayed this week", saved.week.command, tuple(_labels(content)), rows, saved.kept_more,
        none_due if content.ahead.known else none_known,
    )  # fmt: skip


def _tone(how: str) -> Tone:
    return "good" if how == "saved (touched)" else "plain"


def _labels(content: DigestContent) -> Iterator[Fact]:
    """The three labels, never mixed, and what the touches are credited with."""
    saved, currency = content.saved, content.currency
    week, quarter = saved.week, saved.quarter
    if not week.at_stake and not quarter.at_stake:
        return
    yield Fact(
        "Saved (touched)", money(week.touched, currency), "flagged, then worked on, then renewed; claims no cause"
    )
    kinds = ", ".join(f"{work(kind.kind, kind.touches)} {kind.amount:,.0f}" for kind in saved.by_kind)
    shared = f"of {money(week.kept, currency)} kept, shared by {model_words(saved.model)}" + (
        f": {kinds}" if kinds else ""
    )
    yield Fact("Influenced", money(week.influenced, currency), shared)
    yield Fact("No touch before it", money(week.unattributed, currency), "kept, and credited to nobody")
    yield Fact("Incremental", NO_FIGURE, saved.incremental_withheld)
    yield Fact(
        "Quarter to date", money(saved.quarter.touched, currency), f"saved (touched); {_sums(saved.quarter, currency)}"
    )


def _sums(decided: Decided, currency: str) -> str:
    kept, lost = money(decided.kept, currency), money(decided.lost, currency)
    return f"{kept} kept and {lost} lost since {day(decided.since.date())}"


def _lost(content: DigestContent) -> Section:
    saved = content.saved
    facts = (Fact("Lost", money(saved.week.lost, content.currency), _quarter_lost(content)),)
    rows = tuple(
        Row(row.account, money(row.amount, content.currency), day(row.happened_on), row.path, row.kind, "bad")
        for row in saved.lost
    )
    return Section(
        "What was lost this week",
        saved.week.command,
        facts if rows else (),
        rows,
        saved.lost_more,
        "No recurring revenue was lost this week.",
    )


def _quarter_lost(content: DigestContent) -> str:
    quarter = content.saved.quarter
    return f"{money(quarter.lost, content.currency)} since {day(quarter.since.date())}"


def _at_risk(content: DigestContent) -> Section:
    risk = content.at_risk
    unknown = f"; {counted(risk.arr_unknown, 'account')} of unknown ARR" if risk.arr_unknown else ""
    total = f"{counted(risk.escalations, 'open escalation')} of {counted(risk.accounts, 'account')}{unknown}"
    rows = tuple(
        Row(
            row.account, _worth(row.arr, content), f"due {moment(row.due_at)}" if row.due_at else "no step due",
            f"{row.because} ({row.playbook}, {row.state})", "overdue" if row.overdue else "",
            "bad" if row.overdue else "plain",
        )
        for row in risk.rows
    )  # fmt: skip
    facts = (
        Fact("ARR behind the queue", money(risk.arr, content.currency), f"{total}; each account counted once"),
        Fact("Overdue", str(risk.overdue), "escalations whose next step is past its time"),
    )
    return Section(
        "At risk now", risk.command, facts if risk.escalations else (), rows, risk.more,
        "Nothing is open. Escalations are opened by: keepline run",
    )  # fmt: skip


def _next(content: DigestContent) -> Section:
    steps = content.next_steps
    rows = tuple(
        Row(
            step.account, _worth(step.arr, content), f"due {moment(step.due_at)}",
            f"{step.do}: {step.owner.replace('_', ' ')}", "overdue" if step.overdue else "",
            "bad" if step.overdue else "plain",
        )
        for step in steps.rows
    )  # fmt: skip
    return Section("What to do next", steps.command, (), rows, steps.more, "No step of any escalation is open.")


def _ahead(content: DigestContent) -> Section:
    ahead, currency = content.ahead, content.currency
    rows = tuple(
        Row(
            row.account, money(row.arr, currency), day(row.due_on),
            _renewal_detail(row),
            "notice given" if row.notice else "", "bad" if row.notice else "plain",
        )
        for row in ahead.rows
    )  # fmt: skip
    none = f"No renewal falls due in the next {ahead.days} days."
    return Section(
        f"Renewals in the next {ahead.days} days", ahead.command, tuple(_renewal_facts(content)), rows, ahead.more,
        none if ahead.known else "No renewals are known: import contracts with a renewal date.",
    )  # fmt: skip


def _renewal_detail(row: RenewalRow) -> str:
    escalated = "with an open escalation" if row.escalated else "no open escalation"
    return f"{escalated}; CSM {row.csm}" if row.csm else escalated


def _renewal_facts(content: DigestContent) -> Iterator[Fact]:
    ahead, currency = content.ahead, content.currency
    if ahead.count:
        yield Fact("Falls due", money(ahead.arr, currency), counted(ahead.count, "renewal"))
        with_, without = money(ahead.with_escalation, currency), money(ahead.without_escalation, currency)
        yield Fact("With an open escalation", with_, f"without one {without}")
    if ahead.notice:
        yield Fact("Notice given", money(ahead.notice, currency), "a part of what falls due")
    if ahead.without_date:
        who = f"{counted(ahead.without_date, 'paying account')} without a contract that renews later"
        yield Fact("Renewal date unknown", money(ahead.arr_without_date, currency), who)


def _retention(content: DigestContent) -> Section:
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


def _load(content: DigestContent) -> Section:
    load = content.load
    known = load.week.tickets or load.before or load.week.csat_answers
    return Section(
        "Support's week", load.command, tuple(_work_facts(load.week, load.before, load.weeks_before)) if known else (),
        empty="" if known else "No ticket is known: import your helpdesk's tickets.",
    )  # fmt: skip


def _work_facts(week: Workload, before: Workload | None, weeks: int) -> Iterator[Fact]:
    usual = f"a week before ({counted(weeks, 'week')})"
    yield Fact("New tickets", f"{week.tickets:,.0f}", f"{before.tickets:,.1f} {usual}" if before else "no week before")
    yield Fact("Resolved", f"{week.resolved:,.0f}", f"{before.resolved:,.1f} {usual}" if before else "")
    yield Fact("First reply, median", _hours(week), f"{_hours(before)} before" if before else "")
    yield Fact("CSAT, mean", _csat(week), f"{_csat(before)} before" if before else "")


def _hours(work_done: Workload) -> str:
    hours = work_done.first_reply_hours
    return NO_FIGURE if hours is None else f"{hours:,.1f} h"


def _csat(work_done: Workload) -> str:
    if work_done.csat is None or work_done.csat_scale is None:
        return NO_FIGURE
    return f"{work_done.csat:.2f} of {work_done.csat_scale[1]} (n = {work_done.csat_answers:,})"


def _health(content: DigestContent) -> Section:
    return Section("What these numbers rest on", content.health.command, tuple(_facts_about_facts(content)))


def _age(days: int | None) -> str:
    if days is None:
        return "imported after this moment"
    return f"{counted(days, 'day')} old" if days else "less than a day old"


def _facts_about_facts(content: DigestContent) -> Iterator[Fact]:
    health = content.health
    if not health.sources:
        yield Fact("Imported files", "none", "bring in your exports with: keepline import FOLDER")
    for source in health.sources:
        age = _age(source.age_days)
        rejected = f", {counted(source.rejected, 'row')} put aside" if source.rejected else ""
        stale = "; older than it should be" if source.stale else ""
        label = f"{source.source}: {source.record.replace('_', ' ')}"
        yield Fact(label, counted(source.rows, "row"), f"{age}{rejected}{stale}")
    if health.newest_ticket_at:
        yield Fact(
            "Newest ticket", day(health.newest_ticket_at.date()), _age((content.as_of - health.newest_ticket_at).days)
        )
    yield Fact("Unlinked tickets", f"{health.tickets_unlinked:,}", f"of {health.tickets:,}; they count for no account")
    yield Fact("Rows put aside", f"{health.rejected:,}", "unreadable, or of unknown accounts")
    yield Fact("Contradictions", f"{health.contradictions:,}", "between the sources; the subscriptions are believed")
    for name, accounts in health.unknown_signals.items():
        yield Fact(f"Unknown: {name}", counted(accounts, "account"), "a condition on it never fires silently")
    if health.unconverted:
        yield Fact("Without exchange rate", ", ".join(health.unconverted), "in none of the sums above")
