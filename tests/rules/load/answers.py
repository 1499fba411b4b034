"""Answers of persons, escalations and decisions as the tests of reviews write them."""

from datetime import timedelta
from typing import Any

from domain.escalations import Decision, Escalation, EscalationState, EscalationStep
from domain.playbooks import DecisionAnswer, DecisionVerdict
from rules.step_work import Case
from tests.rules.load.desk import NOON

HOUR = timedelta(hours=1)


def an_answer(escalation: str, verdict: DecisionVerdict, reason: str | None = None) -> DecisionAnswer:
    """What a person said of an escalation."""
    return DecisionAnswer(
        escalation_id=escalation, playbook="p", rule_hash="h", account_ref="A", verdict=verdict, reason=reason,
        decided_by="lead", decided_at=NOON,
    )  # fmt: skip


def a_case(name: str, state: EscalationState = "open", worked: bool = False, owner: str | None = "a") -> Case:
    """An escalation with one step."""
    closed_at = NOON if state in {"expired", "resolved", "dismissed"} else None
    escalation = Escalation(
        escalation_id=name, account_ref="A", family="p", playbook="p", decision_id=f"d-{name}", because="because",
        state=state, opened_at=NOON - HOUR, closed_at=closed_at, owner=owner,
    )  # fmt: skip
    step = EscalationStep(
        escalation_id=name, position=1, do="call", owner="csm", within="24h elapsed", due_at=NOON,
        done_at=NOON if worked else None,
    )  # fmt: skip
    return Case(escalation, (step,))


def a_decision(name: str, **inputs: Any) -> Decision:
    """The decision that opened the escalation of that name, and what it saw."""
    return Decision(
        decision_id=f"d-{name}", account_ref="A", playbook="p", rule_hash="h", as_of=NOON - HOUR, because="because",
        inputs=inputs,
    )  # fmt: skip
