"""Shows the ledger's closing MRR beside what the billing source and the contracts say, and what explains the rest."""

from datetime import datetime
from pathlib import Path
from typing import Any

from domain.money import decimal_amount
from jobs.ledger import billing_reconciliation
from keepline import show
from keepline.bootstrap import Keepline
from keepline.exports import Kind, Sheet, write
from retention.report.billing import MEANS, Against, Comparison, Difference, Reconciliation

_TITLES: dict[Against, str] = {"reported": "ARR / 12 of the billing source", "contracts": "ARR / 12 of the contracts"}
_MOST = 15
_MONTHS: dict[str, Kind] = {
    "against": "text", "period": "text", "ledger": "amount", "claimed": "amount", "difference": "amount",
    **dict.fromkeys(MEANS, "amount"),
}  # fmt: skip
_ACCOUNTS: dict[str, Kind] = {
    "against": "text", "name": "text", "reason": "text", "ledger": "amount", "claimed": "amount",
    "difference": "amount",
}  # fmt: skip


def run(
    keepline: Keepline,
    month: str | None,
    now: datetime,
    known_on: datetime | None,
    export: Path | None,
    as_json: bool,
) -> None:
    """Print the comparison of all months, and the accounts that differ in one."""
    found = billing_reconciliation(keepline.store.facts(known_on), now, keepline.rulebook.ledger, month)
    if export is not None:
        show.say(f"Wrote {', '.join(map(str, write(export, _sheets(found))))}")
    if as_json:
        mark = {"demo": True} if keepline.is_demo else {}
        show.as_json(found.as_json() | mark)
    elif export is None:
        _print(found)


def _print(found: Reconciliation) -> None:
    if not found.months:
        show.line("No month can be compared: no line carries a reported ARR, and there are no contracts.")
        return
    for against, title in _TITLES.items():
        months = [each for each in found.months if each.against == against]
        if months:
            _print_months(found, months, f"Closing MRR in {found.currency} beside {title}")
            _print_accounts(found, [each for each in found.accounts if each.against == against])
    show.line("Another month's accounts: --explain 2026-03; all of them: --export FILE.xlsx, or --json")


def _print_months(found: Reconciliation, months: list[Comparison], title: str) -> None:
    reasons = [name for name in MEANS if any(each.reasons.get(name) for each in months)]
    columns = ["Month", "Ledger", "Claimed", "Difference", *reasons]
    cells = [
        [
            each.period, _amount(found, each.ledger_cents), _amount(found, each.claimed_cents),
            _amount(found, each.ledger_cents - each.claimed_cents),
            *(_amount(found, each.reasons.get(name, 0)) for name in reasons),
        ]
        for each in months
    ]  # fmt: skip
    show.table(title, columns, cells, numbers=columns[1:])
    for name in reasons:
        show.line(f"{name}: {MEANS[name]}")
    show.line()


def _print_accounts(found: Reconciliation, accounts: list[Difference]) -> None:
    cells = [
        [
            each.name or "", each.reason, _amount(found, each.ledger_cents), _amount(found, each.claimed_cents),
            _amount(found, each.ledger_cents - each.claimed_cents),
        ]
        for each in accounts[:_MOST]
    ]  # fmt: skip
    if cells:
        columns = ["Account", "Reason", "Ledger", "Claimed", "Difference"]
        show.table(f"The accounts that differ at the end of {found.opened}", columns, cells, numbers=columns[2:])
    if len(accounts) > _MOST:
        show.line(f"and {len(accounts) - _MOST:,} more")
    show.line()


def _sheets(found: Reconciliation) -> list[Sheet]:
    printed = found.as_json()
    months: list[dict[str, Any]] = [dict.fromkeys(MEANS) | each | each["reasons"] for each in printed["months"]]
    return [Sheet("months", _MONTHS, months), Sheet("accounts", _ACCOUNTS, printed["accounts"])]


def _amount(found: Reconciliation, cents: int) -> str:
    return f"{decimal_amount(cents, found.currency):,.2f}"
