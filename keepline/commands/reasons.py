"""Shows for what reason revenue was lost, opens one loss into its evidence, and takes a person's answer."""

from dataclasses import dataclass
from datetime import datetime
from getpass import getuser
from typing import Any, get_args

from domain.errors import NotFound
from domain.money import minor_digits
from domain.reason_conventions import UNKNOWN_REASON
from jobs.reasons import decide, loss_named, losses
from keepline import show
from keepline.bootstrap import Keepline
from keepline.wording import banner, rate
from retention.reasons.losses import NO_FAILURE, Loss, LossReport
from retention.reasons.summing import ReasonCut, summed
from retention.reasons.words import failure_in_words

_MOST = 25
_PIECES = 12


@dataclass(frozen=True)
class Question:
    """What is asked or answered; at most one of `confirm`, `change`, `undo` and `explain` is given.

    `change` is an outcome and its reason. `by` is a cut or, of an answer, the name of who gives it.
    """

    by: str | None = None
    explain: str | None = None
    confirm: str | None = None
    change: tuple[str, str] | None = None
    undo: str | None = None
    note: str | None = None
    since: datetime | None = None

    @property
    def answered(self) -> str | None:
        """The outcome that an answer is about."""
        return self.confirm or (self.change[0] if self.change else None) or self.undo


def run(keepline: Keepline, question: Question, as_of: datetime | None, as_json: bool) -> None:
    """Print the losses, their sums or one of them; or keep what a person says of one."""
    now = keepline.moment(as_of)
    report = losses(keepline.store, keepline.rulebook, now, question.since)
    banner(keepline)
    if question.answered:
        _decide(keepline, question, loss_named(report, question.answered), now, as_json)
    elif question.explain:
        _print_loss(keepline, loss_named(report, question.explain), report, as_json)
    elif question.by:
        _print_sums(report, _cut(question.by), keepline, as_json)
    else:
        _print_report(report, keepline, as_json)


def _cut(by: str) -> ReasonCut:
    for cut in get_args(ReasonCut):
        if cut == by:
            return cut  # type: ignore[no-any-return]
    raise NotFound(f"losses cannot be summed by {by!r}; --by takes {', '.join(get_args(ReasonCut))}")


def _decide(keepline: Keepline, question: Question, loss: Loss, now: datetime, as_json: bool) -> None:
    if question.confirm and loss.proposed == UNKNOWN_REASON:
        raise NotFound(f"nothing is proposed for {loss.account}; say why: --set {loss.outcome_id} REASON")
    reason = None if question.undo else question.change[1] if question.change else loss.proposed
    said = decide(keepline.store, keepline.rulebook, loss, reason, question.by or getuser(), now, question.note)
    if as_json:
        show.as_json(said.model_dump(mode="json"))
        return
    name = keepline.rulebook.reasons.name_of
    what = f"the proposal stands again ({name(loss.proposed)})" if reason is None else name(reason)
    show.line(f"{loss.account}, {loss.happened_at:%Y-%m-%d}: {what}, says {said.decided_by}.")


def _print_report(report: LossReport, keepline: Keepline, as_json: bool) -> None:
    if as_json:
        show.as_json(report.model_dump(mode="json") | _mark(keepline))
        return
    if not report.losses:
        show.line("Nothing was lost, as far as contracts and subscriptions tell (keepline import FOLDER).")
        return
    name = keepline.rulebook.reasons.name_of
    rows = [
        [
            loss.account, loss.kind, f"{loss.happened_at:%Y-%m-%d}", _amount(loss.lost, report),
            name(loss.reason) + (" (contested)" if loss.contested and loss.status == "proposed" else ""),
            loss.status, loss.because,
        ]
        for loss in report.losses[:_MOST]
    ]  # fmt: skip
    columns = ["Account", "Outcome", "On", "Lost", "Reason", "Status", "Because"]
    show.table(f"Lost: {_amount(report.lost, report)} {report.currency} a year", columns, rows, numbers=["Lost"])
    if len(report.losses) > _MOST:
        show.line(f"and {len(report.losses) - _MOST} more: --json lists all")
    show.line()
    _print_failures(report)
    show.line("Open one: keepline reasons --explain ACCOUNT. Confirm it: --confirm ACCOUNT --by NAME. docs/reasons.md")


