"""Opens one window of the ledger into the accounts and the lines that make it, and says that they add up to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from domain.conventions import Cut
from domain.money import decimal_amount
from jobs.ledger import opened
from keepline import show
from keepline.bootstrap import Keepline
from keepline.exports import Kind, Sheet, write
from retention.metrics import AMOUNTS, RetentionRow
from retention.opened import Opened

_IN_OWN_CURRENCY = ("amount_cents", "mrr_cents", "unconverted_cents")
_BALANCES = ("opening", "closing_at_opening_rate", "closing")
_OF_ACCOUNT: dict[str, Kind] = {
    "account": "text", "name": "text", "slice": "text", "category": "text", "opening": "amount", "new": "amount",
    "expansion": "amount", "upsell": "amount", "cross_sell": "amount", "contraction": "amount", "churn": "amount",
    "reactivation": "amount", "fx": "amount", "closing": "amount", "closing_at_opening_rate": "amount",
}  # fmt: skip
_OF_LINE: dict[str, Kind] = {
    "name": "text", "slice": "text", "line": "text", "source": "text", "product": "text", "plan": "text",
    "seats": "count", "pricing": "text", "interval_months": "count", "amount": "amount", "currency": "text",
    "starts_on": "date", "ends_on": "date", "recorded_at": "moment", "mrr": "amount", "opening": "amount",
    "closing_at_opening_rate": "amount", "closing": "amount", "unconverted": "amount",
}  # fmt: skip
_OF_TOTAL: dict[str, Kind] = {"period": "text", "slice": "text", **dict.fromkeys(AMOUNTS, "amount"), "currency": "text"}


@dataclass(frozen=True)
class Place:
    """What to open: the window, the cut, one slice of it, one account."""

    window: str
    by: Cut | None = None
    only: str | None = None
    account: str | None = None
    to_date: bool = False


def run(
    keepline: Keepline, place: Place, now: datetime, known_on: datetime | None, export: Path | None, as_json: bool
) -> None:
    """Print, or write to a file, the accounts behind a window with their lines."""
    found = opened(
        keepline.store.facts(known_on), place.window, now, keepline.rulebook.ledger, place.by, place.to_date,
        place.only, place.account,
    )  # fmt: skip
    if export is not None:
        files = write(export, _sheets(found))
        show.say(f"Wrote {', '.join(map(str, files))}: {len(found.accounts):,} accounts, {len(found.lines):,} lines")
    if as_json:
        show.as_json(_as_json(found))
    elif export is None:
        _print_accounts(found, place)
        if place.account is not None:
            _print_lines(found)
        else:
            show.line("The lines behind an account: --account NAME; all of them: --export FILE.xlsx, or --json")


def _as_json(found: Opened) -> list[dict[str, Any]]:
    lines: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for line in found.lines:
        lines.setdefault((line["account_id"], line["slice"]), []).append(_line(line, found.currency))
    return [
        _plain(account, found.currency)
        | {"currency": found.currency, "lines": lines.get((account["account_id"], account["slice"]), [])}
        for account in found.accounts
    ]


def _plain(row: Mapping[str, Any], currency: str) -> dict[str, Any]:
    """Cents as exact decimals, under the name without `_cents`."""
    return {
        name.removesuffix("_cents"): decimal_amount(value, currency) if name.endswith("_cents") else value
        for name, value in row.items()
    }


def _line(line: Mapping[str, Any], currency: str) -> dict[str, Any]:
    """A line with its amounts; those of the agreement are in the line's own currency."""
    own = {name: value for name, value in line.items() if name in _IN_OWN_CURRENCY}
    return _plain(line, currency) | _plain(own, line["currency"])


def _sheets(found: Opened) -> list[Sheet]:
    totals = [_total(row) for row in found.rows]
    return [
        Sheet("accounts", _OF_ACCOUNT, [_plain(account, found.currency) for account in found.accounts]),
        Sheet("lines", _OF_LINE, [_line(line, found.currency) for line in found.lines]),
        Sheet("totals", _OF_TOTAL, totals),
    ]


