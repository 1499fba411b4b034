"""Knows what became of a rule's alarms: worked on, left to expire, found right, found wrong, held back."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from domain.escalations import LIVE_STATES, Decision
from domain.playbooks import DecisionAnswer, HeldBackAlert
from rules.kpis.certainty import Interval, of_share
from rules.load.precision import Precision
from rules.step_work import Case

_TAKEN = frozenset({"acked", "working", "waiting", "snoozed", "resolved", "dismissed"})


@dataclass(frozen=True)
class Alarms:
    """One rule in a span; counts are of escalations that it opened in the span, if nothing else is said.

    * fired: its decisions; held_back: matters (account and family) that found no room on some day
    * acted_on: a step was done, or a person took it; unattended: expired without either; open: neither yet
    * unattended_closed: `unattended` of all that are closed
    * weekly: opened per owner and week (its Monday)
    * wrong, right: what the rule saw where persons disagreed and agreed, by escalation
    """

    playbook: str
    fired: int = 0
    opened: int = 0
    held_back: int = 0
    acted_on: int = 0
    unattended: int = 0
    closed: int = 0
    precision: Precision = field(default_factory=Precision)
    reasons: Mapping[str, int] = field(default_factory=dict)
    weekly: Mapping[tuple[str, date], int] = field(default_factory=dict)
    wrong: tuple[Mapping[str, Any], ...] = ()
    right: tuple[Mapping[str, Any], ...] = ()

    @property
    def acted_on_share(self) -> float | None:
        """Of the opened ones; None where none was."""
        return self.acted_on / self.opened if self.opened else None

    @property
    def unattended_interval(self) -> Interval | None:
        """Wilson's, 95 %, of the share of closed ones that nobody worked on."""
        return of_share(self.unattended, self.closed) if self.closed else None


def acted_on(case: Case) -> bool:
    """Whether a step was done, or a person took the escalation."""
    return case.escalation.state in _TAKEN or any(step.done_at is not None for step in case.steps)


def alarms(
    playbook: str,
    decisions: Iterable[Decision],
    cases: Sequence[Case],
    held_back: Iterable[HeldBackAlert],
    answers: Mapping[str, DecisionAnswer],
) -> Alarms:
    """What became of one rule's alarms; everything given is of this rule and of one span.

    `answers`: those that stand, by escalation id.
    """
    made = {decision.decision_id: decision for decision in decisions}
    said = [(case, answers[name]) for case in cases if (name := case.escalation.escalation_id) in answers]
    seen = {verdict: tuple(_inputs(case, made) for case, one in said if one.verdict == verdict) for verdict in _SAID}
    attended = [acted_on(case) for case in cases]
    is_closed = [case.escalation.state not in LIVE_STATES for case in cases]
    return Alarms(
        playbook=playbook,
        fired=len(made),
        opened=len(cases),
        held_back=len({(one.account_ref, one.family) for one in held_back}),
        acted_on=sum(attended),
        unattended=sum(closed and not worked for closed, worked in zip(is_closed, attended, strict=True)),
        closed=sum(is_closed),
        precision=Precision(len(seen["agree"]), len(seen["disagree"])),
        reasons=Counter(one.reason or "no reason" for _, one in said if one.verdict == "disagree"),
        weekly=Counter((case.escalation.owner or "nobody", _monday(case.escalation.opened_at)) for case in cases),
        wrong=seen["disagree"],
        right=seen["agree"],
    )


_SAID = ("agree", "disagree")


def _inputs(case: Case, made: Mapping[str, Decision]) -> Mapping[str, Any]:
    decision = made.get(case.escalation.decision_id)
    return decision.inputs if decision is not None else {}


def _monday(at: datetime) -> date:
    return at.date() - timedelta(days=at.weekday())
