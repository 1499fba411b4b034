"""Knows the reasons for which revenue is lost: what speaks for each, and who can mend it."""

from decimal import Decimal
from typing import Literal, Self

from pydantic import Field, model_validator

from domain.records import Name, Record

# What can be found on an account's path; the first ten are what support itself did or left undone.
Fact = Literal[
    "late_reply", "late_resolution", "late_care", "slow_reply", "unresolved", "reopened", "repeated_issue",
    "dropped_hand_off", "unanswered_anger", "unhandled_escalation",
    "hand_off", "slow_resolution", "topic", "anger", "low_rating", "usage_drop", "never_took_off", "silence",
    "young_account", "said", "commented", "reported",
]  # fmt: skip
Failure = Literal[
    "late_reply", "late_resolution", "late_care", "slow_reply", "unresolved", "reopened", "repeated_issue",
    "dropped_hand_off", "unanswered_anger", "unhandled_escalation",
]  # fmt: skip
UNKNOWN_REASON = "unknown"


class EvidenceRule(Record):
    """That a fact found `at_least` so often (or so large) speaks for a reason with so many `points`."""

    fact: Fact
    at_least: Decimal = Field(default=Decimal(1), gt=0)
    points: int = Field(ge=1, le=100)


class ReasonRule(Record):
    """One reason in operational terms.

    `support` says whether support can mend it. `codes` are what other systems call it, `words` what people write when
    they mean it, `topics` the workflows and tags of tickets about it.
    """

    id: Name
    name: Name
    support: bool = False
    codes: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    evidence: tuple[EvidenceRule, ...] = ()


class ReasonConventions(Record):
    """The document `reasons.yaml`: how a loss gets its reason.

    Looked at is the path of `path_days` before notice, or before the outcome where no notice is known; words count
    when they were written `said_days` before the outcome or later. A reason is proposed from `minimum_points` on; one
    that leads by less than `clear_lead` points is called contested. `failures` are what counts as a failure of support
    in a path, the gravest first, each with how much of it there must be.
    """

    path_days: int = Field(default=180, ge=14, le=1095)
    said_days: int = Field(default=120, ge=1, le=1095)
    minimum_points: int = Field(default=40, ge=1, le=100)
    clear_lead: int = Field(default=15, ge=0, le=100)
    slow_reply_hours: int = Field(default=48, ge=1)
    slow_resolution_days: int = Field(default=14, ge=1)
    unresolved_days: int = Field(default=7, ge=0)
    repeated_times: int = Field(default=4, ge=2)
    repeated_days: int = Field(default=30, ge=1)
    dropped_hours: int = Field(default=24, ge=1)
    unanswered_hours: int = Field(default=24, ge=1)
    angry_at: int = Field(default=-35, ge=-100, le=0)
    low_rating_percent: int = Field(default=40, ge=0, le=100)
    detractor_percent: int = Field(default=60, ge=0, le=100)
    usage_days: int = Field(default=28, ge=7, le=180)
    took_off_daily_uses: Decimal = Field(default=Decimal(1), ge=0)
    silence_days: int = Field(default=60, ge=7)
    young_days: int = Field(default=180, ge=1)
    report_tolerance_days: int = Field(default=31, ge=0)
    failures: dict[Failure, Decimal] = Field(default_factory=dict)
    reasons: tuple[ReasonRule, ...] = ()

    @model_validator(mode="after")
    def _names_each_reason_once(self) -> Self:
        ids = [reason.id for reason in self.reasons]
        twice = sorted({each for each in ids if ids.count(each) > 1})
        if twice:
            raise ValueError(f"the reason {twice[0]!r} is there twice; give each an id of its own")
        if UNKNOWN_REASON in ids:
            raise ValueError(f"{UNKNOWN_REASON!r} is no reason; it is what is said where none is known")
        return self

    def name_of(self, reason: str) -> str:
        """What people call a reason."""
        return next((each.name for each in self.reasons if each.id == reason), reason)

    def is_support(self, reason: str) -> bool:
        """Whether support can mend what is behind a reason."""
        return any(each.support for each in self.reasons if each.id == reason)
