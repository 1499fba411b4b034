"""Shows the revenue ledger with GRR and NRR, whole or cut, and opens one window into its accounts."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal, get_args

from domain.conventions import Cut, Period
from domain.errors import NotFound
from jobs.ledger import retention
from keepline import show
from keepline.bootstrap import Keepline
from keepline.commands import retention_ahead, retention_billing, retention_cohorts, retention_explain, retention_report
from keepline.exports import write
from keepline.wording import banner, money, rate
from retention.metrics import RetentionRow
from storage.published import Place, PublishedBook

_MONEY = ("opening", "new", "expansion", "contraction", "churn", "reactivation", "fx", "closing")


View = Literal["report", "cohorts", "billing", "ahead"]


@dataclass(frozen=True)
class Question:
    """What is asked of the ledger."""

    period: Period = "month"
    by: Cut | None = None
    explain: str | None = None
    only: str | None = None
    account: str | None = None
    export: Path | None = None
    to_date: bool = False
    known_on: datetime | None = None
    view: View | None = None


def one_view(**asked: bool) -> View | None:
    """The one view that is asked for.

    Raises:
        NotFound: two exclude each other.
    """
    names = [name for name, wanted in asked.items() if wanted]
    if len(names) > 1:
        raise NotFound(f"--{' and --'.join(names)} are two views: ask for one at a time")
    return next((view for view in get_args(View) if view in names), None)


def run(keepline: Keepline, question: Question, as_of: datetime | None, as_json: bool) -> None:
    """Print the rows of the ledger, or the accounts behind one of them."""
    now = keepline.moment(as_of, question.known_on)
    banner(keepline)
    if question.view == "report":
        retention_report.run(keepline, now, question.known_on, as_json)
        return
    if question.view == "cohorts":
        retention_cohorts.run(keepline, now, question.known_on, question.export, as_json)
        return
    if question.view == "billing":
        retention_billing.run(keepline, question.explain, now, question.known_on, question.export, as_json)
        return
    if question.view == "ahead":
        retention_ahead.run(keepline, now, question.known_on, as_json)
        return
    if question.explain is not None:
        place = retention_explain.Place(
            question.explain, question.by, question.only, question.account, question.to_date
        )
        retention_explain.run(keepline, place, now, question.known_on, question.export, as_json)
        return
    if question.account is not None:
        raise NotFound("--account opens a window: say which by --explain WINDOW")
    _print_rows(keepline, question, now, as_json)


def _print_rows(keepline: Keepline, question: Question, now: datetime, as_json: bool) -> None:
    facts = keepline.store.facts(question.known_on)
    rows = retention(facts, question.period, now, keepline.rulebook.ledger, question.by, question.to_date)
    rows = [row for row in rows if question.only in (None, row.slice)]
    restated = PublishedBook(keepline.store.engine).restated(question.known_on)
    if question.export is not None:
        files = write(question.export, [retention_explain.numbered_rows(rows)])
        show.say(f"Wrote {', '.join(map(str, files))}: {len(rows):,} rows")
    if as_json:
        mark = {"demo": True} if keepline.is_demo else {}
        show.as_json([row.as_json() | {"restated": _place(row) in restated} | mark for row in rows])
    elif question.export is None:
        _print(rows, question, restated)


def _place(row: RetentionRow) -> Place:
    return row.length, row.period, row.by or "", row.slice or ""


def _print(rows: list[RetentionRow], question: Question, restated: set[Place]) -> None:
    if not rows and question.only is None:
        show.line("The ledger is empty: import subscriptions (keepline import FOLDER).")
    elif not rows:
        show.line(f"No window has a slice {question.only!r}: leave --slice out to see all.")
    else:
        _print_table(rows, question.period, question.by, restated)
        _print_notes(rows, restated)


def _print_table(rows: list[RetentionRow], period: Period, by: Cut | None, restated: set[Place]) -> None:
    cut = [by.replace("_", " ").capitalize()] if by else []
    columns = [period.capitalize(), *cut, *(name.capitalize() for name in _MONEY)]
    columns += ["GRR", "NRR", "GRR t3m", "NRR t3m", "Logo churn", "Accounts"]
    cells = [
        [
            row.period + ("" if row.complete else " (running)") + ("*" if _place(row) in restated else ""),
            *([row.slice or ""] if by else []),
            *(f"{row.amount(getattr(row, f'{name}_cents')):,.0f}" for name in _MONEY),
            *(rate(each) for each in (row.grr, row.nrr, row.grr_rolling, row.nrr_rolling, row.logo_churn)),
            f"{row.accounts_open} → {row.accounts_closed}",
        ]
        for row in rows
    ]
    numbers = columns[1 + len(cut) :]
    show.table(f"MRR in {rows[0].currency}, at constant currency; FX on its own", columns, cells, numbers=numbers)


def _print_notes(rows: list[RetentionRow], restated: set[Place]) -> None:
    if any(_place(row) in restated for row in rows):
        show.line("* was told differently before: keepline restatements", "yellow")
    sources = sorted({source.partition(" of ")[0] for row in rows for source in row.rates_from.values()})
    if sources:
        show.line(f"Exchange rates: {', '.join(sources)}; --json has the day of each.")
    missing = {currency: cents for row in rows for currency, cents in row.unconverted_cents.items()}
    for currency, cents in sorted(missing.items()):
        remedy = "no exchange rate is known. Import fx_rates, or: keepline import --ecb"
        show.line(f"Not counted: {money(cents, currency)} a month; {remedy}", "yellow")
    show.line("Open one window into its accounts: keepline retention --explain WINDOW. Definitions: docs/retention.md")
