"""Keeps what was known when, the figures as published, episodes at risk, holdouts, and what persons said of them."""

import sqlalchemy as sa
from alembic import op

from storage import types

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("accounts", sa.Column("parent_ref", sa.Text(), nullable=True))
    op.add_column("subscription_lines", sa.Column("pricing", sa.Text(), nullable=True))
    op.create_table(
        "contract_versions",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("recorded_at", types.UtcDateTime(), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_ref", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("renews_on", sa.Date(), nullable=True),
        sa.Column("notice_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("arr_cents", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("product_lines", types.JsonText(), nullable=False),
        sa.Column("auto_renew", sa.Boolean(), nullable=True),
        sa.Column("gone", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_contract_versions_account_id")),
        sa.PrimaryKeyConstraint("source", "external_id", "recorded_at", name=op.f("pk_contract_versions")),
    )
    op.create_table(
        "fx_rate_versions",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("recorded_at", types.UtcDateTime(), nullable=False),
        sa.Column("base", sa.Text(), nullable=False),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("rate", types.ExactDecimal(), nullable=False),
        sa.Column("gone", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("source", "external_id", "recorded_at", name=op.f("pk_fx_rate_versions")),
    )
    op.create_table(
        "account_versions",
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("recorded_at", types.UtcDateTime(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("segment", sa.Text(), nullable=True),
        sa.Column("industry", sa.Text(), nullable=True),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("csm", sa.Text(), nullable=True),
        sa.Column("parent_ref", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_account_versions_account_id")),
        sa.PrimaryKeyConstraint("account_id", "recorded_at", name=op.f("pk_account_versions")),
    )
    op.create_table(
        "published_figures",
        sa.Column("length", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("slice", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("figures", types.JsonText(), nullable=False),
        sa.Column("published_at", types.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("length", "period", "by", "slice", "published_at", name=op.f("pk_published_figures")),
    )
    op.create_table(
        "episodes",
        sa.Column("episode_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_ref", sa.Text(), nullable=False),
        sa.Column("flagged_at", types.UtcDateTime(), nullable=False),
        sa.Column("playbooks", types.JsonText(), nullable=False),
        sa.Column("covariates", types.JsonText(), nullable=False),
        sa.Column("arr_cents", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("recorded_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_episodes_account_id")),
        sa.PrimaryKeyConstraint("episode_id", name=op.f("pk_episodes")),
    )
    op.create_index(op.f("ix_episodes_account_id_flagged_at"), "episodes", ["account_id", "flagged_at"])
    op.create_table(
        "holdout_plans",
        sa.Column("plan_hash", sa.Text(), nullable=False),
        sa.Column("playbook", sa.Text(), nullable=False),
        sa.Column("content", types.JsonText(), nullable=False),
        sa.Column("registered_at", types.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("plan_hash", name=op.f("pk_holdout_plans")),
    )
    op.create_table(
        "holdout_assignments",
        sa.Column("plan_hash", sa.Text(), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_ref", sa.Text(), nullable=False),
        sa.Column("arm", sa.Text(), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("assigned_at", types.UtcDateTime(), nullable=False),
        sa.Column("arr_cents", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("overridden_by", sa.Text(), nullable=True),
        sa.Column("overridden_at", types.UtcDateTime(), nullable=True),
        sa.Column("overridden_because", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["plan_hash"], ["holdout_plans.plan_hash"], name=op.f("fk_holdout_assignments_plan_hash")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_holdout_assignments_account_id")),
        sa.PrimaryKeyConstraint("plan_hash", "account_id", name=op.f("pk_holdout_assignments")),
    )
    op.create_table(
        "save_decisions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False, autoincrement=True),
        sa.Column("outcome_id", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("decided_at", types.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_save_decisions")),
    )
    op.create_index(op.f("ix_save_decisions_outcome_id"), "save_decisions", ["outcome_id"])
    op.create_table(
        "reason_decisions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False, autoincrement=True),
        sa.Column("outcome_id", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("decided_at", types.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reason_decisions")),
    )
    op.create_index(op.f("ix_reason_decisions_outcome_id"), "reason_decisions", ["outcome_id"])
    op.create_table(
        "workflow_changes",
        sa.Column("change_id", sa.Text(), nullable=False),
        sa.Column("workflow", sa.Text(), nullable=False),
        sa.Column("changed_on", sa.Date(), nullable=False),
        sa.Column("hope", sa.Text(), nullable=False),
        sa.Column("noted_by", sa.Text(), nullable=False),
        sa.Column("noted_at", types.UtcDateTime(), nullable=False),
        sa.Column("withdrawn_at", types.UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("change_id", name=op.f("pk_workflow_changes")),
    )
    _what_is_known_already()


def _what_is_known_already() -> None:
    """Nothing tells when the rows that are there were learned: they count as known for all time before."""
    always = "'1970-01-01T00:00:00+00'" if op.get_bind().dialect.name == "postgresql" else "0"
    op.execute(
        "INSERT INTO contract_versions (source, external_id, recorded_at, account_id, account_ref, starts_on, renews_on,"
        " notice_on, ends_on, arr_cents, currency, product_lines, auto_renew, gone) SELECT source, external_id,"
        f" {always}, account_id, account_ref, starts_on, renews_on, notice_on, ends_on, arr_cents, currency,"
        " product_lines, auto_renew, false FROM contracts"
    )
    op.execute(
        'INSERT INTO fx_rate_versions (source, external_id, recorded_at, base, quote, "on", rate, gone) SELECT source,'
        f' external_id, {always}, base, quote, "on", rate, false FROM fx_rates'
    )
    op.execute(
        "INSERT INTO account_versions (account_id, recorded_at, name, segment, industry, region, csm, parent_ref)"
        f" SELECT id, {always}, name, segment, industry, region, csm, parent_ref FROM accounts"
    )
