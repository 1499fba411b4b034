"""Knows which accounts and which lines make the figures of one window, and that they add up to what is printed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import narwhals as nw

from domain.conventions import Cut, LedgerConventions, Period
from domain.errors import NotFound
from retention.families import as_counted
from retention.ledger import BALANCES_IN_PARTS, UNKNOWN, Frame, Ledger, LedgerFrames, first_paid, open_ledger, valued
from retention.metrics import RetentionRow
from retention.rows import find_window, unconverted_of, units_of, window_rows
from retention.slices import WHOLE, unit_of
from retention.totals import RATE_TERMS, Totals
from retention.windows import TRAILING, Window

Rows = list[dict[str, Any]]
_OF_LINE = (
    "line", "source", "product", "plan", "seats", "pricing", "interval_months", "amount_cents", "currency",
    "starts_on", "ends_on", "recorded_at", "mrr_cents", "opening_cents", "closing_at_opening_rate_cents",
    "closing_cents", "unconverted_cents",
)  # fmt: skip


@dataclass(frozen=True)
class Opened:
    """One window, opened.

    `rows` are what is printed of it; the `accounts` with the same `slice` sum to each of them, and the `lines` with the
    same `account_id` and `slice` to the balances of each account. Cents are in the reporting `currency`, but a line's
    `amount_cents`, `mrr_cents` and `unconverted_cents`, which are in its own.
    """

    window: Window
    currency: str
    rows: list[RetentionRow]
    accounts: Rows
    lines: Rows


def period_of(label: str) -> Period:
    """How long the window of that label is: `2024-03`, `2024-Q1`, `2024`, `T12M-2024-03`."""
    if label.startswith(TRAILING):
        return "t12m"
    if "Q" in label:
        return "quarter"
    return "month" if "-" in label else "year"


def explain(
    frames: LedgerFrames,
    period: Period,
    label: str,
    as_of: datetime,
    by: Cut | None = None,
    conventions: LedgerConventions | None = None,
    to_date: bool = False,
    rate_terms: bool = False,
) -> Frame:
    """The accounts behind the rows of one window, the largest opening first.

    A row is an account (in a plan or product cut an account × plan or product) with `slice`, `category`, `name`, the
    balances and movements in cents that the printed row sums, and `first_paid` (a month number); with `rate_terms` also
    `base_parts`, `kept_parts` and `held_parts`.

    Raises:
        NotFound: the ledger has no such window.
    """
    conventions = conventions or LedgerConventions()
    frames = as_counted(frames, conventions)
    ledger = open_ledger(frames.lines, frames.fx_rates, as_of, conventions)
    found = _accounts(ledger, frames, find_window(ledger, period, label, to_date), by)
    return found if rate_terms else found.drop(*RATE_TERMS)


def open_window(
    frames: LedgerFrames,
    label: str,
    as_of: datetime,
    by: Cut | None = None,
    conventions: LedgerConventions | None = None,
    to_date: bool = False,
    only: str | None = None,
    account_id: int | None = None,
) -> Opened:
    """Open one window into its accounts and their lines; `only` one slice of it, or one account.

    Raises:
        NotFound: the ledger has no such window, or the window no such slice.
    """
    conventions = conventions or LedgerConventions()
    frames = as_counted(frames, conventions)
    ledger = open_ledger(frames.lines, frames.fx_rates, as_of, conventions)
    window = find_window(ledger, period_of(label), label, to_date)
    rows = window_rows(ledger, Totals(ledger, frames), [window], by)[window.label]
    _must_be_there(only, rows, window)
    wanted = _accounts(ledger, frames, window, by).drop(*RATE_TERMS)
    if only is not None:
        wanted = wanted.filter(nw.col("slice") == only)
    if account_id is not None:
        wanted = wanted.filter(nw.col("account_id") == account_id)
    accounts = list(wanted.collect().iter_rows(named=True))
    shown = [row for row in rows if only in (None, row.slice)]
    return Opened(window, ledger.currency, shown, accounts, _lines(ledger, frames, window, by, accounts))


def _accounts(ledger: Ledger, frames: LedgerFrames, window: Window, by: Cut | None) -> Frame:
    firsts, lost = first_paid(ledger, unit_of(by)), unconverted_of(ledger, [window])
    units = units_of(ledger, frames, [window], by, firsts, lost)
    names = frames.accounts.select("name", account_id="id", account="external_id")
    named = units.join(names, on="account_id", how="left").drop(*BALANCES_IN_PARTS)
    return named.sort("opening_cents", "account_id", "slice", descending=[True, False, False])


def _lines(ledger: Ledger, frames: LedgerFrames, window: Window, by: Cut | None, accounts: Rows) -> Rows:
    """The lines of `accounts` in force when the window opens or closes, account by account, the oldest first."""
    part = unit_of(by)[1:]
    order = {_key(account, part): place for place, account in enumerate(accounts)}
    told = frames.lines.select(
        "id", "source", "seats", "pricing", "interval_months", "amount_cents", "recorded_at", line="external_id"
    )
    worth = valued(ledger, [window]).join(told, on="id", how="left").with_columns(nw.col("plan").fill_null(UNKNOWN))
    known = frames.accounts.select("name", account_id="id")
    found = worth.join(known, on="account_id", how="left").sort("starts_on", "id").collect()
    kept = [row for row in found.iter_rows(named=True) if _key(row, part) in order]
    kept.sort(key=lambda row: order[_key(row, part)])
    return [
        {"account_id": row["account_id"], "name": row["name"], "slice": accounts[order[_key(row, part)]]["slice"]}
        | {name: row[name] for name in _OF_LINE}
        for row in kept
    ]


def _key(row: dict[str, Any], part: Sequence[str]) -> tuple[Any, ...]:
    return (row["account_id"], *(row[name] for name in part))


def _must_be_there(only: str | None, rows: Sequence[RetentionRow], window: Window) -> None:
    names = [row.slice or WHOLE for row in rows]
    if only is not None and only not in names:
        raise NotFound(f"{window.label} has no slice {only!r}; it has {', '.join(names) or 'none: add --by'}")
