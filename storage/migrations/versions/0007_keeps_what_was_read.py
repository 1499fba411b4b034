"""Keeps what was read out of texts, what persons said of it, and what the help centre offers."""

import sqlalchemy as sa
from alembic import op

from storage import types

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.add_column("messages", sa.Column("automatic", sa.Boolean(), nullable=True))
    op.add_column("message_readings", sa.Column("language", sa.Text(), nullable=True))
    op.create_table(
        "text_evidence",
        sa.Column("message_id", key, nullable=False),
        sa.Column("reader", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("begins_at", sa.Integer(), nullable=False),
        sa.Column("ends_at", sa.Integer(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_text_evidence_message_id")),
        sa.PrimaryKeyConstraint("message_id", "reader", "kind", "rule", "begins_at", name=op.f("pk_text_evidence")),
    )
    op.create_table(
        "sentiment_labels",
        sa.Column("id", key, autoincrement=True, nullable=False),
        sa.Column("message_id", key, nullable=False),
        sa.Column("reader", sa.Text(), nullable=False),
        sa.Column("shown", sa.Integer(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("given_by", sa.Text(), nullable=False),
        sa.Column("given_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_sentiment_labels_message_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sentiment_labels")),
    )
    op.create_index(op.f("ix_sentiment_labels_message_id"), "sentiment_labels", ["message_id"])
    op.create_table(
        "sentiment_calibrations",
        sa.Column("calibration_hash", sa.Text(), nullable=False),
        sa.Column("reader", sa.Text(), nullable=False),
        sa.Column("content", types.JsonText(), nullable=False),
        sa.Column("evaluation", types.JsonText(), nullable=False),
        sa.Column("calibrated_at", types.UtcDateTime(), nullable=False),
        sa.Column("withdrawn_at", types.UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("calibration_hash", name=op.f("pk_sentiment_calibrations")),
    )
    op.create_table(
        "issues",
        sa.Column("issue_id", sa.Text(), nullable=False),
        sa.Column("reader", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("terms", types.JsonText(), nullable=False),
        sa.Column("first_seen_at", types.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("issue_id", name=op.f("pk_issues")),
    )
    op.create_table(
        "ticket_issues",
        sa.Column("ticket_id", key, nullable=False),
        sa.Column("reader", sa.Text(), nullable=False),
        sa.Column("issue_id", sa.Text(), nullable=False),
        sa.Column("similarity", sa.Float(), nullable=False),
        sa.Column("placed_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_ticket_issues_ticket_id")),
        sa.PrimaryKeyConstraint("ticket_id", "reader", name=op.f("pk_ticket_issues")),
    )
    op.create_index(op.f("ix_ticket_issues_issue_id"), "ticket_issues", ["issue_id"])
    op.create_table(
        "issue_decisions",
        sa.Column("id", key, autoincrement=True, nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("issue_id", sa.Text(), nullable=False),
        sa.Column("other_issue_id", sa.Text(), nullable=True),
        sa.Column("ticket_refs", types.JsonText(), nullable=False),
        sa.Column("label", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("decided_at", types.UtcDateTime(), nullable=False),
        sa.Column("withdrawn_at", types.UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issue_decisions")),
    )
    op.create_table(
        "learned_models",
        sa.Column("model_hash", sa.Text(), nullable=False),
        sa.Column("predicts", sa.Text(), nullable=False),
        sa.Column("content", types.JsonText(), nullable=False),
        sa.Column("evaluation", types.JsonText(), nullable=False),
        sa.Column("trained_at", types.UtcDateTime(), nullable=False),
        sa.Column("withdrawn_at", types.UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("model_hash", name=op.f("pk_learned_models")),
    )
    op.create_table(
        "ticket_predictions",
        sa.Column("ticket_id", key, nullable=False),
        sa.Column("predicts", sa.Text(), nullable=False),
        sa.Column("model_hash", sa.Text(), nullable=False),
        sa.Column("predicted_ratio", sa.Float(), nullable=True),
        sa.Column("low_ratio", sa.Float(), nullable=True),
        sa.Column("high_ratio", sa.Float(), nullable=True),
        sa.Column("because", types.JsonText(), nullable=False),
        sa.Column("predicted_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_ticket_predictions_ticket_id")),
        sa.PrimaryKeyConstraint("ticket_id", "predicts", "model_hash", name=op.f("pk_ticket_predictions")),
    )
    op.create_table(
        "articles",
        sa.Column("id", key, autoincrement=True, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.Column("changed_at", types.UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_articles")),
        sa.UniqueConstraint("source", "external_id", name=op.f("uq_articles_source_external_id")),
    )
    op.create_table(
        "article_views",
        sa.Column("id", key, autoincrement=True, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("account_id", key, nullable=True),
        sa.Column("ticket_id", key, nullable=True),
        sa.Column("account_ref", sa.Text(), nullable=True),
        sa.Column("ticket_ref", sa.Text(), nullable=True),
        sa.Column("article_ref", sa.Text(), nullable=False),
        sa.Column("visitor", sa.Text(), nullable=True),
        sa.Column("viewed_at", types.UtcDateTime(), nullable=False),
        sa.Column("changed_at", types.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_article_views_account_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_article_views_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article_views")),
        sa.UniqueConstraint("source", "external_id", name=op.f("uq_article_views_source_external_id")),
    )
    op.create_index(op.f("ix_article_views_account_id"), "article_views", ["account_id"])
    op.create_index(op.f("ix_article_views_viewed_at"), "article_views", ["viewed_at"])
