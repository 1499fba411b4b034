"""Shows which work a kept or lost amount is credited to, under all models side by side, and opens it to the reply."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from console.credit_chart import spread_chart
from domain.conventions import CreditModel
from domain.errors import KeeplineError, NotFound
from domain.money import minor_digits
from jobs.credit import CreditDesk
from keepline import show
from keepline.bootstrap import Keepline
from keepline.wording import banner
from retention.attribution import Amount
from retention.credit_cuts import CUTS
from retention.credit_report import CreditCut, CreditedOutcome, CreditedTouch, CreditReport
from retention.stretches import stretch_named

_MOST = 60
_MOST_DRAWN = 12


@dataclass(frozen=True)
class Question:
    """Which credit is asked for: of what was kept or `lost`, cut `by`, opened at `explain`."""

    by: str | None = None
    model: str | None = None
    lost: bool = False
    explain: str | None = None
    picture: Path | None = None
    since: datetime | None = None
    period: str | None = None


def run(
    keepline: Keepline, question: Question, as_of: datetime | None, as_json: bool, known_on: datetime | None = None
) -> None:
    """Print a cut of the credit of a stretch of time, the last year by default, or what stands behind a part of it."""
    now = keepline.moment(as_of, known_on)
    of: Amount = "lost" if question.lost else "kept"
    since, until = _stretch(question, now)
    desk = CreditDesk(keepline.store, keepline.rulebook, now, known_on, since, until)
    mark = {"demo": True} if keepline.is_demo else {}
    if question.explain is not None:
        outcomes = desk.opened(question.explain, of, question.model)
        banner(keepline)
        if as_json:
            show.as_json([each.model_dump(mode="json") | mark for each in outcomes])
            return
        _print_opened(outcomes, question.model)
        return
    report = desk.report(_cut(question), of, question.model)
    banner(keepline)
    if question.picture is not None:
        _draw(report, question.picture, keepline.is_demo)
    if as_json:
        show.as_json(report.model_dump(mode="json") | mark)
        return
    _print_report(report)


def _draw(report: CreditReport, file: Path, is_demo: bool) -> None:
    title = f"ARR {report.of} by {report.by}, under every model{' (made-up company)' if is_demo else ''}"
    kinds = {
        each.name: {str(model): amount for model, amount in each.amounts.items()}
        for each in report.slices[:_MOST_DRAWN]
    }
    try:
        file.write_text(spread_chart(title, report.currency, report.models, kinds), encoding="utf-8")
    except OSError as error:
        raise KeeplineError(f"{file} cannot be written: {error.strerror}; name another file") from error
    show.say(f"Drawn: {file}")


def _stretch(question: Question, now: datetime) -> tuple[datetime | None, datetime | None]:
    if question.period is None:
        return question.since, None
    if question.since is not None:
        raise NotFound("--period and --since both say from when on; give one of them")
    asked = stretch_named(question.period, now)
    return asked.since, asked.until


def _cut(question: Question) -> CreditCut:
    by = question.by or "kind"
    if by not in CUTS:
        raise NotFound(f"credit is not cut by {by!r}; there are: {', '.join(CUTS)}")
    if by == "failure" and not question.lost:
        raise NotFound("only what was lost is shared over failures of support: add --lost")
    return by


def _print_report(report: CreditReport) -> None:
    since = f"{report.since:%Y-%m-%d}" if report.since else "the beginning"
    what = "Kept" if report.of == "kept" else "Lost"
    if not report.outcomes:
        show.line(f"Nothing was {report.of} from {since} to {report.until:%Y-%m-%d}: give another --since or --period.")
        return
    work = "failures of support" if report.by == "failure" else "touches"
    show.line(
        f"{what} from {since} to {report.until:%Y-%m-%d}: {report.currency} {_whole(report.amount)} of ARR in "
        f"{report.outcomes} outcomes, {_whole(report.credited)} of it after {work}, "
        f"{_whole(report.unattributed)} without."
    )
    title = f"{what} by {report.by}, {report.currency}"
    columns = [report.by.capitalize(), *report.models, *(["Spread"] if len(report.models) > 1 else [])]
    columns += ["Without", work.capitalize().split()[0], "Outcomes"]
    rows = [
        [
            each.name, *(_whole(each.amounts[model]) for model in report.models),
            *([_whole(each.most - each.least)] if len(report.models) > 1 else []),
            _whole(each.unattributed) if each.unattributed else "", str(each.touches), str(each.outcomes),
        ]
        for each in report.slices[:_MOST]
    ]  # fmt: skip
    show.table(title, columns, rows, numbers=columns[1:])
    if len(report.slices) > _MOST:
        show.line(f"and {len(report.slices) - _MOST} more: --json lists all; all of them sum to the whole")
    if report.pooled:
        together = ", ".join(f"{kind} {_whole(amount)}" for kind, amount in report.pooled.items())
        show.line(f"Markov over all outcomes together: {together}")
    if report.unconverted:
        show.line(f"Not counted: {report.unconverted} outcomes without an exchange rate", "yellow")
    show.line(f"It says what came before an amount was {report.of}, not that it was the cause: docs/attribution.md")


def _print_opened(outcomes: Sequence[CreditedOutcome], model: str | None) -> None:
    for each in outcomes:
        show.line(
            f"{each.account}: {each.kind} on {each.happened_at:%Y-%m-%d}, {each.of} {each.currency} "
            f"{_exact(each.amount, each.currency)} ({each.outcome_id})"
        )
        if each.unattributed:
            show.line("  (unattributed): no touch inside the look-back")
            continue
        models = list(each.touches[0].amounts) if each.touches else []
        columns = ["Step", "At", "Kind", "On", "Agent", "Team", *models]
        rows = [_touch_row(touch, each, models) for touch in each.touches]
        if model is not None or len({touch.ticket for touch in each.touches}) == 1:
            rows = [row for touch in each.touches for row in _with_replies(touch, each, models)]
        show.table(f"{each.steps} touches before it", columns, rows, numbers=["Step", *models])
        show.line()


def _touch_row(touch: CreditedTouch, outcome: CreditedOutcome, models: Sequence[CreditModel]) -> list[str]:
    return [
        f"{touch.step}/{outcome.steps}", f"{touch.happened_at:%Y-%m-%d %H:%M}", touch.kind,
        touch.ticket or touch.playbook or "", touch.agent or "(unknown)", touch.team or "(unknown)",
        *(_exact(touch.amounts[model], outcome.currency) for model in models),
    ]  # fmt: skip


def _with_replies(touch: CreditedTouch, outcome: CreditedOutcome, models: Sequence[CreditModel]) -> list[list[str]]:
    replies = [
        [
            "", f"{reply.sent_at:%Y-%m-%d %H:%M}", "  reply", reply.message, "", "",
            *(_exact(reply.amounts[model], outcome.currency) for model in models),
        ]
        for reply in touch.replies
    ]  # fmt: skip
    return [_touch_row(touch, outcome, models), *replies]


def _whole(amount: Decimal) -> str:
    return f"{amount:,.0f}"


def _exact(amount: Decimal, currency: str) -> str:
    return f"{amount:,.{minor_digits(currency)}f}"