def _print_failures(report: LossReport) -> None:
    rows = [
        [
            each.failure if each.failure == NO_FAILURE else failure_in_words(each.failure), _amount(each.lost, report),
            f"{each.outcomes:,}", f"{each.present:,} ({rate(each.present_ratio)})", rate(each.present_kept_ratio),
        ]
        for each in report.by_failure
    ]  # fmt: skip
    rows.append(["all", _amount(report.lost, report), f"{len(report.losses):,}", "", ""])
    columns = ["Support failure in the path", "Lost", "Losses", "Present in losses", "In what was kept"]
    show.table("Lost with a failure of support in the path (no cause is claimed)", columns, rows, numbers=columns[1:])
    show.line(
        f"Of this {_amount(report.support_failures, report)} {report.currency} was lost for a reason that support can "
        "mend, with such a failure in its evidence."
    )
    for outcome_id in report.unconverted:
        show.line(f"Not counted: {outcome_id}: no exchange rate is known", "yellow")


def _print_sums(report: LossReport, by: ReasonCut, keepline: Keepline, as_json: bool) -> None:
    sums = summed(report, by)
    if as_json:
        show.as_json([each.model_dump(mode="json") | _mark(keepline) for each in sums])
        return
    name = keepline.rulebook.reasons.name_of
    rows = [
        [
            name(each.slice), _amount(each.lost, report), f"{each.outcomes:,}",
            _amount(each.support_failures, report), f"{each.decided:,}",
        ]
        for each in sums
    ]  # fmt: skip
    rows.append(
        ["all", _amount(report.lost, report), f"{len(report.losses):,}", _amount(report.support_failures, report), ""]
    )
    columns = [by.capitalize(), "Lost", "Losses", "Of it support failures", "Decided by a person"]
    show.table(f"Lost a year in {report.currency}, by {by}", columns, rows, numbers=columns[1:])
    if by == "workflow":
        show.line(
            "A loss is shared over the workflows of its evidence by tickets; it counts as a loss in each of them."
        )


def _print_loss(keepline: Keepline, loss: Loss, report: LossReport, as_json: bool) -> None:
    if as_json:
        show.as_json(loss.model_dump(mode="json") | {"because": loss.because} | _mark(keepline))
        return
    name = keepline.rulebook.reasons.name_of
    noticed = f", notice given on {loss.notice_on}" if loss.notice_on else ""
    amount = f"{_amount(loss.lost, report)} {report.currency}"
    show.line(f"{loss.account}: {loss.kind} on {loss.happened_at:%Y-%m-%d}{noticed}, {amount} a year lost", "bold")
    show.line(f"Outcome: {loss.outcome_id}")
    by = f" by {loss.decided_by} on {loss.decided_at:%Y-%m-%d}" if loss.decided_at else ""
    show.line(f"Reason: {name(loss.reason)} ({loss.status}{by}): {loss.because}")
    if loss.note:
        show.line(f"Note: {loss.note}")
    if loss.missing:
        show.line(f"Missing on this path: {', '.join(loss.missing)}")
    if loss.failures:
        show.line("Failures of support on the path: " + ", ".join(map(failure_in_words, loss.failures)))
    show.line()
    for candidate in loss.candidates:
        rows = [
            [found.words if not number else "", str(found.points) if not number else "", piece.ref,
             f"{piece.at:%Y-%m-%d %H:%M}" if piece.at else "", piece.workflow or "", piece.text or ""]
            for found in candidate.evidence
            for number, piece in enumerate(found.pieces[:_PIECES])
        ]  # fmt: skip
        columns = ["What speaks for it", "Points", "Where", "When", "Workflow", "What stands there"]
        show.table(f"{name(candidate.reason)}: {candidate.points} points", columns, rows, numbers=["Points"])
        show.line()
    if not loss.candidates:
        show.line("Nothing on the path speaks for a reason.")


def _amount(amount: object, report: LossReport) -> str:
    return f"{amount:,.{minor_digits(report.currency)}f}"


def _mark(keepline: Keepline) -> dict[str, Any]:
    return {"demo": True} if keepline.is_demo else {}
