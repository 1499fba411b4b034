"""Knows what was read out of customers' texts, what persons said of it, and what was learned from that."""

from typing import Any, Literal

from pydantic import Field

from domain.records import Name, Record, UtcDatetime

LabelAnswer = Literal["right", "too_harsh", "too_mild", "neg", "neu", "pos"]
IssueAnswer = Literal["merge", "split", "rename", "move"]
Predicted = Literal["csat", "ces"]
LearnedKind = Literal["csat", "ces", "churn"]


class TextEvidence(Record):
    """One place of a message that a rule found: characters `begins_at..ends_at` of the cleaned text, masked."""

    reader: Name
    kind: Name
    rule: Name
    begins_at: int = Field(ge=0)
    ends_at: int
    said: str
    sentence: str


class SentimentLabel(Record):
    """What a person said of the score that was shown for a message, or how it sounds; the newest counts."""

    reader: Name
    shown: int = Field(ge=-100, le=100)
    answer: LabelAnswer
    given_by: Name
    given_at: UtcDatetime


class SentimentCalibration(Record):
    """How one reader's scores are read by one team, learned from its own answers; the newest not withdrawn counts."""

    calibration_hash: Name
    reader: Name
    content: dict[str, Any]
    evaluation: dict[str, Any]
    calibrated_at: UtcDatetime
    withdrawn_at: UtcDatetime | None = None


class Issue(Record):
    """What several tickets are about; `terms` are the words that tell it from others."""

    issue_id: Name
    reader: Name
    label: str
    terms: tuple[str, ...]
    first_seen_at: UtcDatetime


class TicketIssue(Record):
    """That a ticket is about an issue, and how much it resembles the issue's others (0..1)."""

    reader: Name
    issue_id: Name
    similarity: float
    placed_at: UtcDatetime


class IssueDecision(Record):
    """What a person merged, split, named or moved; it stays in force over every later grouping until withdrawn."""

    answer: IssueAnswer
    issue_id: Name
    other_issue_id: Name | None = None
    ticket_refs: tuple[str, ...] = ()
    label: str | None = None
    decided_by: Name
    decided_at: UtcDatetime
    withdrawn_at: UtcDatetime | None = None


class LearnedModel(Record):
    """What was learned from a team's own answers or its own past; the newest not withdrawn counts."""

    model_hash: Name
    predicts: LearnedKind
    content: dict[str, Any]
    evaluation: dict[str, Any]
    trained_at: UtcDatetime
    withdrawn_at: UtcDatetime | None = None


class TicketPrediction(Record):
    """The share of satisfied answers (0..1) that tickets like this one get, with its interval; None: it abstains."""

    predicts: Predicted
    model_hash: Name
    predicted_ratio: float | None
    low_ratio: float | None
    high_ratio: float | None
    because: dict[str, Any]
    predicted_at: UtcDatetime