def _total(row: RetentionRow) -> dict[str, Any]:
    amounts = {name: row.amount(getattr(row, f"{name}_cents")) for name in AMOUNTS}
    return {"period": row.period, "slice": row.slice, "currency": row.currency} | amounts


def _print_accounts(found: Opened, place: Place) -> None:
    cells = [
        [
            row["name"] or "", row["slice"] or "", row["category"],
            *(f"{decimal_amount(row[f'{name}_cents'], found.currency):,.2f}" for name in _BALANCES),
        ]
        for row in found.accounts
    ]  # fmt: skip
    if place.account is None:
        cells += [_sum(found, row) for row in found.rows]
    columns = ["Account", "Slice", "Movement", "Opening", "Closing at opening rate", "Closing"]
    show.table(f"The accounts behind {place.window}, in {found.currency}", columns, cells, numbers=columns[3:])
    if place.account is None:
        show.line(_verdict(found))


def _sum(found: Opened, row: RetentionRow) -> list[str]:
    """What the accounts of a printed row sum to."""
    own = [account for account in found.accounts if account["slice"] == (row.slice or "")]
    sums = (sum(account[f"{name}_cents"] for account in own) for name in _BALANCES)
    amounts = [f"{decimal_amount(cents, found.currency):,.2f}" for cents in sums]
    return [f"Sum of {len(own):,}", row.slice or "", "", *amounts]


def _verdict(found: Opened) -> str:
    """Whether the accounts sum to the printed rows, amount by amount."""
    wrong = [
        f"{row.slice or row.period} {name}"
        for row in found.rows
        for name in AMOUNTS
        if sum(account[f"{name}_cents"] for account in found.accounts if account["slice"] == (row.slice or ""))
        != getattr(row, f"{name}_cents")
    ]
    if wrong:
        return (
            f"These do not add up to the printed row: {', '.join(wrong)}. This is a mistake of Keepline's: report it."
        )
    return "All amounts add up to the printed row, to the cent."


def _print_lines(found: Opened) -> None:
    lines = [_line(line, found.currency) for line in found.lines]
    show.line()
    columns = [
        "Line",
        "Source",
        "Product",
        "Plan",
        "Every",
        "Amount",
        "From",
        "Until",
        "Recorded",
        "Opening",
        "Closing",
    ]
    cells = [
        [
            line["line"], line["source"], line["product"], line["plan"], f"{line['interval_months']} mo",
            f"{line['currency']} {line['amount']:,}", str(line["starts_on"]), str(line["ends_on"] or "–"),
            f"{line['recorded_at']:%Y-%m-%d}", f"{line['opening']:,}", f"{line['closing']:,}",
        ]
        for line in lines
    ]  # fmt: skip
    show.table("The lines that make it", columns, cells, numbers=["Amount", "Opening", "Closing"])


def numbered_rows(rows: Sequence[RetentionRow]) -> Sheet:
    """The printed rows of a ledger as a sheet."""
    rates: dict[str, Kind] = dict.fromkeys(("grr", "nrr", "grr_t3m", "nrr_t3m", "logo_churn", "revenue_churn"), "rate")
    counts: dict[str, Kind] = dict.fromkeys(("accounts_open", "accounts_closed", "accounts_churned"), "count")
    return Sheet("rows", {**_OF_TOTAL, **rates, **counts}, [_total(row) | _rates(row) | _counts(row) for row in rows])


def _rates(row: RetentionRow) -> dict[str, float | None]:
    printed = row.as_json()
    return {name: printed[name] for name in ("grr", "nrr", "grr_t3m", "nrr_t3m", "logo_churn", "revenue_churn")}


def _counts(row: RetentionRow) -> dict[str, int]:
    return {name: getattr(row, name) for name in ("accounts_open", "accounts_closed", "accounts_churned")}
