"""Shows support's part in kept and lost revenue under three labels that are never mixed, and opens each of them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.errors import NotFound
from jobs.impact import ImpactDesk
from keepline import show
from keepline.bootstrap import Keepline
from keepline.commands.impact_evidence import evidence_json, print_evidence
from keepline.commands.impact_tables import print_opened, print_report
from keepline.wording import banner
from retention.impact_report import ImpactReport
from retention.stretches import stretch_named

LABELS = ("touched", "attributed", "lost", "incremental")


@dataclass(frozen=True)
class Question:
    """Which report is asked for; `explain` is the label to be opened."""

    model: str | None = None
    since: datetime | None = None
    period: str | None = None
    explain: str | None = None


def run(
    keepline: Keepline,
    question: Question,
    as_of: datetime | None,
    as_json: bool,
    known_on: datetime | None = None,
) -> None:
    """Print the report of a stretch of time, the last year by default, or what stands behind one of its labels."""
    now = keepline.moment(as_of, known_on)
    desk = ImpactDesk(keepline.store, keepline.rulebook, now, known_on)
    report = _report(desk, question)
    banner(keepline)
    if question.explain is None:
        _print(report, keepline, as_json)
    elif question.explain == "incremental":
        _print_incremental(desk, keepline, as_json)
    elif question.explain in LABELS:
        _print_label(desk, report, question.explain, as_json)
    else:
        raise NotFound(f"no label {question.explain!r} to open; there are: {', '.join(LABELS)}")


def _report(desk: ImpactDesk, question: Question) -> ImpactReport:
    if question.period is None:
        return desk.report(question.since, None, question.model, all_models=True)
    if question.since is not None:
        raise NotFound("--period and --since both say from when on; give one of them")
    asked = stretch_named(question.period, desk.as_of)
    return desk.report(asked.since, asked.until, question.model, all_models=True)


def _print(report: ImpactReport, keepline: Keepline, as_json: bool) -> None:
    if as_json:
        show.as_json(report.model_dump(mode="json") | _mark(keepline))
    else:
        print_report(report)


def _mark(keepline: Keepline) -> dict[str, Any]:
    return {"demo": True} if keepline.is_demo else {}


def _print_incremental(desk: ImpactDesk, keepline: Keepline, as_json: bool) -> None:
    if as_json:
        show.as_json(evidence_json(desk) | _mark(keepline))
    else:
        print_evidence(desk)


def _print_label(desk: ImpactDesk, report: ImpactReport, label: Any, as_json: bool) -> None:
    found = desk.opened(report, label)
    if as_json:
        show.as_json([each.model_dump(mode="json") for each in found])
    else:
        print_opened(found, label, report)
