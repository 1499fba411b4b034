"""Knows the tables: one for each record of `domain/`, with the links that storage resolves beside the source's ids.

A record's fields are columns of the same name and nullability; `id`, `account_id`, `ticket_id`, `line` and `changed_at`
are ours.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.types import TypeEngine

from storage.types import ExactDecimal, JsonText, UtcDateTime

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite's rowid alias must be spelt INTEGER.
_KEY = BigInteger().with_variant(Integer(), "sqlite")


def _id() -> Column[int]:
    return Column("id", _KEY, primary_key=True, autoincrement=True)


def _some(name: str, kind: type[TypeEngine[Any]] | TypeEngine[Any] = Text) -> Column[Any]:
    return Column(name, kind, nullable=True)


def _must(name: str, kind: type[TypeEngine[Any]] | TypeEngine[Any] = Text) -> Column[Any]:
    return Column(name, kind, nullable=False)


def _sourced() -> tuple[Column[Any], Column[Any]]:
    return _must("source"), _must("external_id")


def _account_id(nullable: bool = False) -> Column[int]:
    return Column("account_id", _KEY, ForeignKey("accounts.id"), nullable=nullable)


def _ticket_id(nullable: bool = False) -> Column[int]:
    return Column("ticket_id", _KEY, ForeignKey("tickets.id"), nullable=nullable)


def _key() -> UniqueConstraint:
    return UniqueConstraint("source", "external_id")


def _changed_at() -> Column[Any]:
    """When the source last changed the row, so that an older version never undoes a newer one; NULL for files."""
    return _some("changed_at", UtcDateTime)


accounts = Table(
    "accounts", metadata, _id(), *_sourced(),
    _must("name"), _must("domains", JsonText), _some("segment"), _some("industry"), _some("region"), _some("csm"),
    _some("signed_up_on", Date), _some("reported_plan"), _some("reported_trial", Boolean),
    _some("reported_churned", Boolean), _changed_at(), _key(),
)  # fmt: skip

account_identities = Table(
    "account_identities", metadata, *_sourced(), _account_id(), _must("account_ref"),
    PrimaryKeyConstraint("source", "external_id"), Index(None, "external_id"),
)  # fmt: skip

# A segment counts from the moment that we learned of it; the first known one counts for all time before.
account_segments = Table(
    "account_segments", metadata, _account_id(), _must("segment"), _must("since", UtcDateTime),
    PrimaryKeyConstraint("account_id", "since"),
)  # fmt: skip

contracts = Table(
    "contracts", metadata, _id(), *_sourced(), _account_id(), _must("account_ref"),
    _must("starts_on", Date), _some("renews_on", Date), _some("notice_on", Date), _some("ends_on", Date),
    _must("arr_cents", BigInteger), _must("currency"), _must("product_lines", JsonText), _some("auto_renew", Boolean),
    _changed_at(), _key(), Index(None, "account_id"),
)  # fmt: skip

# Append-only: a corrected line is another row with a later recorded_at.
subscription_lines = Table(
    "subscription_lines", metadata, _id(), *_sourced(), _account_id(), _must("account_ref"),
    _must("product"), _some("plan"), _some("seats", BigInteger), _must("amount_cents", BigInteger), _must("currency"),
    _must("interval_months", Integer), _must("starts_on", Date), _some("ends_on", Date), _must("trial", Boolean),
    _some("reported_arr_cents", BigInteger), _some("reported_churned", Boolean), _must("recorded_at", UtcDateTime),
    UniqueConstraint("source", "external_id", "recorded_at"), Index(None, "account_id"),
)  # fmt: skip

churn_reports = Table(
    "churn_reports", metadata, _id(), *_sourced(), _account_id(), _must("account_ref"), _must("churned_on", Date),
    _some("reason"), _some("comment"), _some("reactivation", Boolean), _changed_at(), _key(),
)  # fmt: skip

fx_rates = Table(
    "fx_rates", metadata, _id(), *_sourced(), _must("base"), _must("quote"), _must("on", Date),
    _must("rate", ExactDecimal), _key(),
)  # fmt: skip

tickets = Table(
    "tickets", metadata, _id(), *_sourced(), _account_id(nullable=True), _some("account_ref"), _must("subject"),
    _must("status"), _some("priority"), _some("channel"), _some("workflow"), _must("tags", JsonText),
    _some("assignee"), _some("team"), _some("escalated", Boolean), _must("created_at", UtcDateTime),
    _some("first_replied_at", UtcDateTime), _some("resolved_at", UtcDateTime),
    _changed_at(), _key(), Index(None, "created_at", "account_id"),
)  # fmt: skip

messages = Table(
    "messages", metadata, _id(), *_sourced(), _ticket_id(), _must("ticket_ref"), _must("author_kind"),
    _must("public", Boolean), _must("text"), _must("sent_at", UtcDateTime),
    _changed_at(), _key(), Index(None, "ticket_id"), Index(None, "sent_at"),
)  # fmt: skip

ticket_events = Table(
    "ticket_events", metadata, _id(), *_sourced(), _ticket_id(), _must("ticket_ref"), _must("kind"),
    _some("from_value"), _some("to_value"), _must("happened_at", UtcDateTime),
    _changed_at(), _key(), Index(None, "ticket_id"),
)  # fmt: skip

surveys = Table(
    "surveys", metadata, _id(), *_sourced(), _account_id(nullable=True), _ticket_id(nullable=True),
    _some("account_ref"), _some("ticket_ref"), _must("kind"), _must("score", Integer), _must("scale_min", Integer),
    _must("scale_max", Integer), _some("comment"), _must("answered_at", UtcDateTime),
    _changed_at(), _key(), Index(None, "account_id"),
)  # fmt: skip

usage_days = Table(
    "usage_days", metadata, _id(), *_sourced(), _account_id(), _some("account_ref"), _some("subscription_ref"),
    _must("used_on", Date), _some("feature"), _must("quantity", BigInteger), _some("errors", BigInteger),
    _changed_at(), _key(), Index(None, "account_id", "used_on"),
)  # fmt: skip

touches = Table(
    "touches", metadata, _id(), *_sourced(), _account_id(), _must("account_ref"), _must("kind"),
    _must("happened_at", UtcDateTime), _some("ticket_ref"), _some("actor"), _some("note"),
    _changed_at(), _key(), Index(None, "account_id", "happened_at"),
)  # fmt: skip

# A customer as one system names it.
parties = Table(
    "parties", metadata, _id(), *_sourced(), _must("role"), _must("name"), _must("domains", JsonText),
    _must("known_as", JsonText), _some("parent_ref"), _some("merged_into"), _some("country"), _some("city"),
    _some("phone"), _some("trial", Boolean), _changed_at(), _key(),
)  # fmt: skip

# What says that a party is an account. `own`: the identity of the party was learned from this link and goes with it.
party_links = Table(
    "party_links", metadata, *_sourced(), _must("account_source"), _must("account_ref"), _must("method"),
    _must("confidence_percent", Integer), _must("evidence"), _some("decided_by"), _must("decided_at", UtcDateTime),
    _must("own", Boolean), PrimaryKeyConstraint("source", "external_id"),
    Index(None, "account_source", "account_ref"),
)  # fmt: skip

# What persons said of a party and an account, in the order in which they said it.
link_decisions = Table(
    "link_decisions", metadata, _id(), *_sourced(), _must("account_source"), _must("account_ref"), _must("answer"),
    _must("decided_by"), _must("decided_at", UtcDateTime), _some("fingerprint"), Index(None, "source", "external_id"),
)  # fmt: skip

# A site that is pulled from; its name is the `source` of its records.
connections = Table(
    "connections", metadata, Column("name", Text, primary_key=True), _must("vendor"), _must("settings", JsonText),
    _must("created_at", UtcDateTime),
)  # fmt: skip

# Secrets of a connection, sealed with a key that is not in the database.
connection_secrets = Table(
    "connection_secrets", metadata, _must("connection"), _must("name"), _must("sealed"),
    PrimaryKeyConstraint("connection", "name"),
)  # fmt: skip

# How far a stream of a connection has been committed.
sync_cursors = Table(
    "sync_cursors", metadata, _must("connection"), _must("stream"), _must("cursor", JsonText),
    _must("rows_read", BigInteger), _must("moved_at", UtcDateTime), _some("completed_at", UtcDateTime),
    PrimaryKeyConstraint("connection", "stream"),
)  # fmt: skip

sync_runs = Table(
    "sync_runs", metadata, _id(), _must("connection"), _must("started_at", UtcDateTime), _some("ended_at", UtcDateTime),
    _must("state"), _must("read", BigInteger), _must("changed", BigInteger), _must("unusable", BigInteger),
    _must("calls", BigInteger), _some("budget_left", BigInteger), _must("remarks", JsonText), _some("error"),
    Index(None, "connection", "started_at"),
)  # fmt: skip

# Records that the source has deleted, so that an older version coming in late does not bring them back.
tombstones = Table(
    "tombstones", metadata, _must("source"), _must("record"), _must("external_id"), _must("gone_at", UtcDateTime),
    PrimaryKeyConstraint("source", "record", "external_id"),
)  # fmt: skip

# Records that refer to one which has not come in yet; tried again with each later commit of their source.
waiting_records = Table(
    "waiting_records", metadata, _must("source"), _must("record"), _must("external_id"), _must("version"),
    _must("body", JsonText), _some("changed_at", UtcDateTime), _must("missing"), _must("since", UtcDateTime),
    PrimaryKeyConstraint("source", "record", "external_id", "version"),
)  # fmt: skip

# What the present walk of a snapshot stream has met so far; what it has not met by its end is gone.
sightings = Table(
    "sightings", metadata, _must("source"), _must("stream"), _must("record"), _must("external_id"),
    PrimaryKeyConstraint("source", "stream", "record", "external_id"),
)  # fmt: skip

# What a reader made of a message; score -100..100, None where the reader does not know or does not look at it.
message_readings = Table(
    "message_readings", metadata, Column("message_id", _KEY, ForeignKey("messages.id"), nullable=False),
    _must("reader"), _some("sentiment", Integer), _some("impactful", Boolean),
    PrimaryKeyConstraint("message_id", "reader"),
)  # fmt: skip

# What was promised for a ticket, from when on, and which promises were broken; append-only. Tickets are named and not
# linked, so that a breach stays when its helpdesk deletes the ticket.
sla_terms = Table(
    "sla_terms", metadata, Column("terms_hash", Text, primary_key=True), _must("policy"), _must("content", JsonText),
    _must("recorded_at", UtcDateTime),
)  # fmt: skip

sla_assignments = Table(
    "sla_assignments", metadata, _must("source"), _must("ticket_ref"), _must("since", UtcDateTime), _some("terms_hash"),
    _must("because"), _must("inputs", JsonText), _must("recorded_at", UtcDateTime),
    PrimaryKeyConstraint("source", "ticket_ref", "since"),
)  # fmt: skip

sla_breaches = Table(
    "sla_breaches", metadata, _must("source"), _must("ticket_ref"), _some("account_ref"), _must("metric"),
    _must("started_at", UtcDateTime), _must("breached_at", UtcDateTime), _must("target_seconds", BigInteger),
    _must("counting"), _must("policy"), _must("terms_hash"), _must("recorded_at", UtcDateTime),
    PrimaryKeyConstraint("source", "ticket_ref", "metric", "started_at"), Index(None, "breached_at"),
)  # fmt: skip

decisions = Table(
    "decisions", metadata, Column("decision_id", Text, primary_key=True), _account_id(), _must("account_ref"),
    _must("playbook"), _must("rule_hash"), _must("as_of", UtcDateTime), _must("because"), _must("inputs", JsonText),
    Index(None, "account_id", "as_of"),
)  # fmt: skip

escalations = Table(
    "escalations", metadata, Column("escalation_id", Text, primary_key=True), _account_id(), _must("account_ref"),
    _must("family"), _must("playbook"), _must("decision_id"), _must("because"), _must("state"),
    _must("opened_at", UtcDateTime), _some("due_at", UtcDateTime), _some("closed_at", UtcDateTime),
    _some("arr_cents", BigInteger), _some("currency"), _some("renews_on", Date), Index(None, "account_id"),
)  # fmt: skip

escalation_steps = Table(
    "escalation_steps", metadata,
    Column("escalation_id", Text, ForeignKey("escalations.escalation_id"), nullable=False),
    _must("position", Integer), _must("do"), _must("owner"), _must("within"), _must("due_at", UtcDateTime),
    _some("done_at", UtcDateTime), _some("done_by"), PrimaryKeyConstraint("escalation_id", "position"),
)  # fmt: skip

# Later decisions that speak for an escalation which is being worked on already.
escalation_evidence = Table(
    "escalation_evidence", metadata,
    Column("escalation_id", Text, ForeignKey("escalations.escalation_id"), nullable=False),
    Column("decision_id", Text, ForeignKey("decisions.decision_id"), nullable=False),
    PrimaryKeyConstraint("escalation_id", "decision_id"),
)  # fmt: skip

outcomes = Table(
    "outcomes", metadata, Column("outcome_id", Text, primary_key=True), _account_id(), _must("account_ref"),
    _must("kind"), _must("happened_at", UtcDateTime), _must("at_stake_cents", BigInteger),
    _must("kept_cents", BigInteger), _must("lost_cents", BigInteger), _must("currency"),
    _some("flagged_at", UtcDateTime), _some("intervened_at", UtcDateTime),
)  # fmt: skip

attributed_credits = Table(
    "credits", metadata, _id(), Column("outcome_id", Text, ForeignKey("outcomes.outcome_id"), nullable=False),
    _must("model"), _some("touch_id"), _must("touch_kind"), _must("credit_cents", BigInteger), _must("currency"),
    Index(None, "model", "outcome_id"),
)  # fmt: skip

imported_files = Table(
    "imported_files", metadata, _id(), _must("source"), _must("file"), _must("sha256"), _must("record"),
    _must("mapping"), _must("imported_at", UtcDateTime), _must("read", BigInteger), _must("changed", BigInteger),
    _must("unchanged", BigInteger), _must("repeated", BigInteger), _must("rejected", BigInteger),
    UniqueConstraint("source", "file", "record"),
)  # fmt: skip

rejects = Table(
    "rejects", metadata, _id(), _must("record"), _must("file"), _must("line", BigInteger), _must("column"),
    _must("found"), _must("expected"), _must("row", JsonText), Index(None, "file"),
)  # fmt: skip

# Facts about the database itself: whether it holds demo data, at which moment the demo's clock stands.
notes = Table("notes", metadata, Column("key", Text, primary_key=True), _must("value"))
