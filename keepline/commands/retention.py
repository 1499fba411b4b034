"""Shows the revenue ledger with GRR and NRR, whole or cut, and opens one window into its accounts."""

from datetime import datetime
from typing import Any

from domain.conventions import Cut, Period
from domain.money import decimal_amount
from jobs.ledger import opened, retention
from keepline import show
from keepline.bootstrap import Keepline
from keepline.wording import banner, money, rate
from retention.metrics import RetentionRow

_MONEY = ("opening", "new", "expansion", "contraction", "churn", "reactivation", "fx", "closing")


def run(
    keepline: Keepline,
    period: Period,
    by: Cut | None,
    explain: str | None,
    to_date: bool,
    as_of: datetime | None,
    as_json: bool,
    known_on: datetime | None = None,
) -> None:
    """Print the rows of the ledger, or the accounts behind one of them."""
    now = keepline.moment(as_of, known_on)
    facts, conventions = keepline.store.facts(known_on), keepline.rulebook.ledger
    banner(keepline)
    if explain is not None:
        length: Period = "quarter" if "Q" in explain else "month" if "-" in explain else "year"
        _print_accounts(opened(facts, length, explain, now, conventions, by, to_date), explain, as_json)
        return
    rows = retention(facts, period, now, conventions, by, to_date)
    if as_json:
        mark = {"demo": True} if keepline.is_demo else {}
        show.as_json([row.as_json() | mark for row in rows])
        return
    if not rows:
        show.line("The ledger is empty: import subscriptions (keepline import FOLDER).")
        return
    _print_table(rows, period, by)
    _print_notes(rows)


def _print_table(rows: list[RetentionRow], period: Period, by: Cut | None) -> None:
    cut = [by.replace("_", " ").capitalize()] if by else []
    columns = [period.capitalize(), *cut, *(name.capitalize() for name in _MONEY)]
    columns += ["GRR", "NRR", "GRR t3m", "NRR t3m", "Logo churn", "Accounts"]
    cells = [
        [
            row.period + ("" if row.complete else " (running)"),
            *([row.slice or ""] if by else []),
            *(f"{row.amount(getattr(row, f'{name}_cents')):,.0f}" for name in _MONEY),
            *(rate(each) for each in (row.grr, row.nrr, row.grr_rolling, row.nrr_rolling, row.logo_churn)),
            f"{row.accounts_open} → {row.accounts_closed}",
        ]
        for row in rows
    ]
    numbers = columns[1 + len(cut) :]
    show.table(f"MRR in {rows[0].currency}, at constant currency; FX on its own", columns, cells, numbers=numbers)


def _print_notes(rows: list[RetentionRow]) -> None:
    missing = {currency: cents for row in rows for currency, cents in row.unconverted_cents.items()}
    for currency, cents in sorted(missing.items()):
        show.line(
            f"Not counted: {money(cents, currency)} a month; no exchange rate is known. Import fx_rates.", "yellow"
        )
    show.line("Open one window into its accounts: keepline retention --explain WINDOW. Definitions: docs/retention.md")


def _print_accounts(rows: list[dict[str, Any]], window: str, as_json: bool) -> None:
    if as_json:
        show.as_json([_plain(row) for row in rows])
        return
    names = ("opening", "closing_at_opening_rate", "closing")
    cells = [
        [
            row["name"] or "", row["slice"] or "", row["category"],
            *(f"{decimal_amount(row[f'{name}_cents'], row['currency']):,.2f}" for name in names),
        ]
        for row in rows
    ]  # fmt: skip
    columns = ["Account", "Slice", "Movement", "Opening", "Closing at opening rate", "Closing"]
    show.table(f"The accounts behind {window}", columns, cells, numbers=columns[3:])


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """Cents as exact decimal strings, under the name without `_cents`."""
    currency = row["currency"]
    return {
        name.removesuffix("_cents"): str(decimal_amount(value, currency)) if name.endswith("_cents") else value
        for name, value in row.items()
    }
