"""Knows what was decided about an account, what must be done by when, and what was done."""

from datetime import date
from typing import Any, Literal

from domain.records import Currency, Name, Record, Sourced, UtcDatetime

EscalationState = Literal["open", "acked", "working", "waiting", "snoozed", "resolved", "dismissed", "expired"]
LIVE_STATES: tuple[EscalationState, ...] = ("open", "acked", "working", "waiting", "snoozed")
TouchKind = Literal["ticket_resolved", "escalation_handled", "playbook_step", "csm_call"]


class Decision(Record):
    """That a playbook fired for an account at `as_of`, with the rule's content hash and the values it saw.

    `ticket_ref` names the ticket of a playbook about tickets. `since`: from when on a playbook with `hold_for` or
    `clear_when` has applied without a break.
    """

    decision_id: Name
    account_ref: Name
    playbook: Name
    rule_hash: Name
    as_of: UtcDatetime
    because: Name
    inputs: dict[str, Any]
    ticket_ref: str | None = None
    since: UtcDatetime | None = None


class Escalation(Record):
    """One open matter with an account; there is at most one live escalation per account and playbook family.

    `owner` is the person that it was given to, `parent_id` the item of an issue that hits many accounts at once.
    """

    escalation_id: Name
    account_ref: Name
    family: Name
    playbook: Name
    decision_id: Name
    because: Name
    state: EscalationState
    opened_at: UtcDatetime
    due_at: UtcDatetime | None = None
    closed_at: UtcDatetime | None = None
    arr_cents: int | None = None
    currency: Currency | None = None
    renews_on: date | None = None
    ticket_ref: str | None = None
    owner: str | None = None
    parent_id: str | None = None


class EscalationStep(Record):
    """One thing to do for an escalation; `due_at` is wall-clock UTC, `within` the sentence it came from.

    `only_if`: `no reply` or `reply` of the customer; `approval`: a person lets it go first; `message`: what to say. A
    step that was not needed is done, and `done_by` says why.
    """

    escalation_id: Name
    position: int
    do: Name
    owner: Name
    within: Name
    due_at: UtcDatetime
    done_at: UtcDatetime | None = None
    done_by: str | None = None
    only_if: str | None = None
    approval: bool | None = None
    message: str | None = None


class Touch(Sourced):
    """Support's or success's work with an account: what credit can be given to."""

    account_ref: Name
    kind: TouchKind
    happened_at: UtcDatetime
    ticket_ref: str | None = None
    actor: str | None = None
    note: str | None = None
