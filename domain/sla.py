"""Knows what was promised for a ticket, since when, and which promises were broken; all of it append-only."""

from typing import Any, Literal

from domain.records import Name, Record, UtcDatetime

Metric = Literal[
    "first_reply", "first_impactful_reply", "next_reply", "periodic_update", "resolution", "requester_wait",
    "agent_work", "internal_review", "outreach",
]  # fmt: skip
Counting = Literal["business", "elapsed"]
ClockState = Literal["running", "paused", "met", "breached", "ended", "no_target"]


class SlaTerms(Record):
    """What a policy promises, with its calendar, resolved and never changed: named by the hash of its content."""

    terms_hash: Name
    policy: Name
    content: dict[str, Any]
    recorded_at: UtcDatetime


class SlaAssignment(Record):
    """That these terms apply to a ticket from `since` on, and why; None: no policy applies."""

    source: Name
    ticket_ref: Name
    since: UtcDatetime
    terms_hash: Name | None = None
    because: Name
    inputs: dict[str, Any]
    recorded_at: UtcDatetime


class SlaBreach(Record):
    """A promise that was broken: the wait that began at `started_at` was not over when its time was up.

    `breached_at` is the deadline of the terms in force at that moment; `recorded_at` is when a run saw it.
    """

    source: Name
    ticket_ref: Name
    account_ref: str | None = None
    metric: Metric
    started_at: UtcDatetime
    breached_at: UtcDatetime
    target_seconds: int
    counting: Counting
    policy: Name
    terms_hash: Name
    recorded_at: UtcDatetime
