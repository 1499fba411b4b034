"""Builds a small company's facts for the signals, row by row, with what a test does not care about filled in."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

import narwhals as nw
import polars as pl

from rules.signals import SignalFacts, SignalWindows, account_signals

AS_OF = datetime(2025, 6, 2, 9, 30, tzinfo=UTC)
TODAY = AS_OF.date()
LONG_AGO = date(2020, 1, 1)

_UTC = pl.Datetime("us", "UTC")
SCHEMAS: dict[str, dict[str, Any]] = {
    "accounts": {
        "id": pl.Int64, "external_id": pl.String, "name": pl.String, "segment": pl.String, "signed_up_on": pl.Date,
    },
    "account_segments": {"account_id": pl.Int64, "segment": pl.String, "since": _UTC},
    "tickets": {
        "id": pl.Int64, "account_id": pl.Int64, "created_at": _UTC, "subject": pl.String, "tags": pl.String,
        "escalated": pl.Boolean,
    },
    "placed_tickets": {"ticket_id": pl.Int64, "issue_id": pl.String, "issue_label": pl.String, "placed_at": _UTC},
    "messages": {
        "id": pl.Int64, "account_id": pl.Int64, "ticket_id": pl.Int64, "author_kind": pl.String, "public": pl.Boolean,
        "sent_at": _UTC,
    },
    "readings": {"message_id": pl.Int64, "sentiment": pl.Int64},
    "contracts": {
        "account_id": pl.Int64, "starts_on": pl.Date, "renews_on": pl.Date, "notice_on": pl.Date, "ends_on": pl.Date,
    },
    "account_value": {"account_id": pl.Int64, "acv_cents": pl.Int64},
    "usage_days": {"account_id": pl.Int64, "used_on": pl.Date, "quantity": pl.Int64},
    "surveys": {
        "account_id": pl.Int64, "kind": pl.String, "score": pl.Int64, "scale_min": pl.Int64, "scale_max": pl.Int64,
        "answered_at": _UTC,
    },
    "efforts": {
        "ticket_id": pl.Int64, "account_id": pl.Int64, "solved_at": _UTC, "replies": pl.Float64,
        "asked_again": pl.Float64, "channel_switches": pl.Float64,
    },
    "predictions": {
        "account_id": pl.Int64, "predicts": pl.String, "predicted_ratio": pl.Float64, "predicted_at": _UTC,
        "resolved_at": _UTC, "answered_at": _UTC, "trained_at": _UTC, "withdrawn_at": _UTC,
    },
    "sla_breaches": {"account_id": pl.Int64, "breached_at": _UTC},
    "sla_promised": {"account_id": pl.Int64, "since": _UTC},
    "reopenings": {"account_id": pl.Int64, "reopened_at": _UTC},
    "open_stretches": {
        "ticket_id": pl.Int64, "account_id": pl.Int64, "created_at": _UTC, "since": _UTC, "until": _UTC,
        "priority": pl.String, "reopened": pl.Boolean, "solved": pl.Boolean, "told_at": _UTC,
    },
    "first_replies": {"account_id": pl.Int64, "created_at": _UTC, "first_replied_at": _UTC},
    "paid_lines": {"account_id": pl.Int64, "starts_on": pl.Date},
    "onboarded": {"account_id": pl.Int64, "solved_at": _UTC},
    "payments": {"account_id": pl.Int64, "charge": pl.String, "state": pl.String, "happened_at": _UTC},
    "touches": {
        "account_id": pl.Int64, "kind": pl.String, "actor": pl.String, "note": pl.String, "happened_at": _UTC,
    },
    "account_fields": {"account_id": pl.Int64, "name": pl.String, "value": pl.String, "recorded_at": _UTC},
}  # fmt: skip


def days_ago(days: float) -> datetime:
    return AS_OF - timedelta(days=days)


def in_days(days: int) -> date:
    return TODAY + timedelta(days=days)


@dataclass
class Company:
    """Rows by table; account 1 exists since long ago unless told otherwise."""

    rows: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: {name: [] for name in SCHEMAS})

    @classmethod
    def with_account(cls, **known: Any) -> "Company":
        return cls().account(1, **known)

    def account(
        self,
        account_id: int,
        *,
        signed_up_on: date | None = LONG_AGO,
        segment: str | None = None,
        acv_cents: int | None = None,
    ) -> "Company":
        self._add(
            "accounts", id=account_id, external_id=f"A{account_id}", name=f"Account {account_id}", segment=segment,
            signed_up_on=signed_up_on,
        )  # fmt: skip
        if acv_cents is not None:
            self._add("account_value", account_id=account_id, acv_cents=acv_cents)
        return self

    def tickets(
        self,
        *ages: float,
        account_id: int | None = 1,
        subject: str = "",
        tags: tuple[str, ...] = (),
        escalated: bool | None = None,
    ) -> "Company":
        """One ticket per age in days before AS_OF."""
        for age in ages:
            self._add(
                "tickets", id=len(self.rows["tickets"]) + 1, account_id=account_id, created_at=days_ago(age),
                subject=subject, tags=json.dumps(list(tags), ensure_ascii=False), escalated=escalated,
            )  # fmt: skip
        return self

    def about(self, label: str, *tickets: int, issue_id: str = "I-1", placed: float = 0) -> "Company":
        """Tickets, by their number from 1 on, that were grouped as one issue so many days ago."""
        for ticket in tickets:
            self._add(
                "placed_tickets", ticket_id=ticket, issue_id=issue_id, issue_label=label, placed_at=days_ago(placed)
            )
        return self

    def said(
        self,
        *sentiments: int | None,
        age: float = 1,
        author_kind: str = "customer",
        public: bool = True,
        ticket_id: int = 1,
    ) -> "Company":
        """One message per reading, of account 1."""
        for sentiment in sentiments:
            message_id = len(self.rows["messages"]) + 1
            self._add(
                "messages", id=message_id, account_id=1, ticket_id=ticket_id, author_kind=author_kind, public=public,
                sent_at=days_ago(age),
            )  # fmt: skip
            self._add("readings", message_id=message_id, sentiment=sentiment)
        return self

    def contract(
        self,
        renews_on: date | None,
        *,
        account_id: int = 1,
        starts_on: date = LONG_AGO,
        notice_on: date | None = None,
        ends_on: date | None = None,
    ) -> "Company":
        return self._add(
            "contracts", account_id=account_id, starts_on=starts_on, renews_on=renews_on, notice_on=notice_on,
            ends_on=ends_on,
        )  # fmt: skip

    def used(self, quantity: int, *ages: int, account_id: int = 1) -> "Company":
        for age in ages:
            self._add("usage_days", account_id=account_id, used_on=in_days(-age), quantity=quantity)
        return self

    def surveyed(self, score: int, scale: tuple[int, int] = (1, 5), age: float = 1, kind: str = "csat") -> "Company":
        return self._add(
            "surveys", account_id=1, kind=kind, score=score, scale_min=scale[0], scale_max=scale[1],
            answered_at=days_ago(age),
        )  # fmt: skip

    def solved(
        self,
        replies: float | None,
        age: float = 1,
        *,
        ticket_id: int | None = None,
        again: float = 0,
        switches: float = 0,
    ) -> "Company":
        """A solving of a ticket of account 1; each is of another ticket unless told otherwise."""
        return self._add(
            "efforts", ticket_id=ticket_id or len(self.rows["efforts"]) + 1, account_id=1, solved_at=days_ago(age),
            replies=replies, asked_again=again, channel_switches=switches,
        )  # fmt: skip

    def foretold(
        self,
        *ratios: float,
        resolved: float = 5,
        predicted: float = 1,
        answered: float | None = None,
        trained: float = 40,
        withdrawn: float | None = None,
        kind: str = "csat",
    ) -> "Company":
        """Predictions for tickets of account 1; moments are days before AS_OF."""
        for ratio in ratios:
            self._add(
                "predictions", account_id=1, predicts=kind, predicted_ratio=ratio, predicted_at=days_ago(predicted),
                resolved_at=days_ago(resolved), answered_at=None if answered is None else days_ago(answered),
                trained_at=days_ago(trained), withdrawn_at=None if withdrawn is None else days_ago(withdrawn),
            )  # fmt: skip
        return self

    def promised(self, age: float = 1, account_id: int | None = 1) -> "Company":
        return self._add("sla_promised", account_id=account_id, since=days_ago(age))

    def breached(self, *ages: float, account_id: int | None = 1) -> "Company":
        for age in ages:
            self._add("sla_breaches", account_id=account_id, breached_at=days_ago(age))
        return self

    def reopened(self, *ages: float, account_id: int = 1) -> "Company":
        for age in ages:
            self._add("reopenings", account_id=account_id, reopened_at=days_ago(age))
        return self

    def open(
        self,
        created: float,
        until: float | None = None,
        *,
        since: float | None = None,
        priority: str | None = None,
        reopened: bool = False,
        solved: bool | None = None,
        told: float | None = None,
        account_id: int = 1,
    ) -> "Company":
        """A stretch in which a ticket was open; moments are days before AS_OF, it ended by being solved if it ended."""
        ended = until is not None if solved is None else solved
        return self._add(
            "open_stretches", ticket_id=len(self.rows["open_stretches"]) + 1, account_id=account_id,
            created_at=days_ago(created), since=days_ago(created if since is None else since),
            until=None if until is None else days_ago(until), priority=priority, reopened=reopened, solved=ended,
            told_at=None if told is None else days_ago(told),
        )  # fmt: skip

    def answered(self, *waits: timedelta, age: float = 1, account_id: int = 1) -> "Company":
        """A ticket per wait for its first reply, which came so many days before AS_OF."""
        for wait in waits:
            replied = days_ago(age)
            self._add("first_replies", account_id=account_id, created_at=replied - wait, first_replied_at=replied)
        return self

    def paid_since(self, starts_on: date, account_id: int = 1) -> "Company":
        return self._add("paid_lines", account_id=account_id, starts_on=starts_on)

    def onboarded(self, age: float, account_id: int = 1) -> "Company":
        return self._add("onboarded", account_id=account_id, solved_at=days_ago(age))

    def charged(self, charge: str, account_id: int = 1, **ages: float) -> "Company":
        """A charge's states with the days before AS_OF: `charged("c1", failed=9, paid=3)`."""
        for state, age in ages.items():
            self._add("payments", account_id=account_id, charge=charge, state=state, happened_at=days_ago(age))
        return self

    def touched(
        self,
        age: float,
        *,
        kind: str = "playbook_step",
        actor: str | None = None,
        note: str | None = None,
        account_id: int = 1,
    ) -> "Company":
        return self._add(
            "touches", account_id=account_id, kind=kind, actor=actor, note=note, happened_at=days_ago(age)
        )  # fmt: skip

    def told(self, name: str, value: str | None, age: float = 1, account_id: int = 1) -> "Company":
        """What a source said of a field of its own."""
        return self._add(
            "account_fields", account_id=account_id, name=name, value=value, recorded_at=days_ago(age)
        )  # fmt: skip

    def declared(self, segment: str, since: datetime, account_id: int = 1) -> "Company":
        return self._add("account_segments", account_id=account_id, segment=segment, since=since)

    def _add(self, table: str, **row: Any) -> "Company":
        self.rows[table].append(row)
        return self

    def facts(self, currency: str = "USD") -> SignalFacts:
        frames: dict[str, Any] = {name: frame(name, rows) for name, rows in self.rows.items()}
        return SignalFacts(currency=currency, **frames)

    def signals(self, windows: SignalWindows | None = None, as_of: datetime = AS_OF) -> dict[str, dict[str, Any]]:
        """Every account's values by its reference."""
        table = account_signals(self.facts(), as_of, windows or SignalWindows()).collect()
        return {row["account_ref"]: row for row in table.iter_rows(named=True)}

    def signal(self, name: str, windows: SignalWindows | None = None) -> Any:
        """One value of account 1."""
        return self.signals(windows)["A1"][name]


def frame(name: str, rows: list[dict[str, Any]]) -> nw.LazyFrame[Any]:
    return nw.from_native(pl.DataFrame(rows, schema=SCHEMAS[name], orient="row").lazy())


def signal_frame(rows: Sequence[Mapping[str, Any]]) -> nw.LazyFrame[Any]:
    """A frame shaped like `account_signals`, with null wherever a row says nothing."""
    known = [
        {"account_id": number, "account_ref": f"A{number}", "account": f"Account {number}", **row}
        for number, row in enumerate(rows, start=1)
    ]
    return nw.from_native(pl.DataFrame(known, schema=_signal_schema(), orient="row").lazy())


@cache
def _signal_schema() -> Any:
    return account_signals(Company().facts(), AS_OF, SignalWindows()).collect().to_native().schema
