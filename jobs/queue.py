"""Orders the escalations: the most money at risk and the least time left first."""

from dataclasses import dataclass
from datetime import datetime

from domain.escalations import LIVE_STATES, Escalation, EscalationStep
from jobs.act import cases
from storage.store import Store


@dataclass(frozen=True)
class QueueEntry:
    """An escalation with its account's name, its steps and the decisions that speak for it."""

    account: str
    escalation: Escalation
    steps: tuple[EscalationStep, ...]
    evidence: list[str]


def open_queue(store: Store, as_of: datetime, everything: bool = False) -> list[QueueEntry]:
    """The escalations that were opened by `as_of`; the closed ones too where `everything` is asked for.

    The overdue ones stand first, then the rest; inside both the largest ARR first, unknown last, then what is due next.
    """
    names, evidence = store.account_names(), store.evidence()
    entries = [
        QueueEntry(
            names[case.escalation.account_ref],
            case.escalation,
            case.steps,
            [case.escalation.decision_id, *evidence.get(case.escalation.escalation_id, [])],
        )
        for case in cases(store)
        if case.escalation.opened_at <= as_of and (everything or _is_live(case.escalation, as_of))
    ]
    return sorted(entries, key=lambda entry: _urgency(entry.escalation, as_of))


def _is_live(escalation: Escalation, as_of: datetime) -> bool:
    """Not closed yet at that moment, whatever became of it later."""
    closed_at = escalation.closed_at
    return escalation.state in LIVE_STATES or (closed_at is not None and closed_at > as_of)


def _urgency(escalation: Escalation, as_of: datetime) -> tuple[bool, bool, int, float, str]:
    due_at, arr = escalation.due_at, escalation.arr_cents
    left = (due_at - as_of).total_seconds() if due_at else float("inf")
    return (
        not _is_live(escalation, as_of),
        left >= 0,
        -(arr if arr is not None else -1),
        left,
        escalation.escalation_id,
    )
