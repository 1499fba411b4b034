"""Builders of staged rows: what a connector hands over, filled in with what a test does not care about."""

from datetime import UTC, date, datetime
from typing import Any

import polars as pl

from domain.imports import RecordName

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)

_BLANKS: dict[RecordName, dict[str, Any]] = {
    "account": {
        "name": "Acme", "domains": "[]", "segment": None, "industry": None, "region": None, "csm": None,
        "parent_ref": None,
        "signed_up_on": None, "reported_plan": None, "reported_trial": None, "reported_churned": None,
    },
    "account_identity": {"account_ref": "A"},
    "contract": {
        "account_ref": "A", "starts_on": date(2025, 1, 1), "renews_on": date(2026, 1, 1), "notice_on": None,
        "ends_on": None, "arr_cents": 1_200_000, "currency": "USD", "product_lines": "[]", "auto_renew": None,
    },
    "subscription_line": {
        "account_ref": "A", "product": "Core", "plan": "Pro", "seats": None, "amount_cents": 10_000, "currency": "USD",
        "interval_months": 1, "starts_on": date(2025, 1, 1), "ends_on": None, "trial": False, "pricing": None,
        "reported_arr_cents": None, "reported_churned": None, "recorded_at": NOON,
    },
    "payment": {
        "account_ref": "A", "state": "paid", "amount_cents": 10_000, "currency": "USD", "happened_at": NOON,
    },
    "account_field": {"account_ref": "A", "name": "tier", "value": "gold", "recorded_at": NOON},
    "churn_report": {
        "account_ref": "A", "churned_on": date(2025, 6, 1), "reason": None, "comment": None, "reactivation": None,
    },
    "fx_rate": {"base": "EUR", "quote": "USD", "on": date(2025, 1, 1), "rate": "1.1"},
    "ticket": {
        "account_ref": "A", "subject": "Export fails", "status": "open", "priority": None, "channel": None,
        "workflow": None, "tags": "[]", "assignee": None, "team": None, "escalated": None, "created_at": NOON,
        "first_replied_at": None, "resolved_at": None,
    },
    "message": {
        "ticket_ref": "T", "author_kind": "customer", "public": True, "automatic": None, "text": "It fails.",
        "sent_at": NOON,
    },
    "article": {"title": "Reset a password", "body": "Open the settings.", "url": None, "updated_at": NOON},
    "article_view": {
        "account_ref": None, "ticket_ref": None, "article_ref": "A", "visitor": None, "viewed_at": NOON,
    },
    "ticket_event": {
        "ticket_ref": "T", "kind": "status", "from_value": "new", "to_value": "open", "happened_at": NOON,
    },
    "survey": {
        "account_ref": None, "ticket_ref": "T", "kind": "csat", "score": 4, "scale_min": 1, "scale_max": 5,
        "comment": None, "answered_at": NOON,
    },
    "usage_day": {
        "account_ref": "A", "subscription_ref": None, "used_on": date(2026, 1, 5), "feature": "login", "quantity": 3,
        "errors": None,
    },
    "touch": {
        "account_ref": "A", "kind": "csm_call", "happened_at": NOON, "ticket_ref": None, "actor": None, "note": None,
    },
    "party": {
        "role": "helpdesk", "name": "Acme", "domains": "[]", "known_as": "[]", "parent_ref": None, "merged_into": None,
        "country": None, "city": None, "phone": None, "trial": False,
    },
}  # fmt: skip

_TYPES: dict[type, Any] = {
    datetime: pl.Datetime("us", "UTC"), date: pl.Date, bool: pl.Boolean, int: pl.Int64, str: pl.String,
}  # fmt: skip
_WHEN_NULL: dict[str, Any] = {
    "signed_up_on": pl.Date, "notice_on": pl.Date, "ends_on": pl.Date, "seats": pl.Int64, "errors": pl.Int64,
    "reported_arr_cents": pl.Int64, "reported_churned": pl.Boolean, "reported_trial": pl.Boolean,
    "automatic": pl.Boolean,
    "auto_renew": pl.Boolean, "reactivation": pl.Boolean, "escalated": pl.Boolean,
    "first_replied_at": pl.Datetime("us", "UTC"), "resolved_at": pl.Datetime("us", "UTC"),
}  # fmt: skip


def staged(record: RecordName, *rows: dict[str, Any]) -> pl.DataFrame:
    """Rows of one record from line 2 on; each names its `external_id` and what differs from the blank row."""
    blank = {"source": "files", **_BLANKS[record]}
    filled = [{"line": line, **blank, **row} for line, row in enumerate(rows, start=2)]
    columns = {"line": pl.Int64, "source": pl.String, "external_id": pl.String}
    kinds = {
        name: _WHEN_NULL.get(name) or _TYPES[type(value) if value is not None else str] for name, value in blank.items()
    }
    return pl.DataFrame(filled, schema={**columns, **kinds})
