"""Knows how a report on impact stands in a terminal: the labels, who is credited, and the outcomes behind them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import groupby

from domain.money import minor_digits
from keepline import show
from retention.impact_report import Decided, ImpactReport, KindAcrossModels, KindShare
from retention.incremental_report import Incremental
from retention.opened_outcomes import OpenedOutcome, OpenedTouch

_MOST = 15
_MOST_TICKETS = 6


def print_report(report: ImpactReport) -> None:
    """The whole report."""
    _print_figures(report)
    _print_incremental(report.incremental)
    _print_kinds(report.attributed.by_kind, report, "Credit by kind of touch")
    _print_models(report.attributed.by_model, report)
    _print_outcomes(report.touched.outcomes, report, "Saved (touched): flagged, then intervened, then renewed")
    _print_outcomes(report.touched.rejected_outcomes, report, "Rejected by a person: not counted as saved (touched)")
    _print_outcomes(report.lost.outcomes, report, "Lost")
    show.line("Open a label: keepline impact --explain touched|attributed|lost|incremental. Say what was no save: ")
    show.line("keepline saves. Open one account: keepline account NAME. Definitions: docs/attribution.md")


def _print_figures(report: ImpactReport) -> None:
    rows = [
        ["at stake", amount(report.at_stake, report.currency), f"{sum(report.counts.values())} outcomes came due"],
        ["kept", amount(report.kept, report.currency), f"{report.counts['renewed']} renewed whole"],
        ["lost", amount(report.lost_amount, report.currency), _lost(report)],
        ["touched", amount(report.touched.amount, report.currency), _touched(report)],
        [
            "influenced", amount(report.attributed.amount, report.currency),
            f"credited to touches; how it is shared depends on the model ({report.model} below)",
        ],
        ["unattributed", amount(report.attributed.unattributed, report.currency), "kept without any touch before it"],
        ["saved", _saved(report.incremental), _verdict(report.incremental)],
        *_cost(report),
    ]  # fmt: skip
    show.table(
        f"Outcomes from {days(report)}, ARR in {report.currency}",
        ["Label", "Amount", "What it means"],
        rows,
        numbers=["Amount"],
    )
    for missing in report.unconverted:
        show.line(
            f"Not counted: {missing.account}, {missing.currency} {missing.kept + missing.lost:,.2f}: no rate", "yellow"
        )


def days(report: ImpactReport) -> str:
    """`2026-01-01 to 2026-03-31`: the first and the last day of a report."""
    since = f"{report.since:%Y-%m-%d}" if report.since else "the beginning"
    return f"{since} to {report.until - timedelta(microseconds=1):%Y-%m-%d}"


def _touched(report: ImpactReport) -> str:
    touched = report.touched
    told = f"{len(touched.outcomes)} outcomes were flagged, helped and renewed; no cause is claimed"
    if touched.rejected_outcomes:
        claimed, rejected = amount(touched.claimed, report.currency), amount(touched.rejected, report.currency)
        told += f"; claimed {claimed}, rejected by a person {rejected}"
    if touched.confirmed:
        told += f"; {amount(touched.confirmed, report.currency)} of it confirmed"
    return told


def _lost(report: ImpactReport) -> str:
    told = f"{report.counts['churned']} churned"
    if report.lost.confirmed:
        told += f"; support had part in {amount(report.lost.confirmed, report.currency)}, a person says"
    if report.lost.not_support:
        told += f"; support had no part in {amount(report.lost.not_support, report.currency)}, a person says"
    return told


def _saved(incremental: Incremental) -> str:
    if incremental.amount is not None and incremental.currency is not None:
        return amount(incremental.amount, incremental.currency)
    return "no figure" if incremental.points is None else f"{incremental.points:+.1f} points"


def _verdict(incremental: Incremental) -> str:
    if incremental.withheld is not None:
        return incremental.withheld
    sure, interval = f"{100 * (incremental.confidence or 0):.0f} %", _interval(incremental)
    design = "against a randomised holdout" if incremental.design == "randomised" else "observational"
    return f"{incremental.verdict}; {sure} interval {interval}; {design}; {_span(incremental)}"


def _interval(incremental: Incremental) -> str:
    if incremental.amount is not None and incremental.currency is not None:
        low, high = incremental.low or Decimal(0), incremental.high or Decimal(0)
        return f"{amount(low, incremental.currency)} to {amount(high, incremental.currency)}"
    return f"{incremental.points_low or 0:+.1f} to {incremental.points_high or 0:+.1f} points"


def _span(incremental: Incremental) -> str:
    if incremental.first_flag_at is None or incremental.last_flag_at is None:
        return "of all accounts at risk on record"
    return f"of accounts flagged from {incremental.first_flag_at:%Y-%m-%d} to {incremental.last_flag_at:%Y-%m-%d}"


def _cost(report: ImpactReport) -> list[list[str]]:
    cost = report.cost
    if cost is None:
        return []
    shown = "unknown" if cost.amount is None else amount(cost.amount, cost.currency)
    return [["cost of support", shown, f"{cost.how}; {cost.because}" if cost.because else cost.how]]


def _print_incremental(incremental: Incremental) -> None:
    if incremental.evidence is None and not incremental.holdouts:
        return
    show.line()
    print_headline(incremental)
    if incremental.evidence is None:
        return
    sizes = incremental.evidence.sizes
    show.line(
        f"  {sizes.episodes:,} episodes at risk: {sizes.treated:,} helped in time, {sizes.untreated:,} not, "
        f"{sum(sizes.excluded.values()):,} not compared"
    )
    rows = checks(incremental)
    if rows:
        show.table("How far to believe it", ["Check", "Result", "What it looked at"], rows)


def print_headline(incremental: Incremental) -> None:
    """The verdict with its reasons, and what the randomised holdouts tell."""
    show.line(f"Saved (incremental): {incremental.headline}")
    for reason in incremental.reasons:
        # The headline gives one of them itself.
        if reason not in incremental.headline:
            show.line(f"  - {reason}")
    for change in incremental.would_change:
        show.line(f"  > {change}")
    for holdout in incremental.holdouts:
        arms = f"{holdout.treat.over:,} with it and {holdout.holdout.over:,} without are over"
        opens = f"keepline holdout --plan {holdout.plan_hash[:8]}"
        show.line(f"  holdout of {holdout.playbook}: {holdout.verdict}; {arms}: {opens}")
    if incremental.design == "randomised" and incremental.evidence is not None:
        show.line("  The checks below are of the observational comparison, which stands behind the randomised one.")


def checks(incremental: Incremental) -> list[list[str]]:
    """The diagnostics of an estimate in a few lines: check, result, what it looked at."""
    evidence = incremental.evidence
    if evidence is None:
        return []
    rows = []
    if evidence.balance:
        worst = max(evidence.balance, key=lambda each: abs(each.after))
        before = max(abs(each.before) for each in evidence.balance)
        after = f"{abs(worst.after):.2f} after ({worst.covariate})"
        told = f"largest difference between the arms: {before:.2f} before, {after}"
        rows.append(["balance", f"{abs(worst.after):.2f} sd", told])
    if evidence.overlap:
        share = 100 * evidence.overlap.outside_share
        rows.append(
            ["overlap", f"{100 - share:.0f} %", f"of the episodes could have gone either way; {share:.0f} % could not"]
        )
    rows += [[each.role, each.result, f"{each.name}: {each.because}"] for each in evidence.controls]
    if evidence.hidden_cause:
        rows.append(["hidden cause", _factor(evidence.hidden_cause.e_value), evidence.hidden_cause.in_words])
    if evidence.minimal_detectable is not None:
        told = "the smallest change of the chance to renew that so many episodes would show four times in five"
        rows.append(["detectable", f"{100 * evidence.minimal_detectable:.1f} points", told])
    return rows


def _factor(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.1f} ×"


def _print_kinds(kinds: tuple[KindShare, ...], report: ImpactReport, title: str) -> None:
    columns, numbers = ["Kind", "Credit", "Touches", "Outcomes"], ["Credit", "Touches", "Outcomes"]
    rows = [[each.kind, amount(each.amount, report.currency), str(each.touches), str(each.outcomes)] for each in kinds]
    pooled = [amount(each.pooled, report.currency) for each in kinds if each.pooled is not None]
    if pooled:
        columns, numbers = [*columns, "All together"], [*numbers, "All together"]
        rows = [[*row, figure] for row, figure in zip(rows, pooled, strict=True)]
    if rows:
        show.line()
        show.table(title, columns, rows, numbers=numbers)


def _print_models(kinds: tuple[KindAcrossModels, ...], report: ImpactReport) -> None:
    if not kinds:
        return
    models = list(kinds[0].amounts)
    rows = [
        [each.kind, *(f"{each.amounts[model]:,.0f}" for model in models), f"{each.most - each.least:,.0f}"]
        for each in kinds
    ]
    columns = ["Kind", *(model.replace("_", " ") for model in models), "Spread"]
    show.line()
    title = f"Credit under every model, in {report.currency}: the spread is the model's choice, not support's work"
    show.table(title, columns, rows, numbers=columns[1:])


def _print_outcomes(outcomes: Sequence[Decided], report: ImpactReport, title: str, most: int = _MOST) -> None:
    rows = [
        [
            each.account, each.kind, f"{each.happened_at:%Y-%m-%d}", amount(each.kept, report.currency),
            amount(each.lost, report.currency), _day(each.flagged_at), _day(each.intervened_at), said(each),
            ", ".join(f"{count} {kind}" for kind, count in each.touches.items()),
        ]
        for each in outcomes[:most]
    ]  # fmt: skip
    if rows:
        show.line()
        columns = ["Account", "Outcome", "On", "Kept", "Lost", "Flagged", "Intervened", "Said of it", "Touches before"]
        show.table(title, columns, rows, numbers=["Kept", "Lost"])
    if len(outcomes) > most:
        show.line(f"and {len(outcomes) - most} more: --json lists all")


def said(outcome: Decided) -> str:
    """What a person said of an outcome: `rejected by Ada: renewed for its price`; `–` where nobody did."""
    answer = outcome.answer
    if answer is None:
        return "–"
    because = f": {answer.reason}" if answer.reason else ""
    return f"{answer.answer} by {answer.by}{because}"


def print_opened(found: Sequence[OpenedOutcome], label: str, report: ImpactReport) -> None:
    """The outcomes behind a label, each with its touches, their shares and the tickets before it."""
    if not found:
        show.line(f"No outcome stands behind {label!r} in this time. Another: --period or --since")
        return
    for each in found[:_MOST]:
        outcome = each.outcome
        show.line()
        show.line(
            f"{outcome.account}: {outcome.kind} on {outcome.happened_at:%Y-%m-%d}, kept "
            f"{amount(outcome.kept, report.currency)}, lost {amount(outcome.lost, report.currency)} {report.currency} "
            f"(outcome {outcome.outcome_id}); flagged {_day(outcome.flagged_at)}, helped {_day(outcome.intervened_at)}"
        )
        if outcome.answer:
            show.line(f"  {said(outcome)}")
        rows = _touch_rows(each.touches, report.currency)
        if rows:
            share = f"Share by {report.model}"
            show.table("Touches before it", ["On", "Touch", "Id", share], rows, numbers=[share])
        if each.unattributed:
            show.line(f"  (unattributed) {amount(each.unattributed, report.currency)}")
        _print_tickets(each)
    if len(found) > _MOST:
        show.line(f"and {len(found) - _MOST} more: --json lists all")


def _touch_rows(touches: Sequence[OpenedTouch], currency: str) -> list[list[str]]:
    """A row a touch; tickets that were resolved one after the other share a row, as --json does not."""
    rows = []
    for kind, run in groupby(touches, key=lambda touch: touch.kind):
        group = list(run)
        together = [group] if kind == "ticket_resolved" else [[touch] for touch in group]
        rows += [_touch_row(part, currency) for part in together]
    return rows


def _touch_row(touches: Sequence[OpenedTouch], currency: str) -> list[str]:
    first, last = touches[0], touches[-1]
    share = amount(sum((touch.amount for touch in touches), Decimal(0)), currency)
    if len(touches) == 1:
        return [f"{first.happened_at:%Y-%m-%d}", first.kind, first.touch_id, share]
    named = f"{first.touch_id} … {last.touch_id}"
    return [f"{first.happened_at:%Y-%m-%d} …", f"{len(touches)} × {first.kind}", named, share]


def _print_tickets(opened: OpenedOutcome) -> None:
    tickets = opened.tickets
    if tickets:
        named = ", ".join(each.ticket for each in tickets[-_MOST_TICKETS:])
        more = f" and {len(tickets) - _MOST_TICKETS} before" if len(tickets) > _MOST_TICKETS else ""
        show.line(f"  tickets in the look-back: {named}{more}")


def amount(money: Decimal, currency: str) -> str:
    """`1,234.50`: an amount with its currency's minor units."""
    return f"{money:,.{minor_digits(currency)}f}"


def _day(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d}" if moment else "–"
