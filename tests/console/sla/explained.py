"""Explanations of made tickets, as the job would gather them."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from jobs.sla.explaining import SlaExplanation, Step, Ticket
from rules.sla.story import METRICS, Change, Promise, Said, TicketPast, tell
from tests.rules.sla.pasts import terms
from tests.rules.sla.test_story import at

BERLIN_TEAM = {
    "zone": "Europe/Berlin",
    "hours": {"mon-thu": ["09:00-12:30", "13:30-18:00"], "fri": ["09:00-15:00"]},
    "holidays": [{"on": "2026-11-05", "name": "Company day"}],
}
NOW = at("11-04 12:10")


def a_ticket(**other: Any) -> Ticket:
    blank = Ticket(
        source="desk", external_id="T-1", subject="Export fails", status="open", priority="normal", channel="email",
        team=None, account="Birch Analytics", account_ref="A-1", created_at=at("11-03 09:00"),
    )  # fmt: skip
    return replace(blank, **other)


def explained(past: TicketPast, as_of: datetime = NOW, metrics: Any = METRICS, **other: Any) -> SlaExplanation:
    """What a ticket's past comes to at a moment."""
    blank = SlaExplanation(
        as_of=as_of, is_demo=False, ticket=a_ticket(), past=past.until(as_of), stories=tell(past, as_of, metrics),
        read_at=as_of, steps=(),
    )  # fmt: skip
    return replace(blank, **other)


def a_renewal(**other: Any) -> SlaExplanation:
    """Twelve hours became two before a renewal, after the ticket had been pending over a night."""
    loose = terms(BERLIN_TEAM, {"first_reply": "12h business", "resolution": "30h business"}, policy="standard")
    tight = terms(BERLIN_TEAM, {"first_reply": "2h business", "resolution": "16h business"}, policy="renewal")
    return explained(
        TicketPast(
            at("11-03 09:00"),
            said=(Said(at("11-03 09:05"), "bot"), Said(at("11-03 16:00"), "agent", public=False)),
            changes=(
                Change(at("11-03 17:30"), "status", "new", "pending"),
                Change(at("11-04 09:30"), "status", "pending", "open"),
            ),
            promises=(
                Promise(at("11-03 09:00"), loose, "Policy standard: it takes every ticket"),
                Promise(at("11-04 12:00"), tight, "days to renewal 91 → 89. Policy renewal: renews in 89 days"),
            ),
        ),
        **{"metrics": ("first_reply", "resolution", "outreach"), **other},
    )


def without_terms() -> SlaExplanation:
    """A ticket to which no run has promised anything yet."""
    return explained(TicketPast(at("11-03 09:00")), metrics=("first_reply",))


def a_step(**other: Any) -> Step:
    blank = Step("renewal", "renews in 89 days", "internal review", "support_lead", "2h elapsed",
                 datetime(2026, 11, 4, 13, tzinfo=UTC), is_overdue=False)  # fmt: skip
    return replace(blank, **other)
