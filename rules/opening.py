"""Knows what a decision opens: the escalation, and its steps with the moments at which they are due."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from domain.escalations import Decision, Escalation, EscalationStep
from rules.actions import message_facts
from rules.doing import Step
from rules.holdouts.draw import AccountValue
from rules.load.sharing import Candidate, Place
from rules.playbooks import Playbook
from rules.sla import Calendar, add
from rules.step_work import Case, next_due
from rules.templates import render


@dataclass(frozen=True)
class Opening:
    """Opens escalations at one moment; the calendar counts the business time of their steps."""

    as_of: datetime
    calendar: Calendar | None

    def candidate(self, decision: Decision, playbook: Playbook, value: AccountValue, has_desk: bool) -> Candidate:
        """What a decision would open, for its owner's day; when it is due is asked only where there is a desk."""
        first = playbook.steps[0]
        return Candidate(
            decision_id=decision.decision_id, account_ref=decision.account_ref, playbook=playbook.id,
            rule_hash=decision.rule_hash, family=playbook.family, role=first.owner, priority=playbook.priority,
            value=value,
            due_at=self._due_at(playbook, first) if has_desk else None,
        )  # fmt: skip

    def case(self, decision: Decision, playbook: Playbook, value: AccountValue, place: Place) -> Case:
        """The escalation that a decision opens, with its steps."""
        name = escalation_id(decision.account_ref, playbook.family, self.as_of)
        steps = tuple(
            EscalationStep(
                escalation_id=name, position=position, do=step.do, owner=step.owner, within=step.within,
                due_at=self._due_at(playbook, step), only_if=step.only_if, approval=step.approval,
            )
            for position, step in enumerate(playbook.steps, start=1)
        )  # fmt: skip
        escalation = Escalation(
            escalation_id=name, account_ref=decision.account_ref, family=playbook.family, playbook=playbook.id,
            decision_id=decision.decision_id, because=decision.because, state="open", opened_at=self.as_of,
            due_at=next_due(steps), arr_cents=value.arr_cents, currency=value.currency, renews_on=value.renews_on,
            ticket_ref=decision.ticket_ref, owner=place.owner, parent_id=place.parent_id,
        )  # fmt: skip
        return Case(escalation, _with_messages(steps, playbook, message_facts(playbook, escalation, decision)))

    def _due_at(self, playbook: Playbook, step: Step) -> datetime:
        left = step.time_left
        if left.counting == "elapsed":
            return self.as_of + left.time
        if self.calendar is None:
            raise ValueError(
                f"playbook {playbook.id}: {step.do!r} within {step.within} needs a calendar; "
                "name one as the default calendar in sla.yaml, or count the step as elapsed"
            )
        return add(self.calendar, self.as_of, left.time)


def _with_messages(
    steps: tuple[EscalationStep, ...], playbook: Playbook, facts: Mapping[str, str]
) -> tuple[EscalationStep, ...]:
    """The steps with what is to be said, the account's facts put in."""
    return tuple(
        step if said.message is None else step.model_copy(update={"message": render(said.message, facts)})
        for step, said in zip(steps, playbook.steps, strict=True)
    )


def escalation_id(account_ref: str, family: str, opened_at: datetime) -> str:
    """The same account, family and moment of opening always have the same escalation."""
    text = "\x1f".join((account_ref, family, opened_at.isoformat()))
    return hashlib.sha256(text.encode()).hexdigest()[:32]
