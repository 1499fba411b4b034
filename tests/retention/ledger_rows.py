"""Rows of the ledger's frames with what a test does not care about filled in."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

import narwhals as nw
import polars as pl

from retention.ledger import Frame, LedgerFrames

_LINE: dict[str, Any] = {
    "id": 1, "source": "crm", "external_id": "L", "account_id": 1, "account_ref": "A-1", "product": "Core",
    "plan": "Pro", "seats": None, "amount_cents": 10_000, "currency": "USD", "interval_months": 1,
    "starts_on": date(2024, 1, 1), "ends_on": None, "trial": False, "pricing": None, "reported_arr_cents": None,
    "reported_churned": None, "recorded_at": datetime(2025, 1, 1, tzinfo=UTC),
}  # fmt: skip
_ACCOUNT: dict[str, Any] = {
    "id": 1, "source": "crm", "external_id": "A-1", "name": "Account 1", "domains": "[]", "segment": None,
    "industry": None, "region": None, "csm": None, "parent_ref": None, "signed_up_on": None, "reported_plan": None,
    "reported_trial": None, "reported_churned": None,
}  # fmt: skip
_SEGMENT: dict[str, Any] = {"account_id": 1, "segment": "smb", "since": datetime(2024, 1, 1, tzinfo=UTC)}
_RATE: dict[str, Any] = {"base": "EUR", "quote": "USD", "on": date(2023, 1, 1), "rate": "1.1"}

_CONTRACT: dict[str, Any] = {
    "id": 1, "account_id": 1, "starts_on": date(2024, 1, 1), "renews_on": None, "ends_on": None, "arr_cents": 120_000,
    "currency": "USD", "product_lines": "[]",
}  # fmt: skip
_TICKET: dict[str, Any] = {"account_id": 1, "workflow": None, "created_at": datetime(2024, 1, 10, tzinfo=UTC)}

_KINDS: dict[type, Any] = {
    str: pl.String, int: pl.Int64, bool: pl.Boolean, date: pl.Date, datetime: pl.Datetime("us", "UTC"),
}  # fmt: skip
_NULLABLE: dict[str, Any] = {
    "seats": pl.Int64, "ends_on": pl.Date, "renews_on": pl.Date, "signed_up_on": pl.Date,
    "reported_arr_cents": pl.Int64, "reported_churned": pl.Boolean, "reported_trial": pl.Boolean,
}  # fmt: skip


def frame(blank: dict[str, Any], rows: Iterable[dict[str, Any]]) -> Frame:
    """A lazy frame of `rows`, each filled up from `blank`, which also names the columns and their types."""
    schema = {
        name: _NULLABLE.get(name) or _KINDS[type(blank[name] if blank[name] is not None else "")] for name in blank
    }
    return nw.from_native(pl.DataFrame([blank | row for row in rows], schema=schema).lazy())


def a_line(**fields: Any) -> dict[str, Any]:
    """A subscription line: 100.00 USD a month from 2024 on, unless said otherwise."""
    return {name: value for name, value in _LINE.items() if name not in {"id", "external_id"}} | fields


def lines_frame(*rows: dict[str, Any]) -> Frame:
    """Subscription lines; ids are given by position where a row has none of its own."""
    numbered = [{"id": number, "external_id": f"L-{number}"} | row for number, row in enumerate(rows, start=1)]
    return frame(_LINE, numbered)


def accounts_frame(*rows: dict[str, Any]) -> Frame:
    """Account records."""
    return frame(_ACCOUNT, rows)


def ledger_frames(
    lines: Iterable[dict[str, Any]],
    accounts: Iterable[dict[str, Any]] = (),
    segments: Iterable[dict[str, Any]] = (),
    rates: Iterable[dict[str, Any]] = (),
    contracts: Iterable[dict[str, Any]] = (),
    tickets: Iterable[dict[str, Any]] = (),
) -> LedgerFrames:
    """The ledger's input; every account that a line names exists."""
    lines, known = list(lines), {row["id"]: row for row in accounts}
    named = sorted({line.get("account_id", 1) for line in lines} | set(known))
    records = [
        {"id": number, "external_id": f"A-{number}", "name": f"Account {number}"} | known.get(number, {})
        for number in named
    ]
    return LedgerFrames(
        lines_frame(*lines),
        accounts_frame(*records),
        frame(_SEGMENT, segments),
        frame(_RATE, rates),
        frame(_CONTRACT, contracts),
        frame(_TICKET, tickets),
    )


def moment(text: str) -> datetime:
    """Noon UTC of a day."""
    return datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC).replace(hour=12)
