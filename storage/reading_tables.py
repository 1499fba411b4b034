"""Knows the tables of what readers made of texts, and what persons said of their readings."""

from sqlalchemy import Boolean, Column, Float, ForeignKey, Index, Integer, PrimaryKeyConstraint, Table, Text

from storage.columns import (
    KEY,
    account_id,
    changed_at,
    metadata,
    must,
    row_id,
    some,
    source_key,
    sourced,
    ticket_id,
)
from storage.types import JsonText, UtcDateTime


def _message_id() -> Column[int]:
    return Column("message_id", KEY, ForeignKey("messages.id"), nullable=False)


# What each message was read as, once by each reader; language and figures are empty where they are unknown.
message_readings = Table(
    "message_readings", metadata, _message_id(), must("reader"), some("language"), some("sentiment", Integer),
    some("impactful", Boolean), PrimaryKeyConstraint("message_id", "reader"),
)  # fmt: skip

# The places of a message that a rule found, as characters of its cleaned text; `said` is masked.
text_evidence = Table(
    "text_evidence", metadata, _message_id(), must("reader"), must("kind"), must("rule"), must("begins_at", Integer),
    must("ends_at", Integer), must("said"), must("sentence"),
    PrimaryKeyConstraint("message_id", "reader", "kind", "rule", "begins_at"),
)  # fmt: skip

# What persons said of a score, and what was learned from it; append-only, the newest answer counts.
sentiment_labels = Table(
    "sentiment_labels", metadata, row_id(), _message_id(), must("reader"), must("shown", Integer), must("answer"),
    must("given_by"), must("given_at", UtcDateTime), Index(None, "message_id"),
)  # fmt: skip

sentiment_calibrations = Table(
    "sentiment_calibrations", metadata, Column("calibration_hash", Text, primary_key=True), must("reader"),
    must("content", JsonText), must("evaluation", JsonText), must("calibrated_at", UtcDateTime),
    some("withdrawn_at", UtcDateTime),
)  # fmt: skip

# Issues that come back, which tickets are about them, and what persons merged, split and named; decisions stay.
issues = Table(
    "issues", metadata, Column("issue_id", Text, primary_key=True), must("reader"), must("label"),
    must("terms", JsonText), must("first_seen_at", UtcDateTime),
)  # fmt: skip

ticket_issues = Table(
    "ticket_issues", metadata, ticket_id(), must("reader"), must("issue_id"), must("similarity", Float),
    must("placed_at", UtcDateTime), PrimaryKeyConstraint("ticket_id", "reader"), Index(None, "issue_id"),
)  # fmt: skip

issue_decisions = Table(
    "issue_decisions", metadata, row_id(), must("answer"), must("issue_id"), some("other_issue_id"),
    must("ticket_refs", JsonText), some("label"), must("decided_by"), must("decided_at", UtcDateTime),
    some("withdrawn_at", UtcDateTime),
)  # fmt: skip

# What was learned from a team's own answers, and what it foretells of tickets; shares of satisfied answers, 0..1.
learned_models = Table(
    "learned_models", metadata, Column("model_hash", Text, primary_key=True), must("predicts"),
    must("content", JsonText), must("evaluation", JsonText), must("trained_at", UtcDateTime),
    some("withdrawn_at", UtcDateTime),
)  # fmt: skip

ticket_predictions = Table(
    "ticket_predictions", metadata, ticket_id(), must("predicts"), must("model_hash"), some("predicted_ratio", Float),
    some("low_ratio", Float), some("high_ratio", Float), must("because", JsonText), must("predicted_at", UtcDateTime),
    PrimaryKeyConstraint("ticket_id", "predicts", "model_hash"),
)  # fmt: skip

# What the help centre offers, and who looked at it.
articles = Table(
    "articles", metadata, row_id(), *sourced(), must("title"), must("body"), some("url"),
    must("updated_at", UtcDateTime), changed_at(), source_key(),
)  # fmt: skip

article_views = Table(
    "article_views", metadata, row_id(), *sourced(), account_id(nullable=True), ticket_id(nullable=True),
    some("account_ref"), some("ticket_ref"), must("article_ref"), some("visitor"), must("viewed_at", UtcDateTime),
    changed_at(), source_key(), Index(None, "account_id"), Index(None, "viewed_at"),
)  # fmt: skip
