"""Knows in which order a digest is read and what each of its sections says."""

from collections.abc import Iterator
from decimal import Decimal

from console.digest_alerts import alert_load
from console.digest_background import health, kpis, load, retention
from console.digest_layout import Fact, Row, Section, Tone, day, moment
from retention.digest import DigestContent
from retention.digest.content import Decided, RenewalRow, RiskRow
from retention.digest.paths import counted, work
from retention.digest.words import model_words, money


def sections(content: DigestContent) -> tuple[Section, ...]:
    """All sections, what was decided first."""
    return (
        _kept(content),
        _lost(content),
        _at_risk(content),
        _next(content),
        *alert_load(content),
        _ahead(content),
        retention(content),
        load(content),
        *((kpis(content.kpis),) if content.kpis else ()),
        health(content),
    )


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
    if not week.kept and not quarter.kept:
        return
    yield Fact("Saved (touched)", money(week.touched, currency), _touched(week, currency))
    kinds = ", ".join(f"{work(kind.kind, kind.touches)} {kind.amount:,.0f}" for kind in saved.by_kind)
    shared = f"of {money(week.kept, currency)} kept, shared by {model_words(saved.model)}" + (
        f": {kinds}" if kinds else ""
    )
    yield Fact("Influenced", money(week.influenced, currency), shared)
    yield Fact("No touch before it", money(week.unattributed, currency), "kept, and credited to nobody")
    yield Fact("Incremental", saved.incremental.shown, saved.incremental.said)
    yield Fact(
        "Quarter to date", money(saved.quarter.touched, currency), f"saved (touched); {_sums(saved.quarter, currency)}"
    )


def _touched(decided: Decided, currency: str) -> str:
    """What the figure means, and what persons said of it."""
    rejected = f"; {money(decided.rejected, currency)} rejected by a person" if decided.rejected else ""
    confirmed = f"; {money(decided.confirmed, currency)} confirmed" if decided.confirmed else ""
    return f"flagged, then worked on, then renewed; claims no cause{rejected}{confirmed}"


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
            _risk_detail(row), "overdue" if row.overdue else "",
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


def _risk_detail(row: RiskRow) -> str:
    first = f"{row.because} ({row.playbook}, {row.state}, opened {row.opened_at.day} {row.opened_at:%b})"
    return f"{first}; also {', '.join(row.others)}" if row.others else first


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
    late = (Fact("Overdue", counted(steps.overdue, "step"), "the most money first, then what is due next"),)
    return Section(
        "What to do next", steps.command, late if steps.overdue else (), rows, steps.more,
        "No step of any escalation is open.",
    )  # fmt: skip


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
