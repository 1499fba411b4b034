"""Knows what a policy promises once it is resolved: targets, pauses, calendar; named by the hash of its content."""

import hashlib
import json
from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PlainSerializer

from domain.records import Name, Record
from domain.sla import Metric
from domain.tickets import TicketStatus
from rules.durations import Length, length
from rules.sla.calendar import Calendar

# A ticket's priority, `unknown` where the helpdesk gave none.
PRIORITIES = ("urgent", "high", "normal", "low", "unknown")


def _read(written: object) -> object:
    return written if isinstance(written, Length) else length(written)


def _written(target: Length) -> str:
    return f"{target.seconds}s {target.counting}"


Target = Annotated[Length, BeforeValidator(_read), PlainSerializer(_written)]

_WAITS_FOR_THE_CUSTOMER: tuple[TicketStatus, ...] = ("pending",)
_WAITS_FOR_ANYBODY: tuple[TicketStatus, ...] = ("pending", "on_hold")


def default_pauses(metric: Metric) -> tuple[TicketStatus, ...]:
    """The statuses in which a metric's clock stops where the terms do not say it."""
    return _WAITS_FOR_ANYBODY if metric == "agent_work" else _WAITS_FOR_THE_CUSTOMER


class Terms(Record):
    """What applies to a ticket while it is in force; equal content has an equal hash.

    * targets: by metric and priority; a metric or priority that is left out has no target
    * pauses: by metric, the statuses in which its clock stops; solved and closed always stop it
    * grace: how long after a change a deadline may lie that the change would have put into the past
    * reopened: a reopened ticket's resolution clock goes on where it stopped, or starts again
    * multipliers: the ids of those that the targets are multiplied by already
    """

    policy: Name
    calendar_name: Name
    calendar: Calendar
    targets: Mapping[Metric, Mapping[str, Target]]
    pauses: Mapping[Metric, tuple[TicketStatus, ...]] = Field(default_factory=dict)
    grace: Target = length("1h business")
    warnings: tuple[int, ...] = (50, 75, 90)
    reopened: str = Field(default="continue", pattern="^(continue|restart)$")
    multipliers: tuple[str, ...] = ()

    def paused_in(self, metric: Metric) -> tuple[TicketStatus, ...]:
        """The statuses in which the metric's clock stops."""
        return self.pauses.get(metric, default_pauses(metric))

    @cached_property
    def content_hash(self) -> str:
        """Names these exact terms, whatever the order of keys or the spelling of lengths."""
        text = json.dumps(self.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()[:32]

    def content(self) -> dict[str, Any]:
        """The terms as plain data, from which `Terms.model_validate` makes them again."""
        return self.model_dump(mode="json")
