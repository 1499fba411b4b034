"""Builds tickets with their conversations row by row, and answered cases of which the truth is known."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import narwhals as nw
import numpy as np
import polars as pl

from rules.regression.logistic import Floats, chance
from rules.satisfaction import Answers, TicketFacts, features
from rules.satisfaction.features import NAMES

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
AS_OF = MONDAY + timedelta(days=60)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

_UTC = pl.Datetime("us", "UTC")
SCHEMAS: dict[str, dict[str, Any]] = {
    "tickets": {
        "id": pl.Int64, "account_id": pl.Int64, "account": pl.String, "source": pl.String, "ref": pl.String,
        "created_at": _UTC, "resolved_at": _UTC,
    },
    "messages": {
        "id": pl.Int64, "ticket_id": pl.Int64, "author_kind": pl.String, "public": pl.Boolean,
        "automatic": pl.Boolean, "sent_at": _UTC, "characters": pl.Int64,
    },
    "events": {
        "ticket_id": pl.Int64, "kind": pl.String, "from_value": pl.String, "to_value": pl.String, "happened_at": _UTC,
    },
    "breaches": {"ticket_id": pl.Int64, "breached_at": _UTC},
    "promised": {"ticket_id": pl.Int64, "since": _UTC},
    "surveys": {
        "ticket_id": pl.Int64, "kind": pl.String, "score": pl.Int64, "scale_min": pl.Int64, "scale_max": pl.Int64,
        "answered_at": _UTC,
    },
    "readings": {"message_id": pl.Int64, "sentiment": pl.Int64},
    "said_again": {"message_id": pl.Int64, "again": pl.Int64},
    "evidence": {"message_id": pl.Int64, "kind": pl.String},
}  # fmt: skip


@dataclass
class Desk:
    """Rows by table; moments are hours after MONDAY."""

    rows: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: {name: [] for name in SCHEMAS})

    def ticket(self, number: int = 1, at: float = 0, solved: float | None = None, account: str | None = "A") -> "Desk":
        return self._add(
            "tickets", id=number, account_id=1, account=account, source="files", ref=f"T{number}", created_at=hours(at),
            resolved_at=None if solved is None else hours(solved),
        )  # fmt: skip

    def says(
        self, author: str, *ats: float, ticket: int = 1, sentiment: int | None = None, again: int = 0,
        evidence: tuple[str, ...] = (), **row: Any,
    ) -> "Desk":  # fmt: skip
        """One message at each of these hours."""
        for at in ats:
            number = len(self.rows["messages"]) + 1
            self._add("messages", **{
                "id": number, "ticket_id": ticket, "author_kind": author, "public": True, "automatic": None,
                "sent_at": hours(at), "characters": 100, **row,
            })  # fmt: skip
            if sentiment is not None:
                self._add("readings", message_id=number, sentiment=sentiment)
            if again:
                self._add("said_again", message_id=number, again=again)
            for kind in evidence:
                self._add("evidence", message_id=number, kind=kind)
        return self

    def becomes(self, kind: str, before: str | None, after: str | None, at: float, ticket: int = 1) -> "Desk":
        return self._add(
            "events", ticket_id=ticket, kind=kind, from_value=before, to_value=after, happened_at=hours(at)
        )

    def breached(self, at: float, ticket: int = 1) -> "Desk":
        return self._add("breaches", ticket_id=ticket, breached_at=hours(at))

    def promised(self, at: float = 0, ticket: int = 1) -> "Desk":
        return self._add("promised", ticket_id=ticket, since=hours(at))

    def rated(
        self, score: int, at: float, scale: tuple[int, int] = (1, 5), kind: str = "csat", ticket: int = 1
    ) -> "Desk":
        return self._add(
            "surveys", ticket_id=ticket, kind=kind, score=score, scale_min=scale[0], scale_max=scale[1],
            answered_at=hours(at),
        )  # fmt: skip

    def _add(self, table: str, **row: Any) -> "Desk":
        self.rows[table].append(row)
        return self

    def facts(self, *, turned: bool = False) -> TicketFacts:
        """All rows as frames, the last first where they are `turned`."""
        return TicketFacts(**{name: frame(name, rows[::-1] if turned else rows) for name, rows in self.rows.items()})

    def seen(self, at: float, ticket: int = 1) -> dict[str, Any]:
        """The features of one ticket at an hour."""
        created = next(row["created_at"] for row in self.rows["tickets"] if row["id"] == ticket)
        case = {"case": [0], "ticket_id": [ticket], "created_at": [created], "seen_at": [hours(at)]}
        types: dict[str, Any] = {"case": pl.Int64, "ticket_id": pl.Int64, "created_at": _UTC, "seen_at": _UTC}
        cases = nw.from_native(pl.DataFrame(case, schema=types).lazy())
        [row] = features(cases, self.facts()).collect().iter_rows(named=True)
        return dict(row)


def hours(at: float) -> datetime:
    return MONDAY + timedelta(hours=at)


def frame(name: str, rows: list[dict[str, Any]]) -> nw.LazyFrame[Any]:
    return nw.from_native(pl.DataFrame(rows, schema=SCHEMAS[name], orient="row").lazy())


def simulated(
    seed: int, count: int = 1_000, effect: float = 1.0, accounts: int = 120, clumped: float = 0.0
) -> tuple[Answers, Floats]:
    """Answers of which the truth is known, and their true probabilities.

    Waits displease (−0.8 a logarithm), good sentiment pleases (+0.015 a point), both times `effect`; the number of
    replies does nothing. `clumped` is the spread of what an account's answers have in common.
    """
    dice = np.random.default_rng(seed)
    owners = dice.integers(0, accounts, count)
    figures = {name: np.full(count, np.nan) for name in NAMES}
    figures["waited_hours"], figures["replies"] = dice.lognormal(2, 1, count), dice.poisson(2, count) + 1.0
    figures["customer_messages"] = np.full(count, 2.0)
    figures["last_sentiment"] = dice.normal(0, 40, count)
    pull = -0.8 * (np.log1p(figures["waited_hours"]) - 2) + 0.015 * figures["last_sentiment"]
    truth = chance(1.2 + effect * pull + clumped * dice.normal(0, 1, accounts)[owners])
    satisfied = (dice.random(count) < truth).astype(np.float64)
    moments = np.arange(count, dtype=np.int64) * 3_600_000_000
    numbered = np.unique(owners, return_inverse=True)[1].astype(np.int64)
    lots = (owners * 7_919 % 1_000).astype(np.int64)
    return Answers(figures, satisfied, numbered, lots, moments, moments + 7_200_000_000), truth
