"""Shows support's part in kept and lost revenue under three labels that are never mixed."""

from datetime import datetime

from domain.money import minor_digits
from jobs.settle import Settlement
from keepline import show
from keepline.bootstrap import Keepline
from keepline.wording import banner
from retention.impact_report import Decided, ImpactReport, KindShare


def run(
    keepline: Keepline,
    model: str | None,
    since: datetime | None,
    as_of: datetime | None,
    as_json: bool,
    known_on: datetime | None = None,
) -> None:
    """Print the report of a stretch of time, the last year by default."""
    now = keepline.moment(as_of, known_on)
    report = Settlement(keepline.store.facts(known_on), keepline.rulebook, now).impact(since, model)
    banner(keepline)
    if as_json:
        mark = {"demo": True} if keepline.is_demo else {}
        show.as_json(report.model_dump(mode="json") | mark)
        return
    _print_figures(report)
    _print_kinds(report.attributed.by_kind, report, "Credit by kind of touch")
    _print_outcomes(report.touched.outcomes, report, "Saved (touched): flagged, then intervened, then renewed")
    _print_outcomes(report.lost.outcomes, report, "Lost")
    show.line("Definitions: docs/attribution.md. Open one account: keepline account NAME")


def _print_figures(report: ImpactReport) -> None:
    rows = [
        ["at stake", _amount(report.at_stake, report), f"{sum(report.counts.values())} outcomes came due"],
        ["kept", _amount(report.kept, report), f"{report.counts['renewed']} renewed whole"],
        ["lost", _amount(report.lost_amount, report), f"{report.counts['churned']} churned"],
        [
            "touched",
            _amount(report.touched.amount, report),
            f"{len(report.touched.outcomes)} accounts were flagged, helped and renewed; no cause is claimed",
        ],
        ["influenced", _amount(report.attributed.amount, report), f"credited to touches by {report.model}"],
        ["unattributed", _amount(report.attributed.unattributed, report), "kept without any touch before it"],
        ["saved", "no figure", report.incremental.withheld or ""],
    ]
    since = f"{report.since:%Y-%m-%d}" if report.since else "the beginning"
    title = f"Outcomes from {since} to {report.as_of:%Y-%m-%d}, ARR in {report.currency}"
    show.table(title, ["Label", "Amount", "What it means"], rows, numbers=["Amount"])
    for missing in report.unconverted:
        show.line(
            f"Not counted: {missing.account}, {missing.currency} {missing.kept + missing.lost:,.2f}: no rate", "yellow"
        )


def _print_kinds(kinds: tuple[KindShare, ...], report: ImpactReport, title: str) -> None:
    columns, numbers = ["Kind", "Credit", "Touches", "Outcomes"], ["Credit", "Touches", "Outcomes"]
    rows = [[each.kind, _amount(each.amount, report), str(each.touches), str(each.outcomes)] for each in kinds]
    pooled = [_amount(each.pooled, report) for each in kinds if each.pooled is not None]
    if pooled:
        columns, numbers = [*columns, "All together"], [*numbers, "All together"]
        rows = [[*row, figure] for row, figure in zip(rows, pooled, strict=True)]
    if rows:
        show.line()
        show.table(title, columns, rows, numbers=numbers)


def _print_outcomes(outcomes: tuple[Decided, ...], report: ImpactReport, title: str, most: int = 15) -> None:
    rows = [
        [
            each.account, each.kind, f"{each.happened_at:%Y-%m-%d}", _amount(each.kept, report),
            _amount(each.lost, report), _day(each.flagged_at), _day(each.intervened_at),
            ", ".join(f"{count} {kind}" for kind, count in each.touches.items()),
        ]
        for each in outcomes[:most]
    ]  # fmt: skip
    if rows:
        show.line()
        columns = ["Account", "Outcome", "On", "Kept", "Lost", "Flagged", "Intervened", "Touches before"]
        show.table(title, columns, rows, numbers=["Kept", "Lost"])
    if len(outcomes) > most:
        show.line(f"and {len(outcomes) - most} more: --json lists all")


def _amount(amount: object, report: ImpactReport) -> str:
    return f"{amount:,.{minor_digits(report.currency)}f}"


def _day(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d}" if moment else "–"
