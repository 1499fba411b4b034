"""Shows which workflow to mend first, opens one, and keeps what was changed in it and why."""

from dataclasses import dataclass
from datetime import date, datetime
from getpass import getuser
from typing import Any

from domain.errors import NotFound
from domain.money import minor_digits
from jobs.workflows import Workflows, WorkflowView
from keepline import show
from keepline.bootstrap import Keepline
from keepline.wording import banner, rate
from retention.workflows.changes import ChangeReport, Effect
from retention.workflows.scoring import WorkflowReport

_MOST = 12


@dataclass(frozen=True)
class Question:
    """What is asked or noted: one workflow opened, a change of one (with its day and hope), or one withdrawn."""

    explain: str | None = None
    changed: str | None = None
    on: date | None = None
    hope: str | None = None
    by: str | None = None
    withdraw: str | None = None
    since: datetime | None = None


def run(keepline: Keepline, question: Question, as_of: datetime | None, as_json: bool) -> None:
    """Print the workflows or one of them, or keep what was changed."""
    now = keepline.moment(as_of)
    workflows = Workflows(keepline.store, keepline.rulebook, now, question.since)
    banner(keepline)
    if question.changed:
        _note(workflows, question, now, as_json)
    elif question.withdraw:
        workflows.withdraw(question.withdraw, now)
        show.line(f"Withdrawn: {question.withdraw}. It stays on record and marks nothing any more.")
    elif question.explain:
        _print_view(workflows.view(question.explain), keepline, as_json)
    else:
        _print_report(workflows, keepline, as_json)


def _note(workflows: Workflows, question: Question, now: datetime, as_json: bool) -> None:
    if question.on is None or not question.hope:
        raise NotFound("a change has a day and a hope: --on 2026-03-02 --hope 'fewer wrong invoices'")
    change = workflows.note_change(question.changed or "", question.on, question.hope, question.by or getuser(), now)
    if as_json:
        show.as_json(change.model_dump(mode="json"))
        return
    show.line(f"Noted as {change.change_id}. What it brings: keepline workflows --explain {change.workflow}")


def _print_report(workflows: Workflows, keepline: Keepline, as_json: bool) -> None:
    report = workflows.report()
    changes = workflows.changes()
    if as_json:
        noted = {"changes": [change.model_dump(mode="json") for change in changes]}
        show.as_json(report.model_dump(mode="json") | noted | _mark(keepline))
        return
    if not report.workflows:
        show.line("No tickets and no losses yet: import tickets with their workflow (keepline import FOLDER).")
        return
    _print_scores(report)
    for change in changes:
        show.line(f"Changed: {change.workflow} on {change.changed_on}, hoping for: {change.hope} ({change.change_id})")
    show.line("Open one: keepline workflows --explain WORKFLOW. What it means: docs/reasons.md")


def _print_scores(report: WorkflowReport) -> None:
    digits = minor_digits(report.currency)
    rows = [
        [
            each.workflow, "–" if each.score is None else f"{each.score:.1f}", f"{each.lost:,.{digits}f}",
            f"{each.losses:,}", f"{each.at_risk:,.{digits}f}", f"{each.tickets:,}", f"{each.replies:,}",
            f"{each.touches:,}", f"{each.hours:,.1f}", rate(each.repeated_ratio),
            "–" if each.score is None else f"{each.fixability}" + ("" if each.fixability_is_set else " (default)"),
        ]
        for each in report.workflows
    ]  # fmt: skip
    rows.append(["all", "", f"{report.lost:,.{digits}f}", "", f"{report.at_risk:,.{digits}f}", *[""] * 6])
    columns = ["Workflow", "Score", "Lost", "Losses", "At risk", "Tickets", "Replies", "Touches", "Hours", "Repeated"]
    columns.append("Fixability")
    span = f"{report.since:%Y-%m-%d} to {report.as_of:%Y-%m-%d}"
    title = f"What to mend first, {span}: lost × hours × fixability; {report.currency} a year"
    show.table(title, columns, rows, numbers=columns[1:])
    show.line(
        f"Hours are replies at {report.minutes_per_reply} minutes (workflows.minutes_per_reply in retention.yaml)."
    )


def _print_view(view: WorkflowView, keepline: Keepline, as_json: bool) -> None:
    if as_json:
        show.as_json(_plain(vars(view)) | _mark(keepline))
        return
    score = view.score
    known = "–" if score.score is None else f"{score.score:.1f}"
    show.line(f"{score.workflow}: score {known}", "bold")
    show.line(
        f"{score.lost:,.2f} lost × {score.hours:,.1f} hours × {score.fixability} fixability, the largest being 100"
    )
    columns = ["Account", "Lost", "At risk", "Tickets"]
    rows = [[a.account, f"{a.lost:,.2f}", f"{a.at_risk:,.2f}", f"{a.tickets:,}"] for a in view.accounts[:_MOST]]
    more = f" (the first {_MOST} of {len(view.accounts):,})" if len(view.accounts) > _MOST else ""
    show.table(f"Accounts{more}", columns, rows, numbers=columns[1:])
    if view.blamed_tickets:
        show.line("Tickets that losses rest on: " + ", ".join(view.blamed_tickets[:_MOST]))
    show.line()
    columns = ["Month", "Tickets", "Hours", "Broken promises", "Reopened", "Sentiment", "Lost", "Changed"]
    rows = [
        [
            each.month + ("" if each.complete else " (running)"), f"{each.tickets:,}", f"{each.hours:,.1f}",
            f"{each.broken_promises:,}", f"{each.reopened:,}",
            "–" if each.sentiment is None else f"{each.sentiment:+.1f}",
            f"{each.lost:,.2f}", "; ".join(each.changes),
        ]
        for each in view.months
    ]  # fmt: skip
    show.table("By month", columns, rows, numbers=columns[1:-1])
    for change in view.changes:
        _print_change(change)


def _print_change(change: ChangeReport) -> None:
    show.line()
    columns = ["Measure", "Before", "After", "Others before", "Others after", "Change against them", "Verdict"]
    rows = [
        [
            f"{each.measure}, {each.unit}",
            *map(_number, (each.before, each.after, each.others_before, each.others_after)),
            _interval(each, change), each.verdict,
        ]
        for each in change.effects
    ]  # fmt: skip
    title = f"{change.change_id}: “{change.hope}”; {change.weeks_before} weeks before, {change.weeks_after} after"
    show.table(title, columns, rows, numbers=columns[1:-1])
    show.line(f"Against the untouched workflows: {', '.join(change.untouched) or 'there are none'}.")
    if change.beside:
        show.line(f"In the same weeks: {', '.join(change.beside)}; what each brought cannot be told apart.", "yellow")


def _number(level: float | None) -> str:
    return "–" if level is None else f"{level:,.2f}"


def _interval(effect: Effect, change: ChangeReport) -> str:
    if effect.change is None:
        return "–"
    unit = " %" if effect.unit == "a week" else ""
    return f"{effect.change:+.1f}{unit} ({change.confidence:.0%}: {effect.low:+.1f} to {effect.high:+.1f})"


def _plain(value: Any) -> Any:
    """Records inside a view as plain JSON."""
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json")
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list | tuple) else value


def _mark(keepline: Keepline) -> dict[str, Any]:
    return {"demo": True} if keepline.is_demo else {}
