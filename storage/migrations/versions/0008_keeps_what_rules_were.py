"""Keeps the versions of playbooks, what they decided without acting, charges, and sources' own fields of accounts."""

import sqlalchemy as sa
from alembic import op

from storage import types

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.add_column("decisions", sa.Column("ticket_ref", sa.Text(), nullable=True))
    op.add_column("decisions", sa.Column("since", types.UtcDateTime(), nullable=True))
    for name in ("ticket_ref", "owner", "parent_id"):
        op.add_column("escalations", sa.Column(name, sa.Text(), nullable=True))
    for name, kind in (("only_if", sa.Text()), ("approval", sa.Boolean()), ("message", sa.Text())):
        op.add_column("escalation_steps", sa.Column(name, kind, nullable=True))
    op.create_table(
        "payments",
        sa.Column("id", key, autoincrement=True, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("account_id", key, nullable=False),
        sa.Column("account_ref", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("happened_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_payments_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments")),
        sa.UniqueConstraint(
            "source", "external_id", "happened_at", name=op.f("uq_payments_source_external_id_happened_at")
        ),
    )
    op.create_index(op.f("ix_payments_account_id"), "payments", ["account_id"])
    op.create_table(
        "account_fields",
        sa.Column("id", key, autoincrement=True, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("account_id", key, nullable=False),
        sa.Column("account_ref", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("recorded_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_account_fields_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_fields")),
        sa.UniqueConstraint(
            "source", "external_id", "recorded_at", name=op.f("uq_account_fields_source_external_id_recorded_at")
        ),
    )
    op.create_index(op.f("ix_account_fields_account_id"), "account_fields", ["account_id"])
    op.create_table(
        "playbook_versions",
        sa.Column("rule_hash", sa.Text(), nullable=False),
        sa.Column("playbook", sa.Text(), nullable=False),
        sa.Column("content", types.JsonText(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_at", types.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("rule_hash", name=op.f("pk_playbook_versions")),
    )
    op.create_index(op.f("ix_playbook_versions_playbook"), "playbook_versions", ["playbook"])
    op.create_table(
        "playbook_decrees",
        sa.Column("id", key, autoincrement=True, nullable=False),
        sa.Column("playbook", sa.Text(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("rule_hash", sa.Text(), nullable=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("at", types.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_playbook_decrees")),
    )
    op.create_index(op.f("ix_playbook_decrees_playbook_at"), "playbook_decrees", ["playbook", "at"])
    op.create_table(
        "rule_spells",
        sa.Column("rule_hash", sa.Text(), nullable=False),
        sa.Column("account_id", key, nullable=False),
        sa.Column("account_ref", sa.Text(), nullable=False),
        sa.Column("ticket_ref", sa.Text(), nullable=False),
        sa.Column("true_since", types.UtcDateTime(), nullable=False),
        sa.Column("on_since", types.UtcDateTime(), nullable=True),
        sa.Column("ended_at", types.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_rule_spells_account_id")),
        sa.PrimaryKeyConstraint("rule_hash", "account_id", "ticket_ref", "true_since", name=op.f("pk_rule_spells")),
    )
    op.create_table(
        "shadow_decisions",
        sa.Column("decision_id", sa.Text(), nullable=False),
        sa.Column("account_id", key, nullable=False),
        sa.Column("account_ref", sa.Text(), nullable=False),
        sa.Column("playbook", sa.Text(), nullable=False),
        sa.Column("rule_hash", sa.Text(), nullable=False),
        sa.Column("as_of", types.UtcDateTime(), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("inputs", types.JsonText(), nullable=False),
        sa.Column("ticket_ref", sa.Text(), nullable=True),
        sa.Column("since", types.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_shadow_decisions_account_id")),
        sa.PrimaryKeyConstraint("decision_id", name=op.f("pk_shadow_decisions")),
    )
    op.create_index(op.f("ix_shadow_decisions_rule_hash_as_of"), "shadow_decisions", ["rule_hash", "as_of"])
    op.create_table(
        "decision_answers",
        sa.Column("id", key, autoincrement=True, nullable=False),
        sa.Column("escalation_id", sa.Text(), nullable=False),
        sa.Column("playbook", sa.Text(), nullable=False),
        sa.Column("rule_hash", sa.Text(), nullable=False),
        sa.Column("account_id", key, nullable=False),
        sa.Column("account_ref", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("decided_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_decision_answers_account_id")),
        sa.ForeignKeyConstraint(
            ["escalation_id"], ["escalations.escalation_id"], name=op.f("fk_decision_answers_escalation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision_answers")),
    )
    op.create_index(op.f("ix_decision_answers_escalation_id"), "decision_answers", ["escalation_id"])
    op.create_table(
        "held_back_alerts",
        sa.Column("decision_id", sa.Text(), nullable=False),
        sa.Column("account_id", key, nullable=False),
        sa.Column("account_ref", sa.Text(), nullable=False),
        sa.Column("playbook", sa.Text(), nullable=False),
        sa.Column("family", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("at_risk_cents", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("held_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_held_back_alerts_account_id")),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decisions.decision_id"], name=op.f("fk_held_back_alerts_decision_id")
        ),
        sa.PrimaryKeyConstraint("decision_id", name=op.f("pk_held_back_alerts")),
    )
    op.create_index(op.f("ix_held_back_alerts_held_at"), "held_back_alerts", ["held_at"])
    op.create_table(
        "parent_items",
        sa.Column("parent_id", sa.Text(), nullable=False),
        sa.Column("issue_id", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("opened_at", types.UtcDateTime(), nullable=False),
        sa.Column("closed_at", types.UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("parent_id", name=op.f("pk_parent_items")),
    )
    op.create_table(
        "prepared_actions",
        sa.Column("action_id", sa.Text(), nullable=False),
        sa.Column("escalation_id", sa.Text(), nullable=False),
        sa.Column("account_id", key, nullable=False),
        sa.Column("account_ref", sa.Text(), nullable=False),
        sa.Column("ticket_ref", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("body", types.JsonText(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("prepared_at", types.UtcDateTime(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", types.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_prepared_actions_account_id")),
        sa.ForeignKeyConstraint(
            ["escalation_id"], ["escalations.escalation_id"], name=op.f("fk_prepared_actions_escalation_id")
        ),
        sa.PrimaryKeyConstraint("action_id", name=op.f("pk_prepared_actions")),
    )
    op.create_index(op.f("ix_prepared_actions_escalation_id"), "prepared_actions", ["escalation_id"])
