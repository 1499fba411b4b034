"""Knows the versions of playbooks, which of them counted when, and what persons said of what they decided."""

from datetime import date
from typing import Any, Literal

from domain.records import Name, Record, UtcDatetime

PlaybookAct = Literal["activate", "shadow", "pause", "retire"]
DecisionVerdict = Literal["agree", "disagree", "withdrawn"]
ActionState = Literal["needs_approval", "ready", "refused", "withdrawn"]


class PlaybookVersion(Record):
    """One wording of a playbook, named by the hash of its content and never changed."""

    rule_hash: Name
    playbook: Name
    content: dict[str, Any]
    author: Name
    reason: str
    recorded_at: UtcDatetime


class PlaybookDecree(Record):
    """That a person, or a change of the file, made a version count from a moment on; the newest of a playbook counts.

    `activate`: it decides and acts; `shadow`: it decides beside the active one and does nothing; `pause` and `retire`:
    nothing of the playbook is decided until another decree.
    """

    playbook: Name
    act: PlaybookAct
    rule_hash: str | None = None
    by: Name
    because: str
    at: UtcDatetime


class RuleSpell(Record):
    """An unbroken stretch of evaluations in which a rule's condition was true for an account, or one of its tickets.

    `on_since`: from when on the rule applied, its `hold_for` being over; `ended_at`: the first evaluation at which it
    was over. `ticket_ref` is empty where the rule is about accounts.
    """

    rule_hash: Name
    account_ref: Name
    ticket_ref: str = ""
    true_since: UtcDatetime
    on_since: UtcDatetime | None = None
    ended_at: UtcDatetime | None = None


class DecisionAnswer(Record):
    """What a person says of an escalation: right to open it, or not, because …; the newest answer counts."""

    escalation_id: Name
    playbook: Name
    rule_hash: Name
    account_ref: Name
    verdict: DecisionVerdict
    reason: str | None = None
    note: str | None = None
    decided_by: Name
    decided_at: UtcDatetime


class HeldBackAlert(Record):
    """A decision that opened nothing because its owner's day was full; it is told in the digest instead."""

    decision_id: Name
    account_ref: Name
    playbook: Name
    family: Name
    owner: Name
    held_on: date
    place: int
    at_risk_cents: int | None = None
    currency: str | None = None
    because: Name
    held_at: UtcDatetime


class ParentItem(Record):
    """One issue that hits many accounts at once; the escalations of these accounts name it as their parent."""

    parent_id: Name
    issue_id: Name
    label: Name
    opened_at: UtcDatetime
    closed_at: UtcDatetime | None = None


class PreparedAction(Record):
    """An effect on the outside that an escalation asks for; `action_id` is its idempotency key."""

    action_id: Name
    escalation_id: Name
    account_ref: Name
    ticket_ref: str | None = None
    kind: Name
    body: dict[str, Any]
    state: ActionState
    because: Name
    prepared_at: UtcDatetime
    decided_by: str | None = None
    decided_at: UtcDatetime | None = None
