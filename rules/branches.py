"""Knows which steps of an escalation are not needed, because the customer has written meanwhile, or has not."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from domain.escalations import LIVE_STATES, EscalationStep
from rules.step_work import Case, next_due

NOT_NEEDED = {"no reply": "not needed: the customer has written", "reply": "not needed: the customer has not written"}


def asks_for_replies(case: Case) -> bool:
    """Whether a step that is still open depends on the customer's messages."""
    is_live = case.escalation.state in LIVE_STATES
    return is_live and any(step.only_if is not None and step.done_at is None for step in case.steps)


def settle_branches(cases: Sequence[Case], replies: Mapping[str, Sequence[datetime]], as_of: datetime) -> list[Case]:
    """The cases, in their order, with the steps set aside that are not needed at `as_of`.

    `replies` are the moments of the customers' messages by account. Only the next open step of a case is looked at,
    then the one after it.
    """
    return [_settled(case, replies.get(case.escalation.account_ref, ()), as_of) for case in cases]


def _settled(case: Case, replies: Sequence[datetime], as_of: datetime) -> Case:
    while asks_for_replies(case):
        step = next(step for step in case.steps if step.done_at is None)
        moment = _set_aside_at(case, step, replies, as_of)
        if moment is None:
            return case
        case = _without(case, step, moment)
    return case


def _set_aside_at(case: Case, step: EscalationStep, replies: Sequence[datetime], as_of: datetime) -> datetime | None:
    if step.only_if is None:
        return None
    done = (before.done_at for before in case.steps if before.done_at is not None)
    since = max(done, default=case.escalation.opened_at)
    written = min((moment for moment in replies if since < moment <= as_of), default=None)
    if step.only_if == "no reply":
        return written
    return step.due_at if (written is None or written > step.due_at) and as_of >= step.due_at else None


def _without(case: Case, gone: EscalationStep, moment: datetime) -> Case:
    mark = {"done_at": moment, "done_by": NOT_NEEDED[str(gone.only_if)]}
    steps = tuple(step.model_copy(update=mark) if step.position == gone.position else step for step in case.steps)
    due_at = next_due(steps)
    update = {"due_at": due_at} if due_at else {"due_at": None, "state": "resolved", "closed_at": moment}
    return Case(case.escalation.model_copy(update=update), steps)
