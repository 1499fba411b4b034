"""Shows what the ledger says of the whole: grades, how expansion came and lasted, on whom it rests, and alerts."""

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from domain.money import with_currency
from jobs.ledger import figures_report
from keepline import show
from keepline.bootstrap import Keepline
from keepline.wording import rate
from retention.report.building import FiguresReport
from retention.report.concentration import Concentration
from retention.report.figures import Figures

_ANNUAL_ONLY = "of a year only"


def run(keepline: Keepline, now: datetime, known_on: datetime | None, as_json: bool) -> None:
    """Print the report."""
    report = figures_report(keepline.store.facts(known_on), keepline.rulebook, now)
    if as_json:
        mark = {"demo": True} if keepline.is_demo else {}
        show.as_json(report.as_json() | mark)
        return
    if not report.windows:
        show.line("No quarter is over in the ledger yet: keepline retention --to-date shows the running month.")
        return
    _print_windows(report)
    _print_concentration(report)
    _print_segments(report)
    _print_benchmarks(report)
    _print_durability(report)
    _print_lifetime(report)
    _print_alerts(report)
    show.line("Open a window into its accounts: keepline retention --explain WINDOW. Definitions: docs/retention.md")


def _print_windows(report: FiguresReport) -> None:
    told: list[tuple[str, Callable[[Figures], str]]] = [
        ("Opening MRR", lambda each: _amount(report, each.row.opening_cents)),
        ("Closing MRR", lambda each: _amount(report, each.row.closing_cents)),
        ("GRR", lambda each: rate(each.row.grr)),
        ("  + upsell", lambda each: rate(each.row.upsell_rate)),
        ("  + cross-sell", lambda each: rate(each.row.cross_sell_rate)),
        ("  = NRR", lambda each: rate(each.row.nrr)),
        ("NRR - GRR", lambda each: _points(each.gap)),
        ("Expansion", _expansion),
        ("GRR, months compounded", lambda each: rate(each.row.grr_compounded)),
        ("NRR, months compounded", lambda each: rate(each.row.nrr_compounded)),
        ("GRR, mean of 3 months", lambda each: rate(each.row.grr_rolling)),
        ("NRR, mean of 3 months", lambda each: rate(each.row.nrr_rolling)),
        ("Revenue churn", lambda each: rate(each.row.revenue_churn)),
        ("Logo churn", lambda each: rate(each.row.logo_churn)),
        ("Accounts", lambda each: f"{each.row.accounts_open} → {each.row.accounts_closed}"),
        ("GRR grade", lambda each: each.gross.tier if each.gross else _ANNUAL_ONLY),
        ("NRR grade", lambda each: each.net.tier if each.net else _ANNUAL_ONLY),
        ("Diagnosis", lambda each: each.quadrant or _ANNUAL_ONLY),
    ]
    cells = [[name, *(tell(each) for each in report.windows)] for name, tell in told]
    labels = [each.row.period for each in report.windows]
    show.table(f"Retention of the whole, MRR in {report.currency}", ["Figure", *labels], cells, numbers=labels)
    tiers = report.conventions.gross_tiers
    show.line(f"Grades are of yearly rates ({tiers.source}{f', {tiers.year}' if tiers.year else ''}).")


def _expansion(each: Figures) -> str:
    return {None: _ANNUAL_ONLY, True: "weak", False: "strong enough"}[each.weak_expansion]


def _print_concentration(report: FiguresReport) -> None:
    columns = ["Window", "Without the top", "Their share of expansion", "GRR without", "NRR without", "NRR", "They are"]
    cells = [
        [
            each.row.period, f"{top.accounts}", rate(top.share), rate(top.grr_without), rate(top.nrr_without),
            rate(each.row.nrr), _names(top),
        ]
        for each in report.windows
        for top in each.concentration
    ]  # fmt: skip
    _table("On how few accounts expansion rests", columns, cells, columns[1:6])


def _names(top: Concentration, most: int = 3) -> str:
    more = len(top.names) - most
    return ", ".join(top.names[:most]) + (f" and {more} more" if more > 0 else "")


def _print_segments(report: FiguresReport) -> None:
    columns = ["Segment", "Window", "GRR", "Floor", "NRR", "NRR - GRR", "GRR grade", "NRR grade", "Diagnosis"]
    cells = [
        [
            each.row.slice or "", each.row.period, rate(each.row.grr), _floor(each), rate(each.row.nrr),
            _points(each.gap), each.gross.tier if each.gross else "–", each.net.tier if each.net else "–",
            each.quadrant or "–",
        ]
        for each in report.segments
    ]  # fmt: skip
    _table("By segment, over a year", columns, cells, columns[2:6])


def _floor(each: Figures) -> str:
    if each.floor is None:
        return "–"
    return f"{each.floor:.0%}" + (", below" if each.below_floor else "")


def _print_benchmarks(report: FiguresReport) -> None:
    columns = ["Others", "GRR", "Yours", "NRR", "Yours ", "Source"]
    cells = [
        [
            each.benchmark.of, rate(each.benchmark.grr), rate(each.row.grr if each.row else None),
            _range(each.benchmark.nrr, each.benchmark.nrr_to), rate(each.row.nrr if each.row else None),
            each.benchmark.said_by,
        ]
        for each in report.benchmarks
    ]  # fmt: skip
    _table("Beside the yearly rates of others", columns, cells, columns[1:5])


def _range(low: Decimal | None, high: Decimal | None) -> str:
    return rate(low) if high is None else f"{rate(low)} – {rate(high)}"


def _print_durability(report: FiguresReport) -> None:
    horizons = report.conventions.durability_months
    columns = ["Expansion by", "Times", f"{report.currency} a month"]
    columns += [f"There after {months} months" for months in horizons]
    cells = [
        [
            each.type, f"{each.expansions:,}", _amount(report, each.amount_cents),
            *(f"{rate(later.share)} of {later.expansions:,}" for later in each.lasted),
        ]
        for each in report.durability
    ]  # fmt: skip
    _table("How long expansion lasted, in all months", columns, cells, columns[1:])


def _print_lifetime(report: FiguresReport) -> None:
    names = {"formula": "ARPA × margin / (churn - expansion)", "capped": "capped and discounted"}
    cells = [
        [names[name], "no figure" if value.cents is None else _amount(report, value.cents), value.because]
        for name, value in report.lifetime.items()
    ]
    _table(f"Lifetime value of an account, in {report.currency}", ["Way", "Amount", "Why"], cells, ["Amount"])


def _print_alerts(report: FiguresReport) -> None:
    show.line()
    for alert in report.alerts:
        show.line(f"Alert: {alert.because}", "red")
    if not report.alerts:
        show.line("No alert: nothing fell by the threshold in the last quarter, and no segment is below its floor.")


def _table(title: str, columns: Sequence[str], cells: Sequence[Sequence[str]], numbers: Sequence[str]) -> None:
    if cells:
        show.line()
        show.table(title, columns, cells, numbers=numbers)


def _amount(report: FiguresReport, cents: int) -> str:
    return with_currency(cents, report.currency, digits=0).removeprefix(f"{report.currency} ")


def _points(gap: Fraction | None) -> str:
    return "–" if gap is None else f"{float(gap) * 100:+.1f} points"
