"""Knows the tables of what was known when, what was published of it, and what persons and holdouts said of it."""

from sqlalchemy import BigInteger, Boolean, Column, Date, ForeignKey, Index, PrimaryKeyConstraint, Table, Text

from storage.columns import KEY, account_id, metadata, must, row_id, some, sourced
from storage.types import ExactDecimal, JsonText, UtcDateTime

# What was known of contracts, exchange rates and accounts, version by version. `gone`: deleted there.
# `is_id` is the account that an account turned out to be.
contract_versions = Table(
    "contract_versions", metadata, *sourced(), must("recorded_at", UtcDateTime), account_id(), must("account_ref"),
    must("starts_on", Date), some("renews_on", Date), some("notice_on", Date), some("ends_on", Date),
    must("arr_cents", BigInteger), must("currency"), must("product_lines", JsonText), some("auto_renew", Boolean),
    must("gone", Boolean), PrimaryKeyConstraint("source", "external_id", "recorded_at"),
)  # fmt: skip

fx_rate_versions = Table(
    "fx_rate_versions", metadata, *sourced(), must("recorded_at", UtcDateTime), must("base"), must("quote"),
    must("on", Date), must("rate", ExactDecimal), must("gone", Boolean),
    PrimaryKeyConstraint("source", "external_id", "recorded_at"),
)  # fmt: skip

account_versions = Table(
    "account_versions", metadata, account_id(), must("recorded_at", UtcDateTime), must("name"), some("segment"),
    some("industry"), some("region"), some("csm"), some("parent_ref"), some("is_id", KEY),
    PrimaryKeyConstraint("account_id", "recorded_at"),
)  # fmt: skip

# Whose a version of a subscription line was until it turned out to be another account's.
line_moves = Table(
    "line_moves", metadata, Column("line_id", KEY, ForeignKey("subscription_lines.id"), nullable=False), account_id(),
    must("moved_at", UtcDateTime), PrimaryKeyConstraint("line_id", "moved_at"),
)  # fmt: skip

# The ledger's rows as they were told; a second row of a window and slice is a restatement.
published_figures = Table(
    "published_figures", metadata, must("length"), must("period"), must("by"), must("slice"), must("currency"),
    must("figures", JsonText), must("conventions", JsonText), must("published_at", UtcDateTime),
    PrimaryKeyConstraint("length", "period", "by", "slice", "published_at"),
)  # fmt: skip

# Accounts at risk, each from its flag on, with what was known at the flag.
episodes = Table(
    "episodes", metadata, Column("episode_id", Text, primary_key=True), account_id(), must("account_ref"),
    must("flagged_at", UtcDateTime), must("playbooks", JsonText), must("covariates", JsonText),
    some("arr_cents", BigInteger), some("currency"), must("recorded_at", UtcDateTime),
    Index(None, "account_id", "flagged_at"),
)  # fmt: skip

holdout_plans = Table(
    "holdout_plans", metadata, Column("plan_hash", Text, primary_key=True), must("playbook"),
    must("content", JsonText), must("registered_at", UtcDateTime),
)  # fmt: skip

holdout_assignments = Table(
    "holdout_assignments", metadata,
    Column("plan_hash", Text, ForeignKey("holdout_plans.plan_hash"), nullable=False), account_id(),
    must("account_ref"), must("arm"), must("because"), must("assigned_at", UtcDateTime),
    some("arr_cents", BigInteger), some("currency"), some("overridden_by"), some("overridden_at", UtcDateTime),
    some("overridden_because"), PrimaryKeyConstraint("plan_hash", "account_id"),
)  # fmt: skip

# What persons said of outcomes and of the work behind them; append-only, the newest answer counts. Outcomes are named
# and not linked: every settlement writes them anew.
save_decisions = Table(
    "save_decisions", metadata, row_id(), must("outcome_id"), must("answer"), some("reason"), must("decided_by"),
    must("decided_at", UtcDateTime), Index(None, "outcome_id"),
)  # fmt: skip

reason_decisions = Table(
    "reason_decisions", metadata, row_id(), must("outcome_id"), some("reason"), some("note"), must("decided_by"),
    must("decided_at", UtcDateTime), Index(None, "outcome_id"),
)  # fmt: skip

workflow_changes = Table(
    "workflow_changes", metadata, Column("change_id", Text, primary_key=True), must("workflow"),
    must("changed_on", Date), must("hope"), must("noted_by"), must("noted_at", UtcDateTime),
    some("withdrawn_at", UtcDateTime),
)  # fmt: skip
