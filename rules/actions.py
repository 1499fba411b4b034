"""Knows which effects on the outside an escalation asks for, and which of them wait for a person's approval."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from domain.escalations import Decision, Escalation
from domain.playbooks import PreparedAction
from rules.doing import ACTION_KINDS, Action
from rules.playbooks import Playbook
from rules.templates import render, told_facts

# A ratio or share says little over few facts: the count that it rests on, and how many there should be.
FEWEST: dict[str, tuple[str, int]] = {
    "ticket_ratio_7d": ("tickets_7d", 5), "ticket_growth_30d": ("tickets_30d", 10),
    "ticket_ratio_1d": ("tickets_1d", 3), "ticket_ratio_30d": ("tickets_30d", 10),
    "usage_drop_7d": ("usage_prior_7d", 20), "usage_drop_beyond_7d": ("usage_prior_7d", 20),
}  # fmt: skip


def prepared(playbook: Playbook, escalation: Escalation, decision: Decision) -> tuple[PreparedAction, ...]:
    """The playbook's actions for an escalation that it has just opened.

    One waits for approval where the customer sees its effect, where the playbook says so, or where the evidence is
    thin: a signal that the condition looks at was unknown, or a ratio rests on fewer facts than `FEWEST`. The same
    escalation and action always have the same id.
    """
    thin = thin_evidence(decision.inputs)
    facts = message_facts(playbook, escalation, decision)
    return tuple(_prepared(action, escalation, thin, facts) for action in playbook.actions or ())


def message_facts(playbook: Playbook, escalation: Escalation, decision: Decision) -> dict[str, str]:
    """What the braces of the playbook's texts stand for."""
    told = told_facts(decision.inputs, playbook.when.vocabulary, escalation.currency)
    further = {
        "account": told.get("account") or decision.account_ref, "because": decision.because, "playbook": playbook.name,
        "owner": escalation.owner or playbook.steps[0].owner, "ticket": decision.ticket_ref or "unknown",
    }  # fmt: skip
    return {**told, **further}


def thin_evidence(inputs: Mapping[str, Any]) -> str | None:
    """Why a decision's evidence is thin; None where it is not."""
    return next(iter(_thin(inputs)), None)


def _thin(inputs: Mapping[str, Any]) -> Iterator[str]:
    for name, value in inputs.items():
        if value is None:
            yield f"thin evidence: {name} is unknown"
        counted, fewest = FEWEST.get(name, ("", 0))
        count = inputs.get(counted)
        if value is not None and isinstance(count, int | float) and count < fewest:
            yield f"thin evidence: {name} rests on {counted} of {count:,g}, fewer than {fewest}"


def _prepared(action: Action, escalation: Escalation, thin: str | None, facts: Mapping[str, str]) -> PreparedAction:
    body = {action.kind: render(action.said, facts) if "{" in action.said else action.said}
    why = "the customer sees it" if ACTION_KINDS[action.kind] else thin
    why = "the playbook asks for approval" if why is None and action.approval else why
    key = "\x1f".join((escalation.escalation_id, action.kind, json.dumps(body, sort_keys=True, ensure_ascii=False)))
    return PreparedAction(
        action_id=hashlib.sha256(key.encode()).hexdigest()[:32], escalation_id=escalation.escalation_id,
        account_ref=escalation.account_ref, ticket_ref=escalation.ticket_ref, kind=action.kind, body=body,
        state="ready" if why is None else "needs_approval", because=why or "the playbook asks for it",
        prepared_at=escalation.opened_at,
    )  # fmt: skip
