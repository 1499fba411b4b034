"""Builds a small helpdesk's facts for the KPIs, row by row, with what a test does not care about filled in."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import narwhals as nw
import polars as pl

from rules.kpis import Cut, Figure, KpiFacts, KpiSettings, Window, kpi_report, kpis
from rules.kpis.facts import Results
from rules.sla.calendar import Calendar

MONDAY = datetime(2026, 6, 1, tzinfo=UTC)
AS_OF = datetime(2026, 6, 29, tzinfo=UTC)
WINDOW = Window(MONDAY, AS_OF)
ALWAYS = Calendar(hours="always")
OFFICE = Calendar(hours={"mon-fri": ["09:00-17:00"]})
HOUR = 3_600

_UTC = pl.Datetime("us", "UTC")
SCHEMAS: dict[str, dict[str, Any]] = {
    "tickets": {
        "id": pl.Int64, "account_id": pl.Int64, "status": pl.String, "priority": pl.String, "channel": pl.String,
        "team": pl.String, "assignee": pl.String, "source": pl.String, "escalated": pl.Boolean, "created_at": _UTC,
        "first_replied_at": _UTC, "resolved_at": _UTC, "segment": pl.String, "days_to_renewal": pl.Int64,
    },
    "messages": {
        "id": pl.Int64, "ticket_id": pl.Int64, "author_kind": pl.String, "public": pl.Boolean, "sent_at": _UTC,
    },
    "events": {
        "id": pl.Int64, "ticket_id": pl.Int64, "kind": pl.String, "from_value": pl.String, "to_value": pl.String,
        "happened_at": _UTC,
    },
    "clocks": {
        "ticket_id": pl.Int64, "metric": pl.String, "cycle": pl.Int64, "started_at": _UTC, "fulfilled_at": _UTC,
        "ended_at": _UTC, "target_seconds": pl.Int64, "breached_at": _UTC, "business_seconds": pl.Int64,
        "elapsed_seconds": pl.Int64, "terms": pl.String,
    },
    "surveys": {
        "ticket_id": pl.Int64, "kind": pl.String, "score": pl.Int64, "scale_min": pl.Int64, "scale_max": pl.Int64,
        "answered_at": _UTC, "segment": pl.String, "days_to_renewal": pl.Int64,
    },
    "views": {
        "id": pl.Int64, "source": pl.String, "account_id": pl.Int64, "ticket_id": pl.Int64, "article_ref": pl.String,
        "visitor": pl.String, "viewed_at": _UTC, "segment": pl.String, "days_to_renewal": pl.Int64,
    },
}  # fmt: skip


def at(day: float, hour: float = 0) -> datetime:
    """A moment so many days and hours after the Monday on which the window begins."""
    return MONDAY + timedelta(days=day, hours=hour)


@dataclass
class Desk:
    """Rows by table."""

    rows: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: {name: [] for name in SCHEMAS})
    calendars: dict[str, Calendar] = field(default_factory=dict)
    default: Calendar = ALWAYS

    def ticket(self, created_at: datetime, **known: Any) -> int:
        """A ticket; returns its id."""
        number = len(self.rows["tickets"]) + 1
        self._add("tickets", **{"id": number, "status": "open", "source": "desk", "created_at": created_at} | known)
        return number

    def status(self, ticket: int, *turns: tuple[str, datetime], kind: str = "status") -> None:
        """Status events, each from the status before; a ticket is new at first."""
        before = "new"
        for status, moment in turns:
            number = len(self.rows["events"]) + 1
            self._add(
                "events", id=number, ticket_id=ticket, kind=kind, from_value=before, to_value=status,
                happened_at=moment,
            )  # fmt: skip
            before = status

    def said(self, ticket: int, *moments: datetime, author: str = "agent", public: bool = True) -> None:
        """Messages in a ticket."""
        for moment in moments:
            number = len(self.rows["messages"]) + 1
            self._add(
                "messages", id=number, ticket_id=ticket, author_kind=author, public=public, sent_at=moment
            )  # fmt: skip

    def clock(self, ticket: int, metric: str, started_at: datetime, **known: Any) -> None:
        """A clock, as the engine gives it."""
        self._add("clocks", ticket_id=ticket, metric=metric, cycle=1, started_at=started_at, **known)

    def replied(self, hours: float, created_at: datetime = MONDAY, metric: str = "first_reply", **known: Any) -> int:
        """A ticket of which this clock was fulfilled after so many hours."""
        ticket = self.ticket(created_at, **known)
        self.clock(ticket, metric, created_at, fulfilled_at=created_at + timedelta(hours=hours))
        return ticket

    def answered(self, kind: str, score: int, scale: tuple[int, int], **known: Any) -> None:
        """An answer to a survey, in the window unless told otherwise."""
        row = {"answered_at": at(3), "kind": kind, "score": score, "scale_min": scale[0], "scale_max": scale[1]}
        self._add("surveys", **row | known)

    def looked(self, viewed_at: datetime, **known: Any) -> None:
        """Somebody looked at an article."""
        row = {"id": len(self.rows["views"]) + 1, "source": "desk", "article_ref": "P", "viewed_at": viewed_at}
        self._add("views", **row | known)

    def _add(self, table: str, **row: Any) -> None:
        self.rows[table].append(row)

    def facts(self, as_of: datetime = AS_OF) -> KpiFacts:
        """The rows as frames."""
        lazy = {name: self._frame(name).lazy() for name in SCHEMAS if name != "clocks"}
        first = min((row["created_at"] for row in self.rows["tickets"]), default=None)
        return KpiFacts(
            as_of=as_of, clocks=self._frame("clocks"), calendars=self.calendars, default_calendar=self.default,
            known_since=first, **lazy,
        )  # fmt: skip

    def _frame(self, name: str) -> Results:
        return nw.from_native(pl.DataFrame(self.rows[name], schema=SCHEMAS[name], orient="row"))

    def figures(
        self,
        *names: str,
        by: Cut | None = None,
        window: Window = WINDOW,
        settings: KpiSettings | None = None,
        as_of: datetime = AS_OF,
    ) -> list[Figure]:
        """The figures of these KPIs."""
        told = settings or KpiSettings()
        known = kpis(told)
        shown = [known[name] for name in names] if names else list(known.values())
        return kpi_report(self.facts(as_of), window, shown, told, by)

    def figure(self, name: str, **asked: Any) -> Figure:
        """The figure of one KPI, uncut."""
        (found,) = self.figures(name, **asked)
        return found


def sliced(figures: Sequence[Figure]) -> dict[str | None, Figure]:
    """Figures of one KPI by slice."""
    return {figure.slice: figure for figure in figures}
