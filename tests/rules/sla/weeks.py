"""A ticket in a week of office hours, and what one of its clocks shows."""

from datetime import UTC, datetime, timedelta
from typing import Any

from rules.sla import Deadline, deadlines

OFFICE = {"zone": "UTC", "hours": {"mon-fri": ["09:00-17:00"]}}
_DAYS = {day: number for number, day in enumerate(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), start=2)}


def at(text: str) -> datetime:
    """`mon 09:00` or `tue 09:00:01` of the first week of June 2025, `+1 mon 09:00` of the week after it; in UTC."""
    weeks, _, rest = text.partition(" ") if text.startswith("+") else ("0", "", text)
    day, _, time = rest.partition(" ")
    hour, minute, second = (int(part) for part in f"{time}:00".split(":")[:3])
    return datetime(2025, 6, _DAYS[day], hour, minute, second, tzinfo=UTC) + timedelta(weeks=int(weeks))


def customer(when: str, **more: Any) -> dict[str, Any]:
    return {"at": at(when), "by": "customer", **more}


def agent(when: str, **more: Any) -> dict[str, Any]:
    return {"at": at(when), "by": "agent", **more}


def status(when: str, to: str, before: str | None = None) -> dict[str, Any]:
    return {"at": at(when), "kind": "status", "from": before, "to": to}


def priority(when: str, to: str, before: str | None = None) -> dict[str, Any]:
    return {"at": at(when), "kind": "priority", "from": before, "to": to}


def merged(when: str) -> dict[str, Any]:
    return {"at": at(when), "kind": "merged"}


def ticket(created: str, *happened: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A ticket with messages and events in any order."""
    return {
        "created_at": at(created),
        "messages": [each for each in happened if "by" in each],
        "events": [each for each in happened if "kind" in each],
        **more,
    }


def promise(targets: Any, **more: Any) -> dict[str, Any]:
    return {"calendar": OFFICE, "targets": targets, **more}


def clocks(metric: str, given: dict[str, Any], now: str, target: Any = "4h business", **more: Any) -> list[Deadline]:
    """The clocks of a metric that has this target, or of a whole list of terms."""
    terms = target if isinstance(target, list) else promise({metric: target}, **more)
    return [each for each in deadlines(given, terms, at(now)) if each.metric == metric]


def clock(metric: str, given: dict[str, Any], now: str, target: Any = "4h business", **more: Any) -> Deadline:
    """The only clock of a metric."""
    [found] = clocks(metric, given, now, target, **more)
    return found
