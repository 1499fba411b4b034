"""Knows the tables of playbooks' versions, of what they decided without acting, and of what persons said of them."""

from sqlalchemy import BigInteger, Column, Date, ForeignKey, Index, Integer, PrimaryKeyConstraint, Table, Text

from storage.columns import account_id, metadata, must, row_id, some
from storage.types import JsonText, UtcDateTime

# Every wording of a playbook that ever counted or was tried; never changed.
playbook_versions = Table(
    "playbook_versions", metadata, Column("rule_hash", Text, primary_key=True), must("playbook"),
    must("content", JsonText), must("author"), must("reason"), must("recorded_at", UtcDateTime),
    Index(None, "playbook"),
)  # fmt: skip

# Which version counts; append-only, the newest of a playbook counts.
playbook_decrees = Table(
    "playbook_decrees", metadata, row_id(), must("playbook"), must("act"), some("rule_hash"), must("by"),
    must("because"), must("at", UtcDateTime), Index(None, "playbook", "at"),
)  # fmt: skip

# Since when a rule's condition has been true, kept for the rules that ask for it.
rule_spells = Table(
    "rule_spells", metadata, must("rule_hash"), account_id(), must("account_ref"), must("ticket_ref"),
    must("true_since", UtcDateTime), some("on_since", UtcDateTime), some("ended_at", UtcDateTime),
    PrimaryKeyConstraint("rule_hash", "account_id", "ticket_ref", "true_since"),
)  # fmt: skip

# What versions in shadow would have done.
shadow_decisions = Table(
    "shadow_decisions", metadata, Column("decision_id", Text, primary_key=True), account_id(), must("account_ref"),
    must("playbook"), must("rule_hash"), must("as_of", UtcDateTime), must("because"), must("inputs", JsonText),
    some("ticket_ref"), some("since", UtcDateTime), Index(None, "rule_hash", "as_of"),
)  # fmt: skip

# Whether persons found an escalation right; append-only, the newest answer counts.
decision_answers = Table(
    "decision_answers", metadata, row_id(),
    Column("escalation_id", Text, ForeignKey("escalations.escalation_id"), nullable=False), must("playbook"),
    must("rule_hash"), account_id(), must("account_ref"), must("verdict"), some("reason"), some("note"),
    must("decided_by"), must("decided_at", UtcDateTime), Index(None, "escalation_id"),
)  # fmt: skip

# What opened nothing because its owner's day was full.
held_back_alerts = Table(
    "held_back_alerts", metadata, Column("decision_id", Text, ForeignKey("decisions.decision_id"), primary_key=True),
    account_id(), must("account_ref"), must("playbook"), must("family"), must("owner"), must("held_on", Date),
    must("place", Integer), some("at_risk_cents", BigInteger), some("currency"), must("because"),
    must("held_at", UtcDateTime), Index(None, "held_at"),
)  # fmt: skip

# Issues that hit many accounts at once.
parent_items = Table(
    "parent_items", metadata, Column("parent_id", Text, primary_key=True), must("issue_id"), must("label"),
    must("opened_at", UtcDateTime), some("closed_at", UtcDateTime),
)  # fmt: skip

# Effects on the outside that escalations ask for, and who let them go.
prepared_actions = Table(
    "prepared_actions", metadata, Column("action_id", Text, primary_key=True),
    Column("escalation_id", Text, ForeignKey("escalations.escalation_id"), nullable=False), account_id(),
    must("account_ref"), some("ticket_ref"), must("kind"), must("body", JsonText), must("state"), must("because"),
    must("prepared_at", UtcDateTime), some("decided_by"), some("decided_at", UtcDateTime),
    Index(None, "escalation_id"),
)  # fmt: skip
