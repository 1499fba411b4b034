"""Knows the tables: one for each record of `domain/`, with the links that storage resolves beside the source's ids.

A record's fields are columns of the same name and nullability; `id`, `account_id`, `ticket_id`, `line` and `changed_at`
are ours.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

from storage.columns import account_id, changed_at, metadata, must, row_id, some, source_key, sourced, ticket_id
from storage.judgement_tables import (
    account_versions,
    contract_versions,
    episodes,
    fx_rate_versions,
    holdout_assignments,
    holdout_plans,
    line_moves,
    published_figures,
    reason_decisions,
    save_decisions,
    workflow_changes,
)
from storage.reading_tables import (
    article_views,
    articles,
    issue_decisions,
    issues,
    learned_models,
    message_readings,
    sentiment_calibrations,
    sentiment_labels,
    text_evidence,
    ticket_issues,
    ticket_predictions,
)
from storage.rule_tables import (
    decision_answers,
    held_back_alerts,
    parent_items,
    playbook_decrees,
    playbook_versions,
    prepared_actions,
    rule_spells,
    shadow_decisions,
)
from storage.types import ExactDecimal, JsonText, UtcDateTime

__all__ = [
    "account_versions",
    "article_views",
    "articles",
    "contract_versions",
    "decision_answers",
    "episodes",
    "fx_rate_versions",
    "held_back_alerts",
    "holdout_assignments",
    "holdout_plans",
    "issue_decisions",
    "issues",
    "learned_models",
    "line_moves",
    "message_readings",
    "metadata",
    "parent_items",
    "playbook_decrees",
    "playbook_versions",
    "prepared_actions",
    "published_figures",
    "reason_decisions",
    "rule_spells",
    "save_decisions",
    "sentiment_calibrations",
    "sentiment_labels",
    "shadow_decisions",
    "text_evidence",
    "ticket_issues",
    "ticket_predictions",
    "workflow_changes",
]

accounts = Table(
    "accounts", metadata, row_id(), *sourced(),
    must("name"), must("domains", JsonText), some("segment"), some("industry"), some("region"), some("csm"),
    some("parent_ref"), some("signed_up_on", Date), some("reported_plan"), some("reported_trial", Boolean),
    some("reported_churned", Boolean), changed_at(), source_key(),
)  # fmt: skip

account_identities = Table(
    "account_identities", metadata, *sourced(), account_id(), must("account_ref"),
    PrimaryKeyConstraint("source", "external_id"), Index(None, "external_id"),
)  # fmt: skip

# A segment counts from the moment that we learned of it; the first known one counts for all time before.
account_segments = Table(
    "account_segments", metadata, account_id(), must("segment"), must("since", UtcDateTime),
    PrimaryKeyConstraint("account_id", "since"),
)  # fmt: skip

contracts = Table(
    "contracts", metadata, row_id(), *sourced(), account_id(), must("account_ref"),
    must("starts_on", Date), some("renews_on", Date), some("notice_on", Date), some("ends_on", Date),
    must("arr_cents", BigInteger), must("currency"), must("product_lines", JsonText), some("auto_renew", Boolean),
    changed_at(), source_key(), Index(None, "account_id"),
)  # fmt: skip

# Append-only: a corrected line is another row with a later recorded_at. `learned_at` stands where we learned a version
# later than its source recorded it: after figures had been published without it.
subscription_lines = Table(
    "subscription_lines", metadata, row_id(), *sourced(), account_id(), must("account_ref"),
    must("product"), some("plan"), some("seats", BigInteger), must("amount_cents", BigInteger), must("currency"),
    must("interval_months", Integer), must("starts_on", Date), some("ends_on", Date), must("trial", Boolean),
    some("pricing"),
    some("reported_arr_cents", BigInteger), some("reported_churned", Boolean), must("recorded_at", UtcDateTime),
    some("learned_at", UtcDateTime),
    UniqueConstraint("source", "external_id", "recorded_at"), Index(None, "account_id"),
)  # fmt: skip

churn_reports = Table(
    "churn_reports", metadata, row_id(), *sourced(), account_id(), must("account_ref"), must("churned_on", Date),
    some("reason"), some("comment"), some("reactivation", Boolean), changed_at(), source_key(),
)  # fmt: skip

fx_rates = Table(
    "fx_rates", metadata, row_id(), *sourced(), must("base"), must("quote"), must("on", Date),
    must("rate", ExactDecimal), source_key(),
)  # fmt: skip

tickets = Table(
    "tickets", metadata, row_id(), *sourced(), account_id(nullable=True), some("account_ref"), must("subject"),
    must("status"), some("priority"), some("channel"), some("workflow"), must("tags", JsonText),
    some("assignee"), some("team"), some("escalated", Boolean), must("created_at", UtcDateTime),
    some("first_replied_at", UtcDateTime), some("resolved_at", UtcDateTime),
    changed_at(), source_key(), Index(None, "created_at", "account_id"),
)  # fmt: skip

messages = Table(
    "messages", metadata, row_id(), *sourced(), ticket_id(), must("ticket_ref"), must("author_kind"),
    must("public", Boolean), some("automatic", Boolean), must("text"), must("sent_at", UtcDateTime),
    changed_at(), source_key(), Index(None, "ticket_id"), Index(None, "sent_at"),
)  # fmt: skip

ticket_events = Table(
    "ticket_events", metadata, row_id(), *sourced(), ticket_id(), must("ticket_ref"), must("kind"),
    some("from_value"), some("to_value"), must("happened_at", UtcDateTime),
    changed_at(), source_key(), Index(None, "ticket_id"),
)  # fmt: skip

surveys = Table(
    "surveys", metadata, row_id(), *sourced(), account_id(nullable=True), ticket_id(nullable=True),
    some("account_ref"), some("ticket_ref"), must("kind"), must("score", Integer), must("scale_min", Integer),
    must("scale_max", Integer), some("comment"), must("answered_at", UtcDateTime),
    changed_at(), source_key(), Index(None, "account_id"),
)  # fmt: skip

# Whether charges were paid: a row for each state that a charge came into.
payments = Table(
    "payments", metadata, row_id(), *sourced(), account_id(), must("account_ref"), must("state"),
    must("amount_cents", BigInteger), must("currency"), must("happened_at", UtcDateTime),
    UniqueConstraint("source", "external_id", "happened_at"), Index(None, "account_id"),
)  # fmt: skip

# Fields of a source's own about accounts; append-only, each value from the moment that it was recorded.
account_fields = Table(
    "account_fields", metadata, row_id(), *sourced(), account_id(), must("account_ref"), must("name"), some("value"),
    must("recorded_at", UtcDateTime), UniqueConstraint("source", "external_id", "recorded_at"),
    Index(None, "account_id"),
)  # fmt: skip

usage_days = Table(
    "usage_days", metadata, row_id(), *sourced(), account_id(), some("account_ref"), some("subscription_ref"),
    must("used_on", Date), some("feature"), must("quantity", BigInteger), some("errors", BigInteger),
    changed_at(), source_key(), Index(None, "account_id", "used_on"),
)  # fmt: skip

touches = Table(
    "touches", metadata, row_id(), *sourced(), account_id(), must("account_ref"), must("kind"),
    must("happened_at", UtcDateTime), some("ticket_ref"), some("actor"), some("note"),
    changed_at(), source_key(), Index(None, "account_id", "happened_at"),
)  # fmt: skip

# A customer as one system names it.
parties = Table(
    "parties", metadata, row_id(), *sourced(), must("role"), must("name"), must("domains", JsonText),
    must("known_as", JsonText), some("parent_ref"), some("merged_into"), some("country"), some("city"),
    some("phone"), some("trial", Boolean), changed_at(), source_key(),
)  # fmt: skip

# What says that a party is an account. `own`: the identity of the party was learned from this link and goes with it.
party_links = Table(
    "party_links", metadata, *sourced(), must("account_source"), must("account_ref"), must("method"),
    must("confidence_percent", Integer), must("evidence"), some("decided_by"), must("decided_at", UtcDateTime),
    must("own", Boolean), PrimaryKeyConstraint("source", "external_id"),
    Index(None, "account_source", "account_ref"),
)  # fmt: skip

# What persons said of a party and an account, in the order in which they said it.
link_decisions = Table(
    "link_decisions", metadata, row_id(), *sourced(), must("account_source"), must("account_ref"), must("answer"),
    must("decided_by"), must("decided_at", UtcDateTime), some("fingerprint"), Index(None, "source", "external_id"),
)  # fmt: skip

# A site that is pulled from; its name is the `source` of its records.
connections = Table(
    "connections", metadata, Column("name", Text, primary_key=True), must("vendor"), must("settings", JsonText),
    must("created_at", UtcDateTime),
)  # fmt: skip

# Secrets of a connection, sealed with a key that is not in the database.
connection_secrets = Table(
    "connection_secrets", metadata, must("connection"), must("name"), must("sealed"),
    PrimaryKeyConstraint("connection", "name"),
)  # fmt: skip

# How far a stream of a connection has been committed.
sync_cursors = Table(
    "sync_cursors", metadata, must("connection"), must("stream"), must("cursor", JsonText),
    must("rows_read", BigInteger), must("moved_at", UtcDateTime), some("completed_at", UtcDateTime),
    PrimaryKeyConstraint("connection", "stream"),
)  # fmt: skip

sync_runs = Table(
    "sync_runs", metadata, row_id(), must("connection"), must("started_at", UtcDateTime), some("ended_at", UtcDateTime),
    must("state"), must("read", BigInteger), must("changed", BigInteger), must("unusable", BigInteger),
    must("calls", BigInteger), some("budget_left", BigInteger), must("remarks", JsonText), some("error"),
    Index(None, "connection", "started_at"),
)  # fmt: skip

# Records that the source has deleted, so that an older version coming in late does not bring them back.
tombstones = Table(
    "tombstones", metadata, must("source"), must("record"), must("external_id"), must("gone_at", UtcDateTime),
    PrimaryKeyConstraint("source", "record", "external_id"),
)  # fmt: skip

# Records that refer to one which has not come in yet; tried again with each later commit of their source.
waiting_records = Table(
    "waiting_records", metadata, must("source"), must("record"), must("external_id"), must("version"),
    must("body", JsonText), some("changed_at", UtcDateTime), must("missing"), must("since", UtcDateTime),
    PrimaryKeyConstraint("source", "record", "external_id", "version"),
)  # fmt: skip

# What the present walk of a snapshot stream has met so far; what it has not met by its end is gone.
sightings = Table(
    "sightings", metadata, must("source"), must("stream"), must("record"), must("external_id"),
    PrimaryKeyConstraint("source", "stream", "record", "external_id"),
)  # fmt: skip

# What was promised for a ticket, from when on, and which promises were broken; append-only. Tickets are named and not
# linked, so that a breach stays when its helpdesk deletes the ticket.
sla_terms = Table(
    "sla_terms", metadata, Column("terms_hash", Text, primary_key=True), must("policy"), must("content", JsonText),
    must("recorded_at", UtcDateTime),
)  # fmt: skip

sla_assignments = Table(
    "sla_assignments", metadata, must("source"), must("ticket_ref"), must("since", UtcDateTime), some("terms_hash"),
    must("because"), must("inputs", JsonText), must("recorded_at", UtcDateTime),
    PrimaryKeyConstraint("source", "ticket_ref", "since"),
)  # fmt: skip

sla_breaches = Table(
    "sla_breaches", metadata, must("source"), must("ticket_ref"), some("account_ref"), must("metric"),
    must("started_at", UtcDateTime), must("breached_at", UtcDateTime), must("target_seconds", BigInteger),
    must("counting"), must("policy"), must("terms_hash"), must("recorded_at", UtcDateTime),
    PrimaryKeyConstraint("source", "ticket_ref", "metric", "started_at"), Index(None, "breached_at"),
)  # fmt: skip

decisions = Table(
    "decisions", metadata, Column("decision_id", Text, primary_key=True), account_id(), must("account_ref"),
    must("playbook"), must("rule_hash"), must("as_of", UtcDateTime), must("because"), must("inputs", JsonText),
    some("ticket_ref"), some("since", UtcDateTime), Index(None, "account_id", "as_of"),
)  # fmt: skip

escalations = Table(
    "escalations", metadata, Column("escalation_id", Text, primary_key=True), account_id(), must("account_ref"),
    must("family"), must("playbook"), must("decision_id"), must("because"), must("state"),
    must("opened_at", UtcDateTime), some("due_at", UtcDateTime), some("closed_at", UtcDateTime),
    some("arr_cents", BigInteger), some("currency"), some("renews_on", Date), some("ticket_ref"), some("owner"),
    some("parent_id"), Index(None, "account_id"),
)  # fmt: skip

escalation_steps = Table(
    "escalation_steps", metadata,
    Column("escalation_id", Text, ForeignKey("escalations.escalation_id"), nullable=False),
    must("position", Integer), must("do"), must("owner"), must("within"), must("due_at", UtcDateTime),
    some("done_at", UtcDateTime), some("done_by"), some("only_if"), some("approval", Boolean), some("message"),
    PrimaryKeyConstraint("escalation_id", "position"),
)  # fmt: skip

# Later decisions that speak for an escalation which is being worked on already.
escalation_evidence = Table(
    "escalation_evidence", metadata,
    Column("escalation_id", Text, ForeignKey("escalations.escalation_id"), nullable=False),
    Column("decision_id", Text, ForeignKey("decisions.decision_id"), nullable=False),
    PrimaryKeyConstraint("escalation_id", "decision_id"),
)  # fmt: skip

outcomes = Table(
    "outcomes", metadata, Column("outcome_id", Text, primary_key=True), account_id(), must("account_ref"),
    must("kind"), must("happened_at", UtcDateTime), must("at_stake_cents", BigInteger),
    must("kept_cents", BigInteger), must("lost_cents", BigInteger), must("currency"),
    some("flagged_at", UtcDateTime), some("intervened_at", UtcDateTime),
)  # fmt: skip

attributed_credits = Table(
    "credits", metadata, row_id(), Column("outcome_id", Text, ForeignKey("outcomes.outcome_id"), nullable=False),
    must("model"), some("touch_id"), must("touch_kind"), must("credit_cents", BigInteger), must("currency"),
    Index(None, "model", "outcome_id"),
)  # fmt: skip

imported_files = Table(
    "imported_files", metadata, row_id(), must("source"), must("file"), must("sha256"), must("record"),
    must("mapping"), must("imported_at", UtcDateTime), must("read", BigInteger), must("changed", BigInteger),
    must("unchanged", BigInteger), must("repeated", BigInteger), must("rejected", BigInteger),
    UniqueConstraint("source", "file", "record"),
)  # fmt: skip

rejects = Table(
    "rejects", metadata, row_id(), must("record"), must("file"), must("line", BigInteger), must("column"),
    must("found"), must("expected"), must("row", JsonText), Index(None, "file"),
)  # fmt: skip

# Facts about the database itself: whether it holds demo data, at which moment the demo's clock stands.
notes = Table("notes", metadata, Column("key", Text, primary_key=True), must("value"))
