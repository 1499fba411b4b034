"""Tickets whose moments are ticks, and how the stable call takes them.

Moments are ticks of 15 minutes after a Monday's midnight; all that happens, and every opening, falls on one.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

MONDAY = datetime(2025, 6, 2, tzinfo=UTC)
TICK = timedelta(minutes=15)
METRICS = (
    "agent_work", "first_impactful_reply", "first_reply", "internal_review", "next_reply", "outreach",
    "periodic_update", "requester_wait", "resolution",
)  # fmt: skip


def moment(tick: int) -> datetime:
    return MONDAY + tick * TICK


@dataclass(frozen=True)
class Hours:
    """Open on weekdays between two ticks of the local day."""

    zone: str
    opens: int
    closes: int

    @cache  # noqa: B019 - a few hours of a few tests
    def is_open(self, tick: int) -> bool:
        local = moment(tick).astimezone(ZoneInfo(self.zone))
        return local.weekday() < 5 and self.opens <= local.hour * 4 + local.minute // 15 < self.closes

    def written(self) -> dict[str, Any]:
        text = "-".join(f"{tick // 4:02}:{tick % 4 * 15:02}" for tick in (self.opens, self.closes))
        return {"zone": self.zone, "hours": {"mon-fri": [text]}}


@dataclass(frozen=True)
class Promise:
    """Targets in ticks by metric and priority; `elapsed` are the metrics that do not count by the hours."""

    hours: Hours
    targets: dict[str, dict[str, int]]
    elapsed: frozenset[str]
    pauses: dict[str, frozenset[str]]
    grace: int
    grace_elapsed: bool
    restart: bool

    def written(self) -> dict[str, Any]:
        def length(ticks: int, elapsed: bool) -> str:
            return f"{ticks * 15}m {'elapsed' if elapsed else 'business'}"

        return {
            "calendar": self.hours.written(),
            "targets": {
                metric: {word: length(ticks, metric in self.elapsed) for word, ticks in by_priority.items()}
                for metric, by_priority in self.targets.items()
            }
            or "none",
            "pauses": {metric: sorted(statuses) for metric, statuses in self.pauses.items()},
            "grace": length(self.grace, self.grace_elapsed),
            "warnings": [25, 50],
            "reopened": "restart" if self.restart else "continue",
        }


@dataclass(frozen=True)
class Ticket:
    """said: (tick, who, public, impactful); changed: (tick, kind, from, to); each list in the order of its ids."""

    created: int
    status: str = "open"
    priority: str | None = None
    said: tuple[tuple[int, str, bool, bool | None], ...] = ()
    changed: tuple[tuple[int, str, str | None, str | None], ...] = ()
    outreach: tuple[int, ...] = ()
    first_replied: int | None = None
    resolved: int | None = None
    promises: tuple[tuple[int, Promise], ...] = ()

    def written(self) -> dict[str, Any]:
        """The ticket as the stable call takes it."""
        return {
            "created_at": moment(self.created),
            "status": self.status,
            "priority": self.priority,
            "messages": [
                {"at": moment(tick), "by": who, "public": public, "impactful": impactful}
                for tick, who, public, impactful in self.said
            ],
            "events": [
                {"at": moment(tick), "kind": kind, "from": before, "to": after}
                for tick, kind, before, after in self.changed
            ],
            "outreach": [moment(tick) for tick in self.outreach],
            "first_replied_at": None if self.first_replied is None else moment(self.first_replied),
            "resolved_at": None if self.resolved is None else moment(self.resolved),
        }

    def terms(self) -> list[dict[str, Any]]:
        return [{"since": moment(since), **promise.written()} for since, promise in self.promises]
