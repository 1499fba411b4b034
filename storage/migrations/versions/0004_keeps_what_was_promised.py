"""Keeps the terms that applied to each ticket, the promises that were broken, and which replies moved an issue on."""

import sqlalchemy as sa
from alembic import op

from storage import types

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("tickets", sa.Column("team", sa.Text(), nullable=True))
    op.add_column("message_readings", sa.Column("impactful", sa.Boolean(), nullable=True))
    op.create_table(
        "sla_terms",
        sa.Column("terms_hash", sa.Text(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("content", types.JsonText(), nullable=False),
        sa.Column("recorded_at", types.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("terms_hash", name=op.f("pk_sla_terms")),
    )
    op.create_table(
        "sla_assignments",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("ticket_ref", sa.Text(), nullable=False),
        sa.Column("since", types.UtcDateTime(), nullable=False),
        sa.Column("terms_hash", sa.Text(), nullable=True),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("inputs", types.JsonText(), nullable=False),
        sa.Column("recorded_at", types.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("source", "ticket_ref", "since", name=op.f("pk_sla_assignments")),
    )
    op.create_table(
        "sla_breaches",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("ticket_ref", sa.Text(), nullable=False),
        sa.Column("account_ref", sa.Text(), nullable=True),
        sa.Column("metric", sa.Text(), nullable=False),
        sa.Column("started_at", types.UtcDateTime(), nullable=False),
        sa.Column("breached_at", types.UtcDateTime(), nullable=False),
        sa.Column("target_seconds", sa.BigInteger(), nullable=False),
        sa.Column("counting", sa.Text(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("terms_hash", sa.Text(), nullable=False),
        sa.Column("recorded_at", types.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("source", "ticket_ref", "metric", "started_at", name=op.f("pk_sla_breaches")),
    )
    op.create_index(op.f("ix_sla_breaches_breached_at"), "sla_breaches", ["breached_at"])
