"""Knows how the facts of a moment become a week's digest."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import chain

from retention.digest.ahead import ahead
from retention.digest.content import Decided, DigestContent, RatePoint, Retention, Saved
from retention.digest.health import health
from retention.digest.held_back import held_back
from retention.digest.inputs import DigestInputs
from retention.digest.paths import kept_rows, lost_rows
from retention.digest.queue import at_risk, next_steps, open_matters
from retention.digest.words import commands, conventions, figures, headlines, incremental_line
from retention.digest.workload import load
from retention.grading import grade_grr, grade_nrr
from retention.impact import Beside, impact
from retention.impact_report import ImpactReport
from retention.metrics import RetentionRow, number

_MONTHS_A_QUARTER = 3


def build_digest(inputs: DigestInputs) -> DigestContent:
    """The digest of `inputs.week`, seen from `inputs.as_of`.

    What was kept and lost, and support's load, are of the week; the queue, the steps, the renewals and the rates are of
    `as_of`. Nothing that happened after `as_of` is in it.
    """
    rows = inputs.digest.rows_per_list
    inputs = replace(inputs, outcomes=inputs.outcomes.collect().lazy(), touches=inputs.touches.collect().lazy())
    week, quarter = _report(inputs, inputs.week.starts_at), _report(inputs, _quarter_start(inputs.week.ends_at))
    matters = open_matters(inputs)
    risk, steps = at_risk(matters, inputs.as_of, rows), next_steps(matters, inputs.as_of, rows)
    renewals, without_rate = ahead(inputs, matters)
    saved, rates = _saved(inputs, week, quarter), _retention(inputs)
    return DigestContent(
        company=inputs.company,
        is_demo=inputs.is_demo,
        week=inputs.week,
        as_of=inputs.as_of,
        currency=inputs.currency,
        headlines=headlines(inputs, saved, risk, renewals, rates),
        figures=figures(inputs, saved, risk, renewals, rates),
        saved=saved,
        at_risk=risk,
        next_steps=steps,
        held_back=held_back(inputs),
        rules_to_review=tuple(inputs.rules_to_review),
        grr_alerts=tuple(inputs.grr_alerts),
        ahead=renewals,
        retention=rates,
        load=load(inputs),
        kpis=inputs.kpis,
        health=health(inputs, chain(without_rate, _without_rate(inputs, (week, quarter)))),
        conventions=conventions(inputs),
        commands=commands(inputs, saved),
    )


def _report(inputs: DigestInputs, since: datetime) -> ImpactReport:
    until = inputs.week.ends_at
    return impact(
        inputs.outcomes, inputs.touches, inputs.accounts, inputs.rates, until, since, conventions=inputs.credit,
        beside=Beside(inputs.answers, inputs.incremental),
    )  # fmt: skip


def _quarter_start(week_ends_at: datetime) -> datetime:
    """The start of the quarter that holds the week's last day."""
    last = week_ends_at - timedelta(days=1)
    month = (last.month - 1) // _MONTHS_A_QUARTER * _MONTHS_A_QUARTER + 1
    return datetime(last.year, month, 1, tzinfo=UTC)


def _saved(inputs: DigestInputs, week: ImpactReport, quarter: ImpactReport) -> Saved:
    rows = inputs.digest.rows_per_list
    return Saved(
        week=_decided(week, inputs.week.starts_at),
        quarter=_decided(quarter, _quarter_start(inputs.week.ends_at)),
        kept=kept_rows(week.continued, week.touched.outcomes, rows),
        kept_more=max(0, len(week.continued) - rows),
        lost=lost_rows(inputs, week.lost.outcomes, rows),
        lost_more=max(0, len(week.lost.outcomes) - rows),
        by_kind=week.attributed.by_kind,
        model=week.model,
        incremental=incremental_line(inputs.incremental),
    )


def _decided(report: ImpactReport, since: datetime) -> Decided:
    last = report.as_of - timedelta(days=1)
    return Decided(
        since=since,
        until=report.as_of,
        at_stake=report.at_stake,
        kept=report.kept,
        lost=report.lost_amount,
        touched=report.touched.amount,
        touched_accounts=len({outcome.account_id for outcome in report.touched.outcomes}),
        rejected=report.touched.rejected,
        confirmed=report.touched.confirmed,
        influenced=report.attributed.amount,
        unattributed=report.attributed.unattributed,
        command=f"keepline impact --since {since:%Y-%m-%d} --as-of {last:%Y-%m-%d} --model {report.model}",
    )


def _retention(inputs: DigestInputs) -> Retention:
    months = [row for row in inputs.months if row.complete]
    return Retention(
        month=_last(inputs.months),
        quarter=_last(inputs.quarters),
        year=_graded(inputs),
        trend=tuple(_point(row) for row in months[-inputs.digest.trend_months :]),
        rolling_months=inputs.ledger.rolling_months,
        command="keepline retention --period month",
    )


def _last(rows: Sequence[RetentionRow]) -> RatePoint | None:
    complete = [row for row in rows if row.complete]
    return _point(complete[-1]) if complete else None


def _graded(inputs: DigestInputs) -> RatePoint | None:
    """The last complete year with its benchmark tiers."""
    complete = [row for row in inputs.years if row.complete]
    if not complete:
        return None
    gross, net = grade_grr(complete[-1], inputs.ledger), grade_nrr(complete[-1], inputs.ledger)
    tiers = {"grr_tier": gross and gross.tier, "nrr_tier": net and net.tier}
    return _point(complete[-1]).model_copy(update=tiers)


def _point(row: RetentionRow) -> RatePoint:
    return RatePoint(
        period=row.period,
        grr=number(row.grr),
        nrr=number(row.nrr),
        grr_rolling=number(row.grr_rolling),
        nrr_rolling=number(row.nrr_rolling),
        opening=row.amount(row.opening_cents),
        closing=row.amount(row.closing_cents),
    )


def _without_rate(inputs: DigestInputs, reports: Iterable[ImpactReport]) -> set[str]:
    """The currencies that the week, the quarter or the last month could not convert."""
    decided = {outcome.currency for report in reports for outcome in report.unconverted}
    return decided | (set(inputs.months[-1].unconverted_cents) if inputs.months else set())
