"""Knows which work with an account completes which step of its escalations."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.escalations import LIVE_STATES, Escalation, EscalationStep, Touch

_WORK = frozenset({"playbook_step", "csm_call"})


@dataclass(frozen=True)
class Case:
    """An escalation with all its steps, in order."""

    escalation: Escalation
    steps: tuple[EscalationStep, ...]


def next_due(steps: Iterable[EscalationStep]) -> datetime | None:
    """When the next open step is due; None when all are done."""
    return min((step.due_at for step in steps if step.done_at is None), default=None)


def work_off(cases: Sequence[Case], touches: Iterable[Touch], as_of: datetime) -> list[Case]:
    """The cases, in their order, after every touch up to `as_of` has completed at most one step.

    A `csm_call` completes the first open step owned by `csm`. A `playbook_step` completes the open step that its note
    names, otherwise the first open one. Where an account has several live escalations, the step that is due first is
    completed. A touch counts for escalations that were opened before it; one that already completed a step is spent.
    """
    worked = {case.escalation.escalation_id: case for case in cases}
    by_account: dict[str, list[str]] = defaultdict(list)
    for case in cases:
        by_account[case.escalation.account_ref].append(case.escalation.escalation_id)
    spent = Counter((case.escalation.account_ref, step.done_at, step.done_by) for case in cases for step in case.steps)
    for touch in sorted(_work_until(touches, as_of), key=lambda t: (t.happened_at, t.source, t.external_id)):
        mark = (touch.account_ref, touch.happened_at, _worker(touch))
        if spent[mark] > 0:
            spent[mark] -= 1
            continue
        step = _completed_step([worked[name] for name in by_account[touch.account_ref]], touch)
        if step is not None:
            worked[step.escalation_id] = _with_step_done(worked[step.escalation_id], step, touch)
    return list(worked.values())


def _work_until(touches: Iterable[Touch], as_of: datetime) -> list[Touch]:
    return [touch for touch in touches if touch.kind in _WORK and touch.happened_at <= as_of]


def _worker(touch: Touch) -> str:
    return touch.actor or touch.kind


def _completed_step(cases: Iterable[Case], touch: Touch) -> EscalationStep | None:
    candidates = sorted(
        (step for case in cases if _is_awaiting(case, touch) for step in _first_open(case, touch)),
        key=lambda step: (not _is_named(step, touch), step.due_at, step.escalation_id),
    )
    return candidates[0] if candidates else None


def _is_awaiting(case: Case, touch: Touch) -> bool:
    return case.escalation.state in LIVE_STATES and case.escalation.opened_at < touch.happened_at


def _first_open(case: Case, touch: Touch) -> list[EscalationStep]:
    """The open step of this case that the touch would complete, as a list of at most one."""
    still_open = [step for step in case.steps if step.done_at is None]
    if touch.kind == "csm_call":
        still_open = [step for step in still_open if step.owner == "csm"]
    named = [step for step in still_open if _is_named(step, touch)]
    return (named or still_open)[:1]


def _is_named(step: EscalationStep, touch: Touch) -> bool:
    return touch.kind == "playbook_step" and step.do.casefold() in (touch.note or "").casefold()


def _with_step_done(case: Case, done: EscalationStep, touch: Touch) -> Case:
    mark = {"done_at": touch.happened_at, "done_by": _worker(touch)}
    steps = tuple(step.model_copy(update=mark) if step.position == done.position else step for step in case.steps)
    due_at = next_due(steps)
    if due_at is None:
        # The moment of the last work; late imports can bring an earlier touch last.
        closed_at = max(step.done_at for step in steps if step.done_at is not None)
        update = {"state": "resolved", "closed_at": closed_at, "due_at": None}
    else:
        state = case.escalation.state
        update = {"state": "working" if state in {"open", "acked"} else state, "due_at": due_at}
    return Case(case.escalation.model_copy(update=update), steps)
