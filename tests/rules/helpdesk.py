"""Builds the tickets of a small helpdesk as the facts of their signals, with all that a test does not care about."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import narwhals as nw
import polars as pl

from rules.signals import SIGNALS, SignalWindows
from rules.signals.ticket_facts import Rows, TicketFacts
from rules.signals.ticket_frame import ticket_signals
from rules.sla import Calendar
from rules.sla.given import given_terms

AS_OF = datetime(2025, 6, 4, 12, tzinfo=UTC)  # a Wednesday
_MOMENT = pl.Datetime("us", "UTC")
_TYPES = {
    "number": pl.Float64,
    "days": pl.Int64,
    "money": pl.Int64,
    "text": pl.String,
    "date": pl.Date,
    "duration": pl.Int64,
}
SCHEMAS: dict[str, dict[str, Any]] = {
    "tickets": {
        "ticket_id": pl.Int64, "source": pl.String, "external_id": pl.String, "account_id": pl.Int64,
        "status": pl.String, "priority": pl.String, "channel": pl.String, "workflow": pl.String, "tag": pl.String,
        "team": pl.String, "assignee": pl.String, "escalated": pl.Boolean, "created_at": _MOMENT,
        "first_replied_at": _MOMENT, "resolved_at": _MOMENT,
    },
    "messages": {
        "id": pl.Int64, "ticket_id": pl.Int64, "author_kind": pl.String, "public": pl.Boolean,
        "impactful": pl.Boolean, "sent_at": _MOMENT,
    },
    "events": {
        "id": pl.Int64, "ticket_id": pl.Int64, "kind": pl.String, "from_value": pl.String, "to_value": pl.String,
        "happened_at": _MOMENT,
    },
    "outreach": {"ticket_id": pl.Int64, "happened_at": _MOMENT},
    "assignments": {"ticket_id": pl.Int64, "since": _MOMENT, "terms": pl.String},
    "readings": {"message_id": pl.Int64, "sentiment": pl.Int64},
    "evidence": {"message_id": pl.Int64, "kind": pl.String, "sentence": pl.String},
    "unheard": {"ticket_id": pl.Int64, "sent_at": _MOMENT},
    "placed": {
        "ticket_id": pl.Int64, "account_id": pl.Int64, "created_at": _MOMENT, "issue_id": pl.String,
        "issue_label": pl.String, "placed_at": _MOMENT,
    },
    "accounts": {"account_id": pl.Int64, "csm": pl.String, "region": pl.String, "industry": pl.String},
    "escalations": {"account_id": pl.Int64, "playbook": pl.String, "opened_at": _MOMENT, "closed_at": _MOMENT},
}  # fmt: skip


def ago(**length: float) -> datetime:
    return AS_OF - timedelta(**length)


@dataclass
class Helpdesk:
    """Rows by table; `known` are the accounts' own signals."""

    rows: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: {name: [] for name in SCHEMAS})
    known: list[dict[str, Any]] = field(default_factory=list)
    terms: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def with_ticket(cls, **fields: Any) -> "Helpdesk":
        return cls().account(1).ticket(1, **fields)

    def account(self, account_id: int, **signals: Any) -> "Helpdesk":
        self.known.append({"account_id": account_id, "account_ref": f"a{account_id}", **signals})
        self.rows["accounts"].append({"account_id": account_id, "csm": "Kim"})
        return self

    def ticket(self, ticket_id: int, **fields: Any) -> "Helpdesk":
        usual = {
            "ticket_id": ticket_id, "source": "desk", "external_id": f"T{ticket_id}", "account_id": 1,
            "status": "open", "priority": "normal", "tag": "[]", "created_at": ago(days=1),
        }  # fmt: skip
        self.rows["tickets"].append(usual | fields)
        return self

    def said(self, by: str, at: datetime, *, ticket: int = 1, public: bool = True, **about: Any) -> "Helpdesk":
        """A message, and under `sentiment`, `evidence` and `sentence` what was read in it."""
        number = len(self.rows["messages"]) + 1
        row = {"id": number, "ticket_id": ticket, "author_kind": by, "public": public, "sent_at": at}
        self.rows["messages"].append(row)
        if "sentiment" in about:
            self.rows["readings"].append({"message_id": number, "sentiment": about["sentiment"]})
        if "evidence" in about:
            sentence = about.get("sentence", "Words.")
            self.rows["evidence"].append({"message_id": number, "kind": about["evidence"], "sentence": sentence})
        return self

    def changed(self, kind: str, before: str | None, after: str | None, at: datetime, *, ticket: int = 1) -> "Helpdesk":
        number = len(self.rows["events"]) + 1
        row = {"id": number, "ticket_id": ticket, "kind": kind, "from_value": before, "to_value": after}
        self.rows["events"].append(row | {"happened_at": at})
        return self

    def promised(self, targets: Mapping[str, str], *, ticket: int = 1) -> "Helpdesk":
        [given] = given_terms({"targets": dict(targets)})
        self.terms[given.terms.content_hash] = given.terms
        since = next(row["created_at"] for row in self.rows["tickets"] if row["ticket_id"] == ticket)
        row = {"ticket_id": ticket, "since": since, "terms": given.terms.content_hash}
        self.rows["assignments"].append(row)
        return self

    def row(self, table: str, **fields: Any) -> "Helpdesk":
        self.rows[table].append(fields)
        return self

    def facts(self) -> TicketFacts:
        frames: dict[str, Any] = {name: frame(self.rows[name], schema) for name, schema in SCHEMAS.items()}
        office = Calendar.model_validate({"zone": "UTC", "hours": {"mon-fri": ["09:00-17:00"]}})
        return TicketFacts(**frames, calendar=office, terms=self.terms)

    def accounts(self) -> Rows:
        types = {name: _TYPES[signal.kind] for name, signal in SIGNALS.items()}
        named = {"account_id": pl.Int64, "account_ref": pl.String, "account": pl.String}
        return frame(self.known, {**named, **types, "text_field_plan_tier": pl.String})

    def signals(self, as_of: datetime = AS_OF, windows: SignalWindows | None = None) -> Rows:
        return ticket_signals(self.facts(), self.accounts(), as_of, windows or SignalWindows())

    def of(self, ticket: int = 1, as_of: datetime = AS_OF) -> dict[str, Any]:
        """The signals of one ticket."""
        rows = {row["ticket_id"]: row for row in self.signals(as_of).iter_rows(named=True)}
        return rows[ticket]


def frame(rows: list[dict[str, Any]], schema: Mapping[str, Any]) -> Rows:
    columns = {name: [row.get(name) for row in rows] for name in schema}
    return nw.from_native(pl.DataFrame(columns, schema=dict(schema)), eager_only=True)
