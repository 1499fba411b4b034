"""Lists what is counted as saved (touched) and as lost, and takes what a person says of it."""

from dataclasses import dataclass
from datetime import datetime
from getpass import getuser
from typing import Any

from domain.effects import SaveDecision
from domain.errors import NotFound
from jobs.impact import ImpactDesk
from keepline import show
from keepline.bootstrap import Keepline
from keepline.commands.impact_tables import amount, days, said
from keepline.wording import banner
from retention.impact_report import Decided, ImpactReport
from retention.stretches import stretch_named


@dataclass(frozen=True)
class Said:
    """What a person says: one of the outcomes to confirm, to reject or to take back an answer about."""

    confirm: str | None = None
    reject: str | None = None
    undo: str | None = None
    because: str | None = None
    by: str | None = None


def run(
    keepline: Keepline, said_: Said, period: str | None, since: datetime | None, as_of: datetime | None, as_json: bool
) -> None:
    """Take an answer, where one is given; then list the saves and losses of a stretch of time, the last year's."""
    desk = ImpactDesk(keepline.store, keepline.rulebook, keepline.moment(as_of))
    decision = _decision(said_, keepline)
    banner(keepline)
    if decision is not None:
        desk.decide(decision)
        desk = ImpactDesk(keepline.store, keepline.rulebook, keepline.moment(as_of))
    report = _report(desk, period, since)
    if as_json:
        show.as_json(_json(report) | ({"demo": True} if keepline.is_demo else {}))
        return
    if decision is not None:
        _print_taken(decision, report)
    _print_list(report)


def _report(desk: ImpactDesk, period: str | None, since: datetime | None) -> ImpactReport:
    if period is None:
        return desk.report(since)
    asked = stretch_named(period, desk.as_of)
    return desk.report(asked.since, asked.until)


def _decision(said_: Said, keepline: Keepline) -> SaveDecision | None:
    given = {"confirmed": said_.confirm, "rejected": said_.reject, "withdrawn": said_.undo}
    answers = {answer: outcome for answer, outcome in given.items() if outcome}
    if not answers:
        return None
    if len(answers) > 1:
        raise NotFound("one answer at a time: give --confirm, --reject or --undo")
    [(answer, outcome)] = answers.items()
    if answer == "rejected" and not said_.because:
        raise NotFound('a rejection needs its reason, which is shown beside the figure: --because "..."')
    return SaveDecision(
        outcome_id=outcome,
        answer=answer,
        reason=said_.because,
        decided_by=said_.by or getuser(),
        decided_at=keepline.moment(None),
    )


def _print_taken(decision: SaveDecision, report: ImpactReport) -> None:
    every = (*_saves(report), *report.lost.outcomes)
    name = next((each.account for each in every if each.outcome_id == decision.outcome_id), decision.outcome_id)
    show.line(f"{name}: {decision.answer} by {decision.decided_by}. Take it back: --undo {decision.outcome_id}")


def _saves(report: ImpactReport) -> tuple[Decided, ...]:
    every = (*report.touched.outcomes, *report.touched.rejected_outcomes)
    return tuple(sorted(every, key=lambda each: (-each.kept, each.outcome_id)))


def _print_list(report: ImpactReport) -> None:
    touched, currency = report.touched, report.currency
    _print_rows("Saves: flagged, then helped, then renewed", _saves(report), "kept", currency)
    _print_rows("Losses; confirm: support had part in it, reject: it had none", report.lost.outcomes, "lost", currency)
    rows = [
        ["claimed", amount(touched.claimed, currency), "what the facts alone give"],
        ["rejected", amount(touched.rejected, currency), "a person said that it was no save"],
        ["saved (touched)", amount(touched.amount, currency), "what remains, and what every report shows"],
        ["of it confirmed", amount(touched.confirmed, currency), "a person said that it was one"],
        ["lost", amount(report.lost.amount, currency), "stays what the ledger lost, whatever is said of it"],
        ["support had part in", amount(report.lost.confirmed, currency), "a person said so"],
        ["support had no part in", amount(report.lost.not_support, currency), "a person said so"],
    ]
    show.line()
    show.table(f"From {days(report)}, ARR in {currency}", ["What", "Amount", "Why"], rows, numbers=["Amount"])
    if not _saves(report) and not report.lost.outcomes:
        show.line("Nothing was flagged, helped and renewed in this time, and nothing lost. Another: --period 2026-Q1")
    show.line('Answer: keepline saves --reject OUTCOME --because "renewed for its price" (or --confirm, --undo)')


def _print_rows(title: str, outcomes: tuple[Decided, ...], by: str, currency: str) -> None:
    if not outcomes:
        return
    column = by.capitalize()
    rows = [
        [
            each.outcome_id, each.account, f"{each.happened_at:%Y-%m-%d}", amount(getattr(each, by), currency),
            each.kind, f"{each.flagged_at:%Y-%m-%d}" if each.flagged_at else "–",
            f"{each.intervened_at:%Y-%m-%d}" if each.intervened_at else "–", said(each),
        ]
        for each in outcomes
    ]  # fmt: skip
    columns = ["Outcome", "Account", "On", column, "Kind", "Flagged", "Helped", "Said of it"]
    show.table(title, columns, rows, numbers=[column])
    show.line()


def _json(report: ImpactReport) -> dict[str, Any]:
    """Saves and losses with what was said of them, and the sums that follow."""
    touched, lost = report.touched, report.lost
    sums = {name: str(getattr(touched, name)) for name in ("claimed", "rejected", "amount", "confirmed")}
    return {
        "since": report.since,
        "until": report.until,
        "currency": report.currency,
        "saved_touched": sums,
        "lost": {name: str(getattr(lost, name)) for name in ("amount", "confirmed", "not_support")},
        "saves": [each.model_dump(mode="json") for each in _saves(report)],
        "losses": [each.model_dump(mode="json") for each in lost.outcomes],
    }
