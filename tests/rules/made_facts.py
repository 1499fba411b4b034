"""Makes up a small company's facts from a seed: few accounts, crowded moments, nulls, rows of nobody, rows ahead."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import narwhals as nw
import numpy as np
import polars as pl

from rules.signals import SignalFacts
from tests.rules.company import SCHEMAS

BEGUN = datetime(2024, 3, 1, tzinfo=UTC)
DAYS = 150
_UTC = pl.Datetime("us", "UTC")
MORE_SCHEMAS: dict[str, dict[str, Any]] = {
    "evidence": {
        "account_id": pl.Int64, "message_id": pl.Int64, "sent_at": _UTC, "kind": pl.String, "sentence": pl.String,
    },
    "unheard": {"account_id": pl.Int64, "sent_at": _UTC},
}  # fmt: skip
_VERSIONED = {"known_from": _UTC, "known_until": _UTC}


class MadeUp:
    """Facts by table, as rows; everything lies in the DAYS after BEGUN, some of it exactly on midnights."""

    def __init__(self, seed: int, most_rows: int = 40) -> None:
        self._dice = np.random.default_rng(seed)
        self._most = most_rows
        self.accounts = int(self._dice.integers(1, 5))
        self.rows = {name: self._table(name) for name in (*SCHEMAS, *MORE_SCHEMAS)}

    def _table(self, name: str) -> list[dict[str, Any]]:
        make = getattr(self, f"_{name}", lambda _: self._anything(SCHEMAS[name]))
        count = self.accounts if name == "accounts" else int(self._dice.integers(0, self._most))
        return [make(number) for number in range(1, count + 1)]

    def _anything(self, schema: dict[str, Any]) -> dict[str, Any]:
        """A row of a table that nothing else is known of."""
        return {column: self._cell(column, kind) for column, kind in schema.items()}

    def _cell(self, column: str, kind: Any) -> Any:
        if column == "account_id":
            return self.whose()
        if kind == pl.Int64:
            return int(self._dice.integers(0, 30))
        choices = {
            pl.String: (None, "urgent", "1", "paid"),
            pl.Boolean: (None, True, False),
            pl.Float64: (None, 0.5, 7.0),
        }
        moment = self.one(None, self.moment(), self.moment())
        return (
            self.one(*choices[kind]) if kind in choices else moment and (moment.date() if kind == pl.Date else moment)
        )

    def one(self, *choices: Any) -> Any:
        return choices[int(self._dice.integers(0, len(choices)))]

    def moment(self) -> datetime:
        day = int(self._dice.integers(0, DAYS))
        of_day = self.one(0, 0, 6, 12, 12, 24 * float(self._dice.random()))
        return BEGUN + timedelta(days=day, hours=of_day)

    def whose(self) -> int | None:
        account: int | None = self.one(None, *([*range(1, self.accounts + 1)] * 6), self.accounts + 7)
        return account

    def _accounts(self, number: int) -> dict[str, Any]:
        return {
            "id": number, "external_id": f"A{number}", "name": f"Account {number}",
            "segment": self.one(None, "SMB", " Mid-Market", ""), "signed_up_on": self.one(None, self.moment().date()),
        }  # fmt: skip

    def _account_segments(self, _: int) -> dict[str, Any]:
        return {"account_id": self.whose(), "segment": self.one("Enterprise", "smb", None), "since": self.moment()}

    def _tickets(self, number: int) -> dict[str, Any]:
        return {
            "id": number, "account_id": self.whose(), "created_at": self.moment(),
            "subject": self.one("", "Export 7", "Re: export", "Login", "sso"),
            "tags": json.dumps(self.one([], ["sso"], ["SSO", "export"], ["vip", "login"])),
            "escalated": self.one(None, True, False),
        }  # fmt: skip

    def _placed_tickets(self, number: int) -> dict[str, Any]:
        issue = self.one("I-1", "I-2", "I-3")
        label = {"I-1": "export fails", "I-2": "login", "I-3": "export fails"}[issue]
        return {"ticket_id": number * 2, "issue_id": issue, "issue_label": label, "placed_at": self.moment()}

    def _messages(self, number: int) -> dict[str, Any]:
        return {
            "id": number, "account_id": self.whose(), "ticket_id": int(self._dice.integers(1, 9)),
            "author_kind": self.one("customer", "customer", "agent"), "public": self.one(True, True, False),
            "sent_at": self.moment(),
        }  # fmt: skip

    def _readings(self, number: int) -> dict[str, Any]:
        return {"message_id": number, "sentiment": self.one(None, -80, -50, -10, 0, 25, 60)}

    def _contracts(self, _: int) -> dict[str, Any]:
        dates = [self.one(None, self.moment().date()) for _ in range(4)]
        return dict(zip(("starts_on", "renews_on", "notice_on", "ends_on"), dates, strict=True)) | {
            "account_id": self.whose()
        }

    def _account_value(self, number: int) -> dict[str, Any]:
        return {"account_id": (number - 1) % self.accounts + 1, "acv_cents": self.one(None, 100, 9_000_000, 20_000_000)}

    def _usage_days(self, _: int) -> dict[str, Any]:
        return {"account_id": self.whose(), "used_on": self.moment().date(), "quantity": self.one(0, 3, 10, -3)}

    def _surveys(self, _: int) -> dict[str, Any]:
        low, high = self.one((1, 5), (0, 10), (1, 7), (1, 1))
        return {
            "account_id": self.whose(), "kind": self.one("csat", "ces", "nps"), "scale_min": low, "scale_max": high,
            "score": int(self._dice.integers(low, high + 1)), "answered_at": self.moment(),
        }  # fmt: skip

    def _efforts(self, _: int) -> dict[str, Any]:
        ticket = int(self._dice.integers(1, 9))
        return {
            "ticket_id": ticket, "account_id": ticket % self.accounts + 1, "solved_at": self.moment(),
            "replies": self.one(None, 1.0, 2.0, 5.0), "asked_again": self.one(0.0, 1.0),
            "channel_switches": self.one(None, 0.0, 2.0),
        }  # fmt: skip

    def _predictions(self, _: int) -> dict[str, Any]:
        trained = BEGUN + timedelta(days=self.one(10, 40, 80))
        withdrawn = {10: None, 40: BEGUN + timedelta(days=60), 80: BEGUN + timedelta(days=100)}
        return {
            "account_id": self.whose(), "predicts": self.one("csat", "csat", "csat", "ces"),
            "predicted_ratio": self.one(0.1, 0.3, 0.7), "predicted_at": self.moment(), "resolved_at": self.moment(),
            "answered_at": self.one(None, None, self.moment()), "trained_at": trained,
            "withdrawn_at": withdrawn[(trained - BEGUN).days],
        }  # fmt: skip

    def _sla_breaches(self, _: int) -> dict[str, Any]:
        return {"account_id": self.whose(), "breached_at": self.moment()}

    def _sla_promised(self, _: int) -> dict[str, Any]:
        return {"account_id": self.whose(), "since": self.moment()}

    def _reopenings(self, _: int) -> dict[str, Any]:
        return {"account_id": self.whose(), "reopened_at": self.moment()}

    def _evidence(self, _: int) -> dict[str, Any]:
        message = int(self._dice.integers(1, 12))
        return {
            "account_id": message % self.accounts + 1, "message_id": message,
            "sent_at": BEGUN + timedelta(days=message * 9, hours=message),
            "kind": self.one("churn_intent", "churn_intent", "praise", "expansion_interest"),
            "sentence": self.one("We may leave.", "Cancel it.", "More seats?"),
        }  # fmt: skip

    def _unheard(self, _: int) -> dict[str, Any]:
        return {"account_id": self.whose(), "sent_at": self.moment()}

    def versioned_contracts(self) -> None:
        """Contracts of which each version was known for a while."""
        for row in self.rows["contracts"]:
            known = sorted([self.moment(), self.moment()])
            row |= {"known_from": self.one(None, known[0]), "known_until": self.one(None, known[1])}

    def without_later(self, moment: datetime) -> "MadeUp":
        """The same company as it was then: nothing has happened since."""
        then = MadeUp.__new__(MadeUp)
        then.accounts = self.accounts
        then.rows = {
            name: [row for row in rows if _had_happened(name, row, moment)] for name, rows in self.rows.items()
        }
        return then

    def facts(self) -> SignalFacts:
        frames: dict[str, Any] = {name: self.frame(name) for name in self.rows}
        return SignalFacts(currency="USD", **frames)

    def frame(self, name: str) -> nw.LazyFrame[Any]:
        schema = (SCHEMAS | MORE_SCHEMAS)[name]
        if self.rows[name] and "known_from" in self.rows[name][0]:
            schema = schema | _VERSIONED
        return nw.from_native(pl.DataFrame(self.rows[name], schema=schema, orient="row").lazy())


_HAPPENS = {
    "tickets": "created_at", "messages": "sent_at", "usage_days": "used_on", "surveys": "answered_at",
    "efforts": "solved_at", "sla_breaches": "breached_at", "sla_promised": "since", "reopenings": "reopened_at",
    "evidence": "sent_at", "unheard": "sent_at", "placed_tickets": "placed_at", "contracts": "starts_on",
}  # fmt: skip


def _had_happened(name: str, row: dict[str, Any], moment: datetime) -> bool:
    at = row[_HAPPENS[name]] if name in _HAPPENS else None
    if at is None:
        return True
    return bool(at <= moment if isinstance(at, datetime) else at <= moment.date())
