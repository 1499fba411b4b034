"""Rows of storage's frames with what a test does not care about filled in; columns and types are the tables'."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import narwhals as nw
import polars as pl
from sqlalchemy import BigInteger, Boolean, Date, Integer

from retention.fx import RateTable
from retention.ledger import Frame
from storage import tables
from storage.types import UtcDateTime

_FILLED: dict[str, dict[str, Any]] = {
    "accounts": {"id": 1, "name": "Account 1", "domains": "[]"},
    "contracts": {
        "starts_on": date(2024, 1, 1), "renews_on": date(2025, 1, 1), "arr_cents": 1_200_000, "currency": "USD",
        "product_lines": "[]",
    },
    "contract_versions": {
        "external_id": "contracts-1", "recorded_at": datetime(2024, 1, 1, tzinfo=UTC), "starts_on": date(2024, 1, 1),
        "renews_on": date(2025, 1, 1), "arr_cents": 1_200_000, "currency": "USD", "product_lines": "[]", "gone": False,
    },
    "subscription_lines": {
        "product": "Core", "amount_cents": 100_000, "currency": "USD", "interval_months": 1,
        "starts_on": date(2024, 1, 1), "trial": False, "recorded_at": datetime(2024, 1, 1, tzinfo=UTC),
    },
    "tickets": {
        "subject": "Export fails", "status": "open", "tags": "[]", "created_at": datetime(2024, 12, 1, tzinfo=UTC),
    },
    "messages": {"author_kind": "customer", "public": True, "text": "", "sent_at": datetime(2024, 12, 1, tzinfo=UTC)},
    "message_readings": {"reader": "test"},
    "surveys": {
        "kind": "csat", "score": 4, "scale_min": 1, "scale_max": 5, "answered_at": datetime(2024, 12, 1, tzinfo=UTC),
    },
    "touches": {"kind": "csm_call", "happened_at": datetime(2024, 12, 1, tzinfo=UTC)},
    "decisions": {
        "playbook": "volume-spike", "rule_hash": "h", "as_of": datetime(2024, 12, 1, tzinfo=UTC),
        "because": "9 against 2",
        "inputs": "{}",
    },
    "escalations": {
        "family": "volume", "playbook": "volume-spike", "decision_id": "d", "because": "9 tickets against 2 usual",
        "state": "open", "opened_at": datetime(2024, 12, 1, tzinfo=UTC),
    },
    "escalation_steps": {
        "escalation_id": "e", "position": 1, "do": "internal review", "owner": "support_lead", "within": "2h elapsed",
        "due_at": datetime(2024, 12, 2, tzinfo=UTC),
    },
}  # fmt: skip
_KINDS: list[tuple[Any, Any]] = [
    (UtcDateTime, pl.Datetime("us", "UTC")), (Date, pl.Date), (Boolean, pl.Boolean), (BigInteger, pl.Int64),
    (Integer, pl.Int64),
]  # fmt: skip


def frame(table: str, *rows: dict[str, Any]) -> Frame:
    """A lazy frame of `table`; ids are given by position, and `account_ref` follows `account_id`."""
    columns = tables.metadata.tables[table].columns
    schema = {
        column.name: next((ours for kind, ours in _KINDS if isinstance(column.type, kind)), pl.String)
        for column in columns
    }
    return nw.from_native(pl.DataFrame(_complete(table, schema, rows), schema=schema, orient="row").lazy())


def _complete(table: str, schema: dict[str, Any], rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    done = []
    for number, row in enumerate(rows, start=1):
        account = row.get("account_id", 1)
        blank = {
            "id": number, "source": "crm", "external_id": f"{table}-{number}", "account_id": account,
            "account_ref": f"A-{account}", "escalation_id": f"e{number}", "decision_id": f"d{number}",
        }  # fmt: skip
        unknown = set(row) - set(schema)
        assert not unknown, f"{table} has no {unknown}"
        done.append(dict.fromkeys(schema) | _known(blank, schema) | _FILLED.get(table, {}) | row)
    return done


def _known(blank: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in blank.items() if name in schema}


def accounts(*names: str) -> Frame:
    """Accounts 1, 2, … of these names."""
    return frame("accounts", *({"id": number, "name": name} for number, name in enumerate(names, start=1)))


def rates_frame(currency: str = "USD", **quoted: str) -> Frame:
    """Rates of all days: `EUR="1.25"` says that 1 EUR is 1.25 USD."""
    rows = [{"base": name, "quote": currency, "on": date(2000, 1, 1), "rate": rate} for name, rate in quoted.items()]
    schema = {"base": pl.String, "quote": pl.String, "on": pl.Date, "rate": pl.String}
    return nw.from_native(pl.DataFrame(rows, schema=schema).lazy())


def rates(currency: str = "USD", **quoted: str) -> RateTable:
    """The table of `rates_frame`."""
    return RateTable.read(rates_frame(currency, **quoted), list(quoted), currency)


def day(text: str, hours: float = 0) -> datetime:
    """Midnight UTC of a day, and `hours` later."""
    return datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC) + timedelta(hours=hours)


def rows(found: Frame) -> list[dict[str, Any]]:
    """The collected rows."""
    return list(found.collect().iter_rows(named=True))
