"""Knows how far back each signal looks; every length is configuration."""

from datetime import datetime, timedelta
from typing import Literal, Self

from pydantic import Field, model_validator

from domain.escalations import TouchKind
from domain.records import Record


class CustomField(Record):
    """A field of a source's own about accounts that is a signal: its name, in small letters with `_`, and its kind."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{0,60}$", description="The field's name: `Plan Tier` is plan_tier.")
    kind: Literal["text", "number", "date"] = Field(default="text", description="What its values are read as.")


class SignalWindows(Record):
    """Lengths in whole days unless the name says otherwise; a window is `(as_of − length, as_of]`.

    A signal's name carries the shipped length (`tickets_7d`); sentences always print the configured one.
    """

    spike_days: int = Field(default=7, ge=1, le=60, description="Window in which tickets are counted for a spike.")
    baseline_days: int = Field(default=84, ge=7, le=365, description="The usual is measured over these days before.")
    baseline_min_days: int = Field(default=28, ge=1, description="An account known for less has no usual yet.")
    surge_days: int = Field(default=1, ge=1, le=6, description="Days in which a sudden surge of tickets is seen.")
    trend_days: int = Field(default=30, ge=1, le=180, description="Window of growth, escalated tickets and breaches.")
    silence_days: int = Field(
        default=60, ge=1, le=180, description="The habit of writing is measured before these days."
    )
    habit_days: int = Field(default=180, ge=1, le=365, description="Length of the habit window before the silence.")
    ticket_history_days: int = Field(default=365, ge=28, description="Tickets older than this are not looked at.")
    issue_days: int = Field(default=30, ge=1, le=180, description="Window in which the same issue is counted.")
    ignored_tags: tuple[str, ...] = Field(
        default=("enterprise", "vip", "priority", "urgent", "escalated", "email", "chat", "phone", "web", "api"),
        description="Tags that name a customer, a channel or a haste rather than an issue.",
    )
    sentiment_days: int = Field(
        default=30, ge=1, le=180, description="Window of the customers' messages that are read."
    )
    sentiment_min_messages: int = Field(default=3, ge=1, description="Fewer read messages give no figure.")
    sentiment_half_life_days: int = Field(default=14, ge=1, le=365, description="A message this old weighs half.")
    sentiment_ticket_most: int = Field(
        default=5, ge=1, description="A ticket weighs at most as many fresh messages in its account's level."
    )
    sentiment_earlier_days: int = Field(
        default=90, ge=1, le=365, description="Length of the account's own past that its mood is compared with."
    )
    sentiment_earlier_min_messages: int = Field(
        default=6, ge=1, description="Fewer read messages of that past give no trend."
    )
    drift_days: int = Field(default=56, ge=14, le=180, description="The weeks in which a quiet drift is looked for.")
    drift_earlier_days: int = Field(
        default=182, ge=28, le=365, description="The weeks before that they are held against."
    )
    drift_min_tickets: int = Field(
        default=4, ge=2, description="Fewer read tickets in a drift's weeks, or twice as many before, give no figure."
    )
    evidence_days: int = Field(
        default=30, ge=1, le=180, description="Window of the messages in which evidence is counted."
    )
    evidence_history_days: int = Field(
        default=180, ge=1, le=365, description="Evidence is looked for in messages no older than this."
    )
    expansion_seat_words: tuple[str, ...] = Field(
        default=("seat", "seats", "licence", "licences", "license", "licenses", "user", "users", "user limit"),
        description="Words of a sentence with interest in more that speak of seats.",
    )
    expansion_plan_words: tuple[str, ...] = Field(
        default=(
            "plan", "tier", "upgrade", "upgrading", "enterprise", "premium", "module", "add-on", "addon", "feature",
            "edition", "package",
        ),
        description="Words that speak of a higher plan.",
    )  # fmt: skip
    expansion_team_words: tuple[str, ...] = Field(
        default=(
            "team", "teams", "department", "departments", "division", "subsidiary", "business unit", "office", "region",
            "site", "roll out", "rolling out", "rollout",
        ),
        description="Words that speak of another team.",
    )  # fmt: skip
    usage_days: int = Field(default=7, ge=1, le=60, description="Length of each of the two usage periods compared.")
    usage_all_min_uses: int = Field(
        default=20, ge=1, description="An account with fewer uses before does not tell what all accounts lose."
    )
    usage_all_min_accounts: int = Field(
        default=20, ge=1, description="Fewer such accounts do not tell what all accounts lose."
    )
    survey_days: int = Field(default=30, ge=1, le=365, description="Window of the answers to surveys.")
    predicted_min_tickets: int = Field(
        default=3, ge=1, description="Of fewer foretold tickets no mean satisfaction is foretold."
    )
    effort_days: int = Field(default=30, ge=1, le=365, description="Window of the solved tickets' effort.")
    effort_long_days: int = Field(default=90, ge=1, le=365, description="Its longer window.")
    severity_1: tuple[str, ...] = Field(default=("urgent",), description="Priorities of tickets of severity 1.")
    speed_days: int = Field(default=30, ge=1, le=180, description="Window of the tickets' speed.")
    speed_usual_days: int = Field(
        default=180, ge=7, le=365, description="The normal speed is measured over these days before."
    )
    speed_min_tickets: int = Field(
        default=3, ge=1, description="Fewer tickets give no speed, fewer than twice as many no normal one."
    )
    onboarding_workflows: tuple[str, ...] = Field(
        default=("onboarding",), description="Workflows whose first solved ticket is a first value."
    )
    notice_period_days: int | None = Field(
        default=30, ge=0, le=730, description="Days before a renewal up to which notice can be given; null: unknown."
    )
    payment_days: int = Field(default=30, ge=1, le=365, description="Window of the payments that failed.")
    sponsor_actors: tuple[str, ...] = Field(
        default=(), description="Whose touches are an executive sponsor's: names as they stand in the touches."
    )
    sponsor_words: tuple[str, ...] = Field(
        default=("executive sponsor", "exec sponsor"), description="Words of a touch's note that make it a sponsor's."
    )
    csm_touches: tuple[TouchKind, ...] = Field(default=("csm_call",), description="Kinds of touches that are a CSM's.")
    csm_words: tuple[str, ...] = Field(default=("csm",), description="Words of a touch's note that make it a CSM's.")
    custom_fields: tuple[CustomField, ...] = Field(
        default=(), max_length=100, description="Fields of your own about accounts that are signals."
    )

    @model_validator(mode="after")
    def _fit_into_the_history(self) -> Self:
        needed = {
            "spike_days + baseline_days": self.spike_days + self.baseline_days,
            "silence_days + habit_days": self.silence_days + self.habit_days,
            "2 × trend_days": 2 * self.trend_days,
            "trend_days + baseline_days": self.trend_days + self.baseline_days,
            "drift_days + drift_earlier_days": self.drift_days + self.drift_earlier_days,
        }
        for name, days in needed.items():
            if days > self.ticket_history_days:
                raise ValueError(f"{name} is {days}, longer than ticket_history_days ({self.ticket_history_days})")
        if self.baseline_min_days > self.baseline_days:
            raise ValueError(f"baseline_min_days must not exceed baseline_days ({self.baseline_days})")
        names = [field.name for field in self.custom_fields]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"custom_fields names {', '.join(twice)} twice")
        return self

    def tickets_since(self, as_of: datetime) -> datetime:
        """Tickets created up to this moment cannot change any signal."""
        return as_of - timedelta(days=self.ticket_history_days)

    def recent_tickets_since(self, as_of: datetime) -> datetime:
        """Subjects, tags and flags of tickets created up to this moment cannot change any signal."""
        return as_of - timedelta(days=max(self.issue_days, self.trend_days))

    def histories_since(self, as_of: datetime) -> datetime:
        """Tickets that were solved up to this moment, and not opened since, cannot change backlog and speed."""
        return as_of - timedelta(days=max(self.speed_days + self.speed_usual_days, self.trend_days))

    def solved_since(self, as_of: datetime) -> datetime:
        """Tickets solved up to this moment cannot change any signal of effort."""
        return as_of - timedelta(days=max(self.effort_days, self.effort_long_days))

    def messages_since(self, as_of: datetime) -> datetime:
        """Messages sent up to this moment cannot change any signal."""
        mood = self.sentiment_days + self.sentiment_earlier_days
        return as_of - timedelta(days=max(mood, self.drift_days + self.drift_earlier_days))
